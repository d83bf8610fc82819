//! Rules as the packs in the database describe them.

use std::collections::BTreeMap;

use postern_domain::digest::Digest;
use postern_domain::id::RuleId;
use postern_domain::rule::{PackManifest, RuleManifest};
use sqlx::PgConnection;

use crate::column;
use crate::error::StoreError;

/// What the youngest pack that has a rule says of it, for those of `rules` that any pack ever had.
pub async fn describe(
    connection: &mut PgConnection,
    rules: &[RuleId],
) -> Result<Vec<RuleManifest>, StoreError> {
    let names: Vec<String> = rules.iter().map(ToString::to_string).collect();
    let rows = sqlx::query_scalar!(
        r#"
        SELECT DISTINCT ON (rule ->> 'id') rule AS "rule!"
        FROM packs
        CROSS JOIN jsonb_array_elements(packs.manifest -> 'rules') AS rule
        WHERE rule ->> 'id' = ANY($1)
        ORDER BY rule ->> 'id', packs.first_used_at DESC, packs.pack_digest
        "#,
        &names
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter().map(|rule| column::json("packs.manifest", rule)).collect()
}

/// The manifests of packs by their digests, those that are not known left out.
pub async fn manifests(
    connection: &mut PgConnection,
    digests: &[Digest],
) -> Result<BTreeMap<Digest, PackManifest>, StoreError> {
    let digests: Vec<Vec<u8>> = digests.iter().map(|digest| digest.as_bytes().to_vec()).collect();
    let rows = sqlx::query!(
        r#"
        SELECT pack_digest, manifest
        FROM packs
        WHERE pack_digest = ANY($1)
        "#,
        &digests
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let digest = column::digest("packs.pack_digest", &row.pack_digest)?;
            Ok((digest, column::json("packs.manifest", row.manifest)?))
        })
        .collect()
}
