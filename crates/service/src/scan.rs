//! Scans: asking for one, running it, and settling those whose process ended.

mod heartbeat;
mod interrupted;

use std::pin::Pin;

use postern_azure::Collector;
use postern_domain::id::{ConnectionId, ScanId};
use postern_store::lease::Lease;
use postern_store::{StoreError, scan};
use tokio_util::sync::CancellationToken;

use crate::Postern;
use crate::evaluate::{EvaluateError, EvaluationSummary, Subject, evaluate_snapshot};
use crate::record::{RecordError, record_snapshot};
use crate::storable::make_snapshot_storable;
use heartbeat::LatestProgress;

pub use crate::scans::show_scans;
pub(crate) use interrupted::settle_running;
pub use interrupted::{evaluate_pending, fail_interrupted_scans};

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
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a scan that had begun failed.
#[derive(Debug, thiserror::Error)]
enum ScanFailure {
    #[error(transparent)]
    Collect(#[from] postern_azure::CollectError),
    #[error("the snapshot could not be stored")]
    Record(#[from] RecordError),
    #[error("the snapshot was stored and could not be judged")]
    Evaluate(#[from] EvaluateError),
    #[error("the connection to the database was lost")]
    LeaseLost(#[source] StoreError),
}

/// Asks for a scan; gives the one that waits already, where there is one.
pub async fn request_scan(
    postern: &Postern,
    of: ConnectionId,
    requested_by: &str,
) -> Result<ScanId, ScanError> {
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let connection = postern_store::connection::find_by_id(&mut session, of).await?;
    let connection = connection.ok_or(ScanError::NoSuchConnection(of))?;
    if connection.kind != postern_store::connection::ConnectionKind::Azure {
        return Err(ScanError::NotScanned(connection.slug));
    }
    Ok(scan::queue(&mut session, of, requested_by, postern.clock.now()).await?)
}

/// Runs a scan that waits, to its end; cancelling makes it fail at once.
///
/// Boxed, because the compiler does not see by itself that so deep a future may move between threads.
pub fn run_scan<'a>(
    postern: &'a Postern,
    id: ScanId,
    collector: &'a Collector,
    cancel: &'a CancellationToken,
) -> Pin<Box<dyn Future<Output = Result<ScanOutcome, ScanError>> + Send + 'a>> {
    Box::pin(run(postern, id, collector, cancel))
}

async fn run(
    postern: &Postern,
    id: ScanId,
    collector: &Collector,
    cancel: &CancellationToken,
) -> Result<ScanOutcome, ScanError> {
    let mut lease = begin(postern, id).await?;
    let progress = LatestProgress::default();
    let result = {
        let work = collect_and_judge(
            postern,
            id,
            lease.connection(),
            Reading { collector, progress: &progress, cancel },
        );
        let beats = heartbeat::beat(postern, &mut lease, id, &progress);
        tokio::select! {
            // The work first: once it is done, a heartbeat that fails says nothing.
            biased;
            result = work => result,
            error = beats => Err(ScanFailure::LeaseLost(error)),
        }
    };
    let outcome = match result {
        Ok(summary) => ScanOutcome::Finished(Box::new(summary)),
        Err(failure) => ScanOutcome::Failed(note_failure(postern, id, &failure).await?),
    };
    if let Err(error) = lease.release().await {
        // The session has ended, and the lease with it.
        tracing::warn!(scan.id = %id, %error, "the lease was not released in order");
    }
    Ok(outcome)
}

/// Marks a scan that waits as failed without running it, because its connection cannot be used.
pub async fn refuse_scan(postern: &Postern, id: ScanId, reason: &str) -> Result<(), ScanError> {
    let lease = begin(postern, id).await?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    scan::fail(&mut session, id, reason, postern.clock.now()).await?;
    Ok(lease.release().await?)
}

struct Reading<'a> {
    collector: &'a Collector,
    progress: &'a LatestProgress,
    cancel: &'a CancellationToken,
}

/// Takes the lease of the scan's connection and marks the scan as running.
async fn begin(postern: &Postern, id: ScanId) -> Result<Lease, ScanError> {
    let of = {
        let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
        scan::find_queued(&mut session, id).await?.ok_or(ScanError::NotQueued(id))?
    };
    let mut lease = Lease::try_take(&postern.pool, of).await?.ok_or(ScanError::Busy)?;
    // Who holds the lease knows that what is marked as running is dead.
    interrupted::settle_running(postern, &lease).await?;
    if scan::start(lease.session(), id, postern.clock.now()).await? {
        tracing::info!(scan.id = %id, connection.id = %of, "scan begun");
        return Ok(lease);
    }
    lease.release().await?;
    Err(ScanError::NotQueued(id))
}

async fn collect_and_judge(
    postern: &Postern,
    id: ScanId,
    of: ConnectionId,
    reading: Reading<'_>,
) -> Result<EvaluationSummary, ScanFailure> {
    let Reading { collector, progress, cancel } = reading;
    let mut snapshot = collector.collect(&postern.clock, progress, cancel).await?;
    make_snapshot_storable(&mut snapshot);
    progress.note_step("Storing what was read");
    let head = record_snapshot(postern, of, id, &snapshot).await?;
    progress.note_step("Judging");
    let assets = snapshot.assets.into_values().collect();
    Ok(evaluate_snapshot(postern, Subject { head, assets, scan: Some(id) }).await?)
}

async fn note_failure(
    postern: &Postern,
    id: ScanId,
    failure: &ScanFailure,
) -> Result<String, StoreError> {
    let text = explain(failure);
    tracing::warn!(scan.id = %id, failure = %text, "scan failed");
    let mut session = postern.pool.acquire().await?;
    scan::fail(&mut session, id, &text, postern.clock.now()).await?;
    Ok(text)
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
