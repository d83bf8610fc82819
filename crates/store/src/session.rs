//! Sessions: browsers in which somebody signed in.

use std::collections::BTreeMap;

use postern_domain::digest::Digest;
use postern_domain::id::PersonId;
use postern_domain::person::Claims;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// A session that begins.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// The digest of what the browser holds.
    pub token: Digest,
    /// Who signed in.
    pub person: PersonId,
    /// What their roles follow from.
    pub claims: &'a Claims,
    /// When.
    pub began_at: OffsetDateTime,
    /// When it ends at the latest.
    pub ends_at: OffsetDateTime,
}

/// A session that was not ended.
#[derive(Clone, Debug)]
pub struct SessionRecord {
    /// Its number.
    pub number: i64,
    /// Whose it is.
    pub person: PersonId,
    /// What people call them.
    pub name: String,
    /// What their roles follow from.
    pub claims: Claims,
    /// When it was last used.
    pub last_used_at: OffsetDateTime,
    /// When it ends at the latest.
    pub ends_at: OffsetDateTime,
}

/// Writes a new session.
pub async fn insert(
    connection: &mut PgConnection,
    session: &NewSession<'_>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO sessions (token_digest, person_id, claims, began_at, last_used_at, ends_at)
        VALUES ($1, $2, $3, $4, $4, $5)
        "#,
        session.token.as_bytes(),
        session.person.number(),
        Json(session.claims) as _,
        session.began_at,
        session.ends_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The session with this token, unless it was ended; whether its time is over is for the caller to say.
pub async fn find(
    connection: &mut PgConnection,
    token: Digest,
) -> Result<Option<SessionRecord>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT session_id, person_id, name, claims, last_used_at, ends_at
        FROM sessions
        JOIN people USING (person_id)
        WHERE token_digest = $1 AND ended_at IS NULL
        "#,
        token.as_bytes(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(SessionRecord {
            number: row.session_id,
            person: PersonId::from_number(row.person_id),
            name: row.name,
            claims: column::json("sessions.claims", row.claims)?,
            last_used_at: row.last_used_at,
            ends_at: row.ends_at,
        })
    })
    .transpose()
}

/// Writes down that a session is used.
pub async fn touch(
    connection: &mut PgConnection,
    number: i64,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE sessions SET last_used_at = $2 WHERE session_id = $1 AND last_used_at < $2",
        number,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the session with this token; whose it was, or `None` where there is none, or it was ended.
pub async fn end(
    connection: &mut PgConnection,
    token: Digest,
    at: OffsetDateTime,
) -> Result<Option<PersonId>, StoreError> {
    let person = sqlx::query_scalar!(
        r#"
        UPDATE sessions
        SET ended_at = $2
        WHERE token_digest = $1 AND ended_at IS NULL
        RETURNING person_id
        "#,
        token.as_bytes(),
        at,
    )
    .fetch_optional(connection)
    .await?;
    Ok(person.map(PersonId::from_number))
}

/// Ends every session of a person; how many there were.
pub async fn end_all(
    connection: &mut PgConnection,
    person: PersonId,
    at: OffsetDateTime,
) -> Result<u64, StoreError> {
    let ended = sqlx::query!(
        "UPDATE sessions SET ended_at = $2 WHERE person_id = $1 AND ended_at IS NULL",
        person.number(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(ended.rows_affected())
}

/// What providers said of people when they signed in last, as far as roles follow from it; of those whose last sign-in
/// is kept.
pub async fn latest_claims(
    connection: &mut PgConnection,
) -> Result<BTreeMap<PersonId, Claims>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT ON (person_id) person_id, claims
        FROM sessions
        ORDER BY person_id, session_id DESC
        "#,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let claims = column::json("sessions.claims", row.claims)?;
            Ok((PersonId::from_number(row.person_id), claims))
        })
        .collect()
}

/// Removes sessions that nobody can use any more since before a moment.
pub async fn remove_old(
    connection: &mut PgConnection,
    before: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM sessions WHERE ends_at < $1", before).execute(connection).await?;
    Ok(())
}
