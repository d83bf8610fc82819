//! People who signed in at some time.

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
