//! Tokens of programs.

use postern_domain::digest::Digest;
use postern_domain::id::{PersonId, TokenId};
use postern_domain::person::Grant;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// A token that is made.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// What is written down of what the program does.
    pub person: PersonId,
    /// What people call it.
    pub name: &'a str,
    /// The digest of what the program holds.
    pub token: Digest,
    /// Its roles.
    pub grants: &'a [Grant],
    /// When.
    pub created_at: OffsetDateTime,
    /// When it ends.
    pub ends_at: OffsetDateTime,
}

/// A token, used or not.
#[derive(Clone, Debug)]
pub struct TokenRecord {
    /// Its number.
    pub id: TokenId,
    /// What is written down of what the program does.
    pub person: PersonId,
    /// What people call it.
    pub name: String,
    /// Its roles.
    pub grants: Vec<Grant>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it ends.
    pub ends_at: OffsetDateTime,
    /// When it was last used, to the minute.
    pub last_used_at: Option<OffsetDateTime>,
    /// When somebody revoked it.
    pub revoked_at: Option<OffsetDateTime>,
}

/// Writes a new token.
pub async fn insert(
    connection: &mut PgConnection,
    new: &NewToken<'_>,
) -> Result<TokenId, StoreError> {
    let number = sqlx::query_scalar!(
        r#"
        INSERT INTO tokens (person_id, name, token_digest, grants, created_at, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        RETURNING token_id
        "#,
        new.person.number(),
        new.name,
        new.token.as_bytes(),
        Json(new.grants) as _,
        new.created_at,
        new.ends_at,
    )
    .fetch_one(connection)
    .await?;
    Ok(TokenId::from_number(number))
}

/// The token that a program holds, whatever its state.
pub async fn find(
    connection: &mut PgConnection,
    token: Digest,
) -> Result<Option<TokenRecord>, StoreError> {
    let row = sqlx::query_as!(
        TokenRow,
        r#"
        SELECT token_id, person_id, name, grants, created_at, ends_at, last_used_at, revoked_at
        FROM tokens
        WHERE token_digest = $1
        "#,
        token.as_bytes(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(TokenRow::into_record).transpose()
}

/// The token in whose name a person acts, whatever its state.
pub async fn of_person(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Option<TokenId>, StoreError> {
    let number =
        sqlx::query_scalar!("SELECT token_id FROM tokens WHERE person_id = $1", person.number())
            .fetch_optional(connection)
            .await?;
    Ok(number.map(TokenId::from_number))
}

/// All of them, the youngest first; those that ended before `since` are left out.
pub async fn list(
    connection: &mut PgConnection,
    since: OffsetDateTime,
) -> Result<Vec<TokenRecord>, StoreError> {
    let rows = sqlx::query_as!(
        TokenRow,
        r#"
        SELECT token_id, person_id, name, grants, created_at, ends_at, last_used_at, revoked_at
        FROM tokens
        WHERE LEAST(ends_at, COALESCE(revoked_at, ends_at)) >= $1
        ORDER BY token_id DESC
        "#,
        since,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TokenRow::into_record).collect()
}

/// Writes down that a token is used.
pub async fn touch(
    connection: &mut PgConnection,
    id: TokenId,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE tokens SET last_used_at = $2 WHERE token_id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
        id.number(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Revokes a token; its name, or `None` where there is none or it was revoked.
pub async fn revoke(
    connection: &mut PgConnection,
    id: TokenId,
    at: OffsetDateTime,
) -> Result<Option<String>, StoreError> {
    let name = sqlx::query_scalar!(
        "UPDATE tokens SET revoked_at = $2 WHERE token_id = $1 AND revoked_at IS NULL RETURNING name",
        id.number(),
        at,
    )
    .fetch_optional(connection)
    .await?;
    Ok(name)
}

struct TokenRow {
    token_id: i64,
    person_id: i64,
    name: String,
    grants: Value,
    created_at: OffsetDateTime,
    ends_at: OffsetDateTime,
    last_used_at: Option<OffsetDateTime>,
    revoked_at: Option<OffsetDateTime>,
}

impl TokenRow {
    fn into_record(self) -> Result<TokenRecord, StoreError> {
        Ok(TokenRecord {
            id: TokenId::from_number(self.token_id),
            person: PersonId::from_number(self.person_id),
            name: self.name,
            grants: column::json("tokens.grants", self.grants)?,
            created_at: self.created_at,
            ends_at: self.ends_at,
            last_used_at: self.last_used_at,
            revoked_at: self.revoked_at,
        })
    }
}
