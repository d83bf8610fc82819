//! Assets as pages name them, those that are gone included.

use postern_domain::arm::{AssetId, AssetType};
use postern_domain::asset::AssetDocument;
use postern_domain::digest::Digest;
use postern_domain::gap::GapReason;
use postern_domain::id::ConnectionId;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// Which asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetIdentity {
    /// The ARM id as Azure wrote it.
    pub arm_id: String,
    /// The name.
    pub name: String,
    /// The type.
    pub asset_type: AssetType,
    /// Azure's kind.
    pub kind: Option<String>,
    /// Azure's region.
    pub location: Option<String>,
    /// The subscription's id, lower case.
    pub subscription: String,
    /// The resource group.
    pub resource_group: Option<String>,
}

impl AssetIdentity {
    /// Reads an identity as `asset_changes.identity` holds it.
    pub(crate) fn read(asset: &AssetId, identity: Value) -> Result<Self, StoreError> {
        const COLUMN: &str = "asset_changes.identity";
        let Value::Object(mut members) = identity else {
            return Err(StoreError::unreadable(COLUMN, "it is no JSON object"));
        };
        let mut text = |key: &str| -> Result<Option<String>, StoreError> {
            column::json(COLUMN, members.remove(key).unwrap_or_default())
        };
        let missing = || StoreError::unreadable(COLUMN, "arm_id, asset_type or name is missing");
        Ok(Self {
            arm_id: text("arm_id")?.ok_or_else(missing)?,
            name: text("name")?.ok_or_else(missing)?,
            asset_type: AssetType::new(&text("asset_type")?.ok_or_else(missing)?),
            kind: text("kind")?,
            location: text("location")?,
            subscription: asset.subscription().to_owned(),
            resource_group: text("resource_group")?,
        })
    }
}

/// What was read of an asset last.
#[derive(Clone, Debug, PartialEq)]
pub struct AssetReading {
    /// The document.
    pub document: Value,
    /// Its digest.
    pub content_hash: Digest,
    /// Where it was read.
    pub source: String,
    /// When it was read last.
    pub last_read_at: OffsetDateTime,
    /// Why the latest snapshot could not read it, where it could not.
    pub unread_reason: Option<GapReason>,
}

impl AssetReading {
    /// The document as rules see it.
    pub fn parsed(&self) -> Result<AssetDocument, StoreError> {
        column::json("asset_bodies.document", self.document.clone())
    }
}

/// What was read of an asset last, also where it is gone; `None` for one that was never there.
///
/// With `as_of`, as it was known at that moment.
pub async fn last_reading(
    connection: &mut PgConnection,
    of: ConnectionId,
    asset: &AssetId,
    as_of: Option<OffsetDateTime>,
) -> Result<Option<AssetReading>, StoreError> {
    if as_of.is_some() {
        return past_reading(connection, of, asset, as_of).await;
    }
    let row = sqlx::query!(
        r#"
        SELECT
            asset_bodies.document,
            asset_bodies.content_hash,
            current_assets.source,
            CASE
                WHEN current_assets.unread_reason IS NULL THEN (
                    SELECT max(finished_at) FROM snapshots WHERE snapshots.connection_id = $1
                )
                ELSE current_assets.last_read_at
            END AS "last_read_at!",
            current_assets.unread_reason
        FROM current_assets
        JOIN asset_bodies USING (content_hash)
        WHERE current_assets.connection_id = $1
            AND current_assets.asset_id = $2
        "#,
        of.number(),
        asset.as_str()
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return past_reading(connection, of, asset, None).await;
    };
    Ok(Some(AssetReading {
        document: row.document,
        content_hash: column::digest("current_assets.content_hash", &row.content_hash)?,
        source: row.source,
        last_read_at: row.last_read_at,
        unread_reason: row
            .unread_reason
            .map(|reason| column::json("current_assets.unread_reason", reason))
            .transpose()?,
    }))
}

/// From the changes up to a moment, or up to now.
///
/// An asset that no change says was lost was read by the latest snapshot; one that was lost, by the snapshot before.
async fn past_reading(
    connection: &mut PgConnection,
    of: ConnectionId,
    asset: &AssetId,
    until: Option<OffsetDateTime>,
) -> Result<Option<AssetReading>, StoreError> {
    let row = sqlx::query!(
        r#"
        WITH changes AS (
            SELECT
                at, snapshot_id, content_hash, identity, reason,
                change IN ('appeared', 'changed', 'read_again') AS is_read
            FROM asset_changes
            WHERE connection_id = $1
                AND asset_id = $2
                AND ($3::timestamptz IS NULL OR at <= $3)
        ),
        body AS (
            SELECT content_hash, identity ->> 'source' AS source
            FROM changes
            WHERE content_hash IS NOT NULL
            ORDER BY at DESC, snapshot_id DESC
            LIMIT 1
        ),
        last AS (
            SELECT reason FROM changes ORDER BY at DESC, snapshot_id DESC LIMIT 1
        ),
        lost AS (
            SELECT min(at) AS at
            FROM changes
            WHERE at > (SELECT max(at) FROM changes WHERE is_read)
        )
        SELECT
            asset_bodies.document,
            asset_bodies.content_hash,
            COALESCE(body.source, '') AS "source!",
            last.reason AS "unread_reason?",
            COALESCE(
                (
                    SELECT max(finished_at)
                    FROM snapshots
                    WHERE connection_id = $1
                        AND ($3::timestamptz IS NULL OR finished_at <= $3)
                        AND (lost.at IS NULL OR finished_at < lost.at)
                ),
                (SELECT max(at) FROM changes WHERE is_read)
            ) AS "last_read_at!"
        FROM body
        JOIN asset_bodies USING (content_hash)
        CROSS JOIN last
        CROSS JOIN lost
        "#,
        of.number(),
        asset.as_str(),
        until,
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(|row| {
        Ok(AssetReading {
            document: row.document,
            content_hash: column::digest("asset_changes.content_hash", &row.content_hash)?,
            source: row.source,
            last_read_at: row.last_read_at,
            unread_reason: row
                .unread_reason
                .map(|reason| column::json("asset_changes.reason", reason))
                .transpose()?,
        })
    })
    .transpose()
}
