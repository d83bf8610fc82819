//! What scans keep while they read.

use std::collections::BTreeMap;

use postern_domain::asset::Asset;
use postern_domain::gap::{Gap, GapKind, GapReason};
use postern_domain::id::ConnectionId;
use postern_domain::snapshot::Completeness;
use postern_store::scan::Attempt;
use postern_store::scan_asset::{self, ScanAsset};
use postern_store::{PgConnection, inventory, scan};
use postern_test_support::{NOW, TestDatabase, sample};
use serde_json::json;

use crate::facts::connect;

/// The asset as the journal keeps it, with nothing said of its facts.
pub fn scan_asset(asset: &Asset) -> ScanAsset {
    ScanAsset::new(asset.clone(), asset.document.canonical_text(), json!([]), json!({}))
}

/// Accounts of these names.
fn accounts(names: &[&str]) -> Vec<ScanAsset> {
    let resources: Vec<_> = names.iter().map(|name| sample::open_account(name)).collect();
    sample::snapshot(NOW, &resources).assets.values().map(scan_asset).collect()
}

async fn begin(session: &mut PgConnection, of: ConnectionId) -> Attempt {
    let id = scan::queue(session, of, "test", NOW).await.unwrap();
    scan::start(session, id, NOW).await.unwrap().unwrap()
}

async fn names(session: &mut PgConnection, attempt: Attempt) -> Vec<String> {
    let kept = scan_asset::list_kept(session, attempt.scan, None, 100).await.unwrap();
    let name = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
    kept.iter().map(|kept| name(kept.id.as_str())).collect()
}

#[tokio::test]
async fn what_is_kept_comes_back_in_the_order_of_ids() {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let of = connect(&mut session, "sample").await;
    let attempt = begin(&mut session, of).await;
    // Orders of languages pass over the dash, and have it after the letters where they do not.
    let mut assets = accounts(&["a-b", "ab", "a_c", "b"]);
    let gap = Gap {
        operation: "Deployments_List".to_owned(),
        scope: "/subscriptions/s".to_owned(),
        asset_type: None,
        asset: Some(assets[0].id.clone()),
        assets: 0,
        reason: GapReason::new(GapKind::Throttled, "too many requests"),
    };
    assets[0].gaps = json!([gap]);
    assets[0].coverage = json!({"deployments": "partial"});
    assert!(scan_asset::keep(&mut session, attempt, &assets).await.unwrap());
    assert_eq!(names(&mut session, attempt).await, ["a-b", "a_c", "ab", "b"]);
    let first = scan_asset::list_kept(&mut session, attempt.scan, None, 1).await.unwrap();
    assert_eq!(first[0].gaps, [gap]);
    let coverage = BTreeMap::from([("deployments".to_owned(), Completeness::Partial)]);
    assert_eq!(first[0].coverage, coverage);
    let rest =
        scan_asset::list_kept(&mut session, attempt.scan, Some(&first[0].id), 2).await.unwrap();
    assert_eq!(rest.len(), 2);

    assets[0].gaps = json!([]);
    assert!(scan_asset::keep(&mut session, attempt, &assets[..1]).await.unwrap(), "once more");
    let first = scan_asset::list_kept(&mut session, attempt.scan, None, 1).await.unwrap();
    assert!(first[0].gaps.is_empty(), "it is replaced");
    scan_asset::forget(&mut session, attempt, &[first[0].id.clone()]).await.unwrap();
    assert_eq!(names(&mut session, attempt).await, ["a_c", "ab", "b"]);
    let hashes = scan_asset::content_hashes(&mut session, attempt.scan).await.unwrap();
    assert_eq!(hashes.len(), 3);
}

#[tokio::test]
async fn an_attempt_that_is_over_keeps_and_forgets_nothing() {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let of = connect(&mut session, "sample").await;
    let old = begin(&mut session, of).await;
    let assets = accounts(&["one", "other"]);
    assert!(scan_asset::keep(&mut session, old, &assets[..1]).await.unwrap());
    assert!(scan::put_back(&mut session, old).await.unwrap());
    let new = scan::start(&mut session, old.scan, NOW).await.unwrap().unwrap();
    assert!(!scan_asset::keep(&mut session, old, &assets).await.unwrap());
    scan_asset::forget(&mut session, old, &[assets[0].id.clone()]).await.unwrap();
    assert_eq!(names(&mut session, new).await, ["one"]);
    assert!(scan_asset::keep(&mut session, new, &assets).await.unwrap());
}

#[tokio::test]
async fn a_journal_is_handed_over_and_emptied() {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let of = connect(&mut session, "sample").await;
    let first = begin(&mut session, of).await;
    assert!(scan_asset::keep(&mut session, first, &accounts(&["one"])).await.unwrap());
    assert!(scan::fail(&mut session, first, "it died", NOW).await.unwrap());
    let second = begin(&mut session, of).await;
    scan_asset::hand_over(&mut session, first.scan, second.scan).await.unwrap();
    scan_asset::discard_ended(&mut session).await.unwrap();
    assert_eq!(names(&mut session, second).await, ["one"]);
    assert!(scan::fail(&mut session, second, "it died", NOW).await.unwrap());
    scan_asset::discard_ended(&mut session).await.unwrap();
    assert!(names(&mut session, second).await.is_empty());
}

#[tokio::test]
async fn a_body_that_is_stored_is_not_kept_once_more() {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let of = connect(&mut session, "sample").await;
    let attempt = begin(&mut session, of).await;
    let assets = accounts(&["one", "other"]);
    assert!(scan_asset::keep(&mut session, attempt, &assets[..1]).await.unwrap());
    inventory::insert_bodies(&mut session, attempt.scan).await.unwrap();
    assert!(scan_asset::keep(&mut session, attempt, &assets).await.unwrap());
    let documents: Vec<bool> =
        sqlx::query_scalar("SELECT document IS NOT NULL FROM scan_assets ORDER BY asset_id")
            .fetch_all(&mut *session)
            .await
            .unwrap();
    assert_eq!(documents, [false, true]);
    inventory::insert_bodies(&mut session, attempt.scan).await.unwrap();
    let bodies: i64 = sqlx::query_scalar("SELECT count(*) FROM asset_bodies")
        .fetch_one(&mut *session)
        .await
        .unwrap();
    assert_eq!(bodies, 2);
}
