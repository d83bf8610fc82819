//! Scans whose process ended at some moment.

use std::collections::BTreeMap;

use postern_domain::finding::FindingState;
use postern_domain::inventory::AssetChange;
use postern_service::scan::{Settled, cancel_scan, evaluate_pending, settle_interrupted_scans};
use postern_service::scans::show_scans;
use postern_service::view::ScanState;
use postern_store::inventory::{self, At};
use postern_store::lease::Lease;
use postern_store::scan::Attempt;
use postern_store::scan_asset::{self, ScanAsset};
use postern_store::{scan, snapshot as snapshots};
use postern_test_support::sample::{Reading, open_account, snapshot};
use serde_json::json;

use crate::world::{World, day};

/// A scan that was begun by a process that is not there any more.
async fn begin(world: &World) -> Attempt {
    let mut session = world.database.pool().acquire().await.unwrap();
    let id = scan::queue(&mut session, world.connection, "test", day(0)).await.unwrap();
    scan::start(&mut session, id, day(0)).await.unwrap().unwrap()
}

/// What a scan writes while it reads.
pub async fn keep(world: &World, attempt: Attempt, reading: &Reading) {
    let rows: Vec<ScanAsset> = reading
        .assets
        .values()
        .cloned()
        .map(|asset| {
            let document = asset.document.canonical_text();
            ScanAsset::new(asset, document, json!([]), json!({}))
        })
        .collect();
    let mut session = world.database.pool().acquire().await.unwrap();
    assert!(scan_asset::keep(&mut session, attempt, &rows).await.unwrap());
}

/// What a scan writes before it judges.
async fn store(world: &World, attempt: Attempt, reading: &Reading) {
    keep(world, attempt, reading).await;
    let mut transaction = world.database.pool().begin().await.unwrap();
    let (scan, read) = (attempt.scan, &reading.snapshot);
    snapshots::ensure_month(&mut transaction, read.finished_at).await.unwrap();
    let of = world.connection;
    let assets = reading.assets.len();
    let id = snapshots::insert(&mut transaction, of, scan, read, assets).await.unwrap();
    inventory::insert_bodies(&mut transaction, scan).await.unwrap();
    let appeared = |hash| AssetChange::Appeared { content_hash: hash };
    let changes: BTreeMap<_, _> = reading
        .assets
        .iter()
        .map(|(id, asset)| (id.clone(), appeared(asset.document.content_hash())))
        .collect();
    let at = At { connection: of, snapshot: id, at: read.finished_at };
    inventory::insert_changes(&mut transaction, at, scan, &changes).await.unwrap();
    inventory::project_read(&mut transaction, at, scan).await.unwrap();
    scan_asset::discard(&mut transaction, scan).await.unwrap();
    transaction.commit().await.unwrap();
}

/// How many assets the journal of a scan holds.
async fn kept(world: &World, attempt: Attempt) -> usize {
    let mut session = world.database.pool().acquire().await.unwrap();
    scan_asset::list_kept(&mut session, attempt.scan, None, 100).await.unwrap().len()
}

async fn latest(world: &World) -> (ScanState, Option<String>) {
    let scans = show_scans(&world.postern, None, None).await.unwrap().unwrap().scans;
    (scans[0].state, scans[0].failure.clone())
}

async fn settle(world: &World) -> Vec<Settled> {
    settle_interrupted_scans(&world.postern).await.unwrap()
}

const LAST_SIGN: &str = "its last sign of life was at 2026-03-02T06:00:00Z";

#[tokio::test]
async fn a_running_scan_waits_again_once_nobody_holds_its_lease_and_fails_after_eight_idle_attempts()
 {
    let world = World::scanned().await;
    let mut attempt = begin(&world).await;
    let id = attempt.scan;
    let lease = Lease::try_take(world.database.pool(), world.connection).await.unwrap().unwrap();
    assert!(settle(&world).await.is_empty(), "it is alive");
    assert_eq!(latest(&world).await.0, ScanState::Running);
    lease.release().await.unwrap();
    let reading = snapshot(day(0), &[open_account("oai-1")]);
    keep(&world, attempt, &reading).await;
    // The first attempt read something, so that eight more are made.
    for number in 2..=9 {
        assert_eq!(settle(&world).await, [Settled::PutBack(id)]);
        assert_eq!(latest(&world).await, (ScanState::Queued, None));
        assert_eq!(kept(&world, attempt).await, 1, "it goes on from what it has read");
        let mut session = world.database.pool().acquire().await.unwrap();
        attempt = scan::start(&mut session, id, day(0)).await.unwrap().unwrap();
        assert_eq!(attempt.number, number);
    }
    assert_eq!(settle(&world).await, [Settled::Failed(id)]);
    let expected = format!("the process that ran it ended 9 times; {LAST_SIGN}");
    assert_eq!(latest(&world).await, (ScanState::Failed, Some(expected)));
    assert_eq!(kept(&world, attempt).await, 0);
    assert!(settle(&world).await.is_empty());
}

#[tokio::test]
async fn a_scan_that_waits_already_goes_on_from_what_the_dead_one_read() {
    let world = World::scanned().await;
    let dead = begin(&world).await;
    keep(&world, dead, &snapshot(day(0), &[open_account("oai-1")])).await;
    let mut session = world.database.pool().acquire().await.unwrap();
    let next = scan::queue(&mut session, world.connection, "test", day(0)).await.unwrap();
    assert_eq!(settle(&world).await, [Settled::Failed(dead.scan)]);
    let scans = show_scans(&world.postern, None, None).await.unwrap().unwrap().scans;
    assert_eq!((scans[0].id, scans[0].state), (next, ScanState::Queued));
    let expected = format!(
        "the process that ran it ended; {LAST_SIGN}; scan {next} goes on from what it had read"
    );
    assert_eq!(scans[1].failure.as_deref(), Some(&*expected));
    assert_eq!(kept(&world, dead).await, 0);
    assert_eq!(kept(&world, Attempt { scan: next, number: 1 }).await, 1);
}

#[tokio::test]
async fn a_dead_scan_that_somebody_cancelled_is_not_begun_again() {
    let world = World::scanned().await;
    let dead = begin(&world).await;
    keep(&world, dead, &snapshot(day(0), &[open_account("oai-1")])).await;
    cancel_scan(&world.postern, dead.scan).await.unwrap().unwrap();
    assert_eq!(settle(&world).await, [Settled::Failed(dead.scan)]);
    let expected = "cancelled by command line".to_owned();
    assert_eq!(latest(&world).await, (ScanState::Failed, Some(expected)));
    assert_eq!(kept(&world, dead).await, 0);
}

#[tokio::test]
async fn an_import_whose_process_ended_fails() {
    let world = World::new().await;
    let mut session = world.database.pool().acquire().await.unwrap();
    let dead =
        scan::insert_running(&mut session, world.connection, "import", day(0)).await.unwrap();
    assert_eq!(settle(&world).await, [Settled::Failed(dead.scan)]);
    let expected = format!("the process that ran it ended; {LAST_SIGN}");
    assert_eq!(latest(&world).await, (ScanState::Failed, Some(expected)));
    world.take(snapshot(day(1), &[open_account("oai-1")])).await;
}

#[tokio::test]
async fn a_snapshot_that_was_stored_and_not_judged_is_judged_at_the_next_start() {
    let resources = [open_account("oai-1"), open_account("oai-2")];
    let whole = World::new().await;
    let expected = whole.take(snapshot(day(0), &resources)).await;
    let world = World::new().await;
    let attempt = begin(&world).await;
    store(&world, attempt, &snapshot(day(0), &resources)).await;
    assert_eq!(settle(&world).await, [Settled::Finished(attempt.scan)]);
    assert_eq!(latest(&world).await, (ScanState::Finished, None));
    assert_eq!(world.state("oai-1", "NET-01").await, Some(FindingState::Open));
    let verdicts = "SELECT count(*) FROM current_verdicts";
    assert_eq!(world.count(verdicts).await, whole.count(verdicts).await);
    assert_eq!(world.findings().await.len(), whole.findings().await.len());
    assert!(expected.open() > 0);
}

#[tokio::test]
async fn a_snapshot_whose_scan_failed_while_judging_is_judged_later() {
    let world = World::new().await;
    let attempt = begin(&world).await;
    store(&world, attempt, &snapshot(day(0), &[open_account("oai-1")])).await;
    let mut session = world.database.pool().acquire().await.unwrap();
    scan::fail(&mut session, attempt, "no memory was left", day(0)).await.unwrap();
    drop(session);
    let judged = evaluate_pending(&world.postern).await.unwrap();
    assert_eq!(judged.len(), 1);
    assert_eq!(world.state("oai-1", "NET-01").await, Some(FindingState::Open));
    assert!(evaluate_pending(&world.postern).await.unwrap().is_empty());
}
