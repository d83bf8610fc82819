//! The filters of the findings list: a plain form, applied with one button.

use leptos::prelude::*;
use postern_domain::moment;
use postern_service::view::{FindingStatus, FindingsView};

use super::{NOBODY, filters, without_filters};
use crate::address::{AS_OF, COUNT_FINDINGS, VIEW, owner_word};
use crate::part::{CountsText, FilterForm, choices, counted, owner_name};

/// The filters with their counts.
#[component]
pub fn Facets(
    /// The list.
    view: FindingsView,
) -> impl IntoView {
    let query = &view.query;
    let severities =
        choices("Severity", "sev", &view.severity_counts, &query.severities, |severity| {
            (severity.as_str().to_owned(), severity.label().to_owned())
        });
    let topics = choices("Topic", "topic", &view.topic_counts, &query.topics, |topic| {
        (topic.as_str().to_owned(), topic.label().to_owned())
    });
    let types =
        choices("Asset type", "type", &view.type_counts, &query.asset_types, |asset_type| {
            (asset_type.as_str().to_owned(), asset_type.label().to_owned())
        });
    let chosen: Vec<_> = query.owners.iter().map(|owner| owner_word(owner.as_ref())).collect();
    let owners: Vec<_> = view
        .owner_counts
        .iter()
        .map(|(owner, count)| (owner_word(owner.as_ref().map(|team| &team.id)), *count))
        .collect();
    let owners = choices("Owner", "owner", &owners, &chosen, |word| {
        ((*word).to_owned(), owner_name(&view.owner_counts, word, NOBODY))
    });
    // With a view, an address without any filter would be that of the view itself.
    let says_status = query.view.is_some() || query.status != FindingStatus::default();
    let status = says_status.then(|| query.status.as_str().to_owned());
    let kept = vec![
        ("connection", query.connection.clone()),
        (VIEW, query.view.clone()),
        ("status", status),
        ("rule", query.rule.as_ref().map(ToString::to_string)),
        ("resource", query.resource.map(|number| number.to_string())),
        ("group", query.group.map(|group| group.as_str().to_owned())),
        (AS_OF, query.as_of.map(moment::short)),
        ("limit", Some(query.limit.to_string())),
    ];
    view! {
        <FilterForm
            action="/findings".to_owned()
            kept=kept
            text_label="Asset name contains"
            text=query.text.clone()
            clear=without_filters(query)
            set=filters(&view).len()
            counts=COUNT_FINDINGS
        >
            {severities} {topics} {owners} {types}
        </FilterForm>
    }
    .into_any()
}

/// What a list's filters let through, for [`crate::FacetSearch`].
pub fn counts_text(view: &FindingsView) -> String {
    let mut text = CountsText::new(counted(view.total, "finding", "findings"));
    text.add("sev", &view.severity_counts, |severity| severity.as_str());
    text.add("topic", &view.topic_counts, |topic| topic.as_str());
    text.add("owner", &view.owner_counts, |team| owner_word(team.as_ref().map(|team| &team.id)));
    text.add("type", &view.type_counts, |asset_type| asset_type.as_str());
    text.finish()
}
