//! Showing scans.

use postern_domain::gap::fix::fixes;
use postern_domain::id::ScanId;
use postern_domain::person::Permission;
use postern_store::read::scan::ScanRecord;
use postern_store::{read, schedule as schedules};
use serde_json::Value;
use time::OffsetDateTime;

use crate::Postern;
use crate::moment::shown;
use crate::read::{ReadError, choose, choose_by_id};
use crate::schedule;
use crate::view::{
    FactCounts, ScanCoverageView, ScanProgress, ScanResultView, ScanState, ScanView, ScansView,
};

/// Scans on the page.
const SHOWN: u32 = 100;

/// The scans of a connection, the newest first, as of a moment or of now; `None` where there is no such connection, or
/// none yet.
pub async fn show_scans(
    postern: &Postern,
    connection: Option<&str>,
    as_of: Option<OffsetDateTime>,
) -> Result<Option<ScansView>, ReadError> {
    postern.require(Permission::ReadEverything)?;
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, connection).await? else { return Ok(None) };
    let shown = shown(postern, &mut transaction, &chosen, as_of).await?;
    let scans = read::scan::list(&mut transaction, chosen.id, as_of, SHOWN).await?;
    let found = match as_of {
        Some(_) => None,
        None => schedules::find(&mut transaction, chosen.id).await?,
    };
    let now = postern.clock.now();
    let scans = scans.into_iter().map(scan_view);
    Ok(Some(ScansView {
        as_of: shown.view(),
        connections: chosen.choice,
        schedule: found
            .map(|(scheduled, paused)| schedule::view(&scheduled, paused, now, schedule::SHOWN)),
        may_run: postern.actor().require(Permission::RunScans).is_ok(),
        scans: match as_of {
            Some(at) => scans.map(|scan| as_it_was(scan, at)).collect(),
            None => scans.collect(),
        },
    }))
}

/// A scan as it was known at a moment: what ended later was under way.
fn as_it_was(scan: ScanView, at: OffsetDateTime) -> ScanView {
    if scan.finished_at.is_some_and(|finished| finished <= at) {
        return scan;
    }
    let began = scan.started_at.filter(|started| *started <= at);
    ScanView {
        state: if began.is_some() { ScanState::Running } else { ScanState::Queued },
        started_at: began,
        finished_at: None,
        progress: None,
        failure: None,
        is_cancelling: false,
        result: None,
        ..scan
    }
}

/// One scan; `None` where there is none with that id.
pub async fn show_scan(postern: &Postern, id: ScanId) -> Result<Option<ScanView>, ReadError> {
    postern.require(Permission::ReadEverything)?;
    let mut transaction = read::begin(&postern.pool).await?;
    Ok(read::scan::find(&mut transaction, id).await?.map(scan_view))
}

/// A scan with what it read and did not read, and what would let the next one read more; `None` where there is none with
/// that id.
///
/// What a scan read does not change, so there is no moment to ask for.
pub async fn show_scan_coverage(
    postern: &Postern,
    id: ScanId,
) -> Result<Option<ScanCoverageView>, ReadError> {
    postern.require(Permission::ReadEverything)?;
    let mut transaction = read::begin(&postern.pool).await?;
    let found = read::scan::find(&mut transaction, id).await?;
    let place = read::scan::place(&mut transaction, id).await?;
    let Some((scan, place)) = found.zip(place) else { return Ok(None) };
    let Some(chosen) = choose_by_id(&mut transaction, place.connection).await? else {
        return Ok(None);
    };
    let scan = scan_view(scan);
    let gaps = scan.result.as_ref().map_or(&[][..], |result| &result.gaps);
    Ok(Some(ScanCoverageView {
        connections: chosen.choice,
        fixes: fixes(gaps),
        before: place.before,
        after: place.after,
        may_run: postern.actor().require(Permission::RunScans).is_ok(),
        scan,
    }))
}

/// How far a scan is; `None` where it does not run. Cheap, for those who ask again and again.
pub async fn show_progress(
    postern: &Postern,
    id: ScanId,
) -> Result<Option<ScanProgress>, ReadError> {
    postern.require(Permission::ReadEverything)?;
    let mut transaction = read::begin(&postern.pool).await?;
    Ok(read::scan::progress(&mut transaction, id).await?.and_then(progress))
}

/// Progress that this version cannot read is no reason to hide the scan.
pub(crate) fn progress(written: Value) -> Option<ScanProgress> {
    serde_json::from_value(written).ok()
}

/// The state that a column holds.
pub(crate) fn state(word: &str) -> ScanState {
    match word {
        "queued" => ScanState::Queued,
        "running" => ScanState::Running,
        "finished" => ScanState::Finished,
        // The column's constraint allows no other word.
        _ => ScanState::Failed,
    }
}

/// A scan as views show it.
pub(crate) fn scan_view(scan: ScanRecord) -> ScanView {
    let state = state(&scan.state);
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

#[cfg(test)]
mod tests {
    use postern_domain::id::ScanId;
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_scan_is_as_far_as_it_was_then() {
        let queued = datetime!(2026-03-01 02:00 UTC);
        let minute = |number| queued + Duration::minutes(number);
        let scan = ScanView {
            id: ScanId::from_number(1),
            state: ScanState::Failed,
            requested_by: "test".to_owned(),
            queued_at: queued,
            started_at: Some(minute(1)),
            finished_at: Some(minute(3)),
            progress: None,
            failure: Some("it did".to_owned()),
            attempts: 1,
            is_cancelling: false,
            result: None,
        };
        let state = |at| {
            let then = as_it_was(scan.clone(), at);
            (then.state, then.started_at.is_some(), then.failure.is_some())
        };
        assert_eq!(state(minute(0)), (ScanState::Queued, false, false));
        assert_eq!(state(minute(2)), (ScanState::Running, true, false));
        assert_eq!(state(minute(3)), (ScanState::Failed, true, true));
    }
}
