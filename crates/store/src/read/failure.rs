//! Failures with all that an approver accepts of them: the verdict, and the document that it was given on.

use std::collections::BTreeMap;

use postern_domain::arm::{ArmId, AssetId};
use postern_domain::asset::{Asset, AssetDocument};
use postern_domain::finding::FindingState;
use postern_domain::id::{ConnectionId, FindingId, RuleId};
use postern_domain::team::TeamId;
use postern_domain::verdict::{RuleVerdict, Severity, Verdict};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::column;
use crate::error::StoreError;
use crate::read::asset::AssetIdentity;

/// A finding, with the last failure that was seen of it.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its state as of the latest evaluation.
    pub state: FindingState,
    /// Whose the asset is; `None` for nobody's.
    pub owner: Option<TeamId>,
    /// The rule.
    pub rule: RuleId,
    /// How bad it is, as of the latest evaluation.
    pub severity: Severity,
    /// The asset as it was read last; of what could not be re-checked, as it was when it was seen to fail.
    pub asset: Asset,
    /// The last failing verdict; `None` where it was never seen to fail.
    pub verdict: Option<RuleVerdict>,
}

/// These findings of a connection, whatever their state.
pub async fn list(
    connection: &mut PgConnection,
    of: ConnectionId,
    findings: &[FindingId],
) -> Result<BTreeMap<FindingId, Failure>, StoreError> {
    let numbers: Vec<i64> = findings.iter().map(|finding| finding.number()).collect();
    let rows = sqlx::query!(
        r#"
        SELECT
            findings.finding_id,
            findings.asset_id,
            findings.rule_id,
            findings.state,
            findings.severity,
            findings.team,
            seen.identity AS "identity!",
            asset_bodies.document AS "document!",
            failed.severity AS "failed_severity?",
            verdict_bodies.summary AS "summary?",
            verdict_bodies.evidence AS "evidence?"
        FROM findings
        JOIN assets USING (connection_id, asset_id)
        CROSS JOIN LATERAL (
            SELECT asset_changes.identity, asset_changes.content_hash
            FROM asset_changes
            WHERE asset_changes.connection_id = findings.connection_id
                AND asset_changes.asset_id = findings.asset_id
                AND asset_changes.content_hash IS NOT NULL
            ORDER BY
                (findings.state = 'not_rechecked' AND asset_changes.at >= findings.changed_at),
                asset_changes.at DESC,
                asset_changes.snapshot_id DESC
            LIMIT 1
        ) AS seen
        JOIN asset_bodies ON asset_bodies.content_hash = seen.content_hash
        LEFT JOIN LATERAL (
            SELECT verdict_changes.severity, verdict_changes.body_digest
            FROM verdict_changes
            WHERE verdict_changes.asset_number = assets.asset_number
                AND verdict_changes.rule_id = findings.rule_id
                AND verdict_changes.verdict = 'fail'
            ORDER BY verdict_changes.at DESC, verdict_changes.evaluation_id DESC
            LIMIT 1
        ) AS failed ON TRUE
        LEFT JOIN verdict_bodies
            ON verdict_bodies.connection_id = findings.connection_id
            AND verdict_bodies.body_digest = failed.body_digest
        WHERE findings.connection_id = $1 AND findings.finding_id = ANY($2)
        "#,
        of.number(),
        &numbers,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let id: AssetId = column::word("findings.asset_id", &row.asset_id)?;
            let rule: RuleId = column::word("findings.rule_id", &row.rule_id)?;
            let said = match (row.failed_severity, row.summary, row.evidence) {
                (Some(severity), Some(summary), Some(evidence)) => Some(RuleVerdict {
                    asset: id.clone(),
                    rule: rule.clone(),
                    verdict: Verdict::Fail,
                    severity: column::word("verdict_changes.severity", &severity)?,
                    summary: summary.into(),
                    evidence: column::json("verdict_bodies.evidence", evidence)?,
                }),
                _ => None,
            };
            let team = row.team.map(|team| column::word("findings.team", &team)).transpose()?;
            let failure = Failure {
                state: column::word("findings.state", &row.state)?,
                owner: team,
                severity: column::word("findings.severity", &row.severity)?,
                asset: asset(id, row.identity, row.document)?,
                verdict: said,
                rule,
            };
            Ok((FindingId::from_number(row.finding_id), failure))
        })
        .collect()
}

fn asset(id: AssetId, identity: Value, document: Value) -> Result<Asset, StoreError> {
    let named = AssetIdentity::read(&id, identity)?;
    Ok(Asset {
        arm_id: named.arm_id,
        asset_type: named.asset_type,
        name: named.name,
        kind: named.kind,
        location: named.location,
        subscription: named.subscription,
        resource_group: named.resource_group,
        document: column::json::<AssetDocument>("asset_bodies.document", document)?,
        source: String::new(),
        id,
    })
}

/// A finding that fails, with as much of its asset as scopes are told by.
#[derive(Clone, Debug)]
pub struct FailingAsset {
    /// The finding.
    pub finding: FindingId,
    /// Whose the asset is; `None` for nobody's.
    pub owner: Option<TeamId>,
    /// How bad it is.
    pub severity: Severity,
    /// Of its document the tags alone.
    pub asset: Asset,
}

/// The failing findings of a rule, those not re-checked included.
pub async fn of_rule(
    connection: &mut PgConnection,
    of: ConnectionId,
    rule: &RuleId,
) -> Result<Vec<FailingAsset>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            findings.finding_id,
            findings.asset_id,
            findings.team,
            findings.severity,
            current_assets.arm_id,
            asset_bodies.document -> 'resource' -> 'tags' AS tags
        FROM findings
        JOIN current_assets USING (connection_id, asset_id)
        JOIN asset_bodies USING (content_hash)
        WHERE connection_id = $1 AND rule_id = $2 AND standing = 0
        ORDER BY finding_id
        "#,
        of.number(),
        rule.as_str(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let id = ArmId::parse(&row.arm_id)
                .map_err(|error| StoreError::unreadable("current_assets.arm_id", error))?;
            let resource = json!({"id": row.arm_id, "tags": row.tags});
            let asset = Asset {
                id: column::word("findings.asset_id", &row.asset_id)?,
                asset_type: id.asset_type().clone(),
                name: id.name().to_owned(),
                kind: None,
                location: None,
                subscription: id.subscription().to_owned(),
                resource_group: id.resource_group().map(str::to_owned),
                arm_id: row.arm_id,
                document: AssetDocument { resource, related: BTreeMap::new() },
                source: String::new(),
            };
            Ok(FailingAsset {
                finding: FindingId::from_number(row.finding_id),
                owner: row.team.map(|team| column::word("findings.team", &team)).transpose()?,
                severity: column::word("findings.severity", &row.severity)?,
                asset,
            })
        })
        .collect()
}
