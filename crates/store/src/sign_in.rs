//! Sign-ins under way: what the way back from the provider is checked against.

use postern_domain::digest::Digest;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::StoreError;

/// A sign-in under way.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// What the ID token has to hold.
    pub nonce: String,
    /// What proves to the provider that the code is ours (PKCE).
    pub code_verifier: String,
    /// The path to go to afterwards.
    pub return_to: String,
}

/// Writes down that somebody is on the way, and forgets those that began before `forgotten`.
pub async fn insert(
    connection: &mut PgConnection,
    (state, browser): (Digest, Digest),
    sign_in: &SignIn,
    at: OffsetDateTime,
    forgotten: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM sign_ins WHERE began_at < $1", forgotten)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        r#"
        INSERT INTO sign_ins (state_digest, browser_digest, nonce, code_verifier, return_to, began_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        "#,
        state.as_bytes(),
        browser.as_bytes(),
        sign_in.nonce,
        sign_in.code_verifier,
        sign_in.return_to,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the sign-in with this state, begun in this browser since `since`: it is given once.
pub async fn take(
    connection: &mut PgConnection,
    (state, browser): (Digest, Digest),
    since: OffsetDateTime,
) -> Result<Option<SignIn>, StoreError> {
    let row = sqlx::query!(
        r#"
        DELETE FROM sign_ins
        WHERE state_digest = $1 AND browser_digest = $2 AND began_at >= $3
        RETURNING nonce, code_verifier, return_to
        "#,
        state.as_bytes(),
        browser.as_bytes(),
        since,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| SignIn {
        nonce: row.nonce,
        code_verifier: row.code_verifier,
        return_to: row.return_to,
    }))
}
