//! Findings by the asset that they are on: in the order of each asset's first, which is the worst and of these the oldest.
//!
//! Where an asset stands is told by one row and an index, and by no sum over all of its findings. Only how many assets there
//! are takes a look at all findings that are let through, as their number does on later pages of the list.

use postern_domain::id::FindingId;
use postern_domain::verdict::Severity;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{FindingFilter, FindingKey};
use crate::column;
use crate::error::StoreError;

/// A page of assets, each named by the first of its findings that `filter` lets through: at most `limit`, after the key
/// `after`.
pub async fn firsts(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    after: Option<FindingKey>,
    limit: u32,
) -> Result<Vec<FindingKey>, StoreError> {
    let rows = match filter.as_of {
        None => current_firsts(connection, filter, after, limit).await?,
        Some(at) => firsts_as_of(connection, filter, at, after, limit).await?,
    };
    Ok(rows.into_iter().map(KeyRow::into_key).collect())
}

/// How many findings of each severity `filter` lets through on the assets that these findings are on, by finding.
pub async fn counts(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    on_those_of: &[FindingId],
) -> Result<Vec<(FindingId, Severity, u64)>, StoreError> {
    let of: Vec<i64> = on_those_of.iter().map(|finding| finding.number()).collect();
    let rows = match filter.as_of {
        None => current_counts(connection, filter, &of).await?,
        Some(at) => counts_as_of(connection, filter, at, &of).await?,
    };
    let of_row = |row: CountRow| {
        let severity = column::word("findings.severity", &row.severity)?;
        let count = u64::try_from(row.count).unwrap_or_default();
        Ok((FindingId::from_number(row.finding_id), severity, count))
    };
    rows.into_iter().map(of_row).collect()
}

/// On how many assets there are findings that `filter` lets through, and how many of these come up to the key `until`.
pub async fn assets(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    until: Option<FindingKey>,
) -> Result<(u64, u64), StoreError> {
    let row = match filter.as_of {
        None => current_assets(connection, filter, until).await?,
        Some(at) => assets_as_of(connection, filter, at, until).await?,
    };
    Ok((u64::try_from(row.all).unwrap_or_default(), u64::try_from(row.before).unwrap_or_default()))
}

struct AssetsRow {
    all: i64,
    before: i64,
}

struct CountRow {
    finding_id: i64,
    severity: String,
    count: i64,
}

struct KeyRow {
    severity_rank: i16,
    opened_at: OffsetDateTime,
    finding_id: i64,
}

impl KeyRow {
    fn into_key(self) -> FindingKey {
        FindingKey {
            severity_rank: self.severity_rank,
            opened_at: self.opened_at,
            id: FindingId::from_number(self.finding_id),
        }
    }
}

/// `OFFSET 0` keeps the planner from comparing all findings with all: few are looked at before the page is full.
async fn current_firsts(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    after: Option<FindingKey>,
    limit: u32,
) -> Result<Vec<KeyRow>, StoreError> {
    Ok(sqlx::query_as!(
                KeyRow,
                r#"
                SELECT severity_rank AS "severity_rank!", opened_at, finding_id
                FROM findings
                WHERE findings.connection_id = $1
                    AND ($2::smallint IS NULL OR findings.standing = $2)
                    AND ($3::text[] IS NULL OR findings.severity = ANY($3))
                    AND ($4::text[] IS NULL OR findings.rule_id = ANY($4))
                    AND ($8::text[] IS NULL OR COALESCE(findings.team, '') = ANY($8))
                    AND ($9::bigint[] IS NULL OR findings.finding_id = ANY($9))
                    AND NOT EXISTS (SELECT FROM UNNEST($10::bigint[]) AS other (id) WHERE other.id = findings.finding_id)
                    AND ($5::text[] IS NULL OR findings.asset_type = ANY($5))
                    AND ($6::text IS NULL OR strpos(findings.asset_name, lower($6)) > 0)
                    AND ($7::text[] IS NULL OR findings.asset_id = ANY($7))
                    AND ($11::smallint IS NULL OR (severity_rank, opened_at, finding_id) > ($11, $12, $13))
                    AND NOT EXISTS (
                        SELECT FROM findings AS earlier
                        WHERE earlier.asset_id = findings.asset_id
                            AND earlier.connection_id = $1
                            AND ($2::smallint IS NULL OR earlier.standing = $2)
                            AND ($3::text[] IS NULL OR earlier.severity = ANY($3))
                            AND ($4::text[] IS NULL OR earlier.rule_id = ANY($4))
                            AND ($8::text[] IS NULL OR COALESCE(earlier.team, '') = ANY($8))
                            AND ($9::bigint[] IS NULL OR earlier.finding_id = ANY($9))
                            AND NOT EXISTS (SELECT FROM UNNEST($10::bigint[]) AS other (id) WHERE other.id = earlier.finding_id)
                            AND (earlier.severity_rank, earlier.opened_at, earlier.finding_id)
                                < (findings.severity_rank, findings.opened_at, findings.finding_id)
                        OFFSET 0
                    )
                ORDER BY severity_rank, opened_at, finding_id
                LIMIT $14
                "#,
                filter.connection.number(),
                filter.standing,
                filter.severities.as_deref() as Option<&[String]>,
                filter.rules.as_deref() as Option<&[String]>,
                filter.asset_types.as_deref() as Option<&[String]>,
                filter.text.as_deref(),
                filter.assets.as_deref() as Option<&[String]>,
                filter.owners.as_deref() as Option<&[String]>,
                filter.only.as_deref() as Option<&[i64]>,
                &filter.without,
                after.map(|key| key.severity_rank),
                after.map(|key| key.opened_at),
                after.map(|key| key.id.number()),
                i64::from(limit),
            )
            .fetch_all(connection)
            .await?)
}

async fn firsts_as_of(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    at: OffsetDateTime,
    after: Option<FindingKey>,
    limit: u32,
) -> Result<Vec<KeyRow>, StoreError> {
    Ok(sqlx::query_as!(
                KeyRow,
                r#"
                SELECT span.severity_rank AS "severity_rank!", span.opened_at, span.finding_id
                FROM finding_spans AS span
                JOIN findings ON findings.finding_id = span.finding_id
                WHERE span.connection_id = $1
                    AND span.since <= $11
                    AND span.until > $11
                    AND ($2::smallint IS NULL OR span.standing = $2)
                    AND ($3::text[] IS NULL OR span.severity = ANY($3))
                    AND ($4::text[] IS NULL OR findings.rule_id = ANY($4))
                    AND ($8::text[] IS NULL OR COALESCE(span.team, '') = ANY($8))
                    AND ($9::bigint[] IS NULL OR span.finding_id = ANY($9))
                    AND NOT EXISTS (SELECT FROM UNNEST($10::bigint[]) AS other (id) WHERE other.id = span.finding_id)
                    AND ($5::text[] IS NULL OR findings.asset_type = ANY($5))
                    AND ($6::text IS NULL OR strpos(findings.asset_name, lower($6)) > 0)
                    AND ($7::text[] IS NULL OR findings.asset_id = ANY($7))
                    AND ($12::smallint IS NULL OR (span.severity_rank, span.opened_at, span.finding_id) > ($12, $13, $14))
                    AND NOT EXISTS (
                        SELECT FROM findings AS other
                        JOIN finding_spans AS earlier ON earlier.finding_id = other.finding_id
                        WHERE other.connection_id = $1
                            AND other.asset_id = findings.asset_id
                            AND earlier.connection_id = $1
                            AND earlier.since <= $11
                            AND earlier.until > $11
                            AND ($2::smallint IS NULL OR earlier.standing = $2)
                            AND ($3::text[] IS NULL OR earlier.severity = ANY($3))
                            AND ($4::text[] IS NULL OR other.rule_id = ANY($4))
                            AND ($8::text[] IS NULL OR COALESCE(earlier.team, '') = ANY($8))
                            AND ($9::bigint[] IS NULL OR earlier.finding_id = ANY($9))
                            AND NOT EXISTS (SELECT FROM UNNEST($10::bigint[]) AS other (id) WHERE other.id = earlier.finding_id)
                            AND (earlier.severity_rank, earlier.opened_at, earlier.finding_id)
                                < (span.severity_rank, span.opened_at, span.finding_id)
                        OFFSET 0
                    )
                ORDER BY span.severity_rank, span.opened_at, span.finding_id
                LIMIT $15
                "#,
                filter.connection.number(),
                filter.standing,
                filter.severities.as_deref() as Option<&[String]>,
                filter.rules.as_deref() as Option<&[String]>,
                filter.asset_types.as_deref() as Option<&[String]>,
                filter.text.as_deref(),
                filter.assets.as_deref() as Option<&[String]>,
                filter.owners.as_deref() as Option<&[String]>,
                filter.only.as_deref() as Option<&[i64]>,
                &filter.without,
                at,
                after.map(|key| key.severity_rank),
                after.map(|key| key.opened_at),
                after.map(|key| key.id.number()),
                i64::from(limit),
            )
            .fetch_all(connection)
            .await?)
}

async fn current_counts(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    of: &[i64],
) -> Result<Vec<CountRow>, StoreError> {
    Ok(sqlx::query_as!(
                CountRow,
                r#"
                SELECT named.finding_id, findings.severity, count(*) AS "count!"
                FROM findings AS named
                JOIN findings ON findings.connection_id = named.connection_id AND findings.asset_id = named.asset_id
                WHERE named.finding_id = ANY($11::bigint[])
                    AND findings.connection_id = $1
                    AND ($2::smallint IS NULL OR findings.standing = $2)
                    AND ($3::text[] IS NULL OR findings.severity = ANY($3))
                    AND ($4::text[] IS NULL OR findings.rule_id = ANY($4))
                    AND ($8::text[] IS NULL OR COALESCE(findings.team, '') = ANY($8))
                    AND ($9::bigint[] IS NULL OR findings.finding_id = ANY($9))
                    AND NOT EXISTS (SELECT FROM UNNEST($10::bigint[]) AS other (id) WHERE other.id = findings.finding_id)
                    AND ($5::text[] IS NULL OR findings.asset_type = ANY($5))
                    AND ($6::text IS NULL OR strpos(findings.asset_name, lower($6)) > 0)
                    AND ($7::text[] IS NULL OR findings.asset_id = ANY($7))
                GROUP BY named.finding_id, findings.severity
                "#,
                filter.connection.number(),
                filter.standing,
                filter.severities.as_deref() as Option<&[String]>,
                filter.rules.as_deref() as Option<&[String]>,
                filter.asset_types.as_deref() as Option<&[String]>,
                filter.text.as_deref(),
                filter.assets.as_deref() as Option<&[String]>,
                filter.owners.as_deref() as Option<&[String]>,
                filter.only.as_deref() as Option<&[i64]>,
                &filter.without,
                &of,
            )
            .fetch_all(connection)
            .await?)
}

async fn counts_as_of(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    at: OffsetDateTime,
    of: &[i64],
) -> Result<Vec<CountRow>, StoreError> {
    Ok(sqlx::query_as!(
                CountRow,
                r#"
                SELECT named.finding_id, span.severity, count(*) AS "count!"
                FROM findings AS named
                JOIN findings ON findings.connection_id = named.connection_id AND findings.asset_id = named.asset_id
                JOIN finding_spans AS span ON span.finding_id = findings.finding_id
                WHERE named.finding_id = ANY($12::bigint[])
                    AND span.connection_id = $1
                    AND span.since <= $11
                    AND span.until > $11
                    AND ($2::smallint IS NULL OR span.standing = $2)
                    AND ($3::text[] IS NULL OR span.severity = ANY($3))
                    AND ($4::text[] IS NULL OR findings.rule_id = ANY($4))
                    AND ($8::text[] IS NULL OR COALESCE(span.team, '') = ANY($8))
                    AND ($9::bigint[] IS NULL OR span.finding_id = ANY($9))
                    AND NOT EXISTS (SELECT FROM UNNEST($10::bigint[]) AS other (id) WHERE other.id = span.finding_id)
                    AND ($5::text[] IS NULL OR findings.asset_type = ANY($5))
                    AND ($6::text IS NULL OR strpos(findings.asset_name, lower($6)) > 0)
                    AND ($7::text[] IS NULL OR findings.asset_id = ANY($7))
                GROUP BY named.finding_id, span.severity
                "#,
                filter.connection.number(),
                filter.standing,
                filter.severities.as_deref() as Option<&[String]>,
                filter.rules.as_deref() as Option<&[String]>,
                filter.asset_types.as_deref() as Option<&[String]>,
                filter.text.as_deref(),
                filter.assets.as_deref() as Option<&[String]>,
                filter.owners.as_deref() as Option<&[String]>,
                filter.only.as_deref() as Option<&[i64]>,
                &filter.without,
                at,
                &of,
            )
            .fetch_all(connection)
            .await?)
}

async fn current_assets(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    after: Option<FindingKey>,
) -> Result<AssetsRow, StoreError> {
    Ok(sqlx::query_as!(
                AssetsRow,
                r#"
                SELECT count(*) AS "all!", count(*) FILTER (WHERE comes_before) AS "before!"
                FROM (
                    SELECT bool_or((severity_rank, opened_at, finding_id) <= ($11::smallint, $12::timestamptz, $13::bigint))
                        AS comes_before
                    FROM findings
                    WHERE findings.connection_id = $1
                        AND ($2::smallint IS NULL OR findings.standing = $2)
                        AND ($3::text[] IS NULL OR findings.severity = ANY($3))
                        AND ($4::text[] IS NULL OR findings.rule_id = ANY($4))
                        AND ($8::text[] IS NULL OR COALESCE(findings.team, '') = ANY($8))
                        AND ($9::bigint[] IS NULL OR findings.finding_id = ANY($9))
                        AND NOT EXISTS (SELECT FROM UNNEST($10::bigint[]) AS other (id) WHERE other.id = findings.finding_id)
                        AND ($5::text[] IS NULL OR findings.asset_type = ANY($5))
                        AND ($6::text IS NULL OR strpos(findings.asset_name, lower($6)) > 0)
                        AND ($7::text[] IS NULL OR findings.asset_id = ANY($7))
                    GROUP BY asset_id
                ) AS per_asset
                "#,
                filter.connection.number(),
                filter.standing,
                filter.severities.as_deref() as Option<&[String]>,
                filter.rules.as_deref() as Option<&[String]>,
                filter.asset_types.as_deref() as Option<&[String]>,
                filter.text.as_deref(),
                filter.assets.as_deref() as Option<&[String]>,
                filter.owners.as_deref() as Option<&[String]>,
                filter.only.as_deref() as Option<&[i64]>,
                &filter.without,
                after.map(|key| key.severity_rank),
                after.map(|key| key.opened_at),
                after.map(|key| key.id.number()),
            )
            .fetch_one(connection)
            .await?)
}

async fn assets_as_of(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    at: OffsetDateTime,
    after: Option<FindingKey>,
) -> Result<AssetsRow, StoreError> {
    Ok(sqlx::query_as!(
                AssetsRow,
                r#"
                SELECT count(*) AS "all!", count(*) FILTER (WHERE comes_before) AS "before!"
                FROM (
                    SELECT bool_or(
                        (span.severity_rank, span.opened_at, span.finding_id)
                            <= ($12::smallint, $13::timestamptz, $14::bigint)
                    ) AS comes_before
                    FROM finding_spans AS span
                    JOIN findings ON findings.finding_id = span.finding_id
                    WHERE span.connection_id = $1
                        AND span.since <= $11
                        AND span.until > $11
                        AND ($2::smallint IS NULL OR span.standing = $2)
                        AND ($3::text[] IS NULL OR span.severity = ANY($3))
                        AND ($4::text[] IS NULL OR findings.rule_id = ANY($4))
                        AND ($8::text[] IS NULL OR COALESCE(span.team, '') = ANY($8))
                        AND ($9::bigint[] IS NULL OR span.finding_id = ANY($9))
                        AND NOT EXISTS (SELECT FROM UNNEST($10::bigint[]) AS other (id) WHERE other.id = span.finding_id)
                        AND ($5::text[] IS NULL OR findings.asset_type = ANY($5))
                        AND ($6::text IS NULL OR strpos(findings.asset_name, lower($6)) > 0)
                        AND ($7::text[] IS NULL OR findings.asset_id = ANY($7))
                    GROUP BY findings.asset_id
                ) AS per_asset
                "#,
                filter.connection.number(),
                filter.standing,
                filter.severities.as_deref() as Option<&[String]>,
                filter.rules.as_deref() as Option<&[String]>,
                filter.asset_types.as_deref() as Option<&[String]>,
                filter.text.as_deref(),
                filter.assets.as_deref() as Option<&[String]>,
                filter.owners.as_deref() as Option<&[String]>,
                filter.only.as_deref() as Option<&[i64]>,
                &filter.without,
                at,
                after.map(|key| key.severity_rank),
                after.map(|key| key.opened_at),
                after.map(|key| key.id.number()),
            )
            .fetch_one(connection)
            .await?)
}
