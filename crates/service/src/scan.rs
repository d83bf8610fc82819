//! Scans: asking for one, running it, cancelling it, and settling those whose process ended.

mod cancel;
mod heartbeat;
mod interrupted;

use std::pin::Pin;
use std::sync::OnceLock;

use postern_azure::{CollectError, Collector};
use postern_domain::id::{ConnectionId, ScanId};
use postern_domain::person::{Denied, Permission};
use postern_store::lease::Lease;
use postern_store::scan::Attempt;
use postern_store::{StoreError, is_database_lost, scan, scan_asset};
use tokio_util::sync::CancellationToken;

use crate::Postern;
use crate::evaluate::{EvaluateError, EvaluationSummary, Subject, evaluate_snapshot};
use crate::journal::ScanJournal;
use crate::record::{RecordError, record_snapshot};
use crate::storable::make_snapshot_storable;
use heartbeat::{Ending, LatestProgress};

pub use crate::scans::{show_progress, show_scan, show_scan_coverage, show_scans};
pub(crate) use cancel::cancel_within;
pub use cancel::{Cancelled, cancel_scan};
pub use interrupted::{Settled, evaluate_pending, settle_interrupted_scans};
pub(crate) use interrupted::{discard_ended_journals, settle_running};

/// How a scan ended.
#[derive(Clone, Debug, PartialEq)]
pub enum ScanOutcome {
    /// It made a snapshot, which was judged.
    Finished(Box<EvaluationSummary>),
    /// It did not; one sentence says why, as the scan's row does.
    Failed(String),
}

/// A scan could not be asked for, or not be begun; nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// There is no such connection.
    #[error("there is no connection {0}")]
    NoSuchConnection(ConnectionId),
    /// The connection is fed with files.
    #[error("the connection \"{0}\" is fed with files and cannot be scanned")]
    NotScanned(String),
    /// The scan does not wait any more, or never did.
    #[error("scan {0} is not waiting to be run")]
    NotQueued(ScanId),
    /// Another scan or import of the connection is being run.
    #[error("another scan or import of the same connection is running")]
    Busy,
    /// Whoever asked may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a scan that had begun failed.
#[derive(Debug, thiserror::Error)]
enum ScanFailure {
    #[error(transparent)]
    Collect(#[from] CollectError),
    #[error("the snapshot could not be stored")]
    Record(#[from] RecordError),
    #[error("the snapshot was stored and could not be judged")]
    Evaluate(#[from] EvaluateError),
    #[error("the connection to the database was lost")]
    LeaseLost(#[source] StoreError),
}

impl ScanFailure {
    /// Whether the database was not there: no reason to give the scan up.
    fn is_of_the_database(&self) -> bool {
        matches!(self, Self::LeaseLost(_)) || is_database_lost(self)
    }
}

/// Asks for a scan; gives the one that waits already, where there is one.
pub async fn request_scan(
    postern: &Postern,
    of: ConnectionId,
    requested_by: &str,
) -> Result<ScanId, ScanError> {
    postern.require(Permission::RunScans)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let connection = postern_store::connection::find_by_id(&mut session, of).await?;
    let connection = connection.ok_or(ScanError::NoSuchConnection(of))?;
    if connection.kind != postern_store::connection::ConnectionKind::Azure {
        return Err(ScanError::NotScanned(connection.slug));
    }
    Ok(scan::queue(&mut session, of, requested_by, postern.clock.now()).await?)
}

/// Runs a scan that waits, to its end; cancelling makes it fail at once, unless it has read everything already.
///
/// Boxed, because the compiler does not see by itself that so deep a future may move between threads.
pub fn run_scan<'a>(
    postern: &'a Postern,
    id: ScanId,
    collector: &'a Collector,
    cancel: &'a CancellationToken,
) -> Pin<Box<dyn Future<Output = Result<ScanOutcome, ScanError>> + Send + 'a>> {
    Box::pin(async move {
        let mut run = Run::begin(postern, id, cancel).await?;
        let outcome = match run.work(collector).await {
            Ok(summary) => ScanOutcome::Finished(Box::new(summary)),
            Err(failure) => ScanOutcome::Failed(run.fail(&failure).await?),
        };
        run.release().await;
        Ok(outcome)
    })
}

/// Like [`run_scan`] for a process that will be there again: where it is told to end, or loses the database, the scan
/// waits with what it has read, and `None` is given.
pub(crate) fn run_resumable_scan<'a>(
    postern: &'a Postern,
    id: ScanId,
    collector: &'a Collector,
    shutdown: &'a CancellationToken,
) -> Pin<Box<dyn Future<Output = Result<Option<ScanOutcome>, ScanError>> + Send + 'a>> {
    Box::pin(async move {
        let mut run = Run::begin(postern, id, shutdown).await?;
        let outcome = match run.work(collector).await {
            Ok(summary) => Some(ScanOutcome::Finished(Box::new(summary))),
            // It is marked as running, and is settled like one whose process died.
            Err(failure) if failure.is_of_the_database() => {
                tracing::warn!(scan.id = %id, error = %explain(&failure), "a scan lost the database");
                return Ok(None);
            }
            Err(ScanFailure::Collect(CollectError::Cancelled)) if run.was_told_to_end() => {
                interrupted::put_back(postern, &run.lease, run.attempt).await?;
                None
            }
            Err(failure) => Some(ScanOutcome::Failed(run.fail(&failure).await?)),
        };
        run.release().await;
        Ok(outcome)
    })
}

/// Marks a scan that waits as failed without running it, because its connection cannot be used.
pub async fn refuse_scan(postern: &Postern, id: ScanId, reason: &str) -> Result<(), ScanError> {
    let (lease, attempt) = begin(postern, id).await?;
    fail_attempt(postern, attempt, reason).await?;
    Ok(lease.release().await?)
}

/// An attempt at a scan that this process makes.
struct Run<'a> {
    postern: &'a Postern,
    lease: Lease,
    attempt: Attempt,
    ending: Ending,
}

impl<'a> Run<'a> {
    async fn begin(
        postern: &'a Postern,
        id: ScanId,
        cancel: &CancellationToken,
    ) -> Result<Self, ScanError> {
        let (lease, attempt) = begin(postern, id).await?;
        let ending = Ending { token: cancel.child_token(), cancelled_by: OnceLock::new() };
        Ok(Self { postern, lease, attempt, ending })
    }

    async fn work(&mut self, collector: &Collector) -> Result<EvaluationSummary, ScanFailure> {
        let Self { postern, lease, attempt, ending } = self;
        let progress = LatestProgress::default();
        let of = lease.connection();
        let reading = Reading { collector, progress: &progress, cancel: &ending.token };
        let work = collect_and_judge(postern, *attempt, of, reading);
        let beats = heartbeat::beat(postern, lease, *attempt, &progress, ending);
        tokio::select! {
            // The work first: once it is done, a heartbeat that fails says nothing.
            biased;
            result = work => result,
            error = beats => Err(ScanFailure::LeaseLost(error)),
        }
    }

    /// Whether the process shall end, and nobody wants the scan itself cancelled.
    fn was_told_to_end(&self) -> bool {
        self.ending.cancelled_by.get().is_none()
    }

    /// Marks the scan as failed, and gives the sentence.
    async fn fail(&self, failure: &ScanFailure) -> Result<String, StoreError> {
        let text = match (failure, self.ending.cancelled_by.get()) {
            (ScanFailure::Collect(_), Some(by)) => cancel::sentence(by),
            _ => explain(failure),
        };
        fail_attempt(self.postern, self.attempt, &text).await?;
        Ok(text)
    }

    async fn release(self) {
        if let Err(error) = self.lease.release().await {
            // The session has ended, and the lease with it.
            tracing::warn!(scan.id = %self.attempt.scan, %error, "the lease was not released in order");
        }
    }
}

struct Reading<'a> {
    collector: &'a Collector,
    progress: &'a LatestProgress,
    cancel: &'a CancellationToken,
}

/// Takes the lease of the scan's connection and marks the scan as running.
async fn begin(postern: &Postern, id: ScanId) -> Result<(Lease, Attempt), ScanError> {
    let of = {
        let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
        scan::find_queued(&mut session, id).await?.ok_or(ScanError::NotQueued(id))?.connection
    };
    let mut lease = Lease::try_take(&postern.pool, of).await?.ok_or(ScanError::Busy)?;
    // Who holds the lease knows that what is marked as running is dead.
    interrupted::settle_running(postern, &lease).await?;
    interrupted::discard_old_journal(postern, id).await?;
    if let Some(attempt) = scan::start(lease.session(), id, postern.clock.now()).await? {
        tracing::info!(scan.id = %id, attempt = attempt.number, connection.id = %of, "scan begun");
        return Ok((lease, attempt));
    }
    lease.release().await?;
    Err(ScanError::NotQueued(id))
}

async fn collect_and_judge(
    postern: &Postern,
    attempt: Attempt,
    of: ConnectionId,
    reading: Reading<'_>,
) -> Result<EvaluationSummary, ScanFailure> {
    let Reading { collector, progress, cancel } = reading;
    let journal = ScanJournal::new(postern.pool.clone(), attempt);
    let mut snapshot = collector.collect(&postern.clock, &journal, progress, cancel).await?;
    snapshot.gaps.extend(journal.into_refused());
    make_snapshot_storable(&mut snapshot);
    // From here on it is finished: throwing away what was read would help nobody.
    progress.note_step("Storing what was read");
    let head = record_snapshot(postern, of, attempt, &snapshot).await?;
    drop(snapshot);
    Ok(evaluate_snapshot(postern, Subject { head, finishes: Some(attempt), progress }).await?)
}

/// Marks the scan as failed with the sentence and empties its journal; does nothing where the attempt is over.
pub(crate) async fn fail_attempt(
    postern: &Postern,
    attempt: Attempt,
    failure: &str,
) -> Result<bool, StoreError> {
    let mut transaction = postern.pool.begin().await?;
    if !scan::fail(&mut transaction, attempt, failure, postern.clock.now()).await? {
        return Ok(false);
    }
    scan_asset::discard(&mut transaction, attempt.scan).await?;
    transaction.commit().await?;
    tracing::warn!(scan.id = %attempt.scan, %failure, "scan failed");
    Ok(true)
}

/// The error and its causes in one sentence.
pub(crate) fn explain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let part = error.to_string();
        // A transparent error repeats its cause.
        if !text.ends_with(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        cause = error.source();
    }
    crate::storable::replace(&mut text);
    text
}
