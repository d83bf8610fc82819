//! Findings over several snapshots.

use postern_domain::finding::{FindingEvent, FindingState};
use postern_service::import::{ImportError, import_snapshot};
use postern_test_support::sample::{
    Reading, closed_account, open_account, refused_snapshot, search_service, snapshot,
};

use crate::world::{World, day};

/// A rule that open accounts fail and closed ones pass.
const RULE: &str = "NET-01";

#[tokio::test]
async fn a_finding_opens_is_fixed_and_comes_back() {
    let world = World::new().await;
    let first = world.take(snapshot(day(0), &[open_account("oai-1")])).await;
    assert!(first.opened() > 0);
    assert_eq!(world.state("oai-1", RULE).await, Some(FindingState::Open));
    let second = world.take(snapshot(day(1), &[closed_account("oai-1")])).await;
    assert!(second.fixed() > 0);
    assert!(second.open() < first.open());
    assert_eq!(world.state("oai-1", RULE).await, Some(FindingState::Resolved));
    world.take(snapshot(day(2), &[open_account("oai-1")])).await;
    let events = world.events("oai-1", RULE).await;
    assert_eq!(events, [FindingEvent::Opened, FindingEvent::Fixed, FindingEvent::Reopened]);
}

#[tokio::test]
async fn what_cannot_be_read_keeps_failures_and_inventory() {
    let world = World::new().await;
    let search = search_service("find-1");
    let first = world.take(snapshot(day(0), &[open_account("oai-1"), search.clone()])).await;
    let second = world.take(refused_snapshot(day(1), std::slice::from_ref(&search))).await;
    assert_eq!(world.state("oai-1", RULE).await, Some(FindingState::NotRechecked));
    assert_eq!(second.open(), first.open(), "a refused list mends nothing");
    assert_eq!((second.opened(), second.fixed()), (0, 0));
    assert_eq!((second.point.assets, second.point.assets_unread, second.point.gaps), (2, 1, 1));
    let unknown = "SELECT count(*) FROM verdict_changes JOIN verdict_bodies USING (connection_id, body_digest) WHERE verdict = 'unknown' AND evidence::text LIKE '%may not list%'";
    assert!(world.count(unknown).await > 0, "the evidence says why");
    let third = world.take(refused_snapshot(day(2), std::slice::from_ref(&search))).await;
    assert_eq!(third.open(), first.open());
    assert_eq!(world.count("SELECT count(*) FROM asset_changes WHERE change = 'unread'").await, 1);
    let fourth = world.take(snapshot(day(3), &[open_account("oai-1"), search])).await;
    assert_eq!(fourth.open(), first.open());
    let events = world.events("oai-1", RULE).await;
    let expected =
        [FindingEvent::Opened, FindingEvent::BecameUnreadable, FindingEvent::StillFailing];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn a_deleted_asset_ends_its_findings_and_checks() {
    let world = World::new().await;
    let first = world.take(snapshot(day(0), &[open_account("oai-1"), open_account("oai-2")])).await;
    let second = world.take(snapshot(day(1), &[open_account("oai-2")])).await;
    assert_eq!(second.fixed(), 0, "deleting is no mending");
    assert_eq!(second.open() * 2, first.open());
    assert_eq!(second.point.assets, 1);
    let events = world.events("oai-1", RULE).await;
    assert_eq!(events, [FindingEvent::Opened, FindingEvent::AssetDeleted]);
    let of_first = "SELECT count(*) FROM current_verdicts JOIN assets USING (asset_number) WHERE asset_id LIKE '%/oai-1'";
    assert_eq!(world.count(of_first).await, 0);
    let ended = "SELECT count(*) FROM verdict_changes WHERE verdict IS NULL";
    assert!(world.count(ended).await > 0);
}

#[tokio::test]
async fn an_identical_snapshot_writes_no_changes() {
    let world = World::new().await;
    let resources = [open_account("oai-1"), search_service("find-1")];
    let first = world.take(snapshot(day(0), &resources)).await;
    let counts = [
        "SELECT count(*) FROM asset_changes",
        "SELECT count(*) FROM asset_bodies",
        "SELECT count(*) FROM verdict_changes",
        "SELECT count(*) FROM finding_events",
        "SELECT count(*) FROM finding_spans",
        "SELECT count(*) FROM tally_changes",
    ];
    let mut before = Vec::new();
    for query in counts {
        before.push(world.count(query).await);
    }
    assert!(before.iter().all(|count| *count > 0));
    let second = world.take(snapshot(day(1), &resources)).await;
    let mut after = Vec::new();
    for query in counts {
        after.push(world.count(query).await);
    }
    assert_eq!(before, after);
    assert_eq!(first.open(), second.open());
    assert_eq!(world.count("SELECT count(*) FROM trend_points").await, 2);
}

#[tokio::test]
async fn a_rule_that_no_pack_has_any_more_ends_its_findings() {
    let world = World::new().await;
    world.take(snapshot(day(0), &[open_account("oai-1")])).await;
    let clock = postern_domain::clock::Clock::fixed(day(1));
    let without = postern_service::Postern::open(world.database.pool().clone(), &[], clock).await;
    let read = snapshot(day(1), &[open_account("oai-1")]);
    let Reading { snapshot, assets } = read;
    let (_, summary) =
        import_snapshot(&without.unwrap(), world.connection, snapshot, assets.into_values())
            .await
            .unwrap();
    assert_eq!((summary.open(), summary.fixed()), (0, 0));
    let events = world.events("oai-1", RULE).await;
    assert_eq!(events, [FindingEvent::Opened, FindingEvent::RuleRemoved]);
}

#[tokio::test]
async fn a_snapshot_older_than_the_latest_is_refused() {
    let world = World::new().await;
    world.take(snapshot(day(5), &[open_account("oai-1")])).await;
    let older = snapshot(day(4), &[]);
    let Reading { snapshot, assets } = older;
    let error = import_snapshot(&world.postern, world.connection, snapshot, assets.into_values())
        .await
        .unwrap_err();
    assert!(matches!(error, ImportError::Record(_)), "{error:?}");
    assert_eq!(world.state("oai-1", RULE).await, Some(FindingState::Open));
    let failed = "SELECT count(*) FROM scans WHERE state = 'failed' AND failure LIKE '%older than the latest%'";
    assert_eq!(world.count(failed).await, 1);
}

#[tokio::test]
async fn the_character_that_postgres_refuses_is_replaced() {
    let world = World::new().await;
    let mut account = open_account("oai-1");
    account["tags"] = serde_json::json!({"owner\u{0}": "nobody\u{0}"});
    world.take(snapshot(day(0), &[account])).await;
    assert_eq!(world.state("oai-1", RULE).await, Some(FindingState::Open));
}

#[tokio::test]
async fn an_asset_whose_id_cannot_be_stored_is_a_gap() {
    let world = World::new().await;
    let long = "x".repeat(3000);
    let summary = world.take(snapshot(day(0), &[open_account("oai-1"), open_account(&long)])).await;
    assert_eq!((summary.point.assets, summary.point.gaps), (1, 1));
    let kept = "SELECT count(*) FROM scan_assets";
    assert_eq!(world.count(kept).await, 0, "the journal of a scan that ended is empty");
}

#[tokio::test]
async fn assets_beyond_a_page_are_judged_alike() {
    // More than are judged at a time, and more that leave than are ended at a time.
    let accounts: Vec<_> = (0..500).map(|number| open_account(&format!("oai-{number}"))).collect();
    let world = World::new().await;
    let first = world.take(snapshot(day(0), &accounts)).await;
    assert_eq!(first.point.assets, 500);
    let alone = World::new().await;
    let one = alone.take(snapshot(day(0), &accounts[..1])).await;
    assert_eq!(first.open(), one.open() * 500);
    let ids = "SELECT count(*) FROM (SELECT asset_id COLLATE \"C\" < lag(asset_id) OVER (ORDER BY finding_id) COLLATE \"C\" AS is_back FROM findings) AS f WHERE is_back";
    assert_eq!(world.count(ids).await, 0, "ids are in the order of assets");
    let second = world.take(refused_snapshot(day(1), &[])).await;
    assert_eq!((second.point.assets, second.point.assets_unread), (500, 500));
    assert_eq!((second.open(), second.opened(), second.fixed()), (first.open(), 0, 0));
    let third = world.take(snapshot(day(2), &[])).await;
    assert_eq!((third.point.assets, third.open(), third.fixed()), (0, 0, 0));
    assert_eq!(world.count("SELECT count(*) FROM current_verdicts").await, 0);
    let deleted = "SELECT count(*) FROM finding_events WHERE event = 'asset_deleted'";
    let left = third.point.severities.iter().map(|counts| i64::from(counts.left_otherwise)).sum();
    assert!(world.count(deleted).await >= left && left > 0);
}

#[tokio::test]
async fn ten_thousand_assets_are_stored_and_judged() {
    let world = World::new().await;
    let accounts: Vec<_> =
        (0..10_000).map(|number| open_account(&format!("oai-{number}"))).collect();
    let first = world.take(snapshot(day(0), &accounts)).await;
    assert_eq!(first.point.assets, 10_000);
    assert_eq!(first.opened(), first.open());
    let second = world.take(snapshot(day(1), &accounts[1..])).await;
    assert_eq!(second.point.assets, 9_999);
    assert_eq!(second.open(), first.open() / 10_000 * 9_999);
}
