//! The scans: did the last one read everything, and what would make it complete?

mod schedule;
pub mod show;

pub use schedule::{lead as schedule_lead, pause_or_resume};

use leptos::prelude::*;
use postern_domain::id::ScanId;
use postern_service::view::{
    ConnectionView, FactCounts, ScanResultView, ScanState, ScanView, ScansView,
};
use time::{Duration, OffsetDateTime};

use crate::ScanLive;
use crate::address::connection_href;
use crate::chart::{CoverageChart, has_coverage};
use crate::page::diff::diff_href;
use crate::part::{
    Column, ListTable, Moment, Notice, NoticeKind, Tone, ToneBadge, count, counted, length,
    progress_text,
};

/// What was done on the page before.
#[derive(Clone, Copy, Debug)]
pub enum Done {
    /// A scan was asked for.
    Requested(ScanId),
    /// A scan was cancelled.
    Cancelled(ScanId),
    /// The schedule's pause was ended.
    Resumed,
}

/// The list of scans.
#[component]
pub fn ScansPage(
    /// What to show.
    view: ScansView,
    /// What was just done.
    done: Option<Done>,
) -> impl IntoView {
    let connection = view.connections.selected;
    let is_now = view.as_of.is_none();
    let lead = is_now.then(|| {
        let sentence = schedule::lead(&connection, view.schedule.as_ref());
        view! { <p class="lead">{sentence}</p> }
    });
    let pause = schedule::pause_or_resume(&connection, view.schedule.as_ref());
    let pause = pause.filter(|_| view.may_run);
    let only = (is_now && connection.can_scan && !view.may_run)
        .then(|| view! { <p class="hint">"Engineers start, cancel and pause scans."</p> });
    let next = view.schedule.as_ref().map(schedule::next_scans);
    let notice = done.and_then(|done| done_sentence(done, &view.scans)).map(|sentence| {
        view! { <Notice kind=NoticeKind::Done><p>{sentence}</p></Notice> }
    });
    let refresh = connection_href("/scans", Some(&connection.slug), None);
    let busy = (is_now && view.scans.iter().any(is_unfinished))
        .then(|| view! { <a class="button" href=refresh>"Refresh"</a> });
    let coverage = view! { <CoverageChart scans=view.scans.clone() /> };
    // The list is long, and the chart behind it.
    let leads_to_coverage = has_coverage(&view.scans).then(|| {
        view! { <p><a href="#coverage">"How much the last scans were answered"</a></p> }
    });
    let scans = if view.scans.is_empty() {
        view! { <p class="empty">{nothing_yet(&connection)}</p> }.into_any()
    } else {
        let ends: Vec<_> = view.scans.iter().map(finished_at).collect();
        let rows: Vec<_> = (1..)
            .zip(view.scans)
            .map(|(older, scan)| {
                let before = ends.iter().skip(older).find_map(|end| *end);
                scan_row(scan, before, &connection.slug, (is_now, view.may_run))
            })
            .collect();
        view! {
            <ListTable
                label="Table of scans"
                caption="Scans, the newest first; times in UTC"
                columns=&[
                    Column::Text("Scan"),
                    Column::Text("State"),
                    Column::Text("Started"),
                    Column::Text("Took"),
                    Column::Number("Assets read"),
                    Column::Text("Not read"),
                ]
            >
                {rows}
            </ListTable>
        }
        .into_any()
    };
    view! {
        <div class="page-head">
            <div>
                <h1>"Scans"</h1>
                {lead}
                {only}
                {leads_to_coverage}
            </div>
            <div class="tools">{busy} {pause} {scan_now(&connection).filter(|_| is_now && view.may_run)}</div>
        </div>
        {notice}
        {next}
        <section id="results" aria-label="List of scans">{scans}</section>
        {coverage}
    }
    .into_any()
}

/// What to say of it; nothing of a scan that is not in the list.
fn done_sentence(done: Done, scans: &[ScanView]) -> Option<String> {
    let state = |id: ScanId| scans.iter().find(|scan| scan.id == id).map(|scan| scan.state);
    match done {
        Done::Requested(scan) => Some(format!("Scan {scan} is queued.")),
        Done::Cancelled(scan) => match state(scan)? {
            ScanState::Finished => Some(format!("Scan {scan} had finished already.")),
            ScanState::Failed => Some(format!("Scan {scan} has ended.")),
            ScanState::Queued | ScanState::Running => Some(format!(
                "Scan {scan} is being cancelled; what runs is told within a few seconds."
            )),
        },
        Done::Resumed => Some("The schedule goes on.".to_owned()),
    }
}

fn nothing_yet(connection: &ConnectionView) -> &'static str {
    if connection.can_scan {
        "No scan yet. Start the first one with \u{201c}Scan now\u{201d}."
    } else {
        "Nothing was imported yet. Run `postern import PATH` with a folder of ARM JSON."
    }
}

fn scan_now(connection: &ConnectionView) -> Option<AnyView> {
    connection.can_scan.then(|| {
        view! {
            <form method="post" action="/scans">
                <input type="hidden" name="connection" value=connection.slug.clone() />
                <button class="button primary" type="submit">"Scan now"</button>
            </form>
        }
        .into_any()
    })
}

/// Ends a scan that waits or runs.
fn cancel(scan: &ScanView, slug: &str) -> Option<AnyView> {
    if !is_unfinished(scan) {
        return None;
    }
    if scan.is_cancelling {
        return Some(view! { <p class="below">"Being cancelled"</p> }.into_any());
    }
    let id = scan.id.to_string();
    let label = format!("Cancel scan {id}");
    Some(
        view! {
            <form method="post" action="/scans/cancel" class="cancel">
                <input type="hidden" name="connection" value=slug.to_owned() />
                <input type="hidden" name="scan" value=id />
                <button class="button" type="submit" aria-label=label>"Cancel"</button>
            </form>
        }
        .into_any(),
    )
}

/// When a scan ended that made a snapshot.
fn finished_at(scan: &ScanView) -> Option<OffsetDateTime> {
    scan.finished_at.filter(|_| scan.state == ScanState::Finished)
}

/// `before` is when the scan before this one ended, with which it can be compared; only now can something be done, and
/// only by those who may.
fn scan_row(
    scan: ScanView,
    before: Option<OffsetDateTime>,
    slug: &str,
    (is_now, may_run): (bool, bool),
) -> AnyView {
    let changes = before.zip(finished_at(&scan)).map(|(before, end)| {
        let address = diff_href(slug, before, end);
        let label = format!("What changed in scan {}", scan.id);
        view! { <span class="below"><a href=address aria-label=label>"What changed"</a></span> }
    });
    let has_ended = matches!(scan.state, ScanState::Finished | ScanState::Failed);
    let never = || if has_ended { "never" } else { "not yet" }.to_owned();
    let started = scan
        .started_at
        .map_or_else(|| never().into_any(), |at| view! { <Moment at=at /> }.into_any());
    // A scan that began at once was asked for when it began.
    let waited = scan.started_at.is_none_or(|started| started - scan.queued_at >= Duration::MINUTE);
    let asked_at = waited.then(|| view! { <Moment at=scan.queued_at />" " });
    let asked = view! {
        <span class="below">"asked for " {asked_at} {format!("by {}", scan.requested_by)}</span>
    };
    let took = match (scan.started_at, scan.finished_at) {
        (Some(started), Some(finished)) => length(finished - started),
        _ => never(),
    };
    let assets = match (&scan.result, scan.state) {
        (Some(result), _) => count(result.assets),
        (None, ScanState::Failed) => "none".to_owned(),
        (None, _) => never(),
    };
    let gaps = not_read(&scan);
    let cancel = cancel(&scan, slug).filter(|_| is_now && may_run);
    let resumed = (scan.attempts > 1).then(|| {
        let times = counted(u64::from(scan.attempts - 1), "time", "times");
        view! { <span class="below">{format!("went on {times} after its process had ended")}</span> }
    });
    let state = if is_now && is_unfinished(&scan) {
        live(&scan, slug).into_any()
    } else {
        state_badge(scan.state, scan.result.as_ref()).into_any()
    };
    let failure = scan.failure.map(|failure| view! { <p class="failure">{failure}</p> });
    view! {
        <tr role="row" id=scan.id.to_string()>
            <th scope="row" role="rowheader" data-label="Scan"><a class="row-link id" href=scan_href(scan.id)>{scan.id.to_string()}</a></th>
            <td role="cell" data-label="State">{state} {failure} {cancel}</td>
            <td role="cell" data-label="Started">{started} {asked} {resumed}</td>
            <td role="cell" data-label="Took" class="whole">{took}</td>
            <td role="cell" data-label="Assets read" class="number">{assets} {changes}</td>
            <td role="cell" data-label="Not read">{gaps}</td>
        </tr>
    }
    .into_any()
}

/// The address of a scan.
pub fn scan_href(id: ScanId) -> String {
    format!("/scans/{id}")
}

/// Whether the scan waits or runs.
pub fn is_unfinished(scan: &ScanView) -> bool {
    matches!(scan.state, ScanState::Queued | ScanState::Running)
}

/// The state of a scan that has not ended, in a word.
pub fn unfinished_word(state: ScanState) -> &'static str {
    if state == ScanState::Queued { "Queued" } else { "Running" }
}

/// How far it is, kept up to date while the page is open.
fn live(scan: &ScanView, slug: &str) -> impl IntoView + use<> {
    let progress = scan.progress.as_ref().filter(|_| scan.state == ScanState::Running);
    view! {
        <ScanLive
            scan=scan.id.to_string()
            state=unfinished_word(scan.state).to_owned()
            text=progress.map(progress_text).unwrap_or_default()
            done=progress.map_or(0, |progress| progress.done)
            total=progress.and_then(|progress| progress.total).unwrap_or(0)
            source=connection_href("/scans/live", Some(slug), None)
            page=connection_href("/scans", Some(slug), None)
        />
    }
}

/// How a scan stands, in a word.
pub fn state_badge(state: ScanState, result: Option<&ScanResultView>) -> impl IntoView + use<> {
    let incomplete = result.is_some_and(|result| !result.gaps.is_empty());
    let (tone, word) = match state {
        ScanState::Queued | ScanState::Running => (Tone::Neutral, unfinished_word(state)),
        ScanState::Finished if incomplete => (Tone::Warning, "Finished, incomplete"),
        ScanState::Finished => (Tone::Pass, "Finished, complete"),
        ScanState::Failed => (Tone::Fail, "Failed"),
    };
    view! { <ToneBadge tone=tone word=word.to_owned() /> }
}

fn not_read(scan: &ScanView) -> AnyView {
    let Some(result) = &scan.result else {
        return "not known".into_any();
    };
    let facts =
        facts_sentence(result.facts).map(|facts| view! { <span class="below">{facts}</span> });
    if result.gaps.is_empty() {
        return view! { "nothing" {facts} }.into_any();
    }
    let gaps = u64::try_from(result.gaps.len()).unwrap_or_default();
    let label = format!("{} of scan {}", counted(gaps, "gap", "gaps"), scan.id);
    view! { <a href=scan_href(scan.id) aria-label=label>{counted(gaps, "gap", "gaps")}</a> {facts} }
        .into_any()
}

/// How completely what belongs to the assets was read; nothing where nothing was asked for.
fn facts_sentence(facts: FactCounts) -> Option<String> {
    let FactCounts { complete, partial, unreadable } = facts;
    let parts: Vec<String> =
        [(complete, "complete"), (partial, "partial"), (unreadable, "unreadable")]
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{} {word}", count(number)))
            .collect();
    (!parts.is_empty()).then(|| format!("related facts: {}", parts.join(", ")))
}
