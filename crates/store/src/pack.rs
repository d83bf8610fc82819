//! Packs, by digest, so that every verdict names the exact code that gave it.

use postern_domain::digest::Digest;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::StoreError;

/// A pack to be remembered.
#[derive(Clone, Debug)]
pub struct NewPack<'a> {
    /// The component's SHA-256.
    pub digest: Digest,
    /// The name.
    pub name: &'a str,
    /// The version.
    pub version: &'a str,
    /// The manifest as JSON.
    pub manifest: &'a Value,
    /// The component.
    pub component: &'a [u8],
    /// Now.
    pub at: OffsetDateTime,
}

/// Remembers the pack, if it is not known yet.
pub async fn register(connection: &mut PgConnection, pack: &NewPack<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO packs (pack_digest, name, version, manifest, component, first_used_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT ON CONSTRAINT packs_pkey DO NOTHING
        "#,
        pack.digest.as_bytes().as_slice(),
        pack.name,
        pack.version,
        pack.manifest,
        pack.component,
        pack.at,
    )
    .execute(connection)
    .await?;
    Ok(())
}
