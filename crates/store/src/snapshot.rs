//! Snapshots: the immutable result of a scan or an import.

use postern_domain::id::{ConnectionId, ScanId, SnapshotId};
use postern_domain::snapshot::{FactCoverage, Snapshot};
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// A snapshot's row, without its assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotHead {
    /// The id.
    pub id: SnapshotId,
    /// The connection.
    pub connection: ConnectionId,
    /// The scan that made it.
    pub scan: ScanId,
    /// When reading ended.
    pub finished_at: OffsetDateTime,
    /// How many things could not be read.
    pub gaps: u32,
    /// Whether it has been evaluated.
    pub is_evaluated: bool,
}

/// Writes the row of a snapshot that read so many assets; its changes are written by [`crate::inventory`].
pub async fn insert(
    connection: &mut PgConnection,
    of: ConnectionId,
    scan: ScanId,
    snapshot: &Snapshot,
    assets_read: usize,
) -> Result<SnapshotId, StoreError> {
    let assets_read = i32::try_from(assets_read).unwrap_or(i32::MAX);
    let facts = |count: fn(&FactCoverage) -> u64| {
        i64::try_from(snapshot.fact_coverage.iter().map(count).sum::<u64>()).unwrap_or(i64::MAX)
    };
    let id = sqlx::query_scalar!(
        r#"
        INSERT INTO snapshots (
            connection_id, scan_id, started_at, finished_at, subscriptions, listings, gaps, assets_read,
            fact_coverage, facts_complete, facts_partial, facts_failed
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        RETURNING snapshot_id
        "#,
        of.number(),
        scan.number(),
        snapshot.started_at,
        snapshot.finished_at,
        Json(&snapshot.subscriptions) as _,
        Json(&snapshot.listings) as _,
        Json(&snapshot.gaps) as _,
        assets_read,
        Json(&snapshot.fact_coverage) as _,
        facts(|coverage| coverage.complete),
        facts(|coverage| coverage.partial),
        facts(|coverage| coverage.failed),
    )
    .fetch_one(connection)
    .await?;
    Ok(SnapshotId::from_number(id))
}

/// The connection's latest snapshot.
pub async fn find_latest(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Option<SnapshotHead>, StoreError> {
    let row = sqlx::query_as!(
        HeadRow,
        r#"
        SELECT
            snapshot_id,
            connection_id,
            scan_id,
            finished_at,
            jsonb_array_length(gaps) AS "gaps!",
            EXISTS (
                SELECT FROM evaluations WHERE evaluations.snapshot_id = snapshots.snapshot_id
            ) AS "is_evaluated!"
        FROM snapshots
        WHERE connection_id = $1
        ORDER BY finished_at DESC, snapshot_id DESC
        LIMIT 1
        "#,
        of.number(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(HeadRow::into_head).transpose()
}

/// Makes sure that the partitions for facts of `at` exist.
///
/// Making one locks the tables against all readers until the transaction ends, so that it wants one of its own.
pub async fn ensure_month(
    connection: &mut PgConnection,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("SELECT ensure_month($1)", at).execute(connection).await?;
    Ok(())
}

struct HeadRow {
    snapshot_id: i64,
    connection_id: i64,
    scan_id: i64,
    finished_at: OffsetDateTime,
    gaps: i32,
    is_evaluated: bool,
}

impl HeadRow {
    fn into_head(self) -> Result<SnapshotHead, StoreError> {
        Ok(SnapshotHead {
            id: SnapshotId::from_number(self.snapshot_id),
            connection: ConnectionId::from_number(self.connection_id),
            scan: ScanId::from_number(self.scan_id),
            finished_at: self.finished_at,
            gaps: column::count("snapshots.gaps", self.gaps)?,
            is_evaluated: self.is_evaluated,
        })
    }
}
