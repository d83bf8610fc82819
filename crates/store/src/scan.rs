//! Scans: processes that are queued, run and end.

use postern_domain::id::{ConnectionId, ScanId, SnapshotId};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::StoreError;

/// A scan that waits or runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OngoingScan {
    /// The id.
    pub id: ScanId,
    /// The connection that it scans.
    pub connection: ConnectionId,
    /// When it last gave a sign of life; `None` while it waits.
    pub heartbeat_at: Option<OffsetDateTime>,
    /// Its snapshot, where it got that far.
    pub snapshot: Option<SnapshotId>,
}

/// Queues a scan; gives the one that is queued already, where there is one.
pub async fn queue(
    connection: &mut PgConnection,
    of: ConnectionId,
    requested_by: &str,
    at: OffsetDateTime,
) -> Result<ScanId, StoreError> {
    let id = sqlx::query_scalar!(
        r#"
        INSERT INTO scans (connection_id, state, requested_by, queued_at)
        VALUES ($1, 'queued', $2, $3)
        ON CONFLICT (connection_id) WHERE state = 'queued' DO UPDATE
        SET requested_by = scans.requested_by
        RETURNING scan_id
        "#,
        of.number(),
        requested_by,
        at,
    )
    .fetch_one(connection)
    .await?;
    Ok(ScanId::from_number(id))
}

/// Makes a scan that runs from the start: an import.
pub async fn insert_running(
    connection: &mut PgConnection,
    of: ConnectionId,
    requested_by: &str,
    at: OffsetDateTime,
) -> Result<ScanId, StoreError> {
    let id = sqlx::query_scalar!(
        r#"
        INSERT INTO scans (connection_id, state, requested_by, queued_at, started_at, heartbeat_at)
        VALUES ($1, 'running', $2, $3, $3, $3)
        RETURNING scan_id
        "#,
        of.number(),
        requested_by,
        at,
    )
    .fetch_one(connection)
    .await?;
    Ok(ScanId::from_number(id))
}

/// The connection of a queued scan; `None` where there is no such scan or it does not wait any more.
pub async fn find_queued(
    connection: &mut PgConnection,
    id: ScanId,
) -> Result<Option<ConnectionId>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"
        SELECT connection_id
        FROM scans
        WHERE scan_id = $1 AND state = 'queued'
        "#,
        id.number(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.map(ConnectionId::from_number))
}

/// Queued scans whose connection is not being scanned, the oldest first, at most 100.
///
/// Rows that another worker is about to start are passed over.
pub async fn list_queued(
    connection: &mut PgConnection,
) -> Result<Vec<(ScanId, ConnectionId)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT scan_id, connection_id
        FROM scans AS waiting
        WHERE state = 'queued'
            AND NOT EXISTS (
                SELECT
                FROM scans AS running
                WHERE running.connection_id = waiting.connection_id AND running.state = 'running'
            )
        ORDER BY queued_at, scan_id
        LIMIT 100
        FOR UPDATE SKIP LOCKED
        "#,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (ScanId::from_number(row.scan_id), ConnectionId::from_number(row.connection_id)))
        .collect())
}

/// Every scan that is marked as running, or, of one connection, that connection's.
pub async fn list_running(
    connection: &mut PgConnection,
    of: Option<ConnectionId>,
) -> Result<Vec<OngoingScan>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT scans.scan_id, scans.connection_id, heartbeat_at, snapshots.snapshot_id AS "snapshot_id?"
        FROM scans
        LEFT JOIN snapshots ON snapshots.scan_id = scans.scan_id
        WHERE state = 'running' AND ($1::bigint IS NULL OR scans.connection_id = $1)
        ORDER BY scans.scan_id
        "#,
        of.map(ConnectionId::number),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| OngoingScan {
            id: ScanId::from_number(row.scan_id),
            connection: ConnectionId::from_number(row.connection_id),
            heartbeat_at: row.heartbeat_at,
            snapshot: row.snapshot_id.map(SnapshotId::from_number),
        })
        .collect())
}

/// Marks a queued scan as running; `false` where it does not wait any more.
pub async fn start(
    connection: &mut PgConnection,
    id: ScanId,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        r#"
        UPDATE scans
        SET state = 'running', started_at = $2, heartbeat_at = $2
        WHERE scan_id = $1 AND state = 'queued'
        "#,
        id.number(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes a sign of life and how far the scan is; `false` where it is no longer marked as running.
pub async fn note_progress(
    connection: &mut PgConnection,
    id: ScanId,
    progress: Option<&Value>,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        r#"
        UPDATE scans
        SET heartbeat_at = $2, progress = COALESCE($3, progress)
        WHERE scan_id = $1 AND state = 'running'
        "#,
        id.number(),
        at,
        progress,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Marks a running scan as finished.
pub async fn finish(
    connection: &mut PgConnection,
    id: ScanId,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let done = sqlx::query!(
        r#"
        UPDATE scans
        SET state = 'finished', finished_at = GREATEST($2, started_at), progress = NULL
        WHERE scan_id = $1 AND state = 'running'
        "#,
        id.number(),
        at,
    )
    .execute(connection)
    .await?;
    StoreError::one_row("finishing a scan", done.rows_affected())
}

/// Marks a running scan as failed, with one sentence; `false` where it is no longer marked as running.
pub async fn fail(
    connection: &mut PgConnection,
    id: ScanId,
    failure: &str,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        r#"
        UPDATE scans
        SET state = 'failed', finished_at = GREATEST($3, started_at), failure = $2, progress = NULL
        WHERE scan_id = $1 AND state = 'running'
        "#,
        id.number(),
        failure,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
