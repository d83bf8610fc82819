//! The filters of the findings list: a plain form, applied with one button.

use leptos::prelude::*;
use postern_domain::moment;
use postern_service::view::{FindingStatus, FindingsView};

use super::{filters, owner_name, without_filters};
use crate::address::{AS_OF, findings_href, owner_word};
use crate::part::count;

/// The filters with their counts.
#[component]
pub fn Facets(
    /// The list.
    view: FindingsView,
) -> impl IntoView {
    let query = &view.query;
    let severities = options("sev", &view.severity_counts, &query.severities, |severity| {
        (severity.as_str().to_owned(), severity.label().to_owned())
    });
    let topics = options("topic", &view.topic_counts, &query.topics, |topic| {
        (topic.as_str().to_owned(), topic.label().to_owned())
    });
    let types = options("type", &view.type_counts, &query.asset_types, |asset_type| {
        (asset_type.as_str().to_owned(), asset_type.label().to_owned())
    });
    let chosen: Vec<_> = query.owners.iter().map(|owner| owner_word(owner.as_ref())).collect();
    let owners: Vec<_> = view
        .owner_counts
        .iter()
        .map(|(owner, count)| (owner_word(owner.as_ref().map(|team| &team.id)), *count))
        .collect();
    let owners =
        options("owner", &owners, &chosen, |word| ((*word).to_owned(), owner_name(&view, word)));
    // What the form does not show but has to keep.
    let kept = [
        ("connection", query.connection.clone()),
        (
            "status",
            (query.status != FindingStatus::default()).then(|| query.status.as_str().to_owned()),
        ),
        ("rule", query.rule.as_ref().map(ToString::to_string)),
        ("resource", query.resource.map(|number| number.to_string())),
        (AS_OF, query.as_of.map(moment::short)),
        ("limit", Some(query.limit.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(view! { <input type="hidden" name=name value=value? /> }))
    .collect_view();
    let set = filters(&view).len();
    let summary = if set == 0 { "Filters".to_owned() } else { format!("Filters ({set} set)") };
    view! {
        <details class="facets" id="filters" open=(set > 0).then_some("")>
            <summary>{summary}</summary>
            <form method="get" action="/findings" aria-label="Filters">
                {kept}
                <div class="field">
                    <label for="filter-text">"Asset name contains"</label>
                    <input id="filter-text" type="search" name="q" value=query.text.clone() autocomplete="off" />
                </div>
                {fieldset("Severity", severities)}
                {fieldset("Topic", topics)}
                {fieldset("Owner", owners)}
                {fieldset("Asset type", types)}
                <div class="facet-actions">
                    <button class="button primary" type="submit">"Apply filters"</button>
                    <a href=findings_href(&without_filters(query))>"Clear"</a>
                </div>
            </form>
        </details>
    }
    .into_any()
}

/// Choices under a heading; nothing where there are none.
pub fn fieldset(legend: &'static str, options: Vec<AnyView>) -> Option<AnyView> {
    (!options.is_empty())
        .then(|| view! { <fieldset><legend>{legend}</legend>{options}</fieldset> }.into_any())
}

/// A checkbox for each value that has findings or is chosen.
pub fn options<T: PartialEq>(
    key: &'static str,
    counts: &[(T, u64)],
    chosen: &[T],
    words: impl Fn(&T) -> (String, String),
) -> Vec<AnyView> {
    counts
        .iter()
        .map(|(value, number)| (words(value), *number, chosen.contains(value)))
        .filter(|(_, number, chosen)| *number > 0 || *chosen)
        .map(|((value, label), number, chosen)| {
            view! {
                <label class="option">
                    <input type="checkbox" name=key value=value checked=chosen />
                    <span class="option-label">{label}</span>
                    <span class="option-count">{count(number)}</span>
                </label>
            }
            .into_any()
        })
        .collect()
}
