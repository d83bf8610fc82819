//! Showing scans.

use postern_domain::id::ScanId;
use postern_store::read;
use postern_store::read::scan::ScanRecord;
use serde_json::Value;

use crate::Postern;
use crate::read::{ReadError, choose};
use crate::view::{FactCounts, ScanProgress, ScanResultView, ScanState, ScanView, ScansView};

/// Scans on the page.
const SHOWN: u32 = 100;

/// The scans of a connection, the newest first; `None` where there is no such connection, or none yet.
pub async fn show_scans(
    postern: &Postern,
    connection: Option<&str>,
) -> Result<Option<ScansView>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, connection).await? else { return Ok(None) };
    let scans = read::scan::list(&mut transaction, chosen.id, SHOWN).await?;
    Ok(Some(ScansView {
        connections: chosen.choice,
        scans: scans.into_iter().map(scan_view).collect(),
    }))
}

/// One scan; `None` where there is none with that id.
pub async fn show_scan(postern: &Postern, id: ScanId) -> Result<Option<ScanView>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    Ok(read::scan::find(&mut transaction, id).await?.map(scan_view))
}

/// How far a scan is; `None` where it does not run. Cheap, for those who ask again and again.
pub async fn show_progress(
    postern: &Postern,
    id: ScanId,
) -> Result<Option<ScanProgress>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    Ok(read::scan::progress(&mut transaction, id).await?.and_then(progress))
}

/// Progress that this version cannot read is no reason to hide the scan.
fn progress(written: Value) -> Option<ScanProgress> {
    serde_json::from_value(written).ok()
}

/// A scan as views show it.
pub(crate) fn scan_view(scan: ScanRecord) -> ScanView {
    let state = match scan.state.as_str() {
        "queued" => ScanState::Queued,
        "running" => ScanState::Running,
        "finished" => ScanState::Finished,
        // The column's constraint allows no other word.
        _ => ScanState::Failed,
    };
    ScanView {
        id: scan.id,
        state,
        requested_by: scan.requested_by,
        queued_at: scan.queued_at,
        started_at: scan.started_at,
        finished_at: scan.finished_at,
        progress: scan.progress.and_then(progress),
        failure: scan.failure,
        attempts: scan.attempts,
        is_cancelling: scan.is_cancelled && state == ScanState::Running,
        result: scan.result.map(|result| {
            let [complete, partial, unreadable] = result.facts;
            ScanResultView {
                assets: result.assets,
                listings: result.listings,
                gaps: result.gaps,
                facts: FactCounts { complete, partial, unreadable },
            }
        }),
    }
}
