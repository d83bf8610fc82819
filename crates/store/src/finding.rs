//! Findings: their events and the projection of them.

use std::collections::BTreeMap;

use postern_domain::arm::ArmId;
use postern_domain::finding::{Cause, FindingEvent, FindingState};
use postern_domain::id::{ConnectionId, FindingId};
use postern_domain::team::TeamId;
use postern_domain::verdict::Severity;
use serde_json::Value;
use sqlx::PgConnection;

use crate::column;
use crate::error::StoreError;
use crate::evaluation::At;
use crate::team::{self, NewOwner};
use crate::verdict::Check;

/// Rows a statement.
const BATCH: usize = 2000;

/// A finding as of the latest evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentFinding {
    /// The id.
    pub id: FindingId,
    /// Its state.
    pub state: FindingState,
    /// How bad it is.
    pub severity: Severity,
}

/// What an evaluation did to a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingStep {
    /// The rule on the asset.
    pub check: Check,
    /// What happened.
    pub event: FindingEvent,
    /// The state after it.
    pub next: FindingState,
    /// The severity after it.
    pub severity: Severity,
    /// Whose the asset is; `None` for nobody's.
    pub team: Option<TeamId>,
    /// What people read: the verdict's summary or the reason.
    pub detail: String,
    /// Why the verdict is not the one before; `None` where nothing was judged.
    pub cause: Option<Cause>,
}

/// Every finding on these assets, ended ones included.
pub async fn current(
    connection: &mut PgConnection,
    of: ConnectionId,
    assets: &[String],
) -> Result<BTreeMap<Check, CurrentFinding>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT finding_id, asset_id, rule_id, state, severity
        FROM findings
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
                column::word("findings.asset_id", &row.asset_id)?,
                column::word("findings.rule_id", &row.rule_id)?,
            );
            let finding = CurrentFinding {
                id: FindingId::from_number(row.finding_id),
                state: column::word("findings.state", &row.state)?,
                severity: column::word("findings.severity", &row.severity)?,
            };
            Ok((check, finding))
        })
        .collect()
}

/// Writes the events and brings the projection up to date; new findings get their ids in the order of `steps`.
pub async fn apply(
    connection: &mut PgConnection,
    at: At,
    steps: &[FindingStep],
) -> Result<(), StoreError> {
    for batch in steps.chunks(BATCH) {
        let texts =
            |text: fn(&FindingStep) -> String| -> Vec<String> { batch.iter().map(text).collect() };
        let assets = texts(|step| step.check.0.to_string());
        let rules = texts(|step| step.check.1.to_string());
        let events = texts(|step| step.event.as_str().to_owned());
        let states = texts(|step| step.next.as_str().to_owned());
        let severities = texts(|step| step.severity.to_string());
        let details = texts(|step| step.detail.clone());
        let teams: Vec<Option<String>> =
            batch.iter().map(|step| step.team.as_ref().map(ToString::to_string)).collect();
        let causes = batch
            .iter()
            .map(|step| step.cause.as_ref().map(serde_json::to_value).transpose())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| StoreError::unreadable("finding_events.cause", error))?;
        let of_asset = |step: &FindingStep| ArmId::parse(step.check.0.as_str());
        let parsed: Vec<ArmId> = batch
            .iter()
            .map(of_asset)
            .collect::<Result<_, _>>()
            .map_err(|error| StoreError::unreadable("findings.asset_id", error))?;
        let types: Vec<String> = parsed.iter().map(|id| id.asset_type().to_string()).collect();
        let names: Vec<String> = parsed.iter().map(|id| id.name().to_lowercase()).collect();
        let findings = sqlx::query_scalar!(
            r#"
            WITH step AS (
                SELECT *
                FROM UNNEST(
                    $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
                    $11::text[], $12::jsonb[], $13::text[]
                ) WITH ORDINALITY AS step (
                    asset_id, rule_id, event, state, severity, detail, asset_type, asset_name, cause, team, position
                )
            ), finding AS (
                INSERT INTO findings (
                    connection_id, asset_id, asset_type, asset_name, rule_id, state, severity, team,
                    first_seen_at, opened_at, changed_at, resolved_at
                )
                SELECT
                    $3, asset_id, asset_type, asset_name, rule_id, state, severity, team, $1::timestamptz, $1, $1,
                    CASE WHEN state = 'resolved' THEN $1 END
                FROM step
                ORDER BY position
                ON CONFLICT ON CONSTRAINT findings_check_key DO UPDATE
                SET state = EXCLUDED.state,
                    severity = EXCLUDED.severity,
                    team = EXCLUDED.team,
                    opened_at = CASE
                        WHEN findings.state = 'resolved' THEN EXCLUDED.opened_at
                        ELSE findings.opened_at
                    END,
                    changed_at = EXCLUDED.changed_at,
                    resolved_at = EXCLUDED.resolved_at
                RETURNING finding_id, asset_id, rule_id
            )
            INSERT INTO finding_events (
                at, evaluation_id, finding_id, event, state, severity, detail, cause
            )
            SELECT
                $1, $2::bigint, finding.finding_id, step.event, step.state, step.severity, step.detail, step.cause
            FROM step
            JOIN finding ON finding.asset_id = step.asset_id AND finding.rule_id = step.rule_id
            RETURNING finding_id
            "#,
            at.at,
            at.evaluation.number(),
            at.connection.number(),
            &assets,
            &rules,
            &events,
            &states,
            &severities,
            &details,
            &types,
            &names,
            &causes as &[Option<Value>],
            &teams as &[Option<String>],
        )
        .fetch_all(&mut *connection)
        .await?;
        begin_spans(connection, at, &findings).await?;
    }
    Ok(())
}

/// Ends the spans that these findings are in and begins new ones, as the projection has them now.
async fn begin_spans(
    connection: &mut PgConnection,
    at: At,
    findings: &[i64],
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        UPDATE finding_spans
        SET until = $2
        WHERE finding_id = ANY($1) AND until = 'infinity'
        "#,
        findings,
        at.at,
    )
    .execute(&mut *connection)
    .await?;
    // Of two evaluations of one moment the later holds.
    sqlx::query!(
        r#"
        INSERT INTO finding_spans (
            connection_id, finding_id, asset_number, state, severity, team, opened_at, changed_at, since
        )
        SELECT connection_id, finding_id, asset_number, state, severity, team, opened_at, changed_at, $2
        FROM findings
        JOIN assets USING (connection_id, asset_id)
        WHERE finding_id = ANY($1)
        ON CONFLICT ON CONSTRAINT finding_spans_pkey DO UPDATE
        SET state = EXCLUDED.state,
            severity = EXCLUDED.severity,
            team = EXCLUDED.team,
            opened_at = EXCLUDED.opened_at,
            changed_at = EXCLUDED.changed_at,
            until = EXCLUDED.until
        "#,
        findings,
        at.at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Brings the severity of findings up to date whose state did not change.
pub async fn project_severities(
    connection: &mut PgConnection,
    at: At,
    severities: &[(FindingId, Severity)],
) -> Result<(), StoreError> {
    if severities.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = severities.iter().map(|(id, _)| id.number()).collect();
    let words: Vec<String> = severities.iter().map(|(_, severity)| severity.to_string()).collect();
    sqlx::query!(
        r#"
        UPDATE findings
        SET severity = new.severity
        FROM UNNEST($1::bigint[], $2::text[]) AS new (finding_id, severity)
        WHERE findings.finding_id = new.finding_id
        "#,
        &ids,
        &words,
    )
    .execute(&mut *connection)
    .await?;
    begin_spans(connection, at, &ids).await
}

/// Brings all findings on these assets up to date with whose the assets are now, those that ended included.
pub async fn project_teams(
    connection: &mut PgConnection,
    at: At,
    changed: &[NewOwner<'_>],
) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    let (assets, teams) = team::columns(changed);
    let findings = sqlx::query_scalar!(
        r#"
        UPDATE findings
        SET team = new.team
        FROM UNNEST($2::text[], $3::text[]) AS new (asset_id, team)
        WHERE findings.connection_id = $1
            AND findings.asset_id = new.asset_id
            AND findings.team IS DISTINCT FROM new.team
        RETURNING finding_id
        "#,
        at.connection.number(),
        &assets,
        &teams as &[Option<String>],
    )
    .fetch_all(&mut *connection)
    .await?;
    begin_spans(connection, at, &findings).await
}
