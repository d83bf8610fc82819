//! The inventory: asset bodies, what snapshots change, and the projection of both.

use std::collections::BTreeMap;

use postern_domain::arm::{AssetId, AssetType};
use postern_domain::asset::{Asset, AssetDocument};
use postern_domain::digest::Digest;
use postern_domain::gap::GapReason;
use postern_domain::id::{ConnectionId, SnapshotId};
use postern_domain::inventory::{AssetChange, KnownAsset};
use serde_json::{Value, json};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// Rows a statement: a body is some kilobytes, so that a statement stays at a few megabytes.
const BATCH: usize = 500;

/// Which snapshot of which connection facts belong to, and their time.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The connection.
    pub connection: ConnectionId,
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// When the snapshot was finished.
    pub at: OffsetDateTime,
}

/// An asset that the latest snapshot could not read.
#[derive(Clone, Debug, PartialEq)]
pub struct UnreadAsset {
    /// The key.
    pub id: AssetId,
    /// The type.
    pub asset_type: AssetType,
    /// Why.
    pub reason: GapReason,
}

/// The inventory as of the latest snapshot.
pub async fn known(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<BTreeMap<AssetId, KnownAsset>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT asset_id, asset_type, content_hash, unread_reason IS NOT NULL AS "is_unread!"
        FROM current_assets
        WHERE connection_id = $1
        "#,
        of.number(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let known = KnownAsset {
                asset_type: AssetType::new(&row.asset_type),
                content_hash: column::digest("current_assets.content_hash", &row.content_hash)?,
                is_unread: row.is_unread,
            };
            Ok((column::word("current_assets.asset_id", &row.asset_id)?, known))
        })
        .collect()
}

/// The assets that the latest snapshot read, with their documents, by key.
pub async fn list_read(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Vec<Asset>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            asset_id, arm_id, asset_type, name, kind, location, subscription, resource_group, source, document
        FROM current_assets
        JOIN asset_bodies ON asset_bodies.content_hash = current_assets.content_hash
        WHERE connection_id = $1 AND unread_reason IS NULL
        ORDER BY asset_id COLLATE "C"
        "#,
        of.number(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Asset {
                id: column::word("current_assets.asset_id", &row.asset_id)?,
                arm_id: row.arm_id,
                asset_type: AssetType::new(&row.asset_type),
                name: row.name,
                kind: row.kind,
                location: row.location,
                subscription: row.subscription,
                resource_group: row.resource_group,
                document: column::json::<AssetDocument>("asset_bodies.document", row.document)?,
                source: row.source,
            })
        })
        .collect()
}

/// The assets that the latest snapshot could not read, by key.
pub async fn list_unread(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Vec<UnreadAsset>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT asset_id, asset_type, unread_reason AS "unread_reason!"
        FROM current_assets
        WHERE connection_id = $1 AND unread_reason IS NOT NULL
        ORDER BY asset_id COLLATE "C"
        "#,
        of.number(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(UnreadAsset {
                id: column::word("current_assets.asset_id", &row.asset_id)?,
                asset_type: AssetType::new(&row.asset_type),
                reason: column::json("current_assets.unread_reason", row.unread_reason)?,
            })
        })
        .collect()
}

/// The latest change of each asset that changed last by leaving the inventory: deleted or out of scope.
pub async fn departures(
    connection: &mut PgConnection,
    of: ConnectionId,
    assets: &[String],
) -> Result<BTreeMap<AssetId, AssetChange>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT ON (asset_id) asset_id, change
        FROM asset_changes
        WHERE connection_id = $1 AND asset_id = ANY($2)
        ORDER BY asset_id, at DESC, snapshot_id DESC
        "#,
        of.number(),
        assets,
    )
    .fetch_all(connection)
    .await?;
    let mut departures = BTreeMap::new();
    for row in rows {
        let change = match row.change.as_str() {
            "deleted" => AssetChange::Deleted,
            "out_of_scope" => AssetChange::OutOfScope,
            _ => continue,
        };
        departures.insert(column::word("asset_changes.asset_id", &row.asset_id)?, change);
    }
    Ok(departures)
}

/// Stores the bodies that are not stored yet.
pub async fn insert_bodies(
    connection: &mut PgConnection,
    bodies: &BTreeMap<Digest, &AssetDocument>,
) -> Result<(), StoreError> {
    let bodies: Vec<_> = bodies.iter().collect();
    for batch in bodies.chunks(BATCH) {
        let hashes: Vec<Vec<u8>> = batch.iter().map(|(hash, _)| hash.as_bytes().to_vec()).collect();
        let documents = batch
            .iter()
            .map(|(_, document)| {
                serde_json::to_value(document)
                    .map_err(|error| StoreError::unreadable("asset_bodies.document", error))
            })
            .collect::<Result<Vec<Value>, _>>()?;
        sqlx::query!(
            r#"
            INSERT INTO asset_bodies (content_hash, document)
            SELECT * FROM UNNEST($1::bytea[], $2::jsonb[])
            ON CONFLICT ON CONSTRAINT asset_bodies_pkey DO NOTHING
            "#,
            &hashes,
            &documents,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Writes what the snapshot changes; `assets` are the snapshot's own.
pub async fn insert_changes(
    connection: &mut PgConnection,
    at: At,
    changes: &BTreeMap<AssetId, AssetChange>,
    assets: &BTreeMap<AssetId, Asset>,
) -> Result<(), StoreError> {
    let changes: Vec<_> = changes.iter().collect();
    for batch in changes.chunks(BATCH) {
        let mut ids = Vec::new();
        let mut words: Vec<String> = Vec::new();
        let mut hashes: Vec<Option<Vec<u8>>> = Vec::new();
        let mut identities: Vec<Option<Value>> = Vec::new();
        let mut reasons: Vec<Option<Value>> = Vec::new();
        for (id, change) in batch {
            let (word, hash, reason) = parts(change)?;
            ids.push(id.as_str().to_owned());
            words.push(word.to_owned());
            identities.push(hash.and_then(|_| assets.get(*id)).map(identity));
            hashes.push(hash.map(|hash| hash.as_bytes().to_vec()));
            reasons.push(reason);
        }
        sqlx::query!(
            r#"
            INSERT INTO asset_changes (
                at, snapshot_id, connection_id, asset_id, change, content_hash, identity, reason
            )
            SELECT $1, $2, $3, asset_id, change, content_hash, identity, reason
            FROM UNNEST($4::text[], $5::text[], $6::bytea[], $7::jsonb[], $8::jsonb[])
                AS new (asset_id, change, content_hash, identity, reason)
            "#,
            at.at,
            at.snapshot.number(),
            at.connection.number(),
            &ids,
            &words,
            &hashes as &[Option<Vec<u8>>],
            &identities as &[Option<Value>],
            &reasons as &[Option<Value>],
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Brings the projection up to date with the assets that the snapshot read.
pub async fn project_read(
    connection: &mut PgConnection,
    at: At,
    assets: &BTreeMap<AssetId, Asset>,
    hashes: &BTreeMap<AssetId, Digest>,
) -> Result<(), StoreError> {
    let assets: Vec<&Asset> = assets.values().collect();
    for batch in assets.chunks(BATCH) {
        let texts = |text: fn(&Asset) -> &str| -> Vec<String> {
            batch.iter().map(|asset| text(asset).to_owned()).collect()
        };
        let options = |text: fn(&Asset) -> Option<&str>| -> Vec<Option<String>> {
            batch.iter().map(|asset| text(asset).map(str::to_owned)).collect()
        };
        let content_hashes: Vec<Vec<u8>> = batch
            .iter()
            .map(|asset| {
                hashes.get(&asset.id).map(|hash| hash.as_bytes().to_vec()).unwrap_or_default()
            })
            .collect();
        sqlx::query!(
            r#"
            INSERT INTO current_assets (
                connection_id, asset_id, arm_id, asset_type, name, kind, location, subscription,
                resource_group, source, content_hash, first_seen_at, last_read_at
            )
            SELECT $1, new.*, $2, $2
            FROM UNNEST(
                $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::text[], $11::text[], $12::bytea[]
            ) AS new
            ON CONFLICT ON CONSTRAINT current_assets_pkey DO UPDATE
            SET arm_id = EXCLUDED.arm_id,
                name = EXCLUDED.name,
                kind = EXCLUDED.kind,
                location = EXCLUDED.location,
                resource_group = EXCLUDED.resource_group,
                source = EXCLUDED.source,
                content_hash = EXCLUDED.content_hash,
                last_read_at = EXCLUDED.last_read_at,
                unread_reason = NULL
            "#,
            at.connection.number(),
            at.at,
            &texts(|asset| asset.id.as_str()),
            &texts(|asset| &asset.arm_id),
            &texts(|asset| asset.asset_type.as_str()),
            &texts(|asset| &asset.name),
            &options(|asset| asset.kind.as_deref()) as &[Option<String>],
            &options(|asset| asset.location.as_deref()) as &[Option<String>],
            &texts(|asset| &asset.subscription),
            &options(|asset| asset.resource_group.as_deref()) as &[Option<String>],
            &texts(|asset| &asset.source),
            &content_hashes,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Brings the projection up to date with the assets that the snapshot could not read, and why.
pub async fn project_unread(
    connection: &mut PgConnection,
    of: ConnectionId,
    unread: &BTreeMap<AssetId, GapReason>,
) -> Result<(), StoreError> {
    let ids: Vec<String> = unread.keys().map(|id| id.as_str().to_owned()).collect();
    let reasons = unread
        .values()
        .map(|reason| {
            serde_json::to_value(reason)
                .map_err(|error| StoreError::unreadable("current_assets.unread_reason", error))
        })
        .collect::<Result<Vec<Value>, _>>()?;
    sqlx::query!(
        r#"
        UPDATE current_assets
        SET unread_reason = new.reason
        FROM UNNEST($2::text[], $3::jsonb[]) AS new (asset_id, reason)
        WHERE connection_id = $1
            AND current_assets.asset_id = new.asset_id
            AND current_assets.unread_reason IS DISTINCT FROM new.reason
        "#,
        of.number(),
        &ids,
        &reasons,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes assets that are gone out of the projection.
pub async fn project_gone(
    connection: &mut PgConnection,
    of: ConnectionId,
    gone: &[String],
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM current_assets WHERE connection_id = $1 AND asset_id = ANY($2)",
        of.number(),
        gone,
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn parts(
    change: &AssetChange,
) -> Result<(&'static str, Option<Digest>, Option<Value>), StoreError> {
    Ok(match change {
        AssetChange::Appeared { content_hash } => ("appeared", Some(*content_hash), None),
        AssetChange::Changed { content_hash } => ("changed", Some(*content_hash), None),
        AssetChange::ReadAgain => ("read_again", None, None),
        AssetChange::Unread { reason } => {
            let reason = serde_json::to_value(reason)
                .map_err(|error| StoreError::unreadable("asset_changes.reason", error))?;
            ("unread", None, Some(reason))
        }
        AssetChange::Deleted => ("deleted", None, None),
        AssetChange::OutOfScope => ("out_of_scope", None, None),
    })
}

fn identity(asset: &Asset) -> Value {
    json!({
        "arm_id": asset.arm_id,
        "asset_type": asset.asset_type,
        "name": asset.name,
        "kind": asset.kind,
        "location": asset.location,
        "resource_group": asset.resource_group,
        "source": asset.source,
    })
}
