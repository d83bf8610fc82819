//! Signs of life of a running scan, with how far it is; they bring back whether somebody wants it cancelled.

use std::sync::OnceLock;
use std::time::Duration;

use postern_azure::{Progress, ProgressSink};
use postern_store::lease::Lease;
use postern_store::scan::{Attempt, Pulse};
use postern_store::{StoreError, scan};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Postern;
use crate::view::ScanProgress;

/// How often the row is written where nothing changes: somebody who cancels a scan waits for it.
const BEAT: Duration = Duration::from_secs(3);

/// How often the row is written at most: a page that polls shows no more than that.
const PAUSE: Duration = Duration::from_secs(1);

/// The progress that was reported last.
#[derive(Debug)]
pub(super) struct LatestProgress(watch::Sender<Option<ScanProgress>>);

impl Default for LatestProgress {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl LatestProgress {
    /// Notes a step that cannot be counted.
    pub(super) fn note_step(&self, step: &str) {
        self.report(Progress { step: step.to_owned(), done: 0, total: None });
    }
}

impl ProgressSink for LatestProgress {
    fn report(&self, progress: Progress) {
        let Progress { step, done, total } = progress;
        self.0.send_replace(Some(ScanProgress { step, done, total }));
    }
}

/// What ends a scan before its time.
#[derive(Debug)]
pub(super) struct Ending {
    /// Cancelled when reading shall end.
    pub(super) token: CancellationToken,
    /// Who wanted that, where it was somebody and not the end of the process.
    pub(super) cancelled_by: OnceLock<String>,
}

/// Writes signs of life through the lease's session for as long as it is polled; ends where that fails.
pub(super) async fn beat(
    postern: &Postern,
    lease: &mut Lease,
    attempt: Attempt,
    progress: &LatestProgress,
    ending: &Ending,
) -> StoreError {
    let mut changes = progress.0.subscribe();
    loop {
        let latest = changes.borrow_and_update().clone();
        let latest = latest.and_then(|progress| serde_json::to_value(progress).ok());
        let now = postern.clock.now();
        match scan::note_progress(lease.session(), attempt, latest.as_ref(), now).await {
            Ok(Pulse::GoOn) => {}
            Ok(Pulse::CancelledBy(by)) => {
                ending.cancelled_by.get_or_init(|| by);
                ending.token.cancel();
            }
            // Finished this very moment: the work is about to say so.
            Ok(Pulse::Over) => std::future::pending().await,
            Err(error) => return error,
        }
        let written = Instant::now();
        tokio::select! {
            _ = changes.changed() => tokio::time::sleep_until(written + PAUSE).await,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}
