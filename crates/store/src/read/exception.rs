//! Exceptions for pages and reports: which findings are accepted when, lists, and what was done.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::arm::{AssetId, AssetType};
use postern_domain::exception::Exception;
use postern_domain::exception::act::Act;
use postern_domain::exception::grant::Approval;
use postern_domain::finding::FindingState;
use postern_domain::id::{ConnectionId, ExceptionId, FindingId, PersonId, RuleId};
use postern_domain::person::Sight;
use postern_domain::team::TeamId;
use postern_domain::verdict::Severity;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// A span of time in which a failing finding had one state and severity, and an exception or a request was about it.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidedSpan {
    /// The finding.
    pub finding: FindingId,
    /// The exception.
    pub exception: ExceptionId,
    /// Until when it was accepted, as granted; `None` where a request waits for a decision.
    pub granted_until: Option<OffsetDateTime>,
    /// When it was filed.
    pub filed_at: OffsetDateTime,
    /// From when on.
    pub since: OffsetDateTime,
    /// Until before when; `None` where no end is known.
    pub until: Option<OffsetDateTime>,
    /// The state: open, or not re-checked.
    pub state: FindingState,
    /// The severity.
    pub severity: Severity,
    /// The rule.
    pub rule: RuleId,
    /// The type of the asset.
    pub asset_type: AssetType,
    /// The asset's subscription, lower case.
    pub subscription: String,
    /// Whose the asset was; `None` for nobody's.
    pub owner: Option<TeamId>,
    /// The asset.
    pub asset: AssetId,
    /// The asset's name, lower case.
    pub asset_name: String,
}

/// The spans of a connection's failing findings that touch the time from `from` to `to`, both included.
///
/// A finding can have several at the same time, of exceptions that overlap.
pub async fn decided(
    connection: &mut PgConnection,
    of: ConnectionId,
    (from, to): (OffsetDateTime, OffsetDateTime),
) -> Result<Vec<DecidedSpan>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            decided.finding_id,
            decided.exception_id,
            NULLIF(decided.granted_until, 'infinity') AS granted_until,
            exceptions.filed_at AS "filed_at!",
            GREATEST(decided.since, standing.since) AS "since!",
            NULLIF(LEAST(decided.until, standing.until), 'infinity') AS until,
            standing.state,
            standing.severity,
            standing.team,
            findings.rule_id,
            findings.asset_type,
            findings.asset_id,
            findings.asset_name
        FROM exception_spans AS decided
        JOIN exceptions ON exceptions.exception_id = decided.exception_id
        JOIN finding_spans AS standing
            ON standing.finding_id = decided.finding_id
            AND standing.since <= $3
            AND standing.until > $2
            AND standing.since < decided.until
            AND standing.until > decided.since
            AND standing.standing = 0
        JOIN findings ON findings.finding_id = decided.finding_id
        WHERE decided.connection_id = $1
            AND decided.since <= $3
            AND decided.until > $2
            AND decided.since < decided.until
        ORDER BY decided.finding_id, decided.since, decided.exception_id
        "#,
        of.number(),
        from,
        to,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let subscription = row.asset_id.split('/').nth(2).unwrap_or_default().to_owned();
            Ok(DecidedSpan {
                finding: FindingId::from_number(row.finding_id),
                exception: ExceptionId::from_number(row.exception_id),
                granted_until: row.granted_until,
                filed_at: row.filed_at,
                since: row.since,
                until: row.until,
                state: column::word("finding_spans.state", &row.state)?,
                severity: column::word("finding_spans.severity", &row.severity)?,
                rule: column::word("findings.rule_id", &row.rule_id)?,
                asset_type: AssetType::new(&row.asset_type),
                subscription,
                owner: row
                    .team
                    .map(|team| column::word("finding_spans.team", &team))
                    .transpose()?,
                asset: column::word("findings.asset_id", &row.asset_id)?,
                asset_name: row.asset_name,
            })
        })
        .collect()
}

/// The exceptions of a connection that were in force at a moment, by id, each as the last act by then left it: of
/// acts alone, so that it is the same whenever it is read.
pub async fn in_force(
    connection: &mut PgConnection,
    of: ConnectionId,
    at: OffsetDateTime,
) -> Result<Vec<Exception>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"
        SELECT last.exception AS "exception!"
        FROM exceptions
        CROSS JOIN LATERAL (
            SELECT exception
            FROM exception_acts
            WHERE exception_acts.exception_id = exceptions.exception_id AND at <= $2
            ORDER BY number DESC
            LIMIT 1
        ) AS last
        WHERE exceptions.connection_id = $1
            AND last.exception #>> '{state,state}' = 'approved'
            AND (last.exception #>> '{state,grant,until}')::timestamptz > $2
        ORDER BY exceptions.exception_id
        "#,
        of.number(),
        at,
    )
    .fetch_all(connection)
    .await?;
    found.into_iter().map(|exception| column::json("exception_acts.exception", exception)).collect()
}

/// When last before or at a moment it changed what is accepted: something came to be, or ceased to be.
pub async fn changed_at(
    connection: &mut PgConnection,
    of: ConnectionId,
    by: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT GREATEST(
            max(since) FILTER (WHERE since <= $2),
            max(until) FILTER (WHERE until <= $2)
        )
        FROM exception_spans
        WHERE connection_id = $1 AND kind = 'accepted' AND since < until
        "#,
        of.number(),
        by,
    )
    .fetch_one(connection)
    .await?)
}

/// The names that approvers had when they approved, as the decision log has them: a person's name can change.
pub async fn approvers(
    connection: &mut PgConnection,
    approvals: &[(ExceptionId, &Approval)],
) -> Result<BTreeMap<(ExceptionId, PersonId), String>, StoreError> {
    let exceptions: Vec<i64> = approvals.iter().map(|(exception, _)| exception.number()).collect();
    let people: Vec<i64> = approvals.iter().map(|(_, approval)| approval.by.number()).collect();
    let times: Vec<OffsetDateTime> = approvals.iter().map(|(_, approval)| approval.at).collect();
    // An act and its entry are of the same moment, or the entry is a little later: found at once from there on.
    let rows = sqlx::query!(
        r#"
        SELECT approval.exception_id AS "exception_id!", approval.person_id AS "person_id!", entry.who
        FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS approval (exception_id, person_id, at)
        CROSS JOIN LATERAL (
            SELECT who
            FROM decisions
            WHERE decisions.at >= approval.at
                AND decisions.action = 'exception.approve'
                AND decisions.subject = 'X-' || approval.exception_id
                AND decisions.person_id = approval.person_id
            ORDER BY decisions.at, decisions.number
            LIMIT 1
        ) AS entry
        "#,
        &exceptions,
        &people,
        &times,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let exception = ExceptionId::from_number(row.exception_id);
            ((exception, PersonId::from_number(row.person_id)), row.who)
        })
        .collect())
}

/// An exception in a list. What was accepted of each finding is left out: it is long.
#[derive(Clone, Debug)]
pub struct ExceptionRecord {
    /// The exception as it was left by the last act, without the findings that its grant covers.
    pub exception: Exception,
    /// Who filed it; nobody yet where it is a draft.
    pub requester: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// How many findings it covers, or asks for.
    pub findings: u32,
    /// Their rules; none of drafts.
    pub rules: Vec<RuleId>,
}

/// The exceptions of a connection as of a moment, or of now, the youngest first; at most `limit`.
///
/// Whose sight ends at teams gets those that are about a finding of theirs. Drafts are for who wrote them.
pub async fn list(
    connection: &mut PgConnection,
    of: ConnectionId,
    (sight, reader): (&Sight, Option<PersonId>),
    as_of: Option<OffsetDateTime>,
    limit: u32,
) -> Result<Vec<ExceptionRecord>, StoreError> {
    let teams: Option<Vec<String>> =
        sight.teams().map(|teams| teams.iter().map(ToString::to_string).collect());
    let rows = sqlx::query!(
        r#"
        SELECT
            jsonb_set(last.exception, '{state,grant,covered}', '{}', false) AS "exception!",
            requester.name AS "requester?",
            owner.name AS owner,
            COALESCE(
                NULLIF(
                    (
                        SELECT count(DISTINCT finding_id)
                        FROM exception_spans
                        WHERE exception_spans.exception_id = exceptions.exception_id
                            AND ($4::timestamptz IS NULL OR since <= $4)
                            AND (exceptions.state <> 'approved' OR kind = 'accepted')
                    ),
                    0
                ),
                jsonb_array_length(last.exception #> '{request,covers,findings}'),
                0
            ) AS "findings!",
            ARRAY(
                SELECT DISTINCT rule_id
                FROM exception_spans
                JOIN findings USING (finding_id)
                WHERE exception_spans.exception_id = exceptions.exception_id
                    AND ($4::timestamptz IS NULL OR since <= $4)
                ORDER BY rule_id
            ) AS "rules!"
        FROM exceptions
        CROSS JOIN LATERAL (
            SELECT exception
            FROM exception_acts
            WHERE exception_acts.exception_id = exceptions.exception_id
                AND ($4::timestamptz IS NULL OR at <= $4)
            ORDER BY number DESC
            LIMIT 1
        ) AS last
        JOIN people AS owner ON owner.person_id = (substr(last.exception #>> '{request,owner}', 3))::bigint
        LEFT JOIN people AS requester ON requester.person_id = exceptions.filed_by
            AND last.exception #>> '{state,state}' <> 'draft'
        WHERE exceptions.connection_id = $1
            AND (
                last.exception -> 'editors' ? $3
                OR (
                    last.exception #>> '{state,state}' <> 'draft'
                    AND (
                        $2::text[] IS NULL
                        OR EXISTS (
                            SELECT
                            FROM exception_spans
                            JOIN findings USING (finding_id)
                            WHERE exception_spans.exception_id = exceptions.exception_id AND findings.team = ANY($2)
                        )
                    )
                )
            )
        ORDER BY exceptions.exception_id DESC
        LIMIT $5
        "#,
        of.number(),
        teams.as_deref() as Option<&[String]>,
        reader.map(|reader| reader.to_string()),
        as_of,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ExceptionRecord {
                exception: column::json("exception_acts.exception", row.exception)?,
                requester: row.requester,
                owner: row.owner,
                findings: column::count("exception_spans", row.findings)?,
                rules: row
                    .rules
                    .iter()
                    .map(|rule| column::word("findings.rule_id", rule))
                    .collect::<Result<_, _>>()?,
            })
        })
        .collect()
}

/// Something that was done to an exception, with the exception as it was after it.
#[derive(Clone, Debug)]
pub struct ActRecord {
    /// When.
    pub at: OffsetDateTime,
    /// Who; `None` for an evaluation.
    pub by: Option<(PersonId, String)>,
    /// What; `None` for the first draft.
    pub act: Option<Act>,
    /// The exception after it.
    pub exception: Exception,
}

/// What was done to an exception by a moment, the first draft first; and its connection.
pub async fn acts(
    connection: &mut PgConnection,
    id: ExceptionId,
    as_of: Option<OffsetDateTime>,
) -> Result<Option<(ConnectionId, Vec<ActRecord>)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            exceptions.connection_id,
            exception_acts.at,
            exception_acts.person_id,
            people.name AS "name?",
            exception_acts.act,
            exception_acts.exception
        FROM exceptions
        JOIN exception_acts USING (exception_id)
        LEFT JOIN people USING (person_id)
        WHERE exception_id = $1 AND ($2::timestamptz IS NULL OR exception_acts.at <= $2)
        ORDER BY exception_acts.number
        "#,
        id.number(),
        as_of,
    )
    .fetch_all(connection)
    .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let of = ConnectionId::from_number(first.connection_id);
    let acts = rows
        .into_iter()
        .map(|row| {
            Ok(ActRecord {
                at: row.at,
                by: row.person_id.map(PersonId::from_number).zip(row.name),
                act: row.act.map(|act| column::json("exception_acts.act", act)).transpose()?,
                exception: column::json("exception_acts.exception", row.exception)?,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(Some((of, acts)))
}

/// The extensions of an exception, drafts left out, the oldest first.
pub async fn extensions(
    connection: &mut PgConnection,
    of: ExceptionId,
) -> Result<Vec<ExceptionId>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"
        SELECT exception_id
        FROM exceptions
        WHERE extends = $1 AND state <> 'draft'
        ORDER BY exception_id
        "#,
        of.number(),
    )
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().map(ExceptionId::from_number).collect())
}

/// Whether an exception is, or ever was, about a finding of one of these teams.
pub async fn is_about(
    connection: &mut PgConnection,
    id: ExceptionId,
    teams: &BTreeSet<TeamId>,
) -> Result<bool, StoreError> {
    let teams: Vec<String> = teams.iter().map(ToString::to_string).collect();
    Ok(sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT
            FROM exception_spans
            JOIN findings USING (finding_id)
            WHERE exception_id = $1 AND findings.team = ANY($2)
        ) AS "is_about!"
        "#,
        id.number(),
        &teams,
    )
    .fetch_one(connection)
    .await?)
}
