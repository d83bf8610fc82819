//! Scans with what they read.

use postern_domain::gap::Gap;
use postern_domain::id::{ConnectionId, ScanId};
use postern_domain::snapshot::Listing;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// A scan, in whatever state.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanRecord {
    /// The id.
    pub id: ScanId,
    /// `queued`, `running`, `finished` or `failed`.
    pub state: String,
    /// Who or what asked for it.
    pub requested_by: String,
    /// When it was asked for.
    pub queued_at: OffsetDateTime,
    /// When it began.
    pub started_at: Option<OffsetDateTime>,
    /// When it ended.
    pub finished_at: Option<OffsetDateTime>,
    /// How far it is, as the worker wrote it.
    pub progress: Option<Value>,
    /// Why it failed.
    pub failure: Option<String>,
    /// How often it was begun.
    pub attempts: u32,
    /// Whether somebody wants it cancelled.
    pub is_cancelled: bool,
    /// What it read, once it made a snapshot.
    pub result: Option<ScanResult>,
}

/// What a scan read.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanResult {
    /// Assets read.
    pub assets: u32,
    /// Lists asked for.
    pub listings: Vec<Listing>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// How many related facts were read to their end, in part, and not at all.
    pub facts: [u64; 3],
}

/// The last `limit` scans, the newest first.
pub async fn list(
    connection: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
    limit: u32,
) -> Result<Vec<ScanRecord>, StoreError> {
    let rows = sqlx::query_as!(
        ScanRow,
        r#"
        SELECT
            scans.scan_id,
            scans.state,
            scans.requested_by,
            scans.queued_at,
            scans.started_at,
            scans.finished_at,
            scans.progress,
            scans.failure,
            scans.attempts,
            scans.cancel_requested_at IS NOT NULL AS "is_cancelled!",
            snapshots.assets_read AS "assets_read?",
            snapshots.listings AS "listings?",
            snapshots.gaps AS "gaps?",
            snapshots.facts_complete AS "facts_complete?",
            snapshots.facts_partial AS "facts_partial?",
            snapshots.facts_failed AS "facts_failed?"
        FROM scans
        LEFT JOIN snapshots USING (scan_id)
        WHERE scans.connection_id = $1
            AND ($2::timestamptz IS NULL OR scans.queued_at <= $2)
        ORDER BY scans.scan_id DESC
        LIMIT $3
        "#,
        of.number(),
        as_of,
        i64::from(limit)
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter().map(ScanRow::into_record).collect()
}

/// A scan; `None` where there is none with that id.
pub async fn find(
    connection: &mut PgConnection,
    id: ScanId,
) -> Result<Option<ScanRecord>, StoreError> {
    let row = sqlx::query_as!(
        ScanRow,
        r#"
        SELECT
            scans.scan_id,
            scans.state,
            scans.requested_by,
            scans.queued_at,
            scans.started_at,
            scans.finished_at,
            scans.progress,
            scans.failure,
            scans.attempts,
            scans.cancel_requested_at IS NOT NULL AS "is_cancelled!",
            snapshots.assets_read AS "assets_read?",
            snapshots.listings AS "listings?",
            snapshots.gaps AS "gaps?",
            snapshots.facts_complete AS "facts_complete?",
            snapshots.facts_partial AS "facts_partial?",
            snapshots.facts_failed AS "facts_failed?"
        FROM scans
        LEFT JOIN snapshots USING (scan_id)
        WHERE scans.scan_id = $1
        "#,
        id.number()
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(ScanRow::into_record).transpose()
}

/// A scan among those of its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanPlace {
    /// The connection.
    pub connection: ConnectionId,
    /// The scan before it that made a snapshot, and when it ended.
    pub before: Option<(ScanId, OffsetDateTime)>,
    /// The scan after it that made a snapshot.
    pub after: Option<ScanId>,
}

/// Where a scan is among those of its connection; `None` where there is none with that id.
pub async fn place(
    connection: &mut PgConnection,
    id: ScanId,
) -> Result<Option<ScanPlace>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT
            scans.connection_id,
            before.scan_id AS "before_id?",
            before.finished_at AS "before_at?",
            after.scan_id AS "after_id?"
        FROM scans
        LEFT JOIN LATERAL (
            SELECT others.scan_id, others.finished_at
            FROM scans AS others
            WHERE others.connection_id = scans.connection_id
                AND others.scan_id < scans.scan_id
                AND others.state = 'finished'
            ORDER BY others.scan_id DESC
            LIMIT 1
        ) AS before ON TRUE
        LEFT JOIN LATERAL (
            SELECT others.scan_id
            FROM scans AS others
            WHERE others.connection_id = scans.connection_id
                AND others.scan_id > scans.scan_id
                AND others.state = 'finished'
            ORDER BY others.scan_id
            LIMIT 1
        ) AS after ON TRUE
        WHERE scans.scan_id = $1
        "#,
        id.number()
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| ScanPlace {
        connection: ConnectionId::from_number(row.connection_id),
        before: row.before_id.map(ScanId::from_number).zip(row.before_at),
        after: row.after_id.map(ScanId::from_number),
    }))
}

/// When the last scan of a connection ended that made a snapshot; `None` where none ever did.
pub async fn last_finished_at(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let at = sqlx::query_scalar!(
        r#"
        SELECT finished_at AS "at!"
        FROM scans
        WHERE connection_id = $1 AND state = 'finished'
        ORDER BY scan_id DESC
        LIMIT 1
        "#,
        of.number(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(at)
}

/// A scan that waits or runs.
#[derive(Clone, Debug, PartialEq)]
pub struct UnfinishedScan {
    /// The id.
    pub id: ScanId,
    /// `queued` or `running`.
    pub state: String,
    /// How far it is, as the worker wrote it.
    pub progress: Option<Value>,
}

/// The scans of a connection that wait or run, in the order of ids.
pub async fn list_unfinished(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Vec<UnfinishedScan>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT scan_id, state, progress
        FROM scans
        WHERE connection_id = $1 AND state IN ('queued', 'running')
        ORDER BY scan_id
        "#,
        of.number(),
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| UnfinishedScan {
            id: ScanId::from_number(row.scan_id),
            state: row.state,
            progress: row.progress,
        })
        .collect())
}

/// How far a scan is, as the worker wrote it; `None` where it does not run.
pub async fn progress(
    connection: &mut PgConnection,
    id: ScanId,
) -> Result<Option<Value>, StoreError> {
    let progress =
        sqlx::query_scalar!("SELECT progress FROM scans WHERE scan_id = $1", id.number())
            .fetch_optional(&mut *connection)
            .await?;
    Ok(progress.flatten())
}

struct ScanRow {
    scan_id: i64,
    state: String,
    requested_by: String,
    queued_at: OffsetDateTime,
    started_at: Option<OffsetDateTime>,
    finished_at: Option<OffsetDateTime>,
    progress: Option<Value>,
    failure: Option<String>,
    attempts: i32,
    is_cancelled: bool,
    assets_read: Option<i32>,
    listings: Option<Value>,
    gaps: Option<Value>,
    facts_complete: Option<i64>,
    facts_partial: Option<i64>,
    facts_failed: Option<i64>,
}

impl ScanRow {
    fn into_record(self) -> Result<ScanRecord, StoreError> {
        let facts = [self.facts_complete, self.facts_partial, self.facts_failed];
        let result = match (self.assets_read, self.listings, self.gaps) {
            (Some(assets), Some(listings), Some(gaps)) => Some(ScanResult {
                assets: column::count("snapshots.assets_read", assets)?,
                listings: column::json("snapshots.listings", listings)?,
                gaps: column::json("snapshots.gaps", gaps)?,
                facts: facts.map(|count| {
                    count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default()
                }),
            }),
            _ => None,
        };
        Ok(ScanRecord {
            id: ScanId::from_number(self.scan_id),
            state: self.state,
            requested_by: self.requested_by,
            queued_at: self.queued_at,
            started_at: self.started_at,
            finished_at: self.finished_at,
            progress: self.progress,
            failure: self.failure,
            attempts: column::count("scans.attempts", self.attempts)?,
            is_cancelled: self.is_cancelled,
            result,
        })
    }
}
