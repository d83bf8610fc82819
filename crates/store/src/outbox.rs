//! The outbox: what happened, until it is decided who gets it.

use std::collections::BTreeSet;

use postern_domain::id::{ExceptionId, FindingId};
use postern_domain::notification::{Event, EventKey};
use postern_domain::team::TeamId;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// Writes that something happened; nothing where it was written before. Whether it is new.
pub async fn insert(transaction: &mut PgConnection, event: &Event) -> Result<bool, StoreError> {
    let written = serde_json::to_value(event)
        .map_err(|error| StoreError::unreadable("outbox.event", error))?;
    let done = sqlx::query!(
        r#"
        INSERT INTO outbox (event_key, kind, exception_id, at, event)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT ON CONSTRAINT outbox_event_key DO NOTHING
        "#,
        event.key.as_str(),
        event.happening.kind().as_str(),
        event.exception.number(),
        event.at,
        written,
    )
    .execute(transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Which of these events were written.
pub async fn known(
    connection: &mut PgConnection,
    keys: &[EventKey],
) -> Result<BTreeSet<EventKey>, StoreError> {
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let found =
        sqlx::query_scalar!("SELECT event_key FROM outbox WHERE event_key = ANY($1)", &keys)
            .fetch_all(connection)
            .await?;
    found.iter().map(|key| column::word("outbox.event_key", key)).collect()
}

/// Takes events of which it is not decided who gets them, the oldest first, and keeps them from others to the end of the
/// transaction; with their numbers.
pub async fn take_waiting(
    transaction: &mut PgConnection,
    limit: u32,
) -> Result<Vec<(i64, Event)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT event_id, event
        FROM outbox
        WHERE addressed_at IS NULL
        ORDER BY event_id
        LIMIT $1
        FOR UPDATE SKIP LOCKED
        "#,
        i64::from(limit),
    )
    .fetch_all(transaction)
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.event_id, column::json("outbox.event", row.event)?)))
        .collect()
}

/// Writes that it is decided who gets these events.
pub async fn mark_addressed(
    transaction: &mut PgConnection,
    events: &[i64],
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("UPDATE outbox SET addressed_at = $2 WHERE event_id = ANY($1)", events, at)
        .execute(transaction)
        .await?;
    Ok(())
}

/// Exceptions in force that end after `now` and no later than `until`, with their ends; those of removed connections are
/// none of them.
pub async fn ending(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<Vec<(ExceptionId, OffsetDateTime)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT exceptions.exception_id, exceptions.until
        FROM exceptions
        JOIN connections USING (connection_id)
        WHERE exceptions.state = 'approved'
            AND exceptions.until > $1
            AND exceptions.until <= $2
            AND connections.removed_at IS NULL
        ORDER BY exceptions.exception_id
        "#,
        now,
        until,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (ExceptionId::from_number(row.exception_id), row.until))
        .collect())
}

/// The teams that these findings are of.
pub async fn teams_of(
    connection: &mut PgConnection,
    findings: &[FindingId],
) -> Result<BTreeSet<TeamId>, StoreError> {
    let numbers: Vec<i64> = findings.iter().map(|finding| finding.number()).collect();
    let teams = sqlx::query_scalar!(
        r#"
        SELECT DISTINCT team AS "team!"
        FROM findings
        WHERE finding_id = ANY($1) AND team IS NOT NULL
        ORDER BY 1
        "#,
        &numbers,
    )
    .fetch_all(connection)
    .await?;
    teams.iter().map(|team| column::word("findings.team", team)).collect()
}
