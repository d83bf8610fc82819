//! Facts are insert-only, and their months are partitions.

use std::collections::BTreeMap;

use postern_domain::id::ConnectionId;
use postern_domain::inventory::AssetChange;
use postern_domain::schedule::Schedule;
use postern_store::connection::{ConnectionKind, NewConnection};
use postern_store::inventory::{self, At};
use postern_store::{PgConnection, connection, scan, scan_asset, snapshot};
use postern_test_support::{NOW, TestDatabase, sample};
use serde_json::json;

use crate::journal::scan_asset;

pub async fn connect(session: &mut PgConnection, slug: &str) -> ConnectionId {
    let settings = json!({});
    let new = NewConnection {
        slug,
        name: "Sample",
        kind: ConnectionKind::Azure,
        settings: &settings,
        schedule: Some(&Schedule::Every { seconds: 3_600 }),
        at: NOW,
    };
    connection::ensure(session, &new).await.unwrap().unwrap()
}

/// A database with one fact in each of the tables of snapshots.
async fn with_facts() -> TestDatabase {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let of = connect(&mut session, "sample").await;
    let attempt = scan::insert_running(&mut session, of, "test", NOW).await.unwrap();
    let scan = attempt.scan;
    let read = sample::snapshot(NOW, &[sample::open_account("oai-1")]);
    let asset = scan_asset(read.assets.values().next().unwrap());
    scan_asset::keep(&mut session, attempt, std::slice::from_ref(&asset)).await.unwrap();
    snapshot::ensure_month(&mut session, NOW).await.unwrap();
    let id = snapshot::insert(&mut session, of, scan, &read.snapshot, 1).await.unwrap();
    inventory::insert_bodies(&mut session, scan).await.unwrap();
    let content_hash = asset.content_hash;
    let changes = BTreeMap::from([(asset.id, AssetChange::Appeared { content_hash })]);
    let at = At { connection: of, snapshot: id, at: NOW };
    inventory::insert_changes(&mut session, at, scan, &changes).await.unwrap();
    drop(session);
    database
}

#[tokio::test]
async fn facts_can_be_neither_updated_nor_deleted_nor_truncated() {
    let database = with_facts().await;
    for statement in [
        "UPDATE snapshots SET assets_read = 0",
        "DELETE FROM snapshots",
        "UPDATE asset_bodies SET document = '{}'",
        "DELETE FROM asset_bodies",
        "UPDATE asset_changes SET change = 'deleted'",
        "DELETE FROM asset_changes",
        "DELETE FROM asset_changes_2026_03",
        "TRUNCATE trend_points",
        "TRUNCATE asset_changes",
        "TRUNCATE asset_changes_2026_03",
        "TRUNCATE snapshots CASCADE",
    ] {
        let error = sqlx::raw_sql(statement).execute(database.pool()).await.unwrap_err();
        assert!(error.to_string().contains("insert-only"), "{statement}: {error}");
    }
    for table in [
        "packs",
        "evaluations",
        "evaluation_packs",
        "assets",
        "owner_changes",
        "routing_changes",
        "verdict_bodies",
        "verdict_changes",
        "finding_events",
        "trend_points",
        "pack_origins",
        "retention_changes",
        "retention_runs",
        "pack_activations",
        "setting_changes",
        "tally_changes",
        "tally_bases",
    ] {
        let triggers: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
             JOIN pg_proc ON pg_proc.oid = tgfoid WHERE relname = $1 AND proname = 'refuse_change'",
        )
        .bind(table)
        .fetch_one(database.pool())
        .await
        .unwrap();
        // One for rows, one against TRUNCATE.
        assert_eq!(triggers, 2, "{table}");
    }
}

#[tokio::test]
async fn retention_may_delete_in_a_transaction_that_says_so() {
    let database = with_facts().await;
    let mut transaction = database.pool().begin().await.unwrap();
    sqlx::raw_sql("SET LOCAL postern.retention = 'on'; DELETE FROM asset_changes")
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    assert!(sqlx::raw_sql("DELETE FROM snapshots").execute(database.pool()).await.is_err());
}

#[tokio::test]
async fn months_may_be_made_at_once_and_again() {
    let database = TestDatabase::create().await;
    let make = |pool: postern_store::PgPool| async move {
        let mut transaction = pool.begin().await.unwrap();
        snapshot::ensure_month(&mut transaction, NOW).await.unwrap();
        transaction.commit().await.unwrap();
    };
    let pool = database.pool();
    tokio::join!(make(pool.clone()), make(pool.clone()), make(pool.clone()));
    make(pool.clone()).await;
}
