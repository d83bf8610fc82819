//! Evaluations: snapshots judged by packs, as changes, and the projection of them.

use std::collections::BTreeMap;

use postern_domain::arm::AssetId;
use postern_domain::digest::Digest;
use postern_domain::id::{ConnectionId, EvaluationId, RuleId, SnapshotId};
use postern_domain::verdict::RuleVerdict;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

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

/// An evaluation to be written.
#[derive(Clone, Debug)]
pub struct NewEvaluation<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// The snapshot that is judged.
    pub snapshot: SnapshotId,
    /// When the snapshot was finished.
    pub at: OffsetDateTime,
    /// When it was judged.
    pub evaluated_at: OffsetDateTime,
    /// The engine and the contract.
    pub engine: &'a str,
    /// The packs' settings.
    pub settings: &'a Value,
}

/// Which evaluation of which connection facts belong to, and their time.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The connection.
    pub connection: ConnectionId,
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// When the snapshot was finished.
    pub at: OffsetDateTime,
}

/// Writes the evaluation's row.
pub async fn insert(
    connection: &mut PgConnection,
    new: &NewEvaluation<'_>,
) -> Result<EvaluationId, StoreError> {
    let id = sqlx::query_scalar!(
        r#"
        INSERT INTO evaluations (connection_id, snapshot_id, at, evaluated_at, engine, settings)
        VALUES ($1, $2, $3, $4, $5, $6)
        RETURNING evaluation_id
        "#,
        new.connection.number(),
        new.snapshot.number(),
        new.at,
        new.evaluated_at,
        new.engine,
        new.settings,
    )
    .fetch_one(connection)
    .await?;
    Ok(EvaluationId::from_number(id))
}

/// Writes which packs judged, and what was wrong with them.
pub async fn insert_packs(
    connection: &mut PgConnection,
    evaluation: EvaluationId,
    packs: &[(Digest, Option<String>)],
) -> Result<(), StoreError> {
    let digests: Vec<Vec<u8>> =
        packs.iter().map(|(digest, _)| digest.as_bytes().to_vec()).collect();
    let problems: Vec<Option<String>> = packs.iter().map(|(_, problem)| problem.clone()).collect();
    sqlx::query!(
        r#"
        INSERT INTO evaluation_packs (evaluation_id, pack_digest, problem)
        SELECT $1, * FROM UNNEST($2::bytea[], $3::text[])
        "#,
        evaluation.number(),
        &digests,
        &problems as &[Option<String>],
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The verdicts on these assets as of the latest evaluation.
pub async fn current(
    connection: &mut PgConnection,
    of: ConnectionId,
    assets: &[String],
) -> Result<BTreeMap<Check, PackVerdict>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT asset_id, rule_id, pack_digest, verdict, severity, summary, evidence
        FROM current_verdicts
        WHERE connection_id = $1 AND asset_id = ANY($2)
        "#,
        of.number(),
        assets,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let asset: AssetId = column::word("current_verdicts.asset_id", &row.asset_id)?;
            let rule: RuleId = column::word("current_verdicts.rule_id", &row.rule_id)?;
            let verdict = RuleVerdict {
                asset: asset.clone(),
                rule: rule.clone(),
                verdict: column::word("current_verdicts.verdict", &row.verdict)?,
                severity: column::word("current_verdicts.severity", &row.severity)?,
                summary: row.summary.into(),
                evidence: column::json("current_verdicts.evidence", row.evidence)?,
            };
            let pack = column::digest("current_verdicts.pack_digest", &row.pack_digest)?;
            Ok(((asset, rule), PackVerdict { pack, verdict }))
        })
        .collect()
}

/// The assets that have verdicts or unfinished findings and are not in the inventory any more, by id.
pub async fn list_gone(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Vec<AssetId>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"
        SELECT asset_id AS "asset_id!"
        FROM (
            SELECT asset_id FROM current_verdicts WHERE connection_id = $1
            UNION
            SELECT asset_id FROM findings WHERE connection_id = $1 AND state <> 'resolved'
        ) AS judged
        WHERE NOT EXISTS (
            SELECT
            FROM current_assets
            WHERE current_assets.connection_id = $1 AND current_assets.asset_id = judged.asset_id
        )
        ORDER BY asset_id COLLATE "C"
        "#,
        of.number(),
    )
    .fetch_all(connection)
    .await?;
    ids.iter().map(|id| column::word("current_verdicts.asset_id", id)).collect()
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
                SELECT *
                FROM UNNEST(
                    $4::text[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::text[], $10::jsonb[]
                ) AS new (asset_id, rule_id, pack_digest, verdict, severity, summary, evidence)
            ), fact AS (
                INSERT INTO verdict_changes (
                    at, evaluation_id, connection_id, asset_id, rule_id, pack_digest, verdict, severity,
                    summary, evidence
                )
                SELECT $1, $2, $3, new.* FROM new
            )
            INSERT INTO current_verdicts (
                connection_id, asset_id, rule_id, pack_digest, verdict, severity, summary, evidence, since
            )
            SELECT $3, new.*, $1 FROM new
            ON CONFLICT ON CONSTRAINT current_verdicts_pkey DO UPDATE
            SET pack_digest = EXCLUDED.pack_digest,
                verdict = EXCLUDED.verdict,
                severity = EXCLUDED.severity,
                summary = EXCLUDED.summary,
                evidence = EXCLUDED.evidence,
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
                SELECT *
                FROM UNNEST($4::text[], $5::text[], $6::bytea[]) AS ended (asset_id, rule_id, pack_digest)
            ), fact AS (
                INSERT INTO verdict_changes (
                    at, evaluation_id, connection_id, asset_id, rule_id, pack_digest
                )
                SELECT $1, $2, $3, ended.* FROM ended
            )
            DELETE FROM current_verdicts
            USING ended
            WHERE connection_id = $3
                AND current_verdicts.asset_id = ended.asset_id
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
        FROM UNNEST($2::text[], $3::bytea[]) AS new (rule_id, pack_digest)
        WHERE connection_id = $1
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

#[derive(Default)]
struct VerdictColumns {
    assets: Vec<String>,
    rules: Vec<String>,
    packs: Vec<Vec<u8>>,
    verdicts: Vec<String>,
    severities: Vec<String>,
    summaries: Vec<String>,
    evidence: Vec<Value>,
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
                .map_err(|error| StoreError::unreadable("verdict_changes.evidence", error))?;
            columns.evidence.push(evidence);
        }
        Ok(columns)
    }
}
