//! The journal of scans that wait or run: what they have read so far.

use std::collections::BTreeMap;

use postern_domain::arm::{AssetId, AssetType};
use postern_domain::asset::Asset;
use postern_domain::digest::Digest;
use postern_domain::gap::Gap;
use postern_domain::id::ScanId;
use postern_domain::snapshot::Completeness;
use serde_json::Value;
use sqlx::PgConnection;

use crate::column;
use crate::error::StoreError;
use crate::scan::Attempt;

/// Rows a statement: a document is some kilobytes, so that a statement stays at a few megabytes.
const BATCH: usize = 100;

/// An asset that was read, ready to be stored.
#[derive(Clone, Debug)]
pub struct ScanAsset {
    /// The key.
    pub id: AssetId,
    /// The ARM id as Azure wrote it.
    pub arm_id: String,
    /// The type.
    pub asset_type: AssetType,
    /// The name.
    pub name: String,
    /// Azure's kind.
    pub kind: Option<String>,
    /// Azure's region.
    pub location: Option<String>,
    /// The subscription's id, lower case.
    pub subscription: String,
    /// The resource group.
    pub resource_group: Option<String>,
    /// Where it was read.
    pub source: String,
    /// The document's digest.
    pub content_hash: Digest,
    /// The document as JSON.
    pub document: String,
    /// What could not be read of it: a JSON array of gaps.
    pub gaps: Value,
    /// How completely each related fact was read: a JSON object.
    pub coverage: Value,
}

impl ScanAsset {
    /// A row of the asset, whose document is the canonical JSON text `document`.
    pub fn new(asset: Asset, document: String, gaps: Value, coverage: Value) -> Self {
        Self {
            id: asset.id,
            arm_id: asset.arm_id,
            asset_type: asset.asset_type,
            name: asset.name,
            kind: asset.kind,
            location: asset.location,
            subscription: asset.subscription,
            resource_group: asset.resource_group,
            source: asset.source,
            content_hash: Digest::of(document.as_bytes()),
            document,
            gaps,
            coverage,
        }
    }
}

/// What the journal says of an asset that it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAsset {
    /// The asset.
    pub id: AssetId,
    /// What could not be read of it.
    pub gaps: Vec<Gap>,
    /// How completely each related fact was read.
    pub coverage: BTreeMap<String, Completeness>,
}

/// Keeps assets, none of them twice; one that is kept already is replaced.
///
/// `false`, with some perhaps kept, where the attempt is over: the scan ended, or another process has gone on with it.
pub async fn keep(
    connection: &mut PgConnection,
    attempt: Attempt,
    assets: &[ScanAsset],
) -> Result<bool, StoreError> {
    for batch in assets.chunks(BATCH) {
        let texts = |text: fn(&ScanAsset) -> &str| -> Vec<String> {
            batch.iter().map(|asset| text(asset).to_owned()).collect()
        };
        let options = |text: fn(&ScanAsset) -> Option<&str>| -> Vec<Option<String>> {
            batch.iter().map(|asset| text(asset).map(str::to_owned)).collect()
        };
        let hashes: Vec<Vec<u8>> =
            batch.iter().map(|asset| asset.content_hash.as_bytes().to_vec()).collect();
        let gaps: Vec<Value> = batch.iter().map(|asset| asset.gaps.clone()).collect();
        let coverage: Vec<Value> = batch.iter().map(|asset| asset.coverage.clone()).collect();
        let done = sqlx::query!(
            r#"
            INSERT INTO scan_assets (
                scan_id, asset_id, arm_id, asset_type, name, kind, location, subscription, resource_group, source,
                content_hash, document, gaps, coverage
            )
            SELECT
                $1, asset_id, arm_id, asset_type, name, kind, location, subscription, resource_group, source,
                content_hash,
                CASE
                    WHEN EXISTS (
                        SELECT FROM asset_bodies WHERE asset_bodies.content_hash = new.content_hash
                    ) THEN NULL
                    ELSE document::jsonb
                END,
                gaps,
                coverage
            FROM UNNEST(
                $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
                $11::text[], $12::bytea[], $13::text[], $14::jsonb[], $15::jsonb[]
            ) AS new (
                asset_id, arm_id, asset_type, name, kind, location, subscription, resource_group, source,
                content_hash, document, gaps, coverage
            )
            WHERE EXISTS (
                SELECT FROM scans WHERE scan_id = $1 AND state = 'running' AND attempts = $2
            )
            ON CONFLICT ON CONSTRAINT scan_assets_pkey DO UPDATE
            SET arm_id = EXCLUDED.arm_id,
                name = EXCLUDED.name,
                kind = EXCLUDED.kind,
                location = EXCLUDED.location,
                resource_group = EXCLUDED.resource_group,
                source = EXCLUDED.source,
                content_hash = EXCLUDED.content_hash,
                document = EXCLUDED.document,
                gaps = EXCLUDED.gaps,
                coverage = EXCLUDED.coverage
            "#,
            attempt.scan.number(),
            attempt.number,
            &texts(|asset| asset.id.as_str()),
            &texts(|asset| &asset.arm_id),
            &texts(|asset| asset.asset_type.as_str()),
            &texts(|asset| &asset.name),
            &options(|asset| asset.kind.as_deref()) as &[Option<String>],
            &options(|asset| asset.location.as_deref()) as &[Option<String>],
            &texts(|asset| &asset.subscription),
            &options(|asset| asset.resource_group.as_deref()) as &[Option<String>],
            &texts(|asset| &asset.source),
            &hashes,
            &texts(|asset| &asset.document),
            &gaps,
            &coverage,
        )
        .execute(&mut *connection)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What the journal holds, in the order of ids: at most `limit` after `after`.
pub async fn list_kept(
    connection: &mut PgConnection,
    scan: ScanId,
    after: Option<&AssetId>,
    limit: u32,
) -> Result<Vec<KeptAsset>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT asset_id, gaps, coverage
        FROM scan_assets
        WHERE scan_id = $1 AND asset_id > $2
        ORDER BY asset_id
        LIMIT $3
        "#,
        scan.number(),
        // No id is empty.
        after.map_or("", AssetId::as_str),
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(KeptAsset {
                id: column::word("scan_assets.asset_id", &row.asset_id)?,
                gaps: column::json("scan_assets.gaps", row.gaps)?,
                coverage: column::json("scan_assets.coverage", row.coverage)?,
            })
        })
        .collect()
}

/// Takes assets out of the journal; does nothing where the attempt is over.
pub async fn forget(
    connection: &mut PgConnection,
    attempt: Attempt,
    assets: &[AssetId],
) -> Result<(), StoreError> {
    let ids: Vec<String> = assets.iter().map(ToString::to_string).collect();
    sqlx::query!(
        r#"
        DELETE FROM scan_assets
        WHERE scan_id = $1
            AND asset_id = ANY($3)
            AND EXISTS (
                SELECT FROM scans WHERE scan_id = $1 AND state = 'running' AND attempts = $2
            )
        "#,
        attempt.scan.number(),
        attempt.number,
        &ids,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The content hashes of what the journal holds.
pub async fn content_hashes(
    connection: &mut PgConnection,
    scan: ScanId,
) -> Result<BTreeMap<AssetId, Digest>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT asset_id, content_hash
        FROM scan_assets
        WHERE scan_id = $1
        "#,
        scan.number(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let hash = column::digest("scan_assets.content_hash", &row.content_hash)?;
            Ok((column::word("scan_assets.asset_id", &row.asset_id)?, hash))
        })
        .collect()
}

/// Gives the journal of one scan to another, which has none.
pub async fn hand_over(
    connection: &mut PgConnection,
    from: ScanId,
    to: ScanId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE scan_assets SET scan_id = $2 WHERE scan_id = $1",
        from.number(),
        to.number(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Empties the journal of a scan.
pub async fn discard(connection: &mut PgConnection, scan: ScanId) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM scan_assets WHERE scan_id = $1", scan.number())
        .execute(connection)
        .await?;
    Ok(())
}

/// Empties the journals of scans that ended, which only somebody who changed rows by hand can have left.
pub async fn discard_ended(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        DELETE FROM scan_assets
        USING scans
        WHERE scans.scan_id = scan_assets.scan_id AND scans.state IN ('finished', 'failed')
        "#,
    )
    .execute(connection)
    .await?;
    Ok(())
}
