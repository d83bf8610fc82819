//! Which controls of a framework are shown: a plain form, applied with one button, and links that take a filter away.

use leptos::prelude::*;
use postern_domain::framework::{ControlKind, ControlStatus};
use postern_domain::moment;
use postern_service::view::{ControlQuery, FrameworkView};
use time::OffsetDateTime;

use crate::address::{AS_OF, FRAMEWORKS, FrameworkAddress, KIND, STATUS, framework_href};
use crate::part::{FilterForm, SetFilter, choices};

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
    let statuses = ControlStatus::ALL.map(|status| (status, view.framework.statuses.of(status)));
    let statuses = choices("Result", STATUS, &statuses, &query.statuses, |status| {
        (status.as_str().to_owned(), status.label().to_owned())
    });
    let kinds = ControlKind::ALL.map(|kind| (kind, view.framework.kinds.of(kind)));
    let kinds = choices("How assessed", KIND, &kinds, &query.kinds, |kind| {
        (kind.as_str().to_owned(), kind.label().to_owned())
    });
    view! {
        <FilterForm
            action=format!("{FRAMEWORKS}/{}", view.framework.id)
            kept=vec![("connection", address.connection.clone()), (AS_OF, as_of.map(moment::short))]
            text_label="Control contains"
            text=query.text.clone()
            clear=without_filters(&view, &address, as_of)
            set=set_filters(&view, &address, as_of).len()
        >
            {statuses} {kinds}
        </FilterForm>
    }
    .into_any()
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
