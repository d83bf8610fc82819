//! Rules: what judges, and what it says.

pub mod rule;

use leptos::prelude::*;
use postern_domain::arm::AssetType;
use postern_domain::id::RuleId;
use postern_service::view::{FindingQuery, FindingStatus, RuleQuery, RuleRowView, RulesView};

use crate::address::{
    PACKS, RULES, RulesAddress, connection_href, findings_href, rule_href, rules_href,
};
use crate::page::overview::only_of;
use crate::part::{
    FilterChips, FilterForm, Ignored, NoMatch, SetFilter, SeverityBadge, choices, count, counted,
    day_and_time,
};

/// The list of rules.
#[component]
pub fn RulesPage(
    /// What to show.
    view: RulesView,
    /// What in the address was not understood.
    ignored: Vec<String>,
    /// Whether whoever reads it may see the packs.
    may_see_packs: bool,
) -> impl IntoView {
    let name = view.connections.selected.name.clone();
    let lead = match view.read_at {
        Some(at) => format!("{name} · last read {}", day_and_time(at)),
        None => format!("{name} · nothing was read yet"),
    };
    let packs = may_see_packs.then(|| {
        view! {
            <ul class="tools" aria-label="Packs">
                <li><a class="button" href=PACKS>"Packs and their history"</a></li>
            </ul>
        }
    });
    let address = RulesAddress {
        connection: Some(view.connections.selected.slug.clone()),
        query: view.query.clone(),
    };
    view! {
        <div class="page-head">
            <div>
                <h1>"Rules"</h1>
                <p class="lead">{lead}</p>
                {view.limited_to.as_deref().map(only_of)}
            </div>
            {packs}
        </div>
        <Ignored parts=ignored />
        <div class="with-facets">
            <Filters view=view.clone() address=address.clone() />
            <section class="results" id="results" tabindex="-1" aria-label="Results">
                <div class="results-head">
                    <FilterChips filters=set_filters(&address) clear=without_filters(&address) />
                    <p class="range" role="status">{range(&view)}</p>
                </div>
                {results(view, &address)}
            </section>
        </div>
    }
    .into_any()
}

fn range(view: &RulesView) -> String {
    let all = counted(view.total, "rule", "rules");
    if view.query == RuleQuery::default() {
        return all;
    }
    format!("{} of {all}", count(u64::try_from(view.rules.len()).unwrap_or_default()))
}

#[component]
fn Filters(view: RulesView, address: RulesAddress) -> impl IntoView {
    let query = &view.query;
    let severities =
        choices("Severity", "sev", &view.severity_counts, &query.severities, |severity| {
            (severity.as_str().to_owned(), severity.label().to_owned())
        });
    let topics = choices("Topic", "topic", &view.topic_counts, &query.topics, |topic| {
        (topic.as_str().to_owned(), topic.label().to_owned())
    });
    view! {
        <FilterForm
            action=RULES.to_owned()
            kept=vec![("connection", address.connection.clone())]
            text_label="Id, title or property contains"
            text=query.text.clone()
            clear=without_filters(&address)
            set=set_filters(&address).len()
        >
            {severities} {topics}
        </FilterForm>
    }
    .into_any()
}

fn without_filters(address: &RulesAddress) -> String {
    rules_href(&RulesAddress { query: RuleQuery::default(), ..address.clone() })
}

/// The filters that are set.
fn set_filters(address: &RulesAddress) -> Vec<SetFilter> {
    let query = &address.query;
    let set = |name, value, query: RuleQuery| SetFilter {
        name,
        value,
        without: rules_href(&RulesAddress { query, ..address.clone() }),
    };
    let mut filters = Vec::new();
    for severity in &query.severities {
        let mut rest = query.clone();
        rest.severities.retain(|other| other != severity);
        filters.push(set("severity", severity.label().to_lowercase(), rest));
    }
    for topic in &query.topics {
        let mut rest = query.clone();
        rest.topics.retain(|other| other != topic);
        filters.push(set("topic", topic.label().to_lowercase(), rest));
    }
    if let Some(text) = &query.text {
        let rest = RuleQuery { text: None, ..query.clone() };
        filters.push(set("contains", text.clone(), rest));
    }
    filters
}

fn results(view: RulesView, address: &RulesAddress) -> AnyView {
    if view.rules.is_empty() {
        let filters = set_filters(address);
        if filters.is_empty() {
            return view! { <div class="empty"><p>"No pack is active, so there are no rules."</p></div> }.into_any();
        }
        let clear = without_filters(address);
        return view! { <NoMatch what="rules" filters=filters clear=clear /> }.into_any();
    }
    let slug = view.connections.selected.slug.clone();
    let rows: Vec<_> = view.rules.into_iter().map(|rule| rule_row(rule, &slug)).collect();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Table of rules">
            <table class="list rules" role="table">
                <caption>"Rules by topic, with the checks of the latest scan: one check is one rule on one resource"</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">"Rule"</th>
                        <th scope="col" role="columnheader">"Severity"</th>
                        {NUMBERS.map(|(word, _)| view! { <th scope="col" role="columnheader" class="number">{word}</th> })}
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The columns of verdicts, and the list that each leads to.
const NUMBERS: [(&str, Option<FindingStatus>); 5] = [
    ("Fail", Some(FindingStatus::Open)),
    ("Excepted", Some(FindingStatus::Excepted)),
    ("Unknown", Some(FindingStatus::Unknown)),
    ("Pass", None),
    ("Not applicable", None),
];

fn rule_row(rule: RuleRowView, slug: &str) -> AnyView {
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Rule">
                <a class="row-link" href=rule_href(&rule.id, Some(slug))>{rule.title.clone()}</a>
                <span class="below">
                    <span class="id">{rule.id.to_string()}</span>
                    {format!(" · {} · {}", rule.topic.label(), types(&rule.asset_types))}
                </span>
            </th>
            <td role="cell" data-label="Severity"><SeverityBadge severity=rule.severity /></td>
            {numbers(&rule, slug)}
        </tr>
    }
    .into_any()
}

/// The first types of assets, and how many more.
fn types(types: &[AssetType]) -> String {
    let mut labels: Vec<&str> = types.iter().map(AssetType::label).collect();
    labels.dedup();
    match labels.as_slice() {
        [one, two, _, ..] => format!("{one}, {two} and {} more", labels.len() - 2),
        few => few.join(", "),
    }
}

fn numbers(rule: &RuleRowView, slug: &str) -> AnyView {
    let Some(tally) = rule.tally else {
        return view! { <td role="cell" data-label="Checks" colspan="5">"did not run yet"</td> }
            .into_any();
    };
    let open = tally.fail.saturating_sub(tally.excepted);
    let values = [open, tally.excepted, tally.unknown, tally.pass, tally.not_applicable];
    let cells = NUMBERS.into_iter().zip(values).map(|((word, status), number)| {
        let value = number_of(&rule.id, (word, status), number, slug);
        view! { <td role="cell" class="number" data-label=word>{value}</td> }
    });
    cells.collect::<Vec<_>>().into_any()
}

/// A number of a rule's verdicts; those that stand in a list of findings lead to it.
fn number_of(
    rule: &RuleId,
    (word, status): (&'static str, Option<FindingStatus>),
    number: u64,
    slug: &str,
) -> AnyView {
    let words = count(number);
    let Some(status) = status.filter(|_| number > 0) else {
        return words.into_any();
    };
    let to = findings_href(&FindingQuery {
        connection: Some(slug.to_owned()),
        status,
        rule: Some(rule.clone()),
        ..FindingQuery::default()
    });
    let label = format!("{words} {} of {rule}", word.to_lowercase());
    view! { <a href=to aria-label=label>{words}</a> }.into_any()
}

/// The way back from a page of this part.
pub(super) fn crumbs(
    list: &'static str,
    word: &'static str,
    slug: Option<&str>,
    here: String,
) -> AnyView {
    let list = connection_href(list, slug, None);
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li><a href=list>{word}</a></li>
                <li aria-current="page">{here}</li>
            </ol>
        </nav>
    }
    .into_any()
}
