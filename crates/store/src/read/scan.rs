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
}

/// The last `limit` scans, the newest first.
pub async fn list(
    connection: &mut PgConnection,
    of: ConnectionId,
    limit: u32,
) -> Result<Vec<ScanRecord>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            scans.scan_id,
            scans.state,
            scans.requested_by,
            scans.queued_at,
            scans.started_at AS "started_at?",
            scans.finished_at AS "finished_at?",
            scans.progress AS "progress?",
            scans.failure AS "failure?",
            snapshots.assets_read AS "assets_read?",
            snapshots.listings AS "listings?",
            snapshots.gaps AS "gaps?"
        FROM scans
        LEFT JOIN snapshots USING (scan_id)
        WHERE scans.connection_id = $1
        ORDER BY scans.scan_id DESC
        LIMIT $2
        "#,
        of.number(),
        i64::from(limit)
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let result = match (row.assets_read, row.listings, row.gaps) {
                (Some(assets), Some(listings), Some(gaps)) => Some(ScanResult {
                    assets: column::count("snapshots.assets_read", assets)?,
                    listings: column::json("snapshots.listings", listings)?,
                    gaps: column::json("snapshots.gaps", gaps)?,
                }),
                _ => None,
            };
            Ok(ScanRecord {
                id: ScanId::from_number(row.scan_id),
                state: row.state,
                requested_by: row.requested_by,
                queued_at: row.queued_at,
                started_at: row.started_at,
                finished_at: row.finished_at,
                progress: row.progress,
                failure: row.failure,
                result,
            })
        })
        .collect()
}
