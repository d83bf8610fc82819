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
use crate::part::{Notice, NoticeKind, SeverityBadge, count, counted, day_and_time};

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
    let notice = (!ignored.is_empty()).then(|| {
        view! {
            <Notice kind=NoticeKind::Information>
                <p>{format!("Not understood, and left out: {}.", ignored.join(", "))}</p>
            </Notice>
        }
    });
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
        {notice}
        <div class="with-facets">
            <Filters view=view.clone() address=address.clone() />
            <section class="results" id="results" tabindex="-1" aria-label="Results">
                <div class="results-head">
                    {chips(&address)}
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
    let severities = view.severity_counts.iter().map(|(severity, number)| {
        let is_chosen = query.severities.contains(severity);
        option("sev", severity.as_str(), severity.label(), *number, is_chosen)
    });
    let topics = view.topic_counts.iter().map(|(topic, number)| {
        let is_chosen = query.topics.contains(topic);
        option("topic", topic.as_str(), topic.label(), *number, is_chosen)
    });
    let severities: Vec<_> = severities.collect();
    let topics: Vec<_> = topics.collect();
    let set = query.severities.len() + query.topics.len() + usize::from(query.text.is_some());
    let summary = if set == 0 { "Filters".to_owned() } else { format!("Filters ({set} set)") };
    let clear = without_filters(&address);
    view! {
        <details class="facets" id="filters" open=(set > 0).then_some("")>
            <summary>{summary}</summary>
            <form method="get" action=RULES aria-label="Filters">
                <input type="hidden" name="connection" value=address.connection.clone() />
                <div class="field">
                    <label for="filter-text">"Id, title or property contains"</label>
                    <input id="filter-text" type="search" name="q" value=query.text.clone() autocomplete="off" />
                </div>
                <fieldset><legend>"Severity"</legend>{severities}</fieldset>
                <fieldset><legend>"Topic"</legend>{topics}</fieldset>
                <div class="facet-actions">
                    <button class="button primary" type="submit">"Apply filters"</button>
                    <a href=clear>"Clear"</a>
                </div>
            </form>
        </details>
    }
    .into_any()
}

fn option(
    key: &'static str,
    value: &'static str,
    label: &'static str,
    number: u32,
    is_chosen: bool,
) -> Option<AnyView> {
    (number > 0 || is_chosen).then(|| {
        view! {
            <label class="option">
                <input type="checkbox" name=key value=value checked=is_chosen />
                <span class="option-label">{label}</span>
                <span class="option-count">{count(number)}</span>
            </label>
        }
        .into_any()
    })
}

fn without_filters(address: &RulesAddress) -> String {
    rules_href(&RulesAddress { query: RuleQuery::default(), ..address.clone() })
}

/// The filters that are set: of what, the value, and the address without it.
fn set_filters(address: &RulesAddress) -> Vec<(&'static str, String, String)> {
    let query = &address.query;
    let without = |query: RuleQuery| rules_href(&RulesAddress { query, ..address.clone() });
    let mut filters = Vec::new();
    for severity in &query.severities {
        let mut rest = query.clone();
        rest.severities.retain(|other| other != severity);
        filters.push(("severity", severity.label().to_lowercase(), without(rest)));
    }
    for topic in &query.topics {
        let mut rest = query.clone();
        rest.topics.retain(|other| other != topic);
        filters.push(("topic", topic.label().to_lowercase(), without(rest)));
    }
    if let Some(text) = &query.text {
        let rest = RuleQuery { text: None, ..query.clone() };
        filters.push(("contains", text.clone(), without(rest)));
    }
    filters
}

fn chips(address: &RulesAddress) -> Option<AnyView> {
    let filters = set_filters(address);
    if filters.is_empty() {
        return None;
    }
    let chips: Vec<_> = filters
        .into_iter()
        .map(|(name, value, without)| {
            view! {
                <li>
                    <a class="chip" href=without>
                        <span class="unseen">"Remove filter "</span>
                        <span class="chip-name">{format!("{name}: ")}</span>
                        {value}
                        <span class="chip-cross" aria-hidden="true">"×"</span>
                    </a>
                </li>
            }
        })
        .collect();
    Some(
        view! {
            <ul class="chips" aria-label="Filters">
                {chips}
                <li><a class="clear" href=without_filters(address)>"Clear all"</a></li>
            </ul>
        }
        .into_any(),
    )
}

fn results(view: RulesView, address: &RulesAddress) -> AnyView {
    if view.rules.is_empty() {
        let set = set_filters(address).len();
        if set == 0 {
            return view! { <div class="empty"><p>"No pack is active, so there are no rules."</p></div> }.into_any();
        }
        let filters = counted(u64::try_from(set).unwrap_or_default(), "filter", "filters");
        return view! {
            <div class="empty">
                <p>{format!("No rules match {filters}.")}</p>
                <p><a href=without_filters(address)>"Clear all filters"</a></p>
            </div>
        }
        .into_any();
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
                        <th scope="col" role="columnheader">"Topic, assets"</th>
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
                <span class="below id">{rule.id.to_string()}</span>
            </th>
            <td role="cell" data-label="Severity"><SeverityBadge severity=rule.severity /></td>
            <td role="cell" data-label="Topic, assets">
                {rule.topic.label()}
                <span class="below">{types(&rule.asset_types)}</span>
            </td>
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
