//! Exceptions: their acts, and the projections of what each act left.

use postern_domain::digest::Digest;
use postern_domain::exception::act::Act;
use postern_domain::exception::policy::ExceptionPolicy;
use postern_domain::exception::status::ExceptionStatus;
use postern_domain::exception::{Exception, State};
use postern_domain::id::{ConnectionId, ExceptionId, FindingId, PersonId};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// What an organisation allows from now on; the default where nothing was said.
pub async fn policy(connection: &mut PgConnection) -> Result<ExceptionPolicy, StoreError> {
    let value = sqlx::query_scalar!(
        r#"
        SELECT policy
        FROM exception_policy_changes
        ORDER BY exception_policy_change_id DESC
        LIMIT 1
        "#
    )
    .fetch_optional(connection)
    .await?;
    value.map_or_else(
        || Ok(ExceptionPolicy::default()),
        |value| column::json("exception_policy_changes.policy", value),
    )
}

/// Writes what an organisation allows.
pub async fn set_policy(
    connection: &mut PgConnection,
    policy: &ExceptionPolicy,
    reason: &str,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let policy = serde_json::to_value(policy)
        .map_err(|error| StoreError::unreadable("exception_policy_changes.policy", error))?;
    sqlx::query!(
        "INSERT INTO exception_policy_changes (policy, reason, at) VALUES ($1, $2, $3)",
        policy,
        reason,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An exception as the last act left it.
#[derive(Clone, Debug)]
pub struct StoredException {
    /// The connection that all it covers is of.
    pub connection: ConnectionId,
    /// How many rows it has in `exception_acts`.
    pub acts: i32,
    /// What was done last; `None` where it is a first draft.
    pub last: Option<Act>,
    /// The exception.
    pub exception: Exception,
}

/// A key for a form that nobody has.
pub async fn form_key(connection: &mut PgConnection) -> Result<String, StoreError> {
    let key = sqlx::query_scalar!(r#"SELECT gen_random_uuid()::text AS "key!""#);
    Ok(key.fetch_one(connection).await?)
}

/// Gives the id of the exception that a form makes, or of the one that it made before; and whether it is new.
pub async fn reserve(
    transaction: &mut PgConnection,
    of: ConnectionId,
    form_key: &str,
    (owner, until, at): (PersonId, OffsetDateTime, OffsetDateTime),
) -> Result<(ExceptionId, bool), StoreError> {
    let new = sqlx::query_scalar!(
        r#"
        INSERT INTO exceptions (connection_id, form_key, acts, state, owner, until, changed_at)
        VALUES ($1, $2, 0, 'draft', $3, $4, $5)
        ON CONFLICT ON CONSTRAINT exceptions_form_key DO NOTHING
        RETURNING exception_id
        "#,
        of.number(),
        form_key,
        owner.number(),
        until,
        at,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    if let Some(number) = new {
        return Ok((ExceptionId::from_number(number), true));
    }
    let earlier =
        sqlx::query_scalar!("SELECT exception_id FROM exceptions WHERE form_key = $1", form_key)
            .fetch_one(transaction)
            .await?;
    Ok((ExceptionId::from_number(earlier), false))
}

/// An exception; `None` where there is none with this id.
pub async fn find(
    connection: &mut PgConnection,
    id: ExceptionId,
) -> Result<Option<StoredException>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT exceptions.connection_id, exceptions.acts, exception_acts.act, exception_acts.exception
        FROM exceptions
        JOIN exception_acts
            ON exception_acts.exception_id = exceptions.exception_id AND exception_acts.number = exceptions.acts - 1
        WHERE exceptions.exception_id = $1
        "#,
        id.number(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(StoredException {
            connection: ConnectionId::from_number(row.connection_id),
            acts: row.acts,
            last: last_act(row.act)?,
            exception: column::json("exception_acts.exception", row.exception)?,
        })
    })
    .transpose()
}

fn last_act(act: Option<Value>) -> Result<Option<Act>, StoreError> {
    act.map(|act| column::json("exception_acts.act", act)).transpose()
}

/// The exceptions of a connection that an evaluation can change: those in force at `at`, and the requests for a rule and
/// a scope.
pub async fn concerned(
    connection: &mut PgConnection,
    of: ConnectionId,
    at: OffsetDateTime,
) -> Result<Vec<StoredException>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT exceptions.acts, exception_acts.act, exception_acts.exception
        FROM exceptions
        JOIN exception_acts
            ON exception_acts.exception_id = exceptions.exception_id AND exception_acts.number = exceptions.acts - 1
        WHERE exceptions.connection_id = $1
            AND (
                (exceptions.state = 'approved' AND exceptions.until > $2)
                OR (exceptions.state = 'requested' AND exception_acts.exception #> '{request,covers,standing}' IS NOT NULL)
            )
        ORDER BY exceptions.exception_id
        "#,
        of.number(),
        at,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(StoredException {
                connection: of,
                acts: row.acts,
                last: last_act(row.act)?,
                exception: column::json("exception_acts.exception", row.exception)?,
            })
        })
        .collect()
}

/// Whether a connection has any exception that was ever filed: most have none, and wait for no lock.
pub async fn has_any(connection: &mut PgConnection, of: ConnectionId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT FROM exceptions WHERE connection_id = $1 AND state IN ('requested', 'approved')
        ) AS "any!"
        "#,
        of.number(),
    )
    .fetch_one(connection)
    .await?)
}

/// Writes the first draft, or what an act left of the exception, whose acts are numbered.
pub async fn append(
    transaction: &mut PgConnection,
    number: i32,
    (act, by): (Option<&Act>, Option<PersonId>),
    after: &Exception,
) -> Result<(), StoreError> {
    let unwritable = |error| StoreError::unreadable("exception_acts.exception", error);
    let written = serde_json::to_value(after).map_err(unwritable)?;
    let act = act.map(serde_json::to_value).transpose().map_err(unwritable)?;
    sqlx::query!(
        r#"
        INSERT INTO exception_acts (exception_id, number, at, person_id, act, exception)
        VALUES ($1, $2, $3, $4, $5, $6)
        "#,
        after.id.number(),
        number,
        after.changed_at,
        by.map(PersonId::number),
        act,
        written,
    )
    .execute(&mut *transaction)
    .await?;
    let (filed, granted) = match &after.state {
        State::Draft | State::Withdrawn { .. } => (None, None),
        State::Requested { filed, .. } | State::Rejected { filed, .. } => (Some(filed), None),
        State::Approved { filed, grant } | State::Ended { filed, grant, .. } => {
            (Some(filed), Some(grant))
        }
    };
    // As of the act itself nothing that is in force is over.
    let state = match after.status(after.changed_at) {
        ExceptionStatus::Expired => ExceptionStatus::Approved,
        status => status,
    };
    sqlx::query!(
        r#"
        UPDATE exceptions
        SET acts = $2,
            state = $3,
            owner = $4,
            until = $5,
            filed_by = COALESCE($6, filed_by),
            filed_at = COALESCE($7, filed_at),
            severity = COALESCE($8, severity),
            changed_at = $9,
            extends = $10
        WHERE exception_id = $1
        "#,
        after.id.number(),
        number + 1,
        state.as_str(),
        after.request.owner.number(),
        granted.map_or(after.request.until, |grant| grant.until),
        filed.map(|filed| filed.by.number()),
        filed.map(|filed| filed.at),
        granted
            .map(|grant| grant.severity)
            .or(filed.map(|filed| filed.severity))
            .map(|severity| severity.to_string()),
        after.changed_at,
        after.extends.map(ExceptionId::number),
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// What a span says of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpanKind {
    /// A request waits for a decision.
    Requested,
    /// It is accepted, until a moment.
    Accepted {
        /// The end that was granted.
        until: OffsetDateTime,
    },
}

impl SpanKind {
    fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Accepted { .. } => "accepted",
        }
    }
}

/// Begins a span of each of these findings.
pub async fn begin_spans(
    transaction: &mut PgConnection,
    (of, exception): (ConnectionId, ExceptionId),
    kind: SpanKind,
    findings: &[FindingId],
    since: OffsetDateTime,
) -> Result<(), StoreError> {
    let granted = match kind {
        SpanKind::Requested => None,
        SpanKind::Accepted { until } => Some(until),
    };
    sqlx::query!(
        r#"
        INSERT INTO exception_spans (exception_id, finding_id, connection_id, kind, since, granted_until)
        SELECT $1, finding_id, $2, $3, $4, COALESCE($5, 'infinity'::timestamptz)
        FROM UNNEST($6::bigint[]) AS new (finding_id)
        -- What was taken out and put back in one moment goes on.
        ON CONFLICT ON CONSTRAINT exception_spans_pkey DO UPDATE SET ended_at = 'infinity'
        "#,
        exception.number(),
        of.number(),
        kind.word(),
        since,
        granted,
        &numbers(findings),
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// Ends the spans of this kind that have not ended, of these findings.
pub async fn end_spans(
    transaction: &mut PgConnection,
    exception: ExceptionId,
    kind: SpanKind,
    findings: &[FindingId],
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        UPDATE exception_spans
        SET ended_at = $4
        WHERE exception_id = $1 AND kind = $2 AND finding_id = ANY($3) AND ended_at = 'infinity'
        "#,
        exception.number(),
        kind.word(),
        &numbers(findings),
        at,
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// The findings of an exception that have a span of this kind which has not ended.
pub async fn spanned(
    connection: &mut PgConnection,
    exception: ExceptionId,
    kind: SpanKind,
) -> Result<Vec<FindingId>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"
        SELECT finding_id
        FROM exception_spans
        WHERE exception_id = $1 AND kind = $2 AND ended_at = 'infinity'
        ORDER BY finding_id
        "#,
        exception.number(),
        kind.word(),
    )
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().map(FindingId::from_number).collect())
}

/// What a span's accepted state was compared with: the asset's document and the verdict, none where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The exception.
    pub exception: ExceptionId,
    /// The finding.
    pub finding: FindingId,
    /// The document's digest.
    pub document: Option<Digest>,
    /// The verdict's digest.
    pub verdict: Option<Digest>,
}

/// Accepted findings of a connection, in force at `at`, whose document or verdict is not what the accepted state was
/// compared with last; with what these are now.
pub async fn to_compare(
    connection: &mut PgConnection,
    of: ConnectionId,
    at: OffsetDateTime,
) -> Result<Vec<Compared>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            span.exception_id,
            span.finding_id,
            current_assets.content_hash AS "content_hash?",
            current_verdicts.verdict_digest AS "verdict_digest?"
        FROM exception_spans AS span
        JOIN findings ON findings.finding_id = span.finding_id
        JOIN assets ON assets.connection_id = findings.connection_id AND assets.asset_id = findings.asset_id
        LEFT JOIN current_assets
            ON current_assets.connection_id = findings.connection_id AND current_assets.asset_id = findings.asset_id
        LEFT JOIN current_verdicts
            ON current_verdicts.asset_number = assets.asset_number AND current_verdicts.rule_id = findings.rule_id
        WHERE span.connection_id = $1
            AND span.kind = 'accepted'
            AND span.until > $2
            AND span.ended_at = 'infinity'
            AND (
                span.compared_hash IS DISTINCT FROM current_assets.content_hash
                OR span.compared_verdict IS DISTINCT FROM current_verdicts.verdict_digest
            )
        ORDER BY span.exception_id, span.finding_id
        "#,
        of.number(),
        at,
    )
    .fetch_all(connection)
    .await?;
    let digest = |column, bytes: Option<Vec<u8>>| {
        bytes.map(|bytes| column::digest(column, &bytes)).transpose()
    };
    rows.into_iter()
        .map(|row| {
            Ok(Compared {
                exception: ExceptionId::from_number(row.exception_id),
                finding: FindingId::from_number(row.finding_id),
                document: digest("current_assets.content_hash", row.content_hash)?,
                verdict: digest("current_verdicts.verdict_digest", row.verdict_digest)?,
            })
        })
        .collect()
}

/// Writes down what accepted states were compared with.
pub async fn mark_compared(
    transaction: &mut PgConnection,
    compared: &[Compared],
) -> Result<(), StoreError> {
    let (mut exceptions, mut findings) = (Vec::new(), Vec::new());
    let (mut documents, mut verdicts) = (Vec::new(), Vec::new());
    let bytes = |digest: Option<Digest>| digest.map(|digest| digest.as_bytes().to_vec());
    for one in compared {
        exceptions.push(one.exception.number());
        findings.push(one.finding.number());
        documents.push(bytes(one.document));
        verdicts.push(bytes(one.verdict));
    }
    sqlx::query!(
        r#"
        UPDATE exception_spans
        SET compared_hash = new.document, compared_verdict = new.verdict
        FROM UNNEST($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[])
            AS new (exception_id, finding_id, document, verdict)
        WHERE exception_spans.exception_id = new.exception_id
            AND exception_spans.finding_id = new.finding_id
            AND exception_spans.kind = 'accepted'
            AND exception_spans.ended_at = 'infinity'
        "#,
        &exceptions,
        &findings,
        &documents as &[Option<Vec<u8>>],
        &verdicts as &[Option<Vec<u8>>],
    )
    .execute(transaction)
    .await?;
    Ok(())
}

fn numbers(findings: &[FindingId]) -> Vec<i64> {
    findings.iter().map(|finding| finding.number()).collect()
}
