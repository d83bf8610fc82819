//! How much room the database takes, and how it grows.

use postern_service::storage::{StorageView, TableGrowthView, show_storage};
use postern_test_support::sample::{closed_account, open_account, search_service, snapshot};
use postern_test_support::test_pack;

use crate::world::{World, day};

async fn measured(world: &World) -> StorageView {
    show_storage(&world.postern).await.unwrap()
}

fn growth_of(storage: &StorageView, table: &str) -> TableGrowthView {
    storage.tables.iter().find(|one| one.table == table).unwrap().growth.unwrap()
}

fn number(count: i64) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

#[tokio::test]
async fn growth_is_what_scans_add_to_the_base() {
    let world = World::with_packs(&[test_pack("second_version")]).await;
    let empty = measured(&world).await;
    assert_eq!(empty.growth, None);
    for table in [
        "asset_bodies",
        "asset_changes",
        "verdict_bodies",
        "verdict_changes",
        "trend_points",
        "packs",
    ] {
        assert!(empty.tables.iter().any(|one| one.table == table), "{table} is not measured");
    }
    assert!(
        empty.tables.iter().all(|one| !one.table.contains("_20")),
        "partitions count for their table"
    );

    let (one, two) = (search_service("find-1"), search_service("find-2"));
    world.take(snapshot(day(0), &[one.clone(), two.clone()])).await;
    let base = measured(&world).await;
    assert_eq!(base.growth, None, "the first scan is the base");

    // One asset more on the second day, nothing new on the third.
    let more = [one, two, search_service("find-3")];
    world.take(snapshot(day(1), &more)).await;
    world.take(snapshot(day(2), &more)).await;
    let storage = measured(&world).await;
    let growth = storage.growth.unwrap();
    assert_eq!((growth.scans, growth.until - growth.from), (2, time::Duration::days(2)));
    for (table, rows, rows_per_scan) in [
        ("asset_changes", 3, 0.5),
        ("asset_bodies", 3, 0.5),
        ("assets", 3, 0.5),
        ("snapshots", 3, 1.0),
        ("trend_points", 3, 1.0),
        ("evaluation_packs", 3, 1.0),
    ] {
        let of_table = growth_of(&storage, table);
        assert_eq!((of_table.rows, of_table.rows_per_scan), (rows, rows_per_scan), "{table}");
        assert!(of_table.bytes_per_scan > 0.0, "{table}");
    }
    let verdicts = growth_of(&storage, "verdict_changes");
    let third = number(verdicts.rows) / 3.0;
    assert!((verdicts.rows_per_scan * 2.0 - third).abs() < 1e-9, "{verdicts:?}");

    let sum: f64 =
        storage.tables.iter().filter_map(|one| one.growth).map(|one| one.bytes_per_scan).sum();
    assert!((growth.bytes_per_scan - sum).abs() < 1e-6);
    let of_tables: i64 = storage.tables.iter().map(|one| one.bytes).sum();
    assert!(of_tables < storage.database_bytes, "{of_tables}");
    let in_a_year = growth.in_a_year.unwrap() - number(storage.database_bytes);
    assert!((in_a_year - 365.0 * growth.bytes_per_scan).abs() < 1.0, "a scan a day");
    let mut sizes: Vec<i64> = storage.tables.iter().map(|one| one.bytes).collect();
    sizes.reverse();
    assert!(sizes.is_sorted(), "the largest first");
}

#[tokio::test]
async fn scans_within_a_day_foretell_nothing() {
    let world = World::with_packs(&[test_pack("second_version")]).await;
    for hour in 0..3 {
        let at = day(0) + time::Duration::hours(hour);
        world.take(snapshot(at, &[search_service("find-1")])).await;
    }
    let growth = measured(&world).await.growth.unwrap();
    assert_eq!((growth.scans, growth.in_a_year), (2, None));
}

#[tokio::test]
async fn old_scans_do_not_count_for_the_pace() {
    let world = World::with_packs(&[test_pack("second_version")]).await;
    for number in [0, 1, 2, 100, 110] {
        world.take(snapshot(day(number), &[search_service("find-1")])).await;
    }
    let growth = measured(&world).await.growth.unwrap();
    assert_eq!((growth.scans, growth.until - growth.from), (2, time::Duration::days(30)));
}

#[tokio::test]
async fn an_asset_that_is_as_it_was_leaves_its_row_untouched() {
    let world = World::new().await;
    // Which transaction wrote the row that was written first.
    let first = "SELECT min(xmin::text::bigint) FROM current_assets";
    world.take(snapshot(day(0), &[open_account("oai-1"), open_account("oai-2")])).await;
    let written = world.count(first).await;
    world.take(snapshot(day(1), &[open_account("oai-1"), open_account("oai-2")])).await;
    world.take(snapshot(day(2), &[closed_account("oai-1"), open_account("oai-2")])).await;
    assert_eq!(world.count(first).await, written, "of the account that stayed as it was");
    let writers = "SELECT count(DISTINCT xmin::text) FROM current_assets";
    assert_eq!(world.count(writers).await, 2, "the other one was written anew");
}
