//! Tallies over time: what the lines of a chart are made of.

use postern_domain::id::{ConnectionId, EvaluationId, RuleId};
use postern_domain::tally::Tally;
use postern_domain::team::TeamId;
use postern_domain::verdict::Severity;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{base, tally_of};
use crate::column;
use crate::error::StoreError;

/// Whose tallies are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TalliesOf {
    /// All.
    All,
    /// Those of a subscription, by its lower-case id.
    Subscription(String),
    /// Those of some teams.
    Teams(Vec<TeamId>),
    /// Those of no team.
    Nobody,
}

/// By how much an evaluation changed what is counted of a severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TallyStep {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// The time of its facts.
    pub at: OffsetDateTime,
    /// The severity.
    pub severity: Severity,
    /// The counts more than before; where the steps begin, all of them.
    pub more: Tally,
}

/// The steps from the base at or before `from` until `until`, oldest first; of some rules, where these are given.
///
/// Up to any evaluation from `from` on, they add up to what it counted.
pub async fn steps(
    connection: &mut PgConnection,
    of: ConnectionId,
    (from, until): (OffsetDateTime, OffsetDateTime),
    whose: &TalliesOf,
    rules: Option<&[RuleId]>,
) -> Result<Vec<TallyStep>, StoreError> {
    let Some(base) = base(connection, of, from).await? else { return Ok(Vec::new()) };
    let (kind, words) = match whose {
        TalliesOf::All => ("all", Vec::new()),
        TalliesOf::Subscription(id) => ("subscription", vec![id.clone()]),
        TalliesOf::Teams(teams) => ("teams", teams.iter().map(ToString::to_string).collect()),
        TalliesOf::Nobody => ("nobody", Vec::new()),
    };
    let rules: Option<Vec<String>> =
        rules.map(|rules| rules.iter().map(ToString::to_string).collect());
    let rows = sqlx::query!(
        r#"
        SELECT
            evaluation_id,
            at,
            severity,
            sum(sign * pass) AS "pass!",
            sum(sign * fail) AS "fail!",
            sum(sign * unknown) AS "unknown!",
            sum(sign * not_applicable) AS "not_applicable!",
            sum(sign * open) AS "open!",
            sum(sign * not_rechecked) AS "not_rechecked!",
            sum(sign * unjudged) AS "unjudged!",
            sum(sign * resolved) AS "resolved!"
        FROM (
            SELECT
                evaluation_id,
                at,
                severity,
                -- What is nobody's is what is counted by subscription and not by team.
                CASE WHEN $4 = 'nobody' AND team <> '' THEN -1 ELSE 1 END AS sign,
                checks_pass - COALESCE(lag(checks_pass) OVER life, 0) AS pass,
                checks_fail - COALESCE(lag(checks_fail) OVER life, 0) AS fail,
                checks_unknown - COALESCE(lag(checks_unknown) OVER life, 0) AS unknown,
                checks_not_applicable - COALESCE(lag(checks_not_applicable) OVER life, 0) AS not_applicable,
                findings_open - COALESCE(lag(findings_open) OVER life, 0) AS open,
                findings_not_rechecked - COALESCE(lag(findings_not_rechecked) OVER life, 0) AS not_rechecked,
                findings_unknown - COALESCE(lag(findings_unknown) OVER life, 0) AS unjudged,
                findings_resolved - COALESCE(lag(findings_resolved) OVER life, 0) AS resolved
            FROM tally_changes
            WHERE connection_id = $1
                AND at >= $2
                AND at <= $3
                AND ($6::text[] IS NULL OR rule_id = ANY($6))
                AND CASE $4
                    WHEN 'subscription' THEN subscription = ANY($5::text[])
                    WHEN 'teams' THEN team = ANY($5::text[])
                    WHEN 'nobody' THEN TRUE
                    ELSE team = ''
                END
            WINDOW life AS (
                PARTITION BY rule_id, asset_type, subscription, team, severity ORDER BY at, evaluation_id
            )
        ) AS step
        GROUP BY evaluation_id, at, severity
        ORDER BY at, evaluation_id, severity
        "#,
        of.number(),
        base,
        until,
        kind,
        &words,
        rules.as_deref() as Option<&[String]>,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(TallyStep {
                evaluation: EvaluationId::from_number(row.evaluation_id),
                at: row.at,
                severity: column::word("tally_changes.severity", &row.severity)?,
                more: tally_of([
                    row.pass,
                    row.fail,
                    row.unknown,
                    row.not_applicable,
                    row.open,
                    row.not_rechecked,
                    row.unjudged,
                    row.resolved,
                ])?,
            })
        })
        .collect()
}
