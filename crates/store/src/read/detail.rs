//! One finding with everything that hangs on it.

use postern_domain::arm::AssetId;
use postern_domain::digest::Digest;
use postern_domain::finding::FindingEvent;
use postern_domain::id::{ConnectionId, EvaluationId, FindingId, RuleId, ScanId};
use postern_domain::rule::PackManifest;
use postern_domain::verdict::{Evidence, Severity};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// A finding's last verdict, with the pack that gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingDetail {
    /// The connection.
    pub connection: ConnectionId,
    /// The asset.
    pub asset: AssetId,
    /// The rule.
    pub rule: RuleId,
    /// Whether the check still stands: neither the asset nor the rule is gone.
    pub is_current: bool,
    /// What the last verdict rests on.
    pub evidence: Vec<Evidence>,
    /// Since when the last verdict and its evidence were as they are.
    pub since: OffsetDateTime,
    /// The pack's digest.
    pub pack: Digest,
    /// What the pack said of itself.
    pub manifest: PackManifest,
}

/// A finding's last verdict; `None` where there is no such finding.
pub async fn find(
    connection: &mut PgConnection,
    finding: FindingId,
) -> Result<Option<FindingDetail>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT
            findings.connection_id,
            findings.asset_id,
            findings.rule_id,
            current_verdicts.verdict IS NOT NULL AS "is_current!",
            last_verdict.evidence AS "evidence!",
            last_verdict.at AS "since!",
            packs.pack_digest,
            packs.manifest
        FROM findings
        CROSS JOIN LATERAL (
            SELECT verdict_changes.at, verdict_changes.evidence, verdict_changes.pack_digest
            FROM verdict_changes
            WHERE verdict_changes.connection_id = findings.connection_id
                AND verdict_changes.asset_id = findings.asset_id
                AND verdict_changes.rule_id = findings.rule_id
                AND verdict_changes.verdict IS NOT NULL
            ORDER BY verdict_changes.at DESC, verdict_changes.evaluation_id DESC
            LIMIT 1
        ) AS last_verdict
        -- A verdict that a new version of its pack only confirms is not written again.
        LEFT JOIN current_verdicts USING (connection_id, asset_id, rule_id)
        JOIN packs ON packs.pack_digest = COALESCE(current_verdicts.pack_digest, last_verdict.pack_digest)
        WHERE findings.finding_id = $1
        "#,
        finding.number()
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(|row| {
        Ok(FindingDetail {
            connection: ConnectionId::from_number(row.connection_id),
            asset: column::word("findings.asset_id", &row.asset_id)?,
            rule: column::word("findings.rule_id", &row.rule_id)?,
            is_current: row.is_current,
            evidence: column::json("verdict_changes.evidence", row.evidence)?,
            since: row.since,
            pack: column::digest("packs.pack_digest", &row.pack_digest)?,
            manifest: column::json("packs.manifest", row.manifest)?,
        })
    })
    .transpose()
}

/// Something that happened to a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRecord {
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub event: FindingEvent,
    /// In which evaluation.
    pub evaluation: EvaluationId,
    /// In which scan.
    pub scan: ScanId,
    /// The severity after it.
    pub severity: Severity,
    /// The verdict's summary or the reason.
    pub detail: String,
}

/// What happened to a finding, oldest first.
pub async fn events(
    connection: &mut PgConnection,
    finding: FindingId,
) -> Result<Vec<EventRecord>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            finding_events.at,
            finding_events.event,
            finding_events.evaluation_id,
            snapshots.scan_id,
            finding_events.severity,
            finding_events.detail
        FROM finding_events
        JOIN evaluations USING (evaluation_id)
        JOIN snapshots USING (snapshot_id)
        WHERE finding_events.finding_id = $1
        ORDER BY finding_events.at, finding_events.evaluation_id
        "#,
        finding.number()
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(EventRecord {
                at: row.at,
                event: column::word("finding_events.event", &row.event)?,
                evaluation: EvaluationId::from_number(row.evaluation_id),
                scan: ScanId::from_number(row.scan_id),
                severity: column::word("finding_events.severity", &row.severity)?,
                detail: row.detail,
            })
        })
        .collect()
}

/// How many findings of a rule are open on assets other than `asset`.
pub async fn count_same_rule_open(
    connection: &mut PgConnection,
    of: ConnectionId,
    rule: &RuleId,
    asset: &AssetId,
) -> Result<u64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "count!"
        FROM findings
        WHERE connection_id = $1
            AND rule_id = $2
            AND asset_id <> $3
            AND state IN ('open', 'not_rechecked')
        "#,
        of.number(),
        rule.as_str(),
        asset.as_str()
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(u64::try_from(count).unwrap_or_default())
}
