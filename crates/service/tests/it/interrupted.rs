//! Scans whose process ended at some moment.

use std::collections::BTreeMap;

use postern_domain::finding::FindingState;
use postern_domain::id::ScanId;
use postern_domain::inventory::AssetChange;
use postern_domain::snapshot::Snapshot;
use postern_service::scan::{evaluate_pending, fail_interrupted_scans};
use postern_service::scans::show_scans;
use postern_service::view::ScanState;
use postern_store::inventory::{self, At};
use postern_store::lease::Lease;
use postern_store::{scan, snapshot as snapshots};
use postern_test_support::sample::{open_account, snapshot};

use crate::world::{World, day};

async fn begin(world: &World) -> ScanId {
    let mut session = world.database.pool().acquire().await.unwrap();
    scan::insert_running(&mut session, world.connection, "test", day(0)).await.unwrap()
}

/// What a scan writes before it judges.
async fn store(world: &World, scan: ScanId, read: &Snapshot) {
    let mut transaction = world.database.pool().begin().await.unwrap();
    snapshots::ensure_month(&mut transaction, read.finished_at).await.unwrap();
    let of = world.connection;
    let id = snapshots::insert(&mut transaction, of, scan, read).await.unwrap();
    let hashes: BTreeMap<_, _> =
        read.assets.iter().map(|(id, asset)| (id.clone(), asset.document.content_hash())).collect();
    let bodies = read
        .assets
        .values()
        .map(|asset| (asset.document.content_hash(), &asset.document))
        .collect();
    inventory::insert_bodies(&mut transaction, &bodies).await.unwrap();
    let changes = hashes
        .iter()
        .map(|(id, hash)| (id.clone(), AssetChange::Appeared { content_hash: *hash }))
        .collect();
    let at = At { connection: of, snapshot: id, at: read.finished_at };
    inventory::insert_changes(&mut transaction, at, &changes, &read.assets).await.unwrap();
    inventory::project_read(&mut transaction, at, &read.assets, &hashes).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn latest(world: &World) -> (ScanState, Option<String>) {
    let scans = show_scans(&world.postern, None).await.unwrap().unwrap().scans;
    (scans[0].state, scans[0].failure.clone())
}

#[tokio::test]
async fn a_running_scan_is_failed_once_nobody_holds_its_lease() {
    let world = World::new().await;
    let id = begin(&world).await;
    let lease = Lease::try_take(world.database.pool(), world.connection).await.unwrap().unwrap();
    assert!(fail_interrupted_scans(&world.postern).await.unwrap().is_empty(), "it is alive");
    assert_eq!(latest(&world).await.0, ScanState::Running);
    lease.release().await.unwrap();
    assert_eq!(fail_interrupted_scans(&world.postern).await.unwrap(), [id]);
    let (state, failure) = latest(&world).await;
    assert_eq!(state, ScanState::Failed);
    let said = failure.unwrap();
    assert_eq!(
        said,
        "the process that ran it ended; its last sign of life was at 2026-03-02T06:00:00Z"
    );
    assert!(fail_interrupted_scans(&world.postern).await.unwrap().is_empty());
    world.take(snapshot(day(1), &[open_account("oai-1")])).await;
}

#[tokio::test]
async fn a_snapshot_that_was_stored_and_not_judged_is_judged_at_the_next_start() {
    let resources = [open_account("oai-1"), open_account("oai-2")];
    let whole = World::new().await;
    let expected = whole.take(snapshot(day(0), &resources)).await;
    let world = World::new().await;
    let id = begin(&world).await;
    store(&world, id, &snapshot(day(0), &resources)).await;
    assert!(fail_interrupted_scans(&world.postern).await.unwrap().is_empty(), "it finished");
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
    let id = begin(&world).await;
    store(&world, id, &snapshot(day(0), &[open_account("oai-1")])).await;
    let mut session = world.database.pool().acquire().await.unwrap();
    scan::fail(&mut session, id, "no memory was left", day(0)).await.unwrap();
    drop(session);
    let judged = evaluate_pending(&world.postern).await.unwrap();
    assert_eq!(judged.len(), 1);
    assert_eq!(world.state("oai-1", "NET-01").await, Some(FindingState::Open));
    assert!(evaluate_pending(&world.postern).await.unwrap().is_empty());
}
