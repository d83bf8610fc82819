//! One finding with everything that hangs on it.

use std::collections::BTreeMap;

use postern_domain::arm::AssetId;
use postern_domain::digest::Digest;
use postern_domain::finding::{Cause, FindingEvent};
use postern_domain::id::{ConnectionId, EvaluationId, FindingId, RuleId, ScanId};
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
    /// The digest of the pack that gave it. A verdict that a new version of its pack only confirms is not written again.
    pub pack: Digest,
}

/// A finding's last verdict as of a moment; `None` where there was no such finding then.
pub async fn find(
    connection: &mut PgConnection,
    finding: FindingId,
    as_of: OffsetDateTime,
) -> Result<Option<FindingDetail>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT
            findings.connection_id,
            findings.asset_id,
            findings.rule_id,
            latest.verdict IS NOT NULL AS "is_current!",
            verdict_bodies.evidence,
            said.at AS "since!",
            said.pack_digest AS "pack_digest!"
        FROM findings
        JOIN assets USING (connection_id, asset_id)
        CROSS JOIN LATERAL (
            SELECT verdict_changes.verdict
            FROM verdict_changes
            WHERE verdict_changes.asset_number = assets.asset_number
                AND verdict_changes.rule_id = findings.rule_id
                AND verdict_changes.at <= $2
            ORDER BY verdict_changes.at DESC, verdict_changes.evaluation_id DESC
            LIMIT 1
        ) AS latest
        CROSS JOIN LATERAL (
            SELECT verdict_changes.at, verdict_changes.body_digest, verdict_changes.pack_digest
            FROM verdict_changes
            WHERE verdict_changes.asset_number = assets.asset_number
                AND verdict_changes.rule_id = findings.rule_id
                AND verdict_changes.verdict IS NOT NULL
                AND verdict_changes.at <= $2
            ORDER BY verdict_changes.at DESC, verdict_changes.evaluation_id DESC
            LIMIT 1
        ) AS said
        JOIN verdict_bodies
            ON verdict_bodies.connection_id = findings.connection_id AND verdict_bodies.body_digest = said.body_digest
        WHERE findings.finding_id = $1
            AND findings.first_seen_at <= $2
        "#,
        finding.number(),
        as_of,
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(|row| {
        Ok(FindingDetail {
            connection: ConnectionId::from_number(row.connection_id),
            asset: column::word("findings.asset_id", &row.asset_id)?,
            rule: column::word("findings.rule_id", &row.rule_id)?,
            is_current: row.is_current,
            evidence: column::json("verdict_bodies.evidence", row.evidence)?,
            since: row.since,
            pack: column::digest("verdict_changes.pack_digest", &row.pack_digest)?,
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
    /// Why the verdict is not the one before, where that is known.
    pub cause: Option<Cause>,
}

/// What had happened to a finding by a moment, oldest first.
pub async fn events(
    connection: &mut PgConnection,
    finding: FindingId,
    until: OffsetDateTime,
) -> Result<Vec<EventRecord>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            finding_events.at,
            finding_events.event,
            finding_events.evaluation_id,
            snapshots.scan_id,
            finding_events.severity,
            finding_events.detail,
            finding_events.cause
        FROM finding_events
        JOIN evaluations USING (evaluation_id)
        JOIN snapshots USING (snapshot_id)
        WHERE finding_events.finding_id = $1
            AND finding_events.at <= $2
        ORDER BY finding_events.at, finding_events.evaluation_id
        "#,
        finding.number(),
        until,
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
                cause: row
                    .cause
                    .map(|cause| column::json("finding_events.cause", cause))
                    .transpose()?,
            })
        })
        .collect()
}

/// The connection of a finding; `None` where there is no such finding.
pub async fn connection_of(
    connection: &mut PgConnection,
    finding: FindingId,
) -> Result<Option<ConnectionId>, StoreError> {
    let number = sqlx::query_scalar!(
        "SELECT connection_id FROM findings WHERE finding_id = $1",
        finding.number()
    )
    .fetch_optional(connection)
    .await?;
    Ok(number.map(ConnectionId::from_number))
}

/// The connections of findings; of those that are not there, nothing.
pub async fn connections_of(
    connection: &mut PgConnection,
    findings: &[FindingId],
) -> Result<BTreeMap<FindingId, ConnectionId>, StoreError> {
    let numbers: Vec<i64> = findings.iter().map(|finding| finding.number()).collect();
    let rows = sqlx::query!(
        "SELECT finding_id, connection_id FROM findings WHERE finding_id = ANY($1)",
        &numbers
    )
    .fetch_all(connection)
    .await?;
    let pair = |finding, of| (FindingId::from_number(finding), ConnectionId::from_number(of));
    Ok(rows.into_iter().map(|row| pair(row.finding_id, row.connection_id)).collect())
}
