//! Verdicts: what evaluations change of them, and the projection of them.

use std::collections::BTreeMap;

use postern_domain::arm::AssetId;
use postern_domain::digest::Digest;
use postern_domain::id::{ConnectionId, RuleId};
use postern_domain::verdict::{RuleVerdict, Severity, Verdict};
use serde_json::Value;
use sqlx::PgConnection;

use crate::column;
use crate::error::StoreError;
use crate::evaluation::At;

/// Rows a statement: a verdict with its evidence is about a kilobyte.
const BATCH: usize = 2000;

/// A rule on an asset.
pub type Check = (AssetId, RuleId);

/// A verdict and the pack that gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct PackVerdict {
    /// The pack.
    pub pack: Digest,
    /// What it said.
    pub verdict: RuleVerdict,
}

/// A verdict as of the latest evaluation: what tells whether a new one is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentVerdict {
    /// The pack that gave it last.
    pub pack: Digest,
    /// The verdict.
    pub verdict: Verdict,
    /// How bad a failure is.
    pub severity: Severity,
    /// The digest of all that it says.
    pub digest: Digest,
}

/// The verdicts on these assets as of the latest evaluation.
pub async fn current(
    connection: &mut PgConnection,
    of: ConnectionId,
    assets: &[String],
) -> Result<BTreeMap<Check, CurrentVerdict>, StoreError> {
    add_digests(connection, of, assets).await?;
    let rows = sqlx::query!(
        r#"
        SELECT asset_id, rule_id, pack_digest, verdict, severity, verdict_digest AS "verdict_digest!"
        FROM assets
        JOIN current_verdicts USING (asset_number)
        WHERE connection_id = $1 AND asset_id = ANY($2)
        "#,
        of.number(),
        assets,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let check = (
                column::word("assets.asset_id", &row.asset_id)?,
                column::word("current_verdicts.rule_id", &row.rule_id)?,
            );
            let verdict = CurrentVerdict {
                pack: column::digest("current_verdicts.pack_digest", &row.pack_digest)?,
                verdict: column::word("current_verdicts.verdict", &row.verdict)?,
                severity: column::word("current_verdicts.severity", &row.severity)?,
                digest: column::digest("current_verdicts.verdict_digest", &row.verdict_digest)?,
            };
            Ok((check, verdict))
        })
        .collect()
}

/// Adds the digests of verdicts that a Postern before the migration `as_of` gave.
async fn add_digests(
    connection: &mut PgConnection,
    of: ConnectionId,
    assets: &[String],
) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            assets.asset_id,
            current_verdicts.asset_number,
            current_verdicts.rule_id,
            current_verdicts.verdict,
            current_verdicts.severity,
            verdict_bodies.summary,
            verdict_bodies.evidence
        FROM assets
        JOIN current_verdicts USING (asset_number)
        CROSS JOIN LATERAL (
            SELECT verdict_changes.body_digest
            FROM verdict_changes
            WHERE verdict_changes.asset_number = current_verdicts.asset_number
                AND verdict_changes.rule_id = current_verdicts.rule_id
                AND verdict_changes.at = current_verdicts.since
            ORDER BY verdict_changes.evaluation_id DESC
            LIMIT 1
        ) AS said
        JOIN verdict_bodies
            ON verdict_bodies.connection_id = assets.connection_id AND verdict_bodies.body_digest = said.body_digest
        WHERE assets.connection_id = $1 AND assets.asset_id = ANY($2) AND verdict_digest IS NULL
        "#,
        of.number(),
        assets,
    )
    .fetch_all(&mut *connection)
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let (mut numbers, mut rules, mut digests) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let verdict = RuleVerdict {
            asset: column::word("assets.asset_id", &row.asset_id)?,
            rule: column::word("current_verdicts.rule_id", &row.rule_id)?,
            verdict: column::word("current_verdicts.verdict", &row.verdict)?,
            severity: column::word("current_verdicts.severity", &row.severity)?,
            summary: row.summary.into(),
            evidence: column::json("verdict_bodies.evidence", row.evidence)?,
        };
        digests.push(verdict.digest().as_bytes().to_vec());
        numbers.push(row.asset_number);
        rules.push(row.rule_id);
    }
    sqlx::query!(
        r#"
        UPDATE current_verdicts
        SET verdict_digest = new.verdict_digest
        FROM UNNEST($1::bigint[], $2::text[], $3::bytea[]) AS new (asset_number, rule_id, verdict_digest)
        WHERE current_verdicts.asset_number = new.asset_number
            AND current_verdicts.rule_id = new.rule_id
        "#,
        &numbers,
        &rules,
        &digests,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The assets that have verdicts or unfinished findings and are not in the inventory any more, by id.
pub async fn list_gone(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Vec<AssetId>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"
        SELECT asset_id
        FROM assets
        WHERE connection_id = $1
            AND NOT EXISTS (
                SELECT
                FROM current_assets
                WHERE current_assets.connection_id = assets.connection_id
                    AND current_assets.asset_id = assets.asset_id
            )
            AND (
                EXISTS (SELECT FROM current_verdicts WHERE current_verdicts.asset_number = assets.asset_number)
                OR EXISTS (
                    SELECT
                    FROM findings
                    WHERE findings.connection_id = assets.connection_id
                        AND findings.asset_id = assets.asset_id
                        AND findings.state <> 'resolved'
                )
            )
        ORDER BY asset_id COLLATE "C"
        "#,
        of.number(),
    )
    .fetch_all(connection)
    .await?;
    ids.iter().map(|id| column::word("assets.asset_id", id)).collect()
}

/// Writes verdicts that differ from those before, and brings the projection up to date.
pub async fn insert_changes(
    connection: &mut PgConnection,
    at: At,
    changed: &[&PackVerdict],
) -> Result<(), StoreError> {
    for batch in changed.chunks(BATCH) {
        let columns = VerdictColumns::of(batch)?;
        sqlx::query!(
            r#"
            WITH new AS (
                SELECT
                    assets.asset_number, new.*, verdict_body_digest(new.summary, new.evidence) AS body_digest
                FROM UNNEST(
                    $4::text[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::text[], $10::jsonb[],
                    $11::bytea[]
                ) AS new (
                    asset_id, rule_id, pack_digest, verdict, severity, summary, evidence, verdict_digest
                )
                JOIN assets ON assets.connection_id = $3 AND assets.asset_id = new.asset_id
            ), body AS (
                INSERT INTO verdict_bodies (connection_id, body_digest, summary, evidence)
                SELECT DISTINCT ON (body_digest) $3, body_digest, summary, evidence
                FROM new
                ON CONFLICT ON CONSTRAINT verdict_bodies_pkey DO NOTHING
            ), fact AS (
                INSERT INTO verdict_changes (
                    at, evaluation_id, connection_id, asset_number, rule_id, pack_digest, verdict, severity,
                    body_digest
                )
                SELECT $1, $2, $3, asset_number, rule_id, pack_digest, verdict, severity, body_digest
                FROM new
            )
            INSERT INTO current_verdicts (
                asset_number, rule_id, pack_digest, verdict, severity, verdict_digest, since
            )
            SELECT asset_number, rule_id, pack_digest, verdict, severity, verdict_digest, $1 FROM new
            ON CONFLICT ON CONSTRAINT current_verdicts_pkey DO UPDATE
            SET pack_digest = EXCLUDED.pack_digest,
                verdict = EXCLUDED.verdict,
                severity = EXCLUDED.severity,
                verdict_digest = EXCLUDED.verdict_digest,
                since = EXCLUDED.since
            "#,
            at.at,
            at.evaluation.number(),
            at.connection.number(),
            &columns.assets,
            &columns.rules,
            &columns.packs,
            &columns.verdicts,
            &columns.severities,
            &columns.summaries,
            &columns.evidence,
            &columns.digests,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Writes that checks ended, because the asset or the rule is gone, and takes them out of the projection.
pub async fn end_checks(
    connection: &mut PgConnection,
    at: At,
    ended: &[(&Check, Digest)],
) -> Result<(), StoreError> {
    for batch in ended.chunks(BATCH) {
        let assets: Vec<String> = batch.iter().map(|((asset, _), _)| asset.to_string()).collect();
        let rules: Vec<String> = batch.iter().map(|((_, rule), _)| rule.to_string()).collect();
        let packs: Vec<Vec<u8>> = batch.iter().map(|(_, pack)| pack.as_bytes().to_vec()).collect();
        sqlx::query!(
            r#"
            WITH ended AS (
                SELECT assets.asset_number, ended.rule_id, ended.pack_digest
                FROM UNNEST($4::text[], $5::text[], $6::bytea[]) AS ended (asset_id, rule_id, pack_digest)
                JOIN assets ON assets.connection_id = $3 AND assets.asset_id = ended.asset_id
            ), fact AS (
                INSERT INTO verdict_changes (
                    at, evaluation_id, connection_id, asset_number, rule_id, pack_digest
                )
                SELECT $1, $2, $3, ended.* FROM ended
            )
            DELETE FROM current_verdicts
            USING ended
            WHERE current_verdicts.asset_number = ended.asset_number
                AND current_verdicts.rule_id = ended.rule_id
            "#,
            at.at,
            at.evaluation.number(),
            at.connection.number(),
            &assets,
            &rules,
            &packs,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Notes in the projection which pack gives each rule's verdicts now, where the verdict itself did not change.
pub async fn project_packs(
    connection: &mut PgConnection,
    of: ConnectionId,
    rules: &BTreeMap<RuleId, Digest>,
) -> Result<(), StoreError> {
    let ids: Vec<String> = rules.keys().map(ToString::to_string).collect();
    let packs: Vec<Vec<u8>> = rules.values().map(|pack| pack.as_bytes().to_vec()).collect();
    sqlx::query!(
        r#"
        UPDATE current_verdicts
        SET pack_digest = new.pack_digest
        FROM assets
        CROSS JOIN UNNEST($2::text[], $3::bytea[]) AS new (rule_id, pack_digest)
        WHERE assets.connection_id = $1
            AND current_verdicts.asset_number = assets.asset_number
            AND current_verdicts.rule_id = new.rule_id
            AND current_verdicts.pack_digest <> new.pack_digest
        "#,
        of.number(),
        &ids,
        &packs,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes the digest of all that was said of each of these assets of the inventory.
pub async fn project_digests(
    connection: &mut PgConnection,
    of: ConnectionId,
    digests: &[(AssetId, Digest)],
) -> Result<(), StoreError> {
    let assets: Vec<String> = digests.iter().map(|(asset, _)| asset.to_string()).collect();
    let digests: Vec<Vec<u8>> =
        digests.iter().map(|(_, digest)| digest.as_bytes().to_vec()).collect();
    sqlx::query!(
        r#"
        UPDATE current_assets
        SET verdicts_digest = new.verdicts_digest
        FROM UNNEST($2::text[], $3::bytea[]) AS new (asset_id, verdicts_digest)
        WHERE connection_id = $1 AND current_assets.asset_id = new.asset_id
        "#,
        of.number(),
        &assets,
        &digests,
    )
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(Default)]
struct VerdictColumns {
    assets: Vec<String>,
    rules: Vec<String>,
    packs: Vec<Vec<u8>>,
    verdicts: Vec<String>,
    severities: Vec<String>,
    summaries: Vec<String>,
    evidence: Vec<Value>,
    digests: Vec<Vec<u8>>,
}

impl VerdictColumns {
    fn of(batch: &[&PackVerdict]) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for PackVerdict { pack, verdict } in batch {
            columns.assets.push(verdict.asset.to_string());
            columns.rules.push(verdict.rule.to_string());
            columns.packs.push(pack.as_bytes().to_vec());
            columns.verdicts.push(verdict.verdict.to_string());
            columns.severities.push(verdict.severity.to_string());
            columns.summaries.push(verdict.summary.clone().into());
            let evidence = serde_json::to_value(&verdict.evidence)
                .map_err(|error| StoreError::unreadable("verdict_bodies.evidence", error))?;
            columns.evidence.push(evidence);
            columns.digests.push(verdict.digest().as_bytes().to_vec());
        }
        Ok(columns)
    }
}
