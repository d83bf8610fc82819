//! Findings summed up by rule, resource or owner: a row a group, each number a link to exactly these findings.

use leptos::prelude::*;
use postern_service::view::{
    FindingGroupView, FindingGrouping, FindingQuery, FindingsView, GroupOf,
};

use super::{NOBODY, kind};
use crate::address::findings_href;
use crate::part::{Column, ListTable, count, counted, rows_of};

/// What a list can be summed up by, each a link.
#[component]
pub fn GroupBy(
    /// The list.
    query: FindingQuery,
) -> impl IntoView {
    let choices = std::iter::once(None).chain(FindingGrouping::ALL.iter().copied().map(Some));
    let links: Vec<_> = choices
        .map(|group| {
            let to = findings_href(&FindingQuery { group, after: None, ..query.clone() });
            let current = (group == query.group).then_some("true");
            let label = group.map_or("Nothing", FindingGrouping::label);
            view! { <li><a href=to aria-current=current>{label}</a></li> }
        })
        .collect();
    view! {
        <nav class="group-by" aria-labelledby="group-by">
            <span id="group-by">"Group by"</span>
            <ul>{links}</ul>
        </nav>
    }
    .into_any()
}

/// Which rows of how many: findings, or groups and the findings in them.
pub fn range(view: &FindingsView) -> String {
    let words = match view.query.group {
        None => {
            return rows_of(view.offset, view.rows.len(), view.total, ("finding", "findings"));
        }
        Some(FindingGrouping::Rule) => ("rule", "rules"),
        Some(FindingGrouping::Resource) => ("resource", "resources"),
        Some(FindingGrouping::Owner) => ("owner", "owners"),
    };
    let groups = rows_of(view.offset, view.groups.len(), view.group_total, words);
    format!("{groups} with {}", counted(view.total, "finding", "findings"))
}

/// A page of groups.
#[component]
pub fn GroupTable(
    /// The list.
    view: FindingsView,
    /// What is counted, such as `Open findings`.
    what: &'static str,
) -> impl IntoView {
    let (of, order, columns) = match view.query.group {
        Some(FindingGrouping::Resource) => {
            ("resource", "in the order of each one's worst, then oldest", RESOURCE_COLUMNS)
        }
        Some(FindingGrouping::Owner) => {
            ("owner", "those with the most of the worst first", OWNER_COLUMNS)
        }
        Some(FindingGrouping::Rule) | None => {
            ("rule", "those with the most of the worst first", RULE_COLUMNS)
        }
    };
    let label = format!("{what} by {of}");
    let caption = format!("{label}, {order}");
    let rows: Vec<_> = view.groups.iter().map(|group| row(group, &view.query)).collect();
    view! {
        <ListTable label=label caption=caption class="groups" columns=columns>
            {rows}
        </ListTable>
    }
    .into_any()
}

const RULE_COLUMNS: &[Column] = &columns("Rule");
const RESOURCE_COLUMNS: &[Column] = &columns("Resource");
const OWNER_COLUMNS: &[Column] = &columns("Owner");

const fn columns(of: &'static str) -> [Column; 6] {
    [
        Column::Text(of),
        Column::Number("Findings"),
        Column::Number("Critical"),
        Column::Number("High"),
        Column::Number("Medium"),
        Column::Number("Low"),
    ]
}

fn row(group: &FindingGroupView, query: &FindingQuery) -> AnyView {
    let mut those = FindingQuery { group: None, view: None, after: None, ..query.clone() };
    let (label, name, below) = match &group.of {
        GroupOf::Rule { rule, title } => {
            those.rule = Some(rule.clone());
            let below = view! { <span class="below id">{rule.to_string()}</span> }.into_any();
            ("Rule", title.clone(), Some(below))
        }
        GroupOf::Resource { number, asset } => {
            those.resource = Some(*number);
            let group = asset.resource_group.as_deref().unwrap_or("no resource group");
            let words = format!("{} · {group}", kind(asset));
            let below = view! { <span class="below name">{words}</span> }.into_any();
            ("Resource", asset.name.clone(), Some(below))
        }
        GroupOf::Owner(team) => {
            those.owners = vec![team.as_ref().map(|team| team.id.clone())];
            let name = team.as_ref().map_or(NOBODY, |team| team.name.as_str());
            ("Owner", name.to_owned(), None)
        }
    };
    // Nothing to see is no link.
    let number = |label: &'static str, number: u64, query: &FindingQuery| {
        let shown = match number {
            0 => view! { <span>"0"</span> }.into_any(),
            _ => view! { <a href=findings_href(query)>{count(number)}</a> }.into_any(),
        };
        view! { <td role="cell" class="number" data-label=label>{shown}</td> }
    };
    let severities: Vec<_> = group
        .severities
        .iter()
        .map(|(severity, count)| {
            let query = FindingQuery { severities: vec![*severity], ..those.clone() };
            number(severity.label(), *count, &query)
        })
        .collect();
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label=label>
                <a class="row-link name" href=findings_href(&those)>{name}</a>
                {below}
            </th>
            {number("Findings", group.total, &those)}
            {severities}
        </tr>
    }
    .into_any()
}
