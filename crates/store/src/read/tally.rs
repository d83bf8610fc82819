//! Tallies, summed over subscriptions: what the counts of pages are made of.

use postern_domain::arm::AssetType;
use postern_domain::id::{ConnectionId, RuleId};
use postern_domain::tally::Tally;
use postern_domain::verdict::Severity;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// What is counted of a rule on assets of a type, by severity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleTally {
    /// The rule.
    pub rule: RuleId,
    /// The type of the assets.
    pub asset_type: AssetType,
    /// How bad a failure is.
    pub severity: Severity,
    /// The counts.
    pub tally: Tally,
}

/// The tallies as of the latest evaluation, or as of the latest whose facts are not younger than `as_of`; in the order
/// of rules, types and severities.
pub async fn list(
    connection: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
) -> Result<Vec<RuleTally>, StoreError> {
    let rows = match as_of {
        None => current(connection, of).await?,
        Some(at) => past(connection, of, at).await?,
    };
    rows.into_iter().map(TallyRow::into_tally).collect()
}

async fn current(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Vec<TallyRow>, StoreError> {
    Ok(sqlx::query_as!(
        TallyRow,
        r#"
        SELECT
            rule_id,
            asset_type,
            severity,
            sum(checks_pass) AS "pass!",
            sum(checks_fail) AS "fail!",
            sum(checks_unknown) AS "unknown!",
            sum(checks_not_applicable) AS "not_applicable!",
            sum(findings_open) AS "open!",
            sum(findings_not_rechecked) AS "not_rechecked!",
            sum(findings_unknown) AS "unjudged!",
            sum(findings_resolved) AS "resolved!"
        FROM current_tallies
        WHERE connection_id = $1
        GROUP BY rule_id, asset_type, severity
        ORDER BY rule_id, asset_type, severity
        "#,
        of.number(),
    )
    .fetch_all(connection)
    .await?)
}

/// From the base before `at`, or of it, and the changes since then.
async fn past(
    connection: &mut PgConnection,
    of: ConnectionId,
    at: OffsetDateTime,
) -> Result<Vec<TallyRow>, StoreError> {
    let base = sqlx::query_scalar!(
        r#"
        SELECT at
        FROM tally_bases
        WHERE connection_id = $1 AND at <= $2
        ORDER BY at DESC, evaluation_id DESC
        LIMIT 1
        "#,
        of.number(),
        at,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(base) = base else { return Ok(Vec::new()) };
    Ok(sqlx::query_as!(
        TallyRow,
        r#"
        SELECT
            rule_id,
            asset_type,
            severity,
            sum(checks_pass) AS "pass!",
            sum(checks_fail) AS "fail!",
            sum(checks_unknown) AS "unknown!",
            sum(checks_not_applicable) AS "not_applicable!",
            sum(findings_open) AS "open!",
            sum(findings_not_rechecked) AS "not_rechecked!",
            sum(findings_unknown) AS "unjudged!",
            sum(findings_resolved) AS "resolved!"
        FROM (
            SELECT DISTINCT ON (rule_id, asset_type, subscription, severity) *
            FROM tally_changes
            WHERE connection_id = $1 AND at >= $2 AND at <= $3
            ORDER BY rule_id, asset_type, subscription, severity, at DESC, evaluation_id DESC
        ) AS latest
        GROUP BY rule_id, asset_type, severity
        ORDER BY rule_id, asset_type, severity
        "#,
        of.number(),
        base,
        at,
    )
    .fetch_all(connection)
    .await?)
}

struct TallyRow {
    rule_id: String,
    asset_type: String,
    severity: String,
    pass: i64,
    fail: i64,
    unknown: i64,
    not_applicable: i64,
    open: i64,
    not_rechecked: i64,
    unjudged: i64,
    resolved: i64,
}

impl TallyRow {
    fn into_tally(self) -> Result<RuleTally, StoreError> {
        let count = |number: i64| -> Result<i32, StoreError> {
            number
                .try_into()
                .map_err(|_| StoreError::unreadable("tally_changes", "too large a count"))
        };
        Ok(RuleTally {
            rule: column::word("tally_changes.rule_id", &self.rule_id)?,
            asset_type: AssetType::new(&self.asset_type),
            severity: column::word("tally_changes.severity", &self.severity)?,
            tally: Tally {
                pass: count(self.pass)?,
                fail: count(self.fail)?,
                unknown: count(self.unknown)?,
                not_applicable: count(self.not_applicable)?,
                open: count(self.open)?,
                not_rechecked: count(self.not_rechecked)?,
                unjudged: count(self.unjudged)?,
                resolved: count(self.resolved)?,
            },
        })
    }
}
