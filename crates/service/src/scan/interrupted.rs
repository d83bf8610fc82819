//! Scans whose process ended: recognised by their lease, which nobody holds any more.

use postern_azure::NoProgress;
use postern_domain::id::{ConnectionId, ScanId};
use postern_store::lease::Lease;
use postern_store::scan::{Attempt, RunningScan};
use postern_store::{StoreError, connection, is_database_lost, scan, scan_asset, snapshot};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::{cancel, explain, fail_attempt};
use crate::Postern;
use crate::evaluate::{EvaluateError, EvaluationSummary, Subject, evaluate_snapshot};

/// How many attempts in a row may read nothing new: what kills a process again and again may be the scan itself.
///
/// Fewer would give up innocent ones, which die with a process that runs four, when processes are ended in a row.
const FRUITLESS_ATTEMPTS: u32 = 8;

/// How often a scan is begun at most, however much each attempt reads.
const ATTEMPTS: i32 = 30;

/// How old what a scan has read may be for another attempt to go on from it: what is older is read once more, because a
/// snapshot says how things are when it ends.
const STALE: Duration = Duration::hours(6);

/// What became of a scan whose process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It waits, to be begun again and to go on from what it has read.
    PutBack(ScanId),
    /// It failed; its row says why.
    Failed(ScanId),
    /// It had stored its snapshot, which was judged.
    Finished(ScanId),
}

/// Settles every scan that is marked as running and whose process ended.
pub async fn settle_interrupted_scans(postern: &Postern) -> Result<Vec<Settled>, StoreError> {
    let running = {
        let mut session = postern.pool.acquire().await?;
        scan::list_running(&mut session, None).await?
    };
    let mut settled = Vec::new();
    for ongoing in running {
        if let Some(lease) = Lease::try_take(&postern.pool, ongoing.connection).await? {
            settled.extend(settle_running(postern, &lease).await?);
            lease.release().await?;
        }
    }
    Ok(settled)
}

/// Judges the latest snapshot of each connection where a process ended, or failed, between storing and judging it.
pub async fn evaluate_pending(postern: &Postern) -> Result<Vec<EvaluationSummary>, EvaluateError> {
    let connections = {
        let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
        connection::list(&mut session).await?
    };
    let mut done = Vec::new();
    for connection in connections {
        if !is_pending(postern, connection.id).await? {
            continue;
        }
        if let Some(lease) = Lease::try_take(&postern.pool, connection.id).await? {
            settle_running(postern, &lease).await?;
            if let Some(summary) = evaluate_latest(postern, &lease, None).await? {
                done.push(summary);
            }
            lease.release().await?;
        }
    }
    Ok(done)
}

/// Settles the scan of the lease's connection that is marked as running: whoever ran it is gone.
pub(crate) async fn settle_running(
    postern: &Postern,
    lease: &Lease,
) -> Result<Vec<Settled>, StoreError> {
    let running = {
        let mut session = postern.pool.acquire().await?;
        scan::list_running(&mut session, Some(lease.connection())).await?
    };
    let mut settled = Vec::new();
    for ongoing in running {
        settled.extend(settle(postern, lease, &ongoing).await?);
    }
    Ok(settled)
}

async fn settle(
    postern: &Postern,
    lease: &Lease,
    ongoing: &RunningScan,
) -> Result<Option<Settled>, StoreError> {
    let id = ongoing.attempt.scan;
    if ongoing.snapshot.is_some() {
        match evaluate_latest(postern, lease, Some(ongoing)).await {
            Ok(Some(_)) => return Ok(Some(Settled::Finished(id))),
            Ok(None) => {}
            Err(EvaluateError::Store(error)) => return Err(error),
            // Whoever looks next judges it.
            Err(error) if is_database_lost(&error) => return Ok(None),
            Err(error) => return fail(postern, ongoing.attempt, &explain(&error)).await,
        }
    }
    if let Some(by) = &ongoing.cancelled_by {
        return fail(postern, ongoing.attempt, &cancel::sentence(by)).await;
    }
    let interruption = interruption(ongoing);
    let is_hopeless =
        ongoing.fruitless_attempts >= FRUITLESS_ATTEMPTS || ongoing.attempt.number >= ATTEMPTS;
    if ongoing.snapshot.is_some() || !ongoing.can_resume || is_hopeless {
        return fail(postern, ongoing.attempt, &interruption).await;
    }
    resume_later(postern, ongoing, &interruption).await
}

/// Empties journals that scans left which ended in a way that is not foreseen, such as by hand.
pub(crate) async fn discard_ended_journals(postern: &Postern) -> Result<(), StoreError> {
    let mut session = postern.pool.acquire().await?;
    scan_asset::discard_ended(&mut session).await
}

/// Puts a scan back that this process ran, because the process shall end. The caller holds the connection's lease.
pub(super) async fn put_back(
    postern: &Postern,
    lease: &Lease,
    attempt: Attempt,
) -> Result<(), StoreError> {
    let running = {
        let mut session = postern.pool.acquire().await?;
        scan::list_running(&mut session, Some(lease.connection())).await?
    };
    for ongoing in running.iter().filter(|ongoing| ongoing.attempt == attempt) {
        resume_later(postern, ongoing, "the process that ran it was told to end").await?;
    }
    Ok(())
}

/// Empties the journal of a scan that waits, where what it holds is too old to go on from.
pub(super) async fn discard_old_journal(postern: &Postern, id: ScanId) -> Result<(), StoreError> {
    let mut session = postern.pool.acquire().await?;
    let queued = scan::find_queued(&mut session, id).await?;
    let written = queued.and_then(|queued| queued.heartbeat_at);
    if written.is_some_and(|written| postern.clock.now() - written > STALE) {
        tracing::info!(scan.id = %id, "what an earlier attempt read is too old and is read again");
        scan_asset::discard(&mut session, id).await?;
    }
    Ok(())
}

/// Puts the scan back in the queue; where another one of the connection waits already, that one goes on from what this
/// one has read, and this one fails.
async fn resume_later(
    postern: &Postern,
    ongoing: &RunningScan,
    reason: &str,
) -> Result<Option<Settled>, StoreError> {
    let id = ongoing.attempt.scan;
    loop {
        let mut session = postern.pool.acquire().await?;
        match scan::put_back(&mut session, ongoing.attempt).await {
            Ok(true) => {
                tracing::warn!(scan.id = %id, %reason, "scan put back");
                return Ok(Some(Settled::PutBack(id)));
            }
            // Somebody cancelled it since it was looked at; whoever looks next fails it.
            Ok(false) => return Ok(None),
            Err(error) if error.constraint() == Some("scans_queued_key") => {}
            Err(error) => return Err(error),
        }
        if let Some(next) = scan::find_queued_of(&mut session, ongoing.connection).await? {
            drop(session);
            return hand_over(postern, ongoing, next, reason).await;
        }
        // The one that waited was cancelled at this very moment.
    }
}

async fn hand_over(
    postern: &Postern,
    ongoing: &RunningScan,
    next: ScanId,
    reason: &str,
) -> Result<Option<Settled>, StoreError> {
    let id = ongoing.attempt.scan;
    let failure = format!("{reason}; scan {next} goes on from what it had read");
    let mut transaction = postern.pool.begin().await?;
    if !scan::fail(&mut transaction, ongoing.attempt, &failure, postern.clock.now()).await? {
        return Ok(None);
    }
    if scan::note_journal_of(&mut transaction, next, ongoing.heartbeat_at).await? {
        scan_asset::hand_over(&mut transaction, id, next).await?;
    } else {
        scan_asset::discard(&mut transaction, id).await?;
    }
    transaction.commit().await?;
    tracing::warn!(scan.id = %id, %failure, "interrupted scan settled");
    Ok(Some(Settled::Failed(id)))
}

async fn fail(
    postern: &Postern,
    attempt: Attempt,
    failure: &str,
) -> Result<Option<Settled>, StoreError> {
    let has_failed = fail_attempt(postern, attempt, failure).await?;
    Ok(has_failed.then_some(Settled::Failed(attempt.scan)))
}

/// Judges the connection's latest snapshot, unless that was done or there is none.
async fn evaluate_latest(
    postern: &Postern,
    lease: &Lease,
    interrupted: Option<&RunningScan>,
) -> Result<Option<EvaluationSummary>, EvaluateError> {
    let latest = {
        let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
        snapshot::find_latest(&mut session, lease.connection()).await?
    };
    let Some(head) = latest.filter(|head| !head.is_evaluated) else { return Ok(None) };
    let finishes = interrupted.filter(|ongoing| ongoing.snapshot == Some(head.id));
    if interrupted.is_some() && finishes.is_none() {
        return Ok(None);
    }
    let finishes = finishes.map(|ongoing| ongoing.attempt);
    evaluate_snapshot(postern, Subject { head, finishes, progress: &NoProgress }).await.map(Some)
}

async fn is_pending(postern: &Postern, of: ConnectionId) -> Result<bool, StoreError> {
    let mut session = postern.pool.acquire().await?;
    let latest = snapshot::find_latest(&mut session, of).await?;
    Ok(latest.is_some_and(|head| !head.is_evaluated))
}

fn interruption(scan: &RunningScan) -> String {
    let written = |at: OffsetDateTime| at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).ok();
    let times = match scan.attempt.number {
        ..=1 => String::new(),
        number => format!(" {number} times"),
    };
    match scan.heartbeat_at.and_then(written) {
        Some(at) => {
            format!("the process that ran it ended{times}; its last sign of life was at {at}")
        }
        None => format!("the process that ran it ended{times}"),
    }
}
