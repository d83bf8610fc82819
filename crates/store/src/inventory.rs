//! The inventory: asset bodies, what snapshots change, and the projection of both.

use std::collections::BTreeMap;

use postern_domain::arm::{AssetId, AssetType};
use postern_domain::asset::{Asset, AssetDocument};
use postern_domain::digest::Digest;
use postern_domain::gap::GapReason;
use postern_domain::id::{ConnectionId, ScanId, SnapshotId};
use postern_domain::inventory::{AssetChange, KnownAsset};
use postern_domain::team::TeamId;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// Rows a statement.
const BATCH: usize = 2000;

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

/// Some of the inventory, in the order of ids.
#[derive(Clone, Debug, Default)]
pub struct InventoryPage {
    /// The assets that the latest snapshot read, with their documents.
    pub read: Vec<Asset>,
    /// Those that it could not read.
    pub unread: Vec<UnreadAsset>,
    /// The digests of all that the latest evaluation said of each; none of an asset of which it said nothing.
    pub verdicts: BTreeMap<AssetId, Digest>,
    /// Whose each is, as of the latest evaluation; nobody's are left out.
    pub owners: BTreeMap<AssetId, TeamId>,
}

impl InventoryPage {
    /// Every asset on the page.
    pub fn ids(&self) -> impl Iterator<Item = &AssetId> {
        self.read.iter().map(|asset| &asset.id).chain(self.unread.iter().map(|asset| &asset.id))
    }

    /// The last asset, after which the next page begins; `None` where the inventory is at its end.
    pub fn last(&self) -> Option<&AssetId> {
        self.ids().max()
    }
}

/// How many assets are in the inventory, unread ones included.
pub async fn count(connection: &mut PgConnection, of: ConnectionId) -> Result<u64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM current_assets WHERE connection_id = $1"#,
        of.number(),
    )
    .fetch_one(connection)
    .await?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// The inventory as of the latest snapshot: at most `limit` assets after `after`.
pub async fn page(
    connection: &mut PgConnection,
    of: ConnectionId,
    after: Option<&AssetId>,
    limit: u32,
) -> Result<InventoryPage, StoreError> {
    // No id is empty.
    let after = after.map_or("", AssetId::as_str);
    some(connection, of, None, after, limit).await
}

/// Of the inventory as of the latest snapshot those whose name or ARM id is `named`, however it is capitalised: at most
/// `limit`.
pub async fn named(
    connection: &mut PgConnection,
    of: ConnectionId,
    named: &str,
    limit: u32,
) -> Result<InventoryPage, StoreError> {
    some(connection, of, Some(&named.to_lowercase()), "", limit).await
}

async fn some(
    connection: &mut PgConnection,
    of: ConnectionId,
    named: Option<&str>,
    after: &str,
    limit: u32,
) -> Result<InventoryPage, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            page.asset_id,
            page.arm_id,
            page.asset_type,
            page.name,
            page.kind,
            page.location,
            page.subscription,
            page.resource_group,
            page.source,
            page.unread_reason,
            page.verdicts_digest,
            asset_owners.team AS "team?",
            asset_bodies.document AS "document?"
        FROM (
            SELECT *
            FROM current_assets
            WHERE connection_id = $1
                AND asset_id COLLATE "C" > $2
                AND ($4::text IS NULL OR asset_id = $4 OR lower(name) = $4)
            ORDER BY asset_id COLLATE "C"
            LIMIT $3
        ) AS page
        LEFT JOIN asset_bodies
            ON asset_bodies.content_hash = page.content_hash AND page.unread_reason IS NULL
        LEFT JOIN assets USING (connection_id, asset_id)
        LEFT JOIN asset_owners USING (asset_number)
        ORDER BY page.asset_id COLLATE "C"
        "#,
        of.number(),
        after,
        i64::from(limit),
        named,
    )
    .fetch_all(connection)
    .await?;
    let mut page = InventoryPage::default();
    for row in rows {
        let id: AssetId = column::word("current_assets.asset_id", &row.asset_id)?;
        let asset_type = AssetType::new(&row.asset_type);
        if let Some(digest) = row.verdicts_digest {
            let digest = column::digest("current_assets.verdicts_digest", &digest)?;
            page.verdicts.insert(id.clone(), digest);
        }
        if let Some(team) = row.team {
            page.owners.insert(id.clone(), column::word("asset_owners.team", &team)?);
        }
        if let Some(reason) = row.unread_reason {
            let reason = column::json("current_assets.unread_reason", reason)?;
            page.unread.push(UnreadAsset { id, asset_type, reason });
            continue;
        }
        // A foreign key keeps every body that is named.
        let document = row.document.unwrap_or_default();
        page.read.push(Asset {
            id,
            arm_id: row.arm_id,
            asset_type,
            name: row.name,
            kind: row.kind,
            location: row.location,
            subscription: row.subscription,
            resource_group: row.resource_group,
            document: column::json::<AssetDocument>("asset_bodies.document", document)?,
            source: row.source,
        });
    }
    Ok(page)
}

/// An asset's document as an earlier snapshot had it, and as the latest one has it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedDocument {
    /// Then.
    pub before: AssetDocument,
    /// Now.
    pub after: AssetDocument,
}

/// Those of `assets` whose documents are not what they were in the snapshot `since`.
pub async fn changed_documents(
    connection: &mut PgConnection,
    of: ConnectionId,
    since: SnapshotId,
    assets: &[String],
) -> Result<BTreeMap<AssetId, ChangedDocument>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            current_assets.asset_id,
            body_before.document AS before,
            body_after.document AS after
        FROM current_assets
        CROSS JOIN LATERAL (
            SELECT asset_changes.content_hash
            FROM asset_changes
            WHERE asset_changes.connection_id = current_assets.connection_id
                AND asset_changes.asset_id = current_assets.asset_id
                AND asset_changes.snapshot_id <= $2
                AND asset_changes.content_hash IS NOT NULL
            ORDER BY asset_changes.at DESC, asset_changes.snapshot_id DESC
            LIMIT 1
        ) AS earlier
        JOIN asset_bodies AS body_before ON body_before.content_hash = earlier.content_hash
        JOIN asset_bodies AS body_after ON body_after.content_hash = current_assets.content_hash
        WHERE current_assets.connection_id = $1
            AND current_assets.asset_id = ANY($3)
            AND current_assets.content_hash <> earlier.content_hash
        "#,
        of.number(),
        since.number(),
        assets,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let document = |value| column::json::<AssetDocument>("asset_bodies.document", value);
            let changed =
                ChangedDocument { before: document(row.before)?, after: document(row.after)? };
            Ok((column::word("current_assets.asset_id", &row.asset_id)?, changed))
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

/// Stores the bodies that the scan's journal holds and that are not stored yet.
pub async fn insert_bodies(connection: &mut PgConnection, scan: ScanId) -> Result<(), StoreError> {
    // In order, so that two connections that see the same assets do not wait for each other.
    sqlx::query!(
        r#"
        INSERT INTO asset_bodies (content_hash, document)
        SELECT content_hash, document
        FROM scan_assets
        WHERE scan_id = $1 AND document IS NOT NULL
        ORDER BY content_hash
        ON CONFLICT ON CONSTRAINT asset_bodies_pkey DO NOTHING
        "#,
        scan.number(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what the snapshot changes, with the identities that the scan's journal holds.
pub async fn insert_changes(
    connection: &mut PgConnection,
    at: At,
    scan: ScanId,
    changes: &BTreeMap<AssetId, AssetChange>,
) -> Result<(), StoreError> {
    let mut changes = changes.iter();
    loop {
        let mut ids = Vec::new();
        let mut words: Vec<String> = Vec::new();
        let mut hashes: Vec<Option<Vec<u8>>> = Vec::new();
        let mut reasons: Vec<Option<Value>> = Vec::new();
        for (id, change) in changes.by_ref().take(BATCH) {
            let (word, hash, reason) = parts(change)?;
            ids.push(id.as_str().to_owned());
            words.push(word.to_owned());
            hashes.push(hash.map(|hash| hash.as_bytes().to_vec()));
            reasons.push(reason);
        }
        if ids.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            r#"
            WITH new AS (
                SELECT *
                FROM UNNEST($5::text[], $6::text[], $7::bytea[], $8::jsonb[])
                    AS new (asset_id, change, content_hash, reason)
            ), seen AS (
                INSERT INTO assets (connection_id, asset_id)
                SELECT $3, asset_id FROM new WHERE change = 'appeared'
                ON CONFLICT ON CONSTRAINT assets_id_key DO NOTHING
            )
            INSERT INTO asset_changes (
                at, snapshot_id, connection_id, asset_id, change, content_hash, identity, reason
            )
            SELECT
                $1, $2, $3, new.asset_id, new.change, new.content_hash,
                CASE
                    WHEN new.content_hash IS NOT NULL THEN jsonb_build_object(
                        'arm_id', read.arm_id,
                        'asset_type', read.asset_type,
                        'name', read.name,
                        'kind', read.kind,
                        'location', read.location,
                        'resource_group', read.resource_group,
                        'source', read.source
                    )
                END,
                new.reason
            FROM new
            LEFT JOIN scan_assets AS read ON read.scan_id = $4 AND read.asset_id = new.asset_id
            "#,
            at.at,
            at.snapshot.number(),
            at.connection.number(),
            scan.number(),
            &ids,
            &words,
            &hashes as &[Option<Vec<u8>>],
            &reasons as &[Option<Value>],
        )
        .execute(&mut *connection)
        .await?;
    }
}

/// Brings the projection up to date with the assets that the scan's journal holds; the rows of those that are as they
/// were stay untouched.
pub async fn project_read(
    connection: &mut PgConnection,
    at: At,
    scan: ScanId,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO current_assets (
            connection_id, asset_id, arm_id, asset_type, name, kind, location, subscription,
            resource_group, source, content_hash, first_seen_at, last_read_at
        )
        SELECT
            $1, asset_id, arm_id, asset_type, name, kind, location, subscription, resource_group, source,
            content_hash, $2, $2
        FROM scan_assets AS read
        WHERE scan_id = $3
            AND NOT EXISTS (
                SELECT FROM current_assets AS known
                WHERE known.connection_id = $1
                    AND known.asset_id = read.asset_id COLLATE "default"
                    AND known.unread_reason IS NULL
                    AND known.content_hash = read.content_hash
                    AND ROW(known.arm_id, known.name, known.kind, known.location, known.resource_group, known.source)
                        IS NOT DISTINCT FROM
                        ROW(read.arm_id, read.name, read.kind, read.location, read.resource_group, read.source)
            )
        ORDER BY asset_id
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
        scan.number(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Brings the projection up to date with assets that the snapshot could not read, and why.
///
/// Those that the snapshot before did read were read then for the last time.
pub async fn project_unread(
    connection: &mut PgConnection,
    at: At,
    unread: &[(&AssetId, GapReason)],
) -> Result<(), StoreError> {
    for batch in unread.chunks(BATCH) {
        let ids: Vec<String> = batch.iter().map(|(id, _)| id.to_string()).collect();
        let reasons = batch
            .iter()
            .map(|(_, reason)| {
                serde_json::to_value(reason)
                    .map_err(|error| StoreError::unreadable("current_assets.unread_reason", error))
            })
            .collect::<Result<Vec<Value>, _>>()?;
        sqlx::query!(
            r#"
            UPDATE current_assets
            SET unread_reason = new.reason,
                last_read_at = CASE
                    WHEN current_assets.unread_reason IS NULL THEN COALESCE(before.finished_at, last_read_at)
                    ELSE last_read_at
                END
            FROM UNNEST($2::text[], $3::jsonb[]) AS new (asset_id, reason)
            CROSS JOIN (
                SELECT max(finished_at) AS finished_at
                FROM snapshots
                WHERE connection_id = $1 AND snapshot_id < $4
            ) AS before
            WHERE connection_id = $1
                AND current_assets.asset_id = new.asset_id
                AND current_assets.unread_reason IS DISTINCT FROM new.reason
            "#,
            at.connection.number(),
            &ids,
            &reasons,
            at.snapshot.number(),
        )
        .execute(&mut *connection)
        .await?;
    }
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
