//! The life of one asset: what changed of it when, whose it was, and what rules said of it.

use std::collections::BTreeMap;

use postern_domain::arm::AssetId;
use postern_domain::asset::AssetDocument;
use postern_domain::digest::Digest;
use postern_domain::gap::GapReason;
use postern_domain::id::{AssetNumber, ConnectionId, RuleId, ScanId};
use postern_domain::team::TeamId;
use postern_domain::verdict::Verdict;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;
use crate::read::asset::AssetIdentity;

/// Something that a snapshot changed of an asset.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeRecord {
    /// When the snapshot was finished.
    pub at: OffsetDateTime,
    /// The scan that made it.
    pub scan: ScanId,
    /// What: `appeared`, `changed`, `read_again`, `unread`, `deleted` or `out_of_scope`.
    pub change: String,
    /// The document read then, where it is another than before.
    pub content_hash: Option<Digest>,
    /// Why it could not be read.
    pub reason: Option<GapReason>,
}

/// What had changed of an asset by a moment, the latest first: at most `limit`.
pub async fn changes(
    connection: &mut PgConnection,
    of: ConnectionId,
    asset: &AssetId,
    until: OffsetDateTime,
    limit: u32,
) -> Result<Vec<ChangeRecord>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT asset_changes.at, snapshots.scan_id, change, content_hash, reason
        FROM asset_changes
        JOIN snapshots USING (snapshot_id)
        WHERE asset_changes.connection_id = $1
            AND asset_changes.asset_id = $2
            AND asset_changes.at <= $3
        ORDER BY asset_changes.at DESC, asset_changes.snapshot_id DESC
        LIMIT $4
        "#,
        of.number(),
        asset.as_str(),
        until,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let hash = row.content_hash;
            Ok(ChangeRecord {
                at: row.at,
                scan: ScanId::from_number(row.scan_id),
                change: row.change,
                content_hash: hash
                    .map(|hash| column::digest("asset_changes.content_hash", &hash))
                    .transpose()?,
                reason: row
                    .reason
                    .map(|reason| column::json("asset_changes.reason", reason))
                    .transpose()?,
            })
        })
        .collect()
}

/// Documents by their digests; those that are not kept are left out.
pub async fn documents(
    connection: &mut PgConnection,
    digests: &[Digest],
) -> Result<BTreeMap<Digest, AssetDocument>, StoreError> {
    let hashes: Vec<Vec<u8>> = digests.iter().map(|digest| digest.as_bytes().to_vec()).collect();
    let rows = sqlx::query!(
        "SELECT content_hash, document FROM asset_bodies WHERE content_hash = ANY($1)",
        &hashes
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let digest = column::digest("asset_bodies.content_hash", &row.content_hash)?;
            Ok((digest, column::json("asset_bodies.document", row.document)?))
        })
        .collect()
}

/// An asset as a scan left it.
#[derive(Clone, Debug, PartialEq)]
pub struct AssetAtScan {
    /// The scan.
    pub scan: ScanId,
    /// When it ended.
    pub at: OffsetDateTime,
    /// The document that was known then, read by it or earlier.
    pub document: AssetDocument,
}

/// How an asset was known after a scan of its connection, by a moment; `None` where there is no such scan, or no such asset
/// by then.
pub async fn at_scan(
    connection: &mut PgConnection,
    of: ConnectionId,
    asset: &AssetId,
    scan: ScanId,
    until: OffsetDateTime,
) -> Result<Option<AssetAtScan>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT snapshots.finished_at, asset_bodies.document
        FROM snapshots
        CROSS JOIN LATERAL (
            SELECT content_hash
            FROM asset_changes
            WHERE asset_changes.connection_id = $1
                AND asset_changes.asset_id = $2
                AND asset_changes.at <= snapshots.finished_at
                AND content_hash IS NOT NULL
            ORDER BY asset_changes.at DESC, asset_changes.snapshot_id DESC
            LIMIT 1
        ) AS known
        JOIN asset_bodies USING (content_hash)
        WHERE snapshots.connection_id = $1 AND snapshots.scan_id = $3 AND snapshots.finished_at <= $4
        "#,
        of.number(),
        asset.as_str(),
        scan.number(),
        until,
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let document = column::json("asset_bodies.document", row.document)?;
        Ok(AssetAtScan { scan, at: row.finished_at, document })
    })
    .transpose()
}

/// Which an asset was by a moment, and since when it had been known; `None` where it was not known then.
pub async fn identity(
    connection: &mut PgConnection,
    of: ConnectionId,
    asset: &AssetId,
    until: OffsetDateTime,
) -> Result<Option<(AssetIdentity, OffsetDateTime)>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT
            named.identity AS "identity!",
            LEAST(
                (
                    SELECT min(at)
                    FROM asset_changes
                    WHERE connection_id = $1 AND asset_id = $2
                ),
                (
                    SELECT first_seen_at
                    FROM current_assets
                    WHERE connection_id = $1 AND asset_id = $2
                )
            ) AS "first_seen_at!"
        FROM (
            SELECT identity
            FROM asset_changes
            WHERE connection_id = $1 AND asset_id = $2 AND at <= $3 AND identity IS NOT NULL
            ORDER BY at DESC, snapshot_id DESC
            LIMIT 1
        ) AS named
        "#,
        of.number(),
        asset.as_str(),
        until,
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok((AssetIdentity::read(asset, row.identity)?, row.first_seen_at))).transpose()
}

/// Whose an asset was by a moment, or when it left; `None` for nobody's.
pub async fn owner(
    connection: &mut PgConnection,
    asset: AssetNumber,
    until: OffsetDateTime,
) -> Result<Option<TeamId>, StoreError> {
    let team = sqlx::query_scalar!(
        r#"
        SELECT team
        FROM owner_changes
        WHERE asset_number = $1 AND at <= $2
        ORDER BY at DESC, evaluation_id DESC
        LIMIT 1
        "#,
        asset.number(),
        until,
    )
    .fetch_optional(connection)
    .await?;
    team.flatten().map(|team| column::word("owner_changes.team", &team)).transpose()
}

/// What each rule said of an asset by a moment; rules whose check had ended are left out.
pub async fn verdicts(
    connection: &mut PgConnection,
    asset: AssetNumber,
    until: OffsetDateTime,
) -> Result<Vec<(RuleId, Verdict)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT rule_id, verdict AS "verdict!"
        FROM (
            SELECT DISTINCT ON (rule_id) rule_id, verdict
            FROM verdict_changes
            WHERE asset_number = $1 AND at <= $2
            ORDER BY rule_id, at DESC, evaluation_id DESC
        ) AS latest
        WHERE verdict IS NOT NULL
        ORDER BY rule_id
        "#,
        asset.number(),
        until,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let rule = column::word("verdict_changes.rule_id", &row.rule_id)?;
            Ok((rule, column::word("verdict_changes.verdict", &row.verdict)?))
        })
        .collect()
}

/// Where a connection reads: its kind, and Azure's end points as its settings have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Whether it is scanned, and not fed with files.
    pub is_scanned: bool,
    /// Azure Resource Manager.
    pub arm: Option<String>,
    /// Entra ID.
    pub authority: Option<String>,
}

/// Where a connection reads.
pub async fn endpoints(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Endpoints, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT
            kind = 'azure' AS "is_scanned!",
            settings ->> 'arm_endpoint' AS arm,
            settings ->> 'authority_host' AS authority
        FROM connections
        WHERE connection_id = $1
        "#,
        of.number(),
    )
    .fetch_one(connection)
    .await?;
    Ok(Endpoints { is_scanned: row.is_scanned, arm: row.arm, authority: row.authority })
}
