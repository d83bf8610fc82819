//! Showing scans.

use postern_store::read;
use postern_store::read::scan::ScanRecord;

use crate::Postern;
use crate::read::{ReadError, choose};
use crate::view::{ScanResultView, ScanState, ScanView, ScansView};

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

/// A scan as views show it.
pub(crate) fn scan_view(scan: ScanRecord) -> ScanView {
    ScanView {
        id: scan.id,
        state: match scan.state.as_str() {
            "queued" => ScanState::Queued,
            "running" => ScanState::Running,
            "finished" => ScanState::Finished,
            // The column's constraint allows no other word.
            _ => ScanState::Failed,
        },
        requested_by: scan.requested_by,
        queued_at: scan.queued_at,
        started_at: scan.started_at,
        finished_at: scan.finished_at,
        // Progress that this version cannot read is no reason to hide the scan.
        progress: scan.progress.and_then(|progress| serde_json::from_value(progress).ok()),
        failure: scan.failure,
        result: scan.result.map(|result| ScanResultView {
            assets: result.assets,
            listings: result.listings,
            gaps: result.gaps,
        }),
    }
}
