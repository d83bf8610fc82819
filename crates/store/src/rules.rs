//! Which packs judge, where they came from, and what was set for them: every change.

use std::collections::BTreeMap;

use postern_domain::digest::Digest;
use postern_domain::id::EvaluationId;
pub use postern_domain::pack::PackOrigin;
use postern_domain::settings::{PackSettings, Settings};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// A change of what judges.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleChange {
    /// When.
    pub at: OffsetDateTime,
    /// The pack's name.
    pub pack: String,
    /// What changed.
    pub kind: RuleChangeKind,
    /// Why, in the words of who did it.
    pub reason: String,
}

/// What changed of a pack.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleChangeKind {
    /// Another version judges; none: the one that the binary carries.
    Activated {
        /// Its digest and version.
        version: Option<(Digest, String)>,
    },
    /// Other settings hold.
    Settings,
}

/// Remembers where a pack came from, if that is not known yet.
pub async fn register_origin(
    connection: &mut PgConnection,
    pack: Digest,
    origin: &PackOrigin,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let (word, signer) = match origin {
        PackOrigin::BuiltIn => ("built_in", None),
        PackOrigin::Signed(signer) => ("signed", Some(signer.as_str())),
        PackOrigin::Unsigned => ("unsigned", None),
    };
    sqlx::query!(
        r#"
        INSERT INTO pack_origins (pack_digest, origin, signer, at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT ON CONSTRAINT pack_origins_pkey DO NOTHING
        "#,
        pack.as_bytes().as_slice(),
        word,
        signer,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Where packs came from, those of before it was remembered left out.
pub async fn origins(
    connection: &mut PgConnection,
    packs: &[Digest],
) -> Result<BTreeMap<Digest, PackOrigin>, StoreError> {
    let packs: Vec<Vec<u8>> = packs.iter().map(|pack| pack.as_bytes().to_vec()).collect();
    let rows = sqlx::query!(
        r#"SELECT pack_digest, signer, origin FROM pack_origins WHERE pack_digest = ANY($1)"#,
        &packs,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let pack = column::digest("pack_origins.pack_digest", &row.pack_digest)?;
            Ok((pack, origin(&row.origin, row.signer)))
        })
        .collect()
}

/// Where packs came from, as far as it was known when an evaluation judged: the same whenever it is asked.
pub async fn origins_at(
    connection: &mut PgConnection,
    packs: &[Digest],
    evaluation: EvaluationId,
) -> Result<BTreeMap<Digest, PackOrigin>, StoreError> {
    let packs: Vec<Vec<u8>> = packs.iter().map(|pack| pack.as_bytes().to_vec()).collect();
    let rows = sqlx::query!(
        r#"
        SELECT pack_origins.pack_digest, pack_origins.signer, pack_origins.origin
        FROM pack_origins
        JOIN evaluations ON pack_origins.at <= evaluations.evaluated_at
        WHERE evaluations.evaluation_id = $2
            AND pack_origins.pack_digest = ANY($1)
        "#,
        &packs,
        evaluation.number(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let pack = column::digest("pack_origins.pack_digest", &row.pack_digest)?;
            Ok((pack, origin(&row.origin, row.signer)))
        })
        .collect()
}

fn origin(word: &str, signer: Option<String>) -> PackOrigin {
    match (word, signer) {
        (_, Some(signer)) => PackOrigin::Signed(signer),
        ("built_in", None) => PackOrigin::BuiltIn,
        _ => PackOrigin::Unsigned,
    }
}

/// Makes a version of a pack the one that judges; none: the one that the binary carries.
pub async fn activate(
    connection: &mut PgConnection,
    pack: &str,
    version: Option<Digest>,
    reason: &str,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"INSERT INTO pack_activations (pack, pack_digest, reason, at) VALUES ($1, $2, $3, $4)"#,
        pack,
        version.as_ref().map(|digest| digest.as_bytes().as_slice()),
        reason,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Waits until nobody else activates what it found, and keeps them waiting to the end of the transaction.
pub async fn wait_to_activate(transaction: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('postern pack activation', 0))")
        .execute(transaction)
        .await?;
    Ok(())
}

/// Whether this version of a pack was ever taken into use, whatever judges now.
pub async fn was_activated(
    connection: &mut PgConnection,
    pack: Digest,
) -> Result<bool, StoreError> {
    let was = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM pack_activations WHERE pack_digest = $1) AS "was!""#,
        pack.as_bytes().as_slice(),
    )
    .fetch_one(connection)
    .await?;
    Ok(was)
}

/// The versions that judge, by the pack's name, where that is not the one that the binary carries.
pub async fn activated(
    connection: &mut PgConnection,
) -> Result<BTreeMap<String, Digest>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT ON (pack) pack, pack_digest
        FROM pack_activations
        ORDER BY pack, pack_activation_id DESC
        "#,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .filter_map(|row| row.pack_digest.map(|digest| (row.pack, digest)))
        .map(|(pack, digest)| Ok((pack, column::digest("pack_activations.pack_digest", &digest)?)))
        .collect()
}

/// The bytes of a pack; `None` where it was never used.
pub async fn component(
    connection: &mut PgConnection,
    pack: Digest,
) -> Result<Option<Vec<u8>>, StoreError> {
    let component = sqlx::query_scalar!(
        r#"SELECT component FROM packs WHERE pack_digest = $1"#,
        pack.as_bytes().as_slice(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(component)
}

/// The packs of a name and version, or whose digest begins so, the youngest first.
pub async fn find(
    connection: &mut PgConnection,
    name: &str,
    version_or_digest: &str,
) -> Result<Vec<Digest>, StoreError> {
    let rows = sqlx::query_scalar!(
        r#"
        SELECT pack_digest
        FROM packs
        WHERE name = $1 AND (version = $2 OR starts_with(encode(pack_digest, 'hex'), $2))
        ORDER BY first_used_at DESC, pack_digest
        "#,
        name,
        version_or_digest,
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(|digest| column::digest("packs.pack_digest", digest)).collect()
}

/// Sets what holds for a pack from now on.
pub async fn set(
    connection: &mut PgConnection,
    pack: &str,
    settings: &PackSettings,
    reason: &str,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let settings: Value = serde_json::to_value(settings).expect("settings have texts as keys");
    sqlx::query!(
        r#"INSERT INTO setting_changes (pack, settings, reason, at) VALUES ($1, $2, $3, $4)"#,
        pack,
        settings,
        reason,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What holds for each pack.
pub async fn settings(connection: &mut PgConnection) -> Result<Settings, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT ON (pack) pack, settings
        FROM setting_changes
        ORDER BY pack, setting_change_id DESC
        "#,
    )
    .fetch_all(connection)
    .await?;
    let settings: Result<_, StoreError> = rows
        .into_iter()
        .map(|row| Ok((row.pack, column::json("setting_changes.settings", row.settings)?)))
        .collect();
    Ok(Settings(settings?))
}

/// A pack that was ever used, as lists name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPack {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its digest.
    pub digest: Digest,
    /// When it was first used.
    pub first_used_at: OffsetDateTime,
}

/// The packs that were ever used, by name, the youngest first, at most `limit`.
pub async fn known(
    connection: &mut PgConnection,
    limit: u32,
) -> Result<Vec<KnownPack>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT name, version, pack_digest, first_used_at
        FROM packs
        ORDER BY name, first_used_at DESC, pack_digest
        LIMIT $1
        "#,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(KnownPack {
                name: row.name,
                version: row.version,
                digest: column::digest("packs.pack_digest", &row.pack_digest)?,
                first_used_at: row.first_used_at,
            })
        })
        .collect()
}

/// What changed, the youngest first, at most `limit`.
pub async fn changes(
    connection: &mut PgConnection,
    limit: u32,
) -> Result<Vec<RuleChange>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            change.at AS "at!",
            change.pack AS "pack!",
            change.reason AS "reason!",
            change.is_activation AS "is_activation!",
            packs.pack_digest AS "pack_digest?",
            packs.version AS "version?"
        FROM (
            SELECT at, pack, reason, true AS is_activation, pack_digest, pack_activation_id AS place
            FROM pack_activations
            UNION ALL
            SELECT at, pack, reason, false, NULL, setting_change_id
            FROM setting_changes
        ) AS change
        LEFT JOIN packs ON packs.pack_digest = change.pack_digest
        ORDER BY change.at DESC, change.is_activation, change.place DESC
        LIMIT $1
        "#,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let version = match (row.pack_digest, row.version) {
                (Some(digest), Some(version)) => {
                    Some((column::digest("packs.pack_digest", &digest)?, version))
                }
                _ => None,
            };
            let kind = if row.is_activation {
                RuleChangeKind::Activated { version }
            } else {
                RuleChangeKind::Settings
            };
            Ok(RuleChange { at: row.at, pack: row.pack, kind, reason: row.reason })
        })
        .collect()
}
