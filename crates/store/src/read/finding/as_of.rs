//! Lists of findings as they were at a moment, from the spans that each was in one state.

use postern_domain::arm::AssetId;
use postern_domain::id::{ConnectionId, RuleId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{FindingFilter, FindingKey, FindingRow, GroupRow};
use crate::error::StoreError;

pub(super) async fn page(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    at: OffsetDateTime,
    after: Option<FindingKey>,
    limit: u32,
) -> Result<Vec<FindingRow>, StoreError> {
    Ok(sqlx::query_as!(
        FindingRow,
        r#"
        WITH page AS (
            SELECT span.*, findings.asset_id, findings.rule_id, findings.first_seen_at
            FROM finding_spans AS span
            JOIN findings ON findings.finding_id = span.finding_id
            WHERE span.connection_id = $1
                AND span.since <= $13
                AND span.until > $13
                AND ($2::smallint IS NULL OR span.standing = $2)
                AND ($3::text[] IS NULL OR span.severity = ANY($3))
                AND ($4::text[] IS NULL OR findings.rule_id = ANY($4))
                AND ($5::text[] IS NULL OR findings.asset_type = ANY($5))
                AND ($6::text IS NULL OR strpos(findings.asset_name, lower($6)) > 0)
                AND ($7::text[] IS NULL OR findings.asset_id = ANY($7))
                AND ($8::bigint IS NULL OR span.finding_id = $8)
                AND ($14::text[] IS NULL OR COALESCE(span.team, '') = ANY($14))
                AND ($15::bigint[] IS NULL OR span.finding_id = ANY($15))
                AND NOT EXISTS (SELECT FROM UNNEST($16::bigint[]) AS other (id) WHERE other.id = span.finding_id)
                AND ($9::smallint IS NULL OR (span.severity_rank, span.opened_at, span.finding_id) > ($9, $10, $11))
            ORDER BY span.severity_rank, span.opened_at, span.finding_id
            LIMIT $12
        )
        SELECT
            page.finding_id AS "finding_id!",
            page.asset_id AS "asset_id!",
            assets.asset_number AS "asset_number!",
            page.rule_id AS "rule_id!",
            page.state AS "state!",
            page.severity AS "severity!",
            page.severity_rank AS "severity_rank!",
            page.team AS "team?",
            page.first_seen_at AS "first_seen_at!",
            page.opened_at AS "opened_at!",
            page.changed_at AS "changed_at!",
            COALESCE(verdict_bodies.summary, ended.detail, '') AS "summary!",
            named.identity AS "identity!"
        FROM page
        JOIN assets ON assets.asset_number = page.asset_number
        LEFT JOIN LATERAL (
            SELECT verdict_changes.body_digest
            FROM verdict_changes
            WHERE verdict_changes.asset_number = page.asset_number
                AND verdict_changes.rule_id = page.rule_id
                AND verdict_changes.at <= $13
            ORDER BY verdict_changes.at DESC, verdict_changes.evaluation_id DESC
            LIMIT 1
        ) AS said ON TRUE
        LEFT JOIN verdict_bodies
            ON verdict_bodies.connection_id = page.connection_id AND verdict_bodies.body_digest = said.body_digest
        LEFT JOIN LATERAL (
            SELECT finding_events.detail
            FROM finding_events
            WHERE finding_events.finding_id = page.finding_id
                AND finding_events.at <= $13
                AND said.body_digest IS NULL
            ORDER BY finding_events.at DESC, finding_events.evaluation_id DESC
            LIMIT 1
        ) AS ended ON TRUE
        CROSS JOIN LATERAL (
            SELECT asset_changes.identity
            FROM asset_changes
            WHERE asset_changes.connection_id = page.connection_id
                AND asset_changes.asset_id = page.asset_id
                AND asset_changes.identity IS NOT NULL
                AND asset_changes.at <= $13
            ORDER BY asset_changes.at DESC, asset_changes.snapshot_id DESC
            LIMIT 1
        ) AS named
        ORDER BY page.severity_rank, page.opened_at, page.finding_id
        "#,
        filter.connection.number(),
        filter.standing,
        filter.severities.as_deref() as Option<&[String]>,
        filter.rules.as_deref() as Option<&[String]>,
        filter.asset_types.as_deref() as Option<&[String]>,
        filter.text.as_deref(),
        filter.assets.as_deref() as Option<&[String]>,
        filter.finding,
        after.map(|key| key.severity_rank),
        after.map(|key| key.opened_at),
        after.map(|key| key.id.number()),
        i64::from(limit),
        at,
        filter.owners.as_deref() as Option<&[String]>,
        filter.only.as_deref() as Option<&[i64]>,
        &filter.without,
    )
    .fetch_all(connection)
    .await?)
}

pub(super) async fn count_until(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    at: OffsetDateTime,
    key: FindingKey,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "count!"
        FROM finding_spans AS span
        JOIN findings ON findings.finding_id = span.finding_id
        WHERE span.connection_id = $1
            AND span.since <= $10
            AND span.until > $10
            AND ($2::smallint IS NULL OR span.standing = $2)
            AND ($3::text[] IS NULL OR span.severity = ANY($3))
            AND ($4::text[] IS NULL OR findings.rule_id = ANY($4))
            AND ($5::text[] IS NULL OR findings.asset_type = ANY($5))
            AND ($6::text IS NULL OR strpos(findings.asset_name, lower($6)) > 0)
            AND ($11::text[] IS NULL OR COALESCE(span.team, '') = ANY($11))
            AND ($12::bigint[] IS NULL OR span.finding_id = ANY($12))
            AND NOT EXISTS (SELECT FROM UNNEST($13::bigint[]) AS other (id) WHERE other.id = span.finding_id)
            AND ($14::text[] IS NULL OR findings.asset_id = ANY($14))
            AND (span.severity_rank, span.opened_at, span.finding_id) <= ($7, $8, $9)
        "#,
        filter.connection.number(),
        filter.standing,
        filter.severities.as_deref() as Option<&[String]>,
        filter.rules.as_deref() as Option<&[String]>,
        filter.asset_types.as_deref() as Option<&[String]>,
        filter.text.as_deref(),
        key.severity_rank,
        key.opened_at,
        key.id.number(),
        at,
        filter.owners.as_deref() as Option<&[String]>,
        filter.only.as_deref() as Option<&[i64]>,
        &filter.without,
        filter.assets.as_deref() as Option<&[String]>,
    )
    .fetch_one(connection)
    .await?)
}

pub(super) async fn ids(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    at: OffsetDateTime,
) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT span.finding_id
        FROM finding_spans AS span
        JOIN findings ON findings.finding_id = span.finding_id
        WHERE span.connection_id = $1
            AND span.since <= $7
            AND span.until > $7
            AND ($2::smallint IS NULL OR span.standing = $2)
            AND ($3::text[] IS NULL OR span.severity = ANY($3))
            AND ($4::text[] IS NULL OR findings.rule_id = ANY($4))
            AND ($5::text[] IS NULL OR findings.asset_type = ANY($5))
            AND ($6::text IS NULL OR strpos(findings.asset_name, lower($6)) > 0)
            AND ($8::text[] IS NULL OR COALESCE(span.team, '') = ANY($8))
            AND ($9::bigint[] IS NULL OR span.finding_id = ANY($9))
            AND NOT EXISTS (SELECT FROM UNNEST($10::bigint[]) AS other (id) WHERE other.id = span.finding_id)
            AND ($11::text[] IS NULL OR findings.asset_id = ANY($11))
        "#,
        filter.connection.number(),
        filter.standing,
        filter.severities.as_deref() as Option<&[String]>,
        filter.rules.as_deref() as Option<&[String]>,
        filter.asset_types.as_deref() as Option<&[String]>,
        filter.text.as_deref(),
        at,
        filter.owners.as_deref() as Option<&[String]>,
        filter.only.as_deref() as Option<&[i64]>,
        &filter.without,
        filter.assets.as_deref() as Option<&[String]>,
    )
    .fetch_all(connection)
    .await?)
}

pub(super) async fn groups(
    connection: &mut PgConnection,
    of: ConnectionId,
    asset: &AssetId,
    rule: Option<&RuleId>,
    at: OffsetDateTime,
) -> Result<Vec<GroupRow>, StoreError> {
    Ok(sqlx::query_as!(
        GroupRow,
        r#"
        SELECT span.state, span.severity, findings.rule_id, findings.asset_type, span.team, count(*) AS "count!"
        FROM finding_spans AS span
        JOIN findings ON findings.finding_id = span.finding_id
        WHERE span.connection_id = $1
            AND span.since <= $4
            AND span.until > $4
            AND findings.asset_id = $2
            AND ($3::text IS NULL OR findings.rule_id = $3)
        GROUP BY 1, 2, 3, 4, 5
        ORDER BY 1, 2, 3, 4, 5
        "#,
        of.number(),
        asset.as_str(),
        rule.map(RuleId::as_str),
        at,
    )
    .fetch_all(connection)
    .await?)
}
