//! Scans: processes that are queued, run and end.

use postern_domain::id::{ConnectionId, ScanId, SnapshotId};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::connection::ConnectionKind;
use crate::error::StoreError;

/// One attempt at a scan, so that a process that lost its lease cannot write for one that another has begun since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The scan.
    pub scan: ScanId,
    /// From 1.
    pub number: i32,
}

/// A scan that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuedScan {
    /// The id.
    pub id: ScanId,
    /// The connection that it scans.
    pub connection: ConnectionId,
    /// When it, or the scan whose journal it was given, last gave a sign of life; `None` before its first attempt.
    pub heartbeat_at: Option<OffsetDateTime>,
}

/// A scan that is marked as running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningScan {
    /// The attempt that runs.
    pub attempt: Attempt,
    /// The connection that it scans.
    pub connection: ConnectionId,
    /// Whether it can be begun again: it asks Azure, and not files that somebody named.
    pub can_resume: bool,
    /// When it last gave a sign of life.
    pub heartbeat_at: Option<OffsetDateTime>,
    /// The attempts in a row, this one included, that added nothing to the journal.
    pub fruitless_attempts: u32,
    /// Its snapshot, where it got that far.
    pub snapshot: Option<SnapshotId>,
    /// Who wants it cancelled.
    pub cancelled_by: Option<String>,
}

/// What a running scan learns when it gives a sign of life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pulse {
    /// It goes on.
    GoOn,
    /// Somebody wants it cancelled.
    CancelledBy(String),
    /// The attempt is over already.
    Over,
}

/// What asking a scan to be cancelled did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// It waited, and has failed now.
    Waiting,
    /// It runs, and whoever runs it learns of it.
    Running,
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
) -> Result<Attempt, StoreError> {
    let id = sqlx::query_scalar!(
        r#"
        INSERT INTO scans (connection_id, state, requested_by, queued_at, started_at, heartbeat_at, attempts)
        VALUES ($1, 'running', $2, $3, $3, $3, 1)
        RETURNING scan_id
        "#,
        of.number(),
        requested_by,
        at,
    )
    .fetch_one(connection)
    .await?;
    Ok(Attempt { scan: ScanId::from_number(id), number: 1 })
}

/// A queued scan; `None` where there is no such scan or it does not wait any more.
pub async fn find_queued(
    connection: &mut PgConnection,
    id: ScanId,
) -> Result<Option<QueuedScan>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT connection_id, heartbeat_at
        FROM scans
        WHERE scan_id = $1 AND state = 'queued'
        "#,
        id.number(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| QueuedScan {
        id,
        connection: ConnectionId::from_number(row.connection_id),
        heartbeat_at: row.heartbeat_at,
    }))
}

/// The connection's scan that waits, where one does.
pub async fn find_queued_of(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Option<ScanId>, StoreError> {
    let id = sqlx::query_scalar!(
        r#"
        SELECT scan_id
        FROM scans
        WHERE connection_id = $1 AND state = 'queued'
        "#,
        of.number(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.map(ScanId::from_number))
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
) -> Result<Vec<RunningScan>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            scans.scan_id,
            scans.connection_id,
            connections.kind,
            attempts,
            CASE
                WHEN journal.kept <> kept_assets THEN 0
                ELSE fruitless_attempts + 1
            END AS "fruitless!",
            heartbeat_at,
            cancel_requested_by,
            snapshots.snapshot_id AS "snapshot_id?"
        FROM scans
        JOIN connections ON connections.connection_id = scans.connection_id
        LEFT JOIN snapshots ON snapshots.scan_id = scans.scan_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS kept FROM scan_assets WHERE scan_assets.scan_id = scans.scan_id
        ) AS journal
        WHERE state = 'running' AND ($1::bigint IS NULL OR scans.connection_id = $1)
        ORDER BY scans.scan_id
        "#,
        of.map(ConnectionId::number),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(RunningScan {
                attempt: Attempt { scan: ScanId::from_number(row.scan_id), number: row.attempts },
                connection: ConnectionId::from_number(row.connection_id),
                can_resume: row.kind == ConnectionKind::Azure.as_str(),
                heartbeat_at: row.heartbeat_at,
                fruitless_attempts: column::count("scans.fruitless_attempts", row.fruitless)?,
                snapshot: row.snapshot_id.map(SnapshotId::from_number),
                cancelled_by: row.cancel_requested_by,
            })
        })
        .collect()
}

/// Marks a queued scan as running; `None` where it does not wait any more.
pub async fn start(
    connection: &mut PgConnection,
    id: ScanId,
    at: OffsetDateTime,
) -> Result<Option<Attempt>, StoreError> {
    let number = sqlx::query_scalar!(
        r#"
        UPDATE scans
        SET state = 'running', started_at = $2, heartbeat_at = $2, attempts = attempts + 1
        WHERE scan_id = $1 AND state = 'queued'
        RETURNING attempts
        "#,
        id.number(),
        at,
    )
    .fetch_optional(connection)
    .await?;
    Ok(number.map(|number| Attempt { scan: id, number }))
}

/// Puts a running scan back in the queue, to be begun again; `false` where the attempt is over, or the scan shall be
/// cancelled.
///
/// Refused by the constraint `scans_queued_key` where the connection has a scan that waits.
pub async fn put_back(connection: &mut PgConnection, attempt: Attempt) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        r#"
        UPDATE scans
        SET state = 'queued',
            started_at = NULL,
            progress = NULL,
            fruitless_attempts = CASE WHEN journal.kept <> kept_assets THEN 0 ELSE fruitless_attempts + 1 END,
            kept_assets = journal.kept
        FROM (SELECT count(*) AS kept FROM scan_assets WHERE scan_id = $1) AS journal
        WHERE scan_id = $1 AND attempts = $2 AND state = 'running' AND cancel_requested_at IS NULL
        "#,
        attempt.scan.number(),
        attempt.number,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes when the journal that a queued scan is given was last written; `false` where it does not wait any more.
pub async fn note_journal_of(
    connection: &mut PgConnection,
    id: ScanId,
    heartbeat_at: Option<OffsetDateTime>,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE scans SET heartbeat_at = $2 WHERE scan_id = $1 AND state = 'queued'",
        id.number(),
        heartbeat_at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes a sign of life and how far the scan is.
pub async fn note_progress(
    connection: &mut PgConnection,
    attempt: Attempt,
    progress: Option<&Value>,
    at: OffsetDateTime,
) -> Result<Pulse, StoreError> {
    let row = sqlx::query!(
        r#"
        UPDATE scans
        SET heartbeat_at = $3, progress = COALESCE($4, progress)
        WHERE scan_id = $1 AND attempts = $2 AND state = 'running'
        RETURNING cancel_requested_by
        "#,
        attempt.scan.number(),
        attempt.number,
        at,
        progress,
    )
    .fetch_optional(connection)
    .await?;
    Ok(match row.map(|row| row.cancel_requested_by) {
        None => Pulse::Over,
        Some(None) => Pulse::GoOn,
        Some(Some(by)) => Pulse::CancelledBy(by),
    })
}

/// Makes sure, until the transaction ends, that the attempt is not over; `false` where it is.
pub async fn hold(connection: &mut PgConnection, attempt: Attempt) -> Result<bool, StoreError> {
    let held = sqlx::query_scalar!(
        r#"
        SELECT TRUE AS "is_running!"
        FROM scans
        WHERE scan_id = $1 AND attempts = $2 AND state = 'running'
        FOR NO KEY UPDATE
        "#,
        attempt.scan.number(),
        attempt.number,
    )
    .fetch_optional(connection)
    .await?;
    Ok(held.is_some())
}

/// Marks a running scan as finished.
pub async fn finish(
    connection: &mut PgConnection,
    attempt: Attempt,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let done = sqlx::query!(
        r#"
        UPDATE scans
        SET state = 'finished', finished_at = GREATEST($3, started_at), progress = NULL
        WHERE scan_id = $1 AND attempts = $2 AND state = 'running'
        "#,
        attempt.scan.number(),
        attempt.number,
        at,
    )
    .execute(connection)
    .await?;
    StoreError::one_row("finishing a scan", done.rows_affected())
}

/// Marks a running scan as failed, with one sentence; `false` where the attempt is over.
pub async fn fail(
    connection: &mut PgConnection,
    attempt: Attempt,
    failure: &str,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        r#"
        UPDATE scans
        SET state = 'failed', finished_at = GREATEST($4, started_at), failure = $3, progress = NULL
        WHERE scan_id = $1 AND attempts = $2 AND state = 'running'
        "#,
        attempt.scan.number(),
        attempt.number,
        failure,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Fails a queued scan with the sentence, or notes who wants a running one cancelled; who asked first is remembered.
///
/// `None` where it neither waits nor runs.
pub async fn cancel(
    connection: &mut PgConnection,
    id: ScanId,
    by: &str,
    failure: &str,
    at: OffsetDateTime,
) -> Result<Option<Cancelled>, StoreError> {
    let state = sqlx::query_scalar!(
        r#"
        UPDATE scans
        SET cancel_requested_at = COALESCE(cancel_requested_at, $2),
            cancel_requested_by = COALESCE(cancel_requested_by, $3),
            state = CASE WHEN state = 'queued' THEN 'failed' ELSE state END,
            finished_at = CASE WHEN state = 'queued' THEN GREATEST($2, queued_at) END,
            failure = CASE WHEN state = 'queued' THEN $4 END
        WHERE scan_id = $1 AND state IN ('queued', 'running')
        RETURNING state
        "#,
        id.number(),
        at,
        by,
        failure,
    )
    .fetch_optional(connection)
    .await?;
    Ok(state.map(|state| if state == "failed" { Cancelled::Waiting } else { Cancelled::Running }))
}
