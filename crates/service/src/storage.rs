//! How much room the database takes, how fast it grows, and where that leads.

use std::collections::BTreeMap;

use postern_domain::person::Permission;
use postern_store::{read, storage};
use serde::Serialize;
use time::{Duration, OffsetDateTime};

use crate::Postern;
use crate::read::ReadError;

/// Growth is measured on the scans of so many days before the latest.
const DAYS: u16 = 30;

/// What is stored, in bytes, and how it grows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StorageView {
    /// The whole database: the tables below, and what Postgres keeps for itself.
    pub database_bytes: i64,
    /// Postern's tables, the largest first.
    pub tables: Vec<TableView>,
    /// How it grows; `None` where there is no scan beside the first of each connection.
    pub growth: Option<GrowthView>,
}

/// A table with all its partitions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableView {
    /// Its name.
    pub table: String,
    /// All its bytes, the indexes' included.
    pub bytes: i64,
    /// The bytes of its indexes.
    pub index_bytes: i64,
    /// What scans add to it; `None` where nothing is measured, or it does not grow with scans.
    pub growth: Option<TableGrowthView>,
}

/// What scans add to a table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TableGrowthView {
    /// Its rows now.
    pub rows: i64,
    /// The rows that one scan adds, on average.
    pub rows_per_scan: f64,
    /// The same in bytes, by the average of the table's rows with their share of the indexes.
    pub bytes_per_scan: f64,
}

/// How the database grows: the average of recent scans.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GrowthView {
    /// The scans that were measured; the first of a connection is the base, and not among them.
    pub scans: i64,
    /// Where their time begins.
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    /// When the latest of them was finished.
    #[serde(with = "time::serde::rfc3339")]
    pub until: OffsetDateTime,
    /// Bytes that one scan adds.
    pub bytes_per_scan: f64,
    /// The database's bytes a year after the latest scan, at this pace; `None` where the scans are of less than a day.
    pub in_a_year: Option<f64>,
}

/// Measures what is stored; takes longer the more there is, because rows are counted.
pub async fn show_storage(postern: &Postern) -> Result<StorageView, ReadError> {
    postern.require(Permission::ReadEverything)?;
    let mut transaction = read::begin(&postern.pool).await?;
    let (database_bytes, sizes) = storage::sizes(&mut transaction).await?;
    let scans = storage::scans(&mut transaction, DAYS).await?;
    let added: BTreeMap<String, storage::Added> = match scans {
        Some(scans) => {
            let added = storage::added(&mut transaction, scans).await?;
            added.into_iter().map(|added| (added.table.clone(), added)).collect()
        }
        None => BTreeMap::new(),
    };
    let tables: Vec<TableView> = sizes
        .into_iter()
        .map(|size| {
            let bytes = size.row_bytes + size.index_bytes;
            let growth = scans.zip(added.get(&size.table));
            let growth = growth.map(|(scans, added)| table_growth(bytes, added, scans.count));
            TableView { table: size.table, bytes, index_bytes: size.index_bytes, growth }
        })
        .collect();
    let growth = scans.map(|scans| growth(database_bytes, &tables, scans));
    Ok(StorageView { database_bytes, tables, growth })
}

fn table_growth(bytes: i64, added: &storage::Added, scans: i64) -> TableGrowthView {
    let rows_per_scan = number(added.added) / number(scans);
    let bytes_per_row = if added.rows == 0 { 0.0 } else { number(bytes) / number(added.rows) };
    TableGrowthView {
        rows: added.rows,
        rows_per_scan,
        bytes_per_scan: rows_per_scan * bytes_per_row,
    }
}

fn growth(database_bytes: i64, tables: &[TableView], scans: storage::Scans) -> GrowthView {
    let of_tables = tables.iter().filter_map(|table| table.growth);
    let bytes_per_scan: f64 = of_tables.map(|growth| growth.bytes_per_scan).sum();
    let time = scans.until - scans.from;
    let in_a_year = (time >= Duration::DAY).then(|| {
        let scans_a_year = number(scans.count) * (Duration::days(365) / time);
        number(database_bytes) + bytes_per_scan * scans_a_year
    });
    let storage::Scans { count, from, until } = scans;
    GrowthView { scans: count, from, until, bytes_per_scan, in_a_year }
}

#[expect(clippy::cast_precision_loss, reason = "nobody reads bytes beyond the 15th digit")]
fn number(count: i64) -> f64 {
    count as f64
}
