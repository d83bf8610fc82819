//! Scans whose process ended: recognised by their lease, which nobody holds any more.

use postern_domain::id::{ConnectionId, ScanId};
use postern_store::lease::Lease;
use postern_store::scan::OngoingScan;
use postern_store::{StoreError, connection, scan, snapshot};
use time::format_description::well_known::Rfc3339;

use super::explain;
use crate::Postern;
use crate::evaluate::{EvaluateError, EvaluationSummary, evaluate_snapshot, load_subject};

/// Settles every scan that is marked as running and whose process ended; gives those that failed.
///
/// One that had stored its snapshot is judged and finished instead.
pub async fn fail_interrupted_scans(postern: &Postern) -> Result<Vec<ScanId>, StoreError> {
    let running = {
        let mut session = postern.pool.acquire().await?;
        scan::list_running(&mut session, None).await?
    };
    let mut failed = Vec::new();
    for ongoing in running {
        if let Some(lease) = Lease::try_take(&postern.pool, ongoing.connection).await? {
            failed.extend(settle_running(postern, &lease).await?);
            lease.release().await?;
        }
    }
    Ok(failed)
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
) -> Result<Vec<ScanId>, StoreError> {
    let running = {
        let mut session = postern.pool.acquire().await?;
        scan::list_running(&mut session, Some(lease.connection())).await?
    };
    let mut failed = Vec::new();
    for ongoing in running {
        let failure = match ongoing.snapshot {
            None => interruption(&ongoing),
            Some(_) => match evaluate_latest(postern, lease, Some(&ongoing)).await {
                Ok(Some(_)) => continue,
                Ok(None) => interruption(&ongoing),
                Err(EvaluateError::Store(error)) => return Err(error),
                Err(error) => explain(&error),
            },
        };
        let mut session = postern.pool.acquire().await?;
        if scan::fail(&mut session, ongoing.id, &failure, postern.clock.now()).await? {
            tracing::warn!(scan.id = %ongoing.id, %failure, "interrupted scan settled");
            failed.push(ongoing.id);
        }
    }
    Ok(failed)
}

/// Judges the connection's latest snapshot, unless that was done or there is none.
async fn evaluate_latest(
    postern: &Postern,
    lease: &Lease,
    interrupted: Option<&OngoingScan>,
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
    let subject = load_subject(postern, head, finishes.map(|ongoing| ongoing.id)).await?;
    evaluate_snapshot(postern, subject).await.map(Some)
}

async fn is_pending(postern: &Postern, of: ConnectionId) -> Result<bool, StoreError> {
    let mut session = postern.pool.acquire().await?;
    let latest = snapshot::find_latest(&mut session, of).await?;
    Ok(latest.is_some_and(|head| !head.is_evaluated))
}

fn interruption(scan: &OngoingScan) -> String {
    let sign = scan
        .heartbeat_at
        .and_then(|at| at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).ok());
    match sign {
        Some(at) => format!("the process that ran it ended; its last sign of life was at {at}"),
        None => "the process that ran it ended".to_owned(),
    }
}
