//! Rules as the packs in the database describe them.

use std::collections::BTreeMap;

use postern_domain::digest::Digest;
use postern_domain::id::RuleId;
use postern_domain::rule::{PackManifest, RuleManifest};
use postern_domain::verdict::Verdict;
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

/// How many assets each rule gives each verdict, over all connections, as of their latest evaluations.
pub async fn verdict_counts(
    connection: &mut PgConnection,
) -> Result<BTreeMap<RuleId, BTreeMap<Verdict, u64>>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT rule_id, verdict, count(*) AS "count!"
        FROM current_verdicts
        GROUP BY rule_id, verdict
        "#,
    )
    .fetch_all(connection)
    .await?;
    let mut counts: BTreeMap<RuleId, BTreeMap<Verdict, u64>> = BTreeMap::new();
    for row in rows {
        let rule = column::word("current_verdicts.rule_id", &row.rule_id)?;
        let verdict = column::word("current_verdicts.verdict", &row.verdict)?;
        let count = u64::try_from(row.count).unwrap_or_default();
        counts.entry(rule).or_default().insert(verdict, count);
    }
    Ok(counts)
}

/// The packs of each connection's latest evaluation, with what was wrong with them where something was.
pub async fn latest_packs(
    connection: &mut PgConnection,
) -> Result<Vec<(Digest, Option<String>)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT evaluation_packs.pack_digest, evaluation_packs.problem
        FROM (
            SELECT DISTINCT ON (connection_id) evaluation_id
            FROM evaluations
            ORDER BY connection_id, at DESC, evaluation_id DESC
        ) AS latest
        JOIN evaluation_packs USING (evaluation_id)
        "#,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok((column::digest("evaluation_packs.pack_digest", &row.pack_digest)?, row.problem))
        })
        .collect()
}
