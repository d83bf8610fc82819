//! Frameworks: what is known of their controls, and what nobody can say.

pub mod control;
mod filters;
pub mod framework;
mod tree;
mod words;

use leptos::prelude::*;
use postern_service::view::{AssessedView, FrameworkRowView, FrameworksView};

use crate::address::{FrameworkAddress, connection_href, framework_href};
use crate::chart::{BarPatterns, FrameworkBar, statuses_in_words};
use crate::part::{Column, ListTable, Notice, NoticeKind, counted, day_and_time};

use words::{StatusList, mapping_sentence};

/// The list of frameworks.
#[component]
pub fn FrameworksPage(
    /// What to show.
    view: FrameworksView,
) -> impl IntoView {
    let assessed = view.assessed;
    let rows: Vec<_> = view.frameworks.into_iter().map(|row| row_view(row, &assessed)).collect();
    view! {
        <div class="page-head">
            <div>
                <h1>"Frameworks"</h1>
                <p class="lead">{lead(&assessed)}</p>
                {limits(&assessed)}
            </div>
        </div>
        {notices(&assessed)}
        <p class="prose">
            "Each bar is all controls of its framework. What nobody looked at is never counted as passing: a person has to look at \
             what is manual, and what is not assessable here is for other evidence."
        </p>
        <ListTable
            label="Table of frameworks"
            caption="Frameworks with their controls by result"
            class="frameworks"
            hides_caption=true
            columns=&[
                Column::Text("Framework"),
                Column::Text("Controls by result"),
                Column::Text("How they are assessed"),
            ]
        >
            {rows}
        </ListTable>
        <BarPatterns />
    }
    .into_any()
}

fn row_view(row: FrameworkRowView, assessed: &AssessedView) -> AnyView {
    let as_of = assessed.as_of.map(|as_of| as_of.moment);
    let address = FrameworkAddress {
        connection: Some(assessed.connections.selected.slug.clone()),
        ..FrameworkAddress::default()
    };
    let to = framework_href(&row.id, &address, as_of);
    let total = counted(row.kinds.total(), "control", "controls");
    let label = format!("{total}: {}", statuses_in_words(&row.statuses));
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Framework">
                <a class="row-link" href=to>{row.name}</a>
                <span class="below">{row.publisher}</span>
            </th>
            <td role="cell" data-label="Controls by result">
                <FrameworkBar statuses=row.statuses label=label />
                <StatusList statuses=row.statuses />
            </td>
            <td role="cell" data-label="How they are assessed">{mapping_sentence(&row.kinds)}</td>
        </tr>
    }
    .into_any()
}

/// Of which connection, and when it was read.
fn lead(assessed: &AssessedView) -> String {
    let name = &assessed.connections.selected.name;
    match assessed.read_at {
        Some(at) => format!("{name} · last read {}", day_and_time(at)),
        None => name.clone(),
    }
}

/// Whose assets are looked at, where that is not all.
fn limits(assessed: &AssessedView) -> Option<AnyView> {
    let teams = assessed.limited_to.as_deref()?;
    let names: Vec<&str> = teams.iter().map(|team| team.name.as_str()).collect();
    let sentence = match names.split_last() {
        Some((last, [])) => format!("What is said here is said of the assets of {last} alone."),
        Some((last, before)) => format!(
            "What is said here is said of the assets of {} and {last} alone.",
            before.join(", ")
        ),
        None => "None of your roles lets you see assets.".to_owned(),
    };
    Some(view! { <p class="hint">{sentence}</p> }.into_any())
}

/// What makes the page incomplete.
fn notices(assessed: &AssessedView) -> AnyView {
    let name = assessed.connections.selected.name.clone();
    let slug = assessed.connections.selected.slug.clone();
    if assessed.read_at.is_none() {
        let scans = connection_href("/scans", Some(&slug), None);
        return view! {
            <Notice kind=NoticeKind::Information>
                <p>{format!("Nothing was read of {name} yet, so no control is checked. ")}<a href=scans>"Go to scans"</a></p>
            </Notice>
        }
        .into_any();
    }
    if assessed.unread_lists == 0 {
        return ().into_any();
    }
    let lists = counted(assessed.unread_lists, "list of resources was", "lists of resources were");
    view! {
        <Notice kind=NoticeKind::Warning>
            <p>{format!(
                "{lists} not read to the end, and may hide assets. No control that depends on what is missing is said to pass."
            )}</p>
        </Notice>
    }
    .into_any()
}
