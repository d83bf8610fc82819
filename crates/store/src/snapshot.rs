//! Snapshots: the immutable result of a scan or an import.

use postern_domain::id::{ConnectionId, ScanId, SnapshotId};
use postern_domain::snapshot::Snapshot;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
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

/// Writes the snapshot's row; its changes are written by [`crate::inventory`].
pub async fn insert(
    connection: &mut PgConnection,
    of: ConnectionId,
    scan: ScanId,
    snapshot: &Snapshot,
) -> Result<SnapshotId, StoreError> {
    let assets_read = i32::try_from(snapshot.assets.len()).unwrap_or(i32::MAX);
    let id = sqlx::query_scalar!(
        r#"
        INSERT INTO snapshots (
            connection_id, scan_id, started_at, finished_at, subscriptions, listings, gaps, assets_read
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        RETURNING snapshot_id
        "#,
        of.number(),
        scan.number(),
        snapshot.started_at,
        snapshot.finished_at,
        to_json("snapshots.subscriptions", &snapshot.subscriptions)?,
        to_json("snapshots.listings", &snapshot.listings)?,
        to_json("snapshots.gaps", &snapshot.gaps)?,
        assets_read,
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

/// Makes sure that the partitions for facts of `at` exist; to be called before the first fact of a transaction.
pub async fn ensure_month(
    connection: &mut PgConnection,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("SELECT ensure_month($1)", at).execute(connection).await?;
    Ok(())
}

fn to_json(column: &'static str, value: impl Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(value).map_err(|error| StoreError::unreadable(column, error))
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
