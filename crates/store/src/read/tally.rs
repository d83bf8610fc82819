//! Tallies, summed over subscriptions or by owner: what the counts of pages are made of.

mod over_time;

use std::collections::BTreeMap;

use postern_domain::arm::AssetType;
use postern_domain::id::{ConnectionId, RuleId};
use postern_domain::tally::Tally;
use postern_domain::team::TeamId;
use postern_domain::verdict::Severity;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

pub use over_time::{TalliesOf, TallyStep, steps};

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
    let tallies = rows(connection, of, as_of, OfTeams::LeftOut).await?;
    Ok(tallies.into_iter().map(|(tally, _)| tally).collect())
}

/// The same by owner; `None` is what is nobody's.
pub async fn list_by_owner(
    connection: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
) -> Result<Vec<(RuleTally, Option<TeamId>)>, StoreError> {
    let (mut owned, all): (Vec<_>, Vec<_>) = rows(connection, of, as_of, OfTeams::Beside)
        .await?
        .into_iter()
        .partition(|(_, team)| team.is_some());
    let key = |tally: &RuleTally| (tally.rule.clone(), tally.asset_type.clone(), tally.severity);
    let mut rest: BTreeMap<_, RuleTally> =
        all.into_iter().map(|(tally, _)| (key(&tally), tally)).collect();
    for (tally, _) in &owned {
        if let Some(left) = rest.get_mut(&key(tally)) {
            left.tally = left.tally.without(tally.tally);
        }
    }
    let left = rest.into_values().filter(|left| left.tally != Tally::default());
    owned.extend(left.map(|tally| (tally, None)));
    Ok(owned)
}

/// Findings of a team and a severity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamTally {
    /// The team.
    pub team: TeamId,
    /// The severity.
    pub severity: Severity,
    /// How many are open, those not re-checked included.
    pub open: u32,
    /// How many could not be judged.
    pub unknown: u32,
}

/// The findings of each team, by severity; `as_of` as in [`list`]. The rest of all findings is nobody's.
pub async fn list_of_teams(
    connection: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
) -> Result<Vec<TeamTally>, StoreError> {
    let rows = match as_of {
        None => {
            sqlx::query_as!(
                TeamRow,
                r#"
                SELECT
                    team,
                    severity,
                    sum(findings_open + findings_not_rechecked) AS "open!",
                    sum(findings_unknown) AS "unknown!"
                FROM current_tallies
                WHERE connection_id = $1 AND team <> ''
                GROUP BY team, severity
                ORDER BY team, severity
                "#,
                of.number(),
            )
            .fetch_all(&mut *connection)
            .await?
        }
        Some(at) => {
            let Some(base) = base(connection, of, at).await? else { return Ok(Vec::new()) };
            sqlx::query_as!(
                TeamRow,
                r#"
                SELECT
                    team,
                    severity,
                    sum(findings_open + findings_not_rechecked) AS "open!",
                    sum(findings_unknown) AS "unknown!"
                FROM (
                    SELECT DISTINCT ON (rule_id, asset_type, team, severity) *
                    FROM tally_changes
                    WHERE connection_id = $1 AND at >= $2 AND at <= $3 AND team <> ''
                    ORDER BY rule_id, asset_type, team, severity, at DESC, evaluation_id DESC
                ) AS latest
                GROUP BY team, severity
                ORDER BY team, severity
                "#,
                of.number(),
                base,
                at,
            )
            .fetch_all(&mut *connection)
            .await?
        }
    };
    rows.into_iter()
        .map(|row| {
            Ok(TeamTally {
                team: column::word("tally_changes.team", &row.team)?,
                severity: column::word("tally_changes.severity", &row.severity)?,
                open: column::count("tally_changes", row.open)?,
                unknown: column::count("tally_changes", row.unknown)?,
            })
        })
        .collect()
}

struct TeamRow {
    team: String,
    severity: String,
    open: i64,
    unknown: i64,
}

/// Whether rows that count teams are read beside those that count subscriptions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OfTeams {
    LeftOut,
    Beside,
}

async fn rows(
    connection: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
    of_teams: OfTeams,
) -> Result<Vec<(RuleTally, Option<TeamId>)>, StoreError> {
    let rows = match as_of {
        None => current(connection, of, of_teams).await?,
        Some(at) => past(connection, of, at, of_teams).await?,
    };
    rows.into_iter().map(TallyRow::into_tally).collect()
}

async fn current(
    connection: &mut PgConnection,
    of: ConnectionId,
    of_teams: OfTeams,
) -> Result<Vec<TallyRow>, StoreError> {
    Ok(sqlx::query_as!(
        TallyRow,
        r#"
        SELECT
            rule_id,
            asset_type,
            severity,
            team,
            sum(checks_pass) AS "pass!",
            sum(checks_fail) AS "fail!",
            sum(checks_unknown) AS "unknown!",
            sum(checks_not_applicable) AS "not_applicable!",
            sum(findings_open) AS "open!",
            sum(findings_not_rechecked) AS "not_rechecked!",
            sum(findings_unknown) AS "unjudged!",
            sum(findings_resolved) AS "resolved!"
        FROM current_tallies
        WHERE connection_id = $1 AND ($2 OR team = '')
        GROUP BY rule_id, asset_type, severity, team
        ORDER BY rule_id, asset_type, severity, team
        "#,
        of.number(),
        of_teams == OfTeams::Beside,
    )
    .fetch_all(connection)
    .await?)
}

/// From the base before `at`, or of it, and the changes since then.
async fn past(
    connection: &mut PgConnection,
    of: ConnectionId,
    at: OffsetDateTime,
    of_teams: OfTeams,
) -> Result<Vec<TallyRow>, StoreError> {
    let Some(base) = base(connection, of, at).await? else { return Ok(Vec::new()) };
    Ok(sqlx::query_as!(
        TallyRow,
        r#"
        SELECT
            rule_id,
            asset_type,
            severity,
            team,
            sum(checks_pass) AS "pass!",
            sum(checks_fail) AS "fail!",
            sum(checks_unknown) AS "unknown!",
            sum(checks_not_applicable) AS "not_applicable!",
            sum(findings_open) AS "open!",
            sum(findings_not_rechecked) AS "not_rechecked!",
            sum(findings_unknown) AS "unjudged!",
            sum(findings_resolved) AS "resolved!"
        FROM (
            SELECT DISTINCT ON (rule_id, asset_type, subscription, team, severity) *
            FROM tally_changes
            WHERE connection_id = $1 AND at >= $2 AND at <= $3 AND ($4 OR team = '')
            ORDER BY rule_id, asset_type, subscription, team, severity, at DESC, evaluation_id DESC
        ) AS latest
        GROUP BY rule_id, asset_type, severity, team
        ORDER BY rule_id, asset_type, severity, team
        "#,
        of.number(),
        base,
        at,
        of_teams == OfTeams::Beside,
    )
    .fetch_all(connection)
    .await?)
}

/// When the latest evaluation by `at` was that wrote all tallies.
async fn base(
    connection: &mut PgConnection,
    of: ConnectionId,
    at: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, StoreError> {
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
    .fetch_optional(connection)
    .await?;
    Ok(base)
}

struct TallyRow {
    rule_id: String,
    asset_type: String,
    severity: String,
    /// Empty where it counts those of subscriptions.
    team: String,
    pass: i64,
    fail: i64,
    unknown: i64,
    not_applicable: i64,
    open: i64,
    not_rechecked: i64,
    unjudged: i64,
    resolved: i64,
}

/// Sums as a tally: checks that passed, failed, are unknown and do not apply, findings open, not re-checked, not judged and
/// resolved.
fn tally_of(sums: [i64; 8]) -> Result<Tally, StoreError> {
    let mut counts = [0; 8];
    for (count, sum) in counts.iter_mut().zip(sums) {
        *count = sum
            .try_into()
            .map_err(|_| StoreError::unreadable("tally_changes", "too large a count"))?;
    }
    let [pass, fail, unknown, not_applicable, open, not_rechecked, unjudged, resolved] = counts;
    Ok(Tally { pass, fail, unknown, not_applicable, open, not_rechecked, unjudged, resolved })
}

impl TallyRow {
    fn into_tally(self) -> Result<(RuleTally, Option<TeamId>), StoreError> {
        let team = Some(self.team.as_str()).filter(|team| !team.is_empty());
        let team = team.map(|team| column::word("tally_changes.team", team)).transpose()?;
        let tally = RuleTally {
            rule: column::word("tally_changes.rule_id", &self.rule_id)?,
            asset_type: AssetType::new(&self.asset_type),
            severity: column::word("tally_changes.severity", &self.severity)?,
            tally: tally_of([
                self.pass,
                self.fail,
                self.unknown,
                self.not_applicable,
                self.open,
                self.not_rechecked,
                self.unjudged,
                self.resolved,
            ])?,
        };
        Ok((tally, team))
    }
}
