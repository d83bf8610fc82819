//! Packs, by digest, so that every verdict names the exact code that gave it.

use std::collections::BTreeMap;

use postern_domain::digest::Digest;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
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

/// What a pack calls itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackVersion {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
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

/// The versions of packs, by digest, those that are not known left out.
pub async fn versions(
    connection: &mut PgConnection,
    packs: &[Digest],
) -> Result<BTreeMap<Digest, PackVersion>, StoreError> {
    let packs: Vec<Vec<u8>> = packs.iter().map(|pack| pack.as_bytes().to_vec()).collect();
    let rows = sqlx::query!(
        r#"
        SELECT pack_digest, name, version
        FROM packs
        WHERE pack_digest = ANY($1)
        "#,
        &packs,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let digest = column::digest("packs.pack_digest", &row.pack_digest)?;
            Ok((digest, PackVersion { name: row.name, version: row.version }))
        })
        .collect()
}
