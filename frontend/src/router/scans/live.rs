//! Scans as they go on, as server-sent events.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use axum::extract::RawQuery;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt as _, stream};
use postern_service::connection;
use postern_service::live::LiveScan;

use crate::address::{pairs, value};
use crate::page::scans::unfinished_word;
use crate::part::progress_text;
use crate::router::visit::Visit;

/// How long somebody is believed to be who they were when they asked: the browser asks again when the stream ends, so that
/// who was signed out meanwhile hears no more.
const KNOWN_FOR: Duration = Duration::from_mins(5);

/// Tells which scans of a connection wait or run and how far they are, at once and whenever that changes.
///
/// Each event is a text of lines: the number of scans, then for each its id, state in a word, done, total (0: not known) and words,
/// with tabs between.
pub(super) async fn get_live(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let asked = value(&pairs, "connection");
    let found = match asked {
        Some(slug) => connection::find_connection(&site.postern, slug).await,
        None => Ok(None),
    };
    match found {
        Err(error) => site.failed(&error),
        Ok(None) => site.no_view(asked),
        Ok(Some(found)) => {
            let watch = match site.live.watch(&site.postern, found.id) {
                Ok(watch) => watch,
                Err(denied) => return site.denied(denied),
            };
            let events = stream::unfold(watch, |mut watch| async {
                let scans = watch.next().await?;
                Some((Ok::<_, Infallible>(Event::default().data(as_text(&scans))), watch))
            });
            let events = events.take_until(Box::pin(tokio::time::sleep(KNOWN_FOR)));
            Sse::new(events).keep_alive(KeepAlive::default()).into_response()
        }
    }
}

fn as_text(scans: &[LiveScan]) -> String {
    let mut text = scans.len().to_string();
    for scan in scans {
        let progress = scan.progress.as_ref();
        let (done, total) =
            progress.map_or((0, 0), |progress| (progress.done, progress.total.unwrap_or(0)));
        // A step's name is one line of words; nothing else may end the line.
        let words =
            progress.map(progress_text).unwrap_or_default().replace(['\t', '\n', '\r'], " ");
        // Writing to a text cannot fail.
        write!(text, "\n{}\t{}\t{done}\t{total}\t{words}", scan.id, unfinished_word(scan.state))
            .ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use postern_domain::id::ScanId;
    use postern_service::view::{ScanProgress, ScanState};

    use super::*;

    #[test]
    fn an_event_has_a_line_for_each_scan() {
        let scan =
            |number, state, progress| LiveScan { id: ScanId::from_number(number), state, progress };
        let progress =
            ScanProgress { step: "Reading\tall\nof it".to_owned(), done: 3, total: Some(9) };
        let text = as_text(&[
            scan(7, ScanState::Running, Some(progress)),
            scan(8, ScanState::Queued, None),
        ]);
        let id = |number| ScanId::from_number(number).to_string();
        let expected = format!(
            "2\n{}\tRunning\t3\t9\tReading all of it: 3 of 9\n{}\tQueued\t0\t0\t",
            id(7),
            id(8)
        );
        assert_eq!(text, expected);
        assert_eq!(as_text(&[]), "0");
    }
}
