//! People who signed in at some time.

use std::collections::BTreeMap;

use postern_domain::id::PersonId;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::StoreError;

/// Somebody, as an identity provider names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// What the provider calls them, for ever.
    pub subject: String,
    /// What people call them.
    pub name: String,
    /// Where mail reaches them.
    pub email: Option<String>,
}

/// Writes down that somebody was there, under the name that they have now.
pub async fn ensure(
    connection: &mut PgConnection,
    identity: &Identity,
    at: OffsetDateTime,
) -> Result<PersonId, StoreError> {
    let number = sqlx::query_scalar!(
        r#"
        INSERT INTO people (issuer, subject, name, email, first_seen_at, last_seen_at)
        VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT ON CONSTRAINT people_subject_key
        DO UPDATE SET
            name = EXCLUDED.name,
            email = EXCLUDED.email,
            last_seen_at = GREATEST(people.last_seen_at, EXCLUDED.last_seen_at)
        RETURNING person_id
        "#,
        identity.issuer,
        identity.subject,
        identity.name,
        identity.email,
        at,
    )
    .fetch_one(connection)
    .await?;
    Ok(PersonId::from_number(number))
}

/// Somebody who was there.
#[derive(Clone, Debug)]
pub struct PersonRecord {
    /// Their number.
    pub id: PersonId,
    /// How their provider names them.
    pub identity: Identity,
    /// When they signed in first.
    pub first_seen_at: OffsetDateTime,
    /// When they signed in last.
    pub last_seen_at: OffsetDateTime,
    /// Sessions of theirs that were not ended and whose time is not over.
    pub sessions: i64,
}

/// Everybody who ever signed in, who was there last first; programs are none of them.
pub async fn list(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    limit: u32,
) -> Result<Vec<PersonRecord>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT person_id, issuer, subject, name, email, first_seen_at, last_seen_at, (
            SELECT count(*)
            FROM sessions
            WHERE sessions.person_id = people.person_id AND ended_at IS NULL AND ends_at > $1
        ) AS "sessions!"
        FROM people
        WHERE NOT EXISTS (SELECT FROM tokens WHERE tokens.person_id = people.person_id)
        ORDER BY last_seen_at DESC, person_id DESC
        LIMIT $2
        "#,
        now,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| PersonRecord {
            id: PersonId::from_number(row.person_id),
            identity: Identity {
                issuer: row.issuer,
                subject: row.subject,
                name: row.name,
                email: row.email,
            },
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
            sessions: row.sessions,
        })
        .collect())
}

/// What these people are called.
pub async fn names(
    connection: &mut PgConnection,
    of: &[PersonId],
) -> Result<BTreeMap<PersonId, String>, StoreError> {
    let numbers: Vec<i64> = of.iter().map(|person| person.number()).collect();
    let rows =
        sqlx::query!("SELECT person_id, name FROM people WHERE person_id = ANY($1)", &numbers)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|row| (PersonId::from_number(row.person_id), row.name)).collect())
}
