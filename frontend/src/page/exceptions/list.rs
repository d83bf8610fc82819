//! The list: what must be decided, and where one's requests are.

use leptos::prelude::*;
use postern_domain::exception::status::ExceptionStatus;
use postern_service::view::{ExceptionRowView, ExceptionTab, ExceptionsView};
use time::{Duration, OffsetDateTime};

use super::StatusBadge;
use crate::address::{AZURE, EXCEPTION, SEVERAL, connection_href, exception_href, exceptions_href};
use crate::chart::ExceptionEndsChart;
use crate::page::overview::only_of;
use crate::part::{
    Column, Day, ListTable, Notice, NoticeKind, SeverityBadge, count, counted, end, length,
};

/// The list of exceptions.
#[component]
pub fn ExceptionsPage(
    /// What to show.
    view: ExceptionsView,
) -> impl IntoView {
    let more = view.has_more.then(|| {
        view! {
            <Notice kind=NoticeKind::Warning>
                <p>"There are more exceptions than a page can hold. The counts and the list are of the youngest."</p>
            </Notice>
        }
    });
    let results = match (view.rows.is_empty(), chooses(&view)) {
        (true, _) => nothing(&view),
        (false, false) => table(&view),
        (false, true) => choice(&view),
    };
    // Where those in force are listed, beside which it says something.
    let ends = matches!(view.query.tab, ExceptionTab::Active | ExceptionTab::Ending)
        .then(|| view! { <ExceptionEndsChart ends=view.ends.clone() /> });
    let lead =
        "An exception accepts findings until a day. Whoever asks for one never decides on it.";
    view! {
        <div class="page-head">
            <div>
                <h1>"Exceptions"</h1>
                <p class="lead">{lead}</p>
                {view.limited_to.as_deref().map(only_of)}
                {azure(&view)}
            </div>
        </div>
        {more}
        {tabs(&view)}
        <section class="results" id="results" tabindex="-1" aria-label="Results">{results}</section>
        {ends}
    }
    .into_any()
}

fn tabs(view: &ExceptionsView) -> AnyView {
    let slug = &view.connections.selected.slug;
    let tabs: Vec<_> = view
        .counts
        .iter()
        .map(|(tab, number)| {
            let current = (*tab == view.query.tab).then_some("page");
            view! {
                <li>
                    <a href=exceptions_href(slug, *tab, view.query.as_of) aria-current=current>
                        {tab.label()} " " <span class="tab-count">{count(*number)}</span>
                    </a>
                </li>
            }
        })
        .collect();
    view! { <nav class="tabs" aria-label="Which exceptions"><ul>{tabs}</ul></nav> }.into_any()
}

/// The way to Azure's exemptions, for who sees everything; they are of now.
fn azure(view: &ExceptionsView) -> Option<AnyView> {
    let is_whole = view.limited_to.is_none() && view.query.as_of.is_none();
    let address = connection_href(AZURE, Some(&view.connections.selected.slug), None);
    is_whole.then(|| {
        view! { <p><a href=address>"Compare with Azure Policy exemptions"</a></p> }.into_any()
    })
}

/// Whether several can be chosen to decide on them together.
fn chooses(view: &ExceptionsView) -> bool {
    view.may_decide
        && view.query.tab == ExceptionTab::Waiting
        && view.query.as_of.is_none()
        && view.rows.len() > 1
}

/// The list as a form for choosing several.
fn choice(view: &ExceptionsView) -> AnyView {
    view! {
        <form class="selection" method="get" action=SEVERAL aria-label="Decide on several">
            <div class="selection-bar">
                <p class="hint" id="several-hint">"Tick those that have one reason."</p>
                <button class="button" type="submit" aria-describedby="several-hint">"Decide on those ticked"</button>
            </div>
            {table(view)}
        </form>
    }
    .into_any()
}

fn table(view: &ExceptionsView) -> AnyView {
    let caption = match view.query.tab {
        ExceptionTab::Waiting => {
            "Requests that wait for a decision, the worst and then the oldest first"
        }
        ExceptionTab::Mine => "Exceptions that you wrote on, the youngest change first",
        ExceptionTab::Active => "Exceptions in force, by their end",
        ExceptionTab::Ending => "Exceptions that end within 30 days, by their end",
        ExceptionTab::Ended => {
            "Exceptions that ended or never came into force, the youngest change first"
        }
        ExceptionTab::All => "All exceptions, the youngest change first",
    };
    let chooses = chooses(view);
    let rows: Vec<_> =
        view.rows.iter().map(|row| table_row(row, view.now, view.query.as_of, chooses)).collect();
    view! {
        <ListTable
            label="Table of exceptions"
            caption=format!("{caption}; times in UTC")
            columns=&[
                Column::Text("Exception"),
                Column::Text("Severity"),
                Column::Text("Status"),
                Column::Text("Until"),
                Column::Text("Requester"),
                Column::Text("Owner"),
                Column::Number("Findings"),
            ]
        >
            {rows}
        </ListTable>
    }
    .into_any()
}

fn table_row(
    row: &ExceptionRowView,
    now: OffsetDateTime,
    as_of: Option<OffsetDateTime>,
    chooses: bool,
) -> AnyView {
    let checkbox = (chooses && !row.is_mine).then(|| {
        let label = format!("Choose {}", row.id);
        view! { <input type="checkbox" name=EXCEPTION value=row.id.to_string() aria-label=label /> " " }
    });
    let scope = row.scope.as_ref().map(|scope| format!(" · {scope}"));
    let extends = row.extends.map(|id| format!(" · extends {id}"));
    let severity = match row.severity {
        Some(severity) => view! { <SeverityBadge severity=severity /> }.into_any(),
        None => view! { <span class="hint">"not filed"</span> }.into_any(),
    };
    let waiting = row.filed_at.filter(|_| row.status == ExceptionStatus::Requested).map(|filed| {
        view! { <span class="below">{format!("waits for {}", waiting_for(now - filed))}</span> }
    });
    let approved = (row.status == ExceptionStatus::Requested && row.approvals > 0).then(|| {
        view! { <span class="below">{format!("{} approved, another has to", row.approvals)}</span> }
    });
    let requester = match (&row.requester, row.filed_at) {
        (Some(requester), Some(filed)) => view! {
            <span class="name">{requester.clone()}</span>
            <span class="below">"filed "<Day at=filed /></span>
        }
        .into_any(),
        _ => view! { <span class="hint">"not filed"</span> }.into_any(),
    };
    let mine = row.is_mine.then(|| view! { <span class="below">"you wrote on it"</span> });
    let until = match row.status {
        ExceptionStatus::Draft | ExceptionStatus::Requested => "asked until ",
        _ => "",
    };
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Exception">
                {checkbox}
                <a class="row-link" href=exception_href(row.id, as_of)>{format!("{} {}", row.id, row.title)}</a>
                <span class="below">{row.reason.label()} {scope} {extends}</span>
            </th>
            <td role="cell" data-label="Severity">{severity}</td>
            <td role="cell" data-label="Status"><StatusBadge status=row.status />{waiting}{approved}</td>
            <td role="cell" data-label="Until"><span>{format!("{until}{}", end(row.until))}</span></td>
            <td role="cell" data-label="Requester">{requester}{mine}</td>
            <td role="cell" data-label="Owner"><span class="name">{row.owner.clone()}</span></td>
            <td role="cell" data-label="Findings" class="number">{count(row.findings)}</td>
        </tr>
    }
    .into_any()
}

/// How long something waits, without seconds: nobody decides by them.
fn waiting_for(time: Duration) -> String {
    match time.whole_minutes() {
        ..1 => "under 1 min".to_owned(),
        minutes => length(Duration::minutes(minutes)),
    }
}

/// Why there is no row: nothing was filed at all, or nothing is under this tab.
fn nothing(view: &ExceptionsView) -> AnyView {
    let slug = &view.connections.selected.slug;
    let as_of = view.query.as_of;
    let findings = connection_href("/findings", Some(slug), as_of);
    let all = view.counts.iter().find(|(tab, _)| *tab == ExceptionTab::All);
    if all.is_none_or(|(_, number)| *number == 0) {
        let sentence = if as_of.is_some() {
            "No exceptions had been filed by then."
        } else {
            "No exceptions have been filed. File one from a finding that cannot be fixed in time."
        };
        return view! {
            <div class="empty">
                <p>{sentence}</p>
                <p><a href=findings>"See all findings"</a></p>
            </div>
        }
        .into_any();
    }
    let sentence = match view.query.tab {
        ExceptionTab::Waiting => "Nothing waits for a decision.",
        ExceptionTab::Mine => "You wrote on no exception.",
        ExceptionTab::Active => {
            "No exception is in force, so every failing finding counts as open."
        }
        ExceptionTab::Ending => "No exception ends within 30 days.",
        ExceptionTab::Ended => "No exception has ended.",
        ExceptionTab::All => "There is no exception.",
    };
    let is_queue = view.query.tab == ExceptionTab::Waiting;
    let next = view.next_to_end.as_ref().filter(|_| is_queue).map(|next| {
        view! {
            <p>
                "Next ending: "
                <a href=exception_href(next.id, as_of)>{format!("{} {}", next.id, next.title)}</a>
                {format!(", {}, {}.", end(next.until), counted(next.findings, "finding", "findings"))}
            </p>
        }
    });
    let everything = (view.query.tab != ExceptionTab::All).then(|| {
        view! { <p><a href=exceptions_href(slug, ExceptionTab::All, as_of)>"See all exceptions"</a></p> }
    });
    view! { <div class="empty"><p>{sentence}</p> {next} {everything}</div> }.into_any()
}
