//! The scans: did the last one read everything, and what would make it complete?

use leptos::prelude::*;
use postern_domain::id::ScanId;
use postern_service::view::{
    ConnectionView, FactCounts, ScanResultView, ScanState, ScanView, ScansView,
};
use time::Duration;

use crate::address::connection_href;
use crate::page::overview::GapList;
use crate::part::{Moment, Notice, NoticeKind, Tone, ToneBadge, count, counted, length};

/// What was done on the page before.
#[derive(Clone, Copy, Debug)]
pub enum Done {
    /// A scan was asked for.
    Requested(ScanId),
    /// A scan was cancelled.
    Cancelled(ScanId),
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
    let notice = done.and_then(|done| done_sentence(done, &view.scans)).map(|sentence| {
        view! { <Notice kind=NoticeKind::Done><p>{sentence}</p></Notice> }
    });
    let refresh = connection_href("/scans", Some(&connection.slug), None);
    let busy = view
        .scans
        .iter()
        .any(|scan| matches!(scan.state, ScanState::Queued | ScanState::Running))
        .then(|| view! { <a class="button" href=refresh>"Refresh"</a> });
    let scans = if view.scans.is_empty() {
        view! { <p class="empty">{nothing_yet(&connection)}</p> }.into_any()
    } else {
        let rows: Vec<_> =
            view.scans.into_iter().map(|scan| scan_row(scan, &connection.slug)).collect();
        view! {
            <div class="scroll" tabindex="0" role="region" aria-label="Table of scans">
                <table class="list" role="table">
                    <caption>"Scans, the newest first; times in UTC"</caption>
                    <thead role="rowgroup">
                        <tr role="row">
                            <th scope="col" role="columnheader">"Scan"</th>
                            <th scope="col" role="columnheader">"State"</th>
                            <th scope="col" role="columnheader">"Started"</th>
                            <th scope="col" role="columnheader">"Took"</th>
                            <th scope="col" role="columnheader" class="number">"Assets read"</th>
                            <th scope="col" role="columnheader">"Not read"</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="page-head">
            <div>
                <h1>"Scans"</h1>
                <p class="lead">{schedule(&connection)}</p>
            </div>
            <div class="tools">{busy} {scan_now(&connection)}</div>
        </div>
        {notice}
        <section id="results" aria-label="List of scans">{scans}</section>
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
    }
}

fn schedule(connection: &ConnectionView) -> String {
    match (connection.can_scan, connection.scan_every_seconds) {
        (false, _) => format!("{} is fed with files; each import is a scan.", connection.name),
        (true, None) => format!("{} is scanned when somebody asks.", connection.name),
        (true, Some(86_400)) => format!("{} is scanned once a day.", connection.name),
        (true, Some(seconds)) => {
            let every = length(Duration::seconds(i64::from(seconds)));
            format!("{} is scanned every {every}.", connection.name)
        }
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
    if !matches!(scan.state, ScanState::Queued | ScanState::Running) {
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

fn scan_row(scan: ScanView, slug: &str) -> AnyView {
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
    let cancel = cancel(&scan, slug);
    let resumed = (scan.attempts > 1).then(|| {
        let times = counted(u64::from(scan.attempts - 1), "time", "times");
        view! { <span class="below">{format!("went on {times} after its process had ended")}</span> }
    });
    let progress = scan.progress.filter(|_| scan.state == ScanState::Running).map(|progress| {
        let text = match progress.total {
            Some(total) => format!("{}: {} of {}", progress.step, count(progress.done), count(total)),
            None => format!("{}: {}", progress.step, count(progress.done)),
        };
        let bar = progress.total.map(|total| {
            view! {
                <progress max=total.to_string() value=progress.done.to_string() aria-label="Progress"></progress>
            }
        });
        view! { <div class="progress">{bar} <span>{text}</span></div> }
    });
    let failure = scan.failure.map(|failure| view! { <p class="failure">{failure}</p> });
    view! {
        <tr role="row" id=scan.id.to_string()>
            <th scope="row" role="rowheader" data-label="Scan"><span class="id">{scan.id.to_string()}</span></th>
            <td role="cell" data-label="State">{state_badge(scan.state, scan.result.as_ref())} {progress} {failure} {cancel}</td>
            <td role="cell" data-label="Started">{started} {asked} {resumed}</td>
            <td role="cell" data-label="Took" class="whole">{took}</td>
            <td role="cell" data-label="Assets read" class="number">{assets}</td>
            <td role="cell" data-label="Not read">{gaps}</td>
        </tr>
    }
    .into_any()
}

fn state_badge(state: ScanState, result: Option<&ScanResultView>) -> impl IntoView + use<> {
    let incomplete = result.is_some_and(|result| !result.gaps.is_empty());
    let (tone, word) = match state {
        ScanState::Queued => (Tone::Neutral, "Queued"),
        ScanState::Running => (Tone::Neutral, "Running"),
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
    view! {
        <details>
            <summary>{counted(gaps, "gap", "gaps")}</summary>
            <GapList gaps=result.gaps.clone() />
        </details>
        {facts}
    }
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
