//! Which controls of a framework are shown: a plain form, applied with one button, and links that take a filter away.

use leptos::prelude::*;
use postern_domain::framework::{ControlKind, ControlStatus};
use postern_domain::moment;
use postern_service::view::{ControlQuery, FrameworkView};
use time::OffsetDateTime;

use crate::address::{AS_OF, FRAMEWORKS, FrameworkAddress, KIND, STATUS, framework_href};
use crate::part::count;

/// The filters with their counts, which are of all controls.
#[component]
pub fn ControlFilters(
    /// The framework.
    view: FrameworkView,
    /// The page's address.
    address: FrameworkAddress,
) -> impl IntoView {
    let query = view.query.clone();
    let as_of = view.assessed.as_of.map(|as_of| as_of.moment);
    let statuses: Vec<_> = ControlStatus::ALL
        .into_iter()
        .map(|status| {
            let is_chosen = query.statuses.contains(&status);
            (status.as_str(), status.label(), view.framework.statuses.of(status), is_chosen)
        })
        .collect();
    let kinds: Vec<_> = ControlKind::ALL
        .into_iter()
        .map(|kind| {
            let is_chosen = query.kinds.contains(&kind);
            (kind.as_str(), kind.label(), view.framework.kinds.of(kind), is_chosen)
        })
        .collect();
    // What the form does not show but has to keep.
    let kept = [("connection", address.connection.clone()), (AS_OF, as_of.map(moment::short))]
        .into_iter()
        .filter_map(|(name, value)| Some(view! { <input type="hidden" name=name value=value? /> }))
        .collect_view();
    let set = query.statuses.len() + query.kinds.len() + usize::from(query.text.is_some());
    let summary = if set == 0 { "Filters".to_owned() } else { format!("Filters ({set} set)") };
    let action = format!("{FRAMEWORKS}/{}", view.framework.id);
    let clear = without_filters(&view, &address, as_of);
    view! {
        <details class="facets" id="filters" open=(set > 0).then_some("")>
            <summary>{summary}</summary>
            <form method="get" action=action aria-label="Filters">
                {kept}
                <div class="field">
                    <label for="filter-text">"Control contains"</label>
                    <input id="filter-text" type="search" name="q" value=query.text.clone() autocomplete="off" />
                </div>
                {fieldset("Result", STATUS, statuses)}
                {fieldset("How assessed", KIND, kinds)}
                <div class="facet-actions">
                    <button class="button primary" type="submit">"Apply filters"</button>
                    <a href=clear>"Clear"</a>
                </div>
            </form>
        </details>
    }
    .into_any()
}

fn fieldset(
    legend: &'static str,
    key: &'static str,
    options: Vec<(&'static str, &'static str, u32, bool)>,
) -> AnyView {
    let options: Vec<_> = options
        .into_iter()
        .filter(|(_, _, number, is_chosen)| *number > 0 || *is_chosen)
        .map(|(value, label, number, is_chosen)| {
            view! {
                <label class="option">
                    <input type="checkbox" name=key value=value checked=is_chosen />
                    <span class="option-label">{label}</span>
                    <span class="option-count">{count(number)}</span>
                </label>
            }
        })
        .collect();
    view! { <fieldset><legend>{legend}</legend>{options}</fieldset> }.into_any()
}

/// A filter that is set, in words, and the address without it.
pub struct SetFilter {
    /// Of what.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Without it.
    pub without: String,
}

/// The filters that are set.
pub fn set_filters(
    view: &FrameworkView,
    address: &FrameworkAddress,
    as_of: Option<OffsetDateTime>,
) -> Vec<SetFilter> {
    let query = &view.query;
    let without = |query: ControlQuery| {
        let address = FrameworkAddress { query, ..address.clone() };
        framework_href(&view.framework.id, &address, as_of)
    };
    let mut filters = Vec::new();
    for status in &query.statuses {
        let mut rest = query.clone();
        rest.statuses.retain(|other| other != status);
        let value = status.label().to_lowercase();
        filters.push(SetFilter { name: "result", value, without: without(rest) });
    }
    for kind in &query.kinds {
        let mut rest = query.clone();
        rest.kinds.retain(|other| other != kind);
        let value = kind.label().to_lowercase();
        filters.push(SetFilter { name: "how assessed", value, without: without(rest) });
    }
    if let Some(text) = &query.text {
        let rest = ControlQuery { text: None, ..query.clone() };
        let without = without(rest);
        filters.push(SetFilter { name: "contains", value: text.clone(), without });
    }
    filters
}

/// The address without any filter.
pub fn without_filters(
    view: &FrameworkView,
    address: &FrameworkAddress,
    as_of: Option<OffsetDateTime>,
) -> String {
    let bare =
        FrameworkAddress { connection: address.connection.clone(), ..FrameworkAddress::default() };
    framework_href(&view.framework.id, &bare, as_of)
}
