//! The inventory as it was: what a snapshot held, made of the changes up to it.

use postern_domain::arm::AssetId;
use postern_domain::asset::{Asset, AssetDocument};
use postern_domain::id::{ConnectionId, SnapshotId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::asset::AssetIdentity;
use crate::column;
use crate::error::StoreError;

/// A snapshot of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastSnapshot {
    /// The connection.
    pub connection: ConnectionId,
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// When reading ended.
    pub finished_at: OffsetDateTime,
}

/// Some of what a snapshot held, in the order of ids.
#[derive(Clone, Debug, Default)]
pub struct PastPage {
    /// The assets that it read.
    pub read: Vec<Asset>,
    /// The last asset looked at, after which the next page begins; `None` at the end.
    pub last: Option<AssetId>,
}

/// Each connection's snapshots since a time, the oldest first; without one, each connection's latest. Those of which not all
/// is kept are left out.
pub async fn snapshots(
    connection: &mut PgConnection,
    since: Option<OffsetDateTime>,
) -> Result<Vec<PastSnapshot>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT connection_id, snapshot_id, finished_at
        FROM (
            SELECT
                connection_id,
                snapshot_id,
                finished_at,
                row_number() OVER (PARTITION BY connection_id ORDER BY finished_at DESC, snapshot_id DESC) AS age
            FROM snapshots
            WHERE finished_at >= COALESCE(
                (
                    SELECT max(before)
                    FROM retention_runs
                    WHERE retention_runs.connection_id = snapshots.connection_id AND kind = 'history'
                ),
                '-infinity'
            )
        ) AS snapshot
        WHERE CASE WHEN $1::timestamptz IS NULL THEN age = 1 ELSE finished_at >= $1 END
        ORDER BY connection_id, finished_at, snapshot_id
        "#,
        since,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| PastSnapshot {
            connection: ConnectionId::from_number(row.connection_id),
            snapshot: SnapshotId::from_number(row.snapshot_id),
            finished_at: row.finished_at,
        })
        .collect())
}

/// What a snapshot read: at most `limit` assets after `after`.
pub async fn page(
    connection: &mut PgConnection,
    of: PastSnapshot,
    after: Option<&AssetId>,
    limit: u32,
) -> Result<PastPage, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            latest.asset_id,
            latest.change IN ('appeared', 'changed', 'read_again') AS "is_read!",
            body.identity AS "identity!",
            asset_bodies.document
        FROM (
            SELECT DISTINCT ON (asset_id COLLATE "C") asset_id, change
            FROM asset_changes
            WHERE connection_id = $1 AND snapshot_id <= $2 AND asset_id COLLATE "C" > $3
            ORDER BY asset_id COLLATE "C", at DESC, snapshot_id DESC
            LIMIT $4
        ) AS latest
        CROSS JOIN LATERAL (
            SELECT content_hash, identity
            FROM asset_changes
            WHERE
                connection_id = $1
                AND snapshot_id <= $2
                AND asset_id = latest.asset_id
                AND change IN ('appeared', 'changed')
            ORDER BY at DESC, snapshot_id DESC
            LIMIT 1
        ) AS body
        JOIN asset_bodies ON asset_bodies.content_hash = body.content_hash
        ORDER BY latest.asset_id COLLATE "C"
        "#,
        of.connection.number(),
        of.snapshot.number(),
        // No id is empty.
        after.map_or("", AssetId::as_str),
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    let mut page = PastPage::default();
    for row in rows {
        let id: AssetId = column::word("asset_changes.asset_id", &row.asset_id)?;
        page.last = Some(id.clone());
        if !row.is_read {
            continue;
        }
        let identity = AssetIdentity::read(&id, row.identity)?;
        page.read.push(Asset {
            id,
            arm_id: identity.arm_id,
            asset_type: identity.asset_type,
            name: identity.name,
            kind: identity.kind,
            location: identity.location,
            subscription: identity.subscription,
            resource_group: identity.resource_group,
            document: column::json::<AssetDocument>("asset_bodies.document", row.document)?,
            source: format!("snapshot {}", of.snapshot),
        });
    }
    Ok(page)
}
