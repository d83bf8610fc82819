//! The list of resources as it was at a moment.
//!
//! Whether an asset was there is told by what happened to it next: one that appears after the moment was not, and one of
//! which nothing is told since stands as it does now. So the older part of history, which retention thins out, is not read.

use std::collections::BTreeMap;

use postern_domain::id::ConnectionId;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{AssetRecord, Inventory, ListedAsset, ListedRow, RecordRow};
use crate::error::StoreError;

pub(super) async fn list(
    connection: &mut PgConnection,
    of: Inventory<'_>,
    at: OffsetDateTime,
) -> Result<Vec<ListedAsset>, StoreError> {
    // The conditions on `change` are the index's own, so that it is used.
    let rows = sqlx::query!(
        r#"
        WITH later AS MATERIALIZED (
            SELECT
                asset_id,
                min(at) FILTER (WHERE change = 'appeared') AS appears_at,
                min(at) FILTER (WHERE change <> 'appeared') AS leaves_at
            FROM asset_changes
            WHERE connection_id = $1
                AND at > $2
                AND change <> 'changed'
                AND change IN ('appeared', 'deleted', 'out_of_scope')
            GROUP BY asset_id
        ), unread AS MATERIALIZED (
            SELECT last.asset_id
            FROM (
                SELECT asset_id, max(at) AS at
                FROM asset_changes
                WHERE connection_id = $1 AND at <= $2 AND change <> 'changed' AND change = 'unread'
                GROUP BY asset_id
            ) AS last
            WHERE NOT EXISTS (
                SELECT
                FROM asset_changes AS next
                WHERE next.connection_id = $1
                    AND next.asset_id = last.asset_id
                    AND next.at > last.at
                    AND next.at <= $2
            )
        ), owned AS MATERIALIZED (
            SELECT DISTINCT ON (asset_number) asset_number, team
            FROM owner_changes
            WHERE at <= $2
            ORDER BY asset_number, at DESC, evaluation_id DESC
        ), failing AS MATERIALIZED (
            SELECT asset_number, min(severity_rank) AS worst
            FROM finding_spans
            WHERE connection_id = $1
                AND standing = 0
                AND since <= $2
                AND until > $2
                AND NOT EXISTS (SELECT FROM UNNEST($3::bigint[]) AS other (id) WHERE other.id = finding_id)
            GROUP BY asset_number
        )
        SELECT
            assets.asset_number,
            assets.asset_id,
            known.name AS "name?",
            known.location AS "location?",
            known.asset_id IS NULL AS "is_gone!",
            owned.team AS "team?",
            unread.asset_id IS NOT NULL AS "is_unread!",
            failing.worst AS "worst?"
        FROM assets
        LEFT JOIN current_assets AS known USING (connection_id, asset_id)
        LEFT JOIN later USING (asset_id)
        LEFT JOIN unread USING (asset_id)
        LEFT JOIN owned USING (asset_number)
        LEFT JOIN failing USING (asset_number)
        WHERE assets.connection_id = $1
            AND CASE
                WHEN later.asset_id IS NULL THEN known.asset_id IS NOT NULL
                ELSE COALESCE(leaves_at <= appears_at, appears_at IS NULL)
            END
        "#,
        of.connection.number(),
        at,
        &of.excepted_numbers(),
    )
    .fetch_all(&mut *connection)
    .await?;
    let gone: Vec<String> =
        rows.iter().filter(|row| row.is_gone).map(|row| row.asset_id.clone()).collect();
    let mut gone = places_of_gone(connection, of.connection, at, &gone).await?;
    rows.into_iter()
        .map(|row| {
            let (name, location) = match gone.remove(&row.asset_id) {
                Some((name, location)) => (name, location),
                None => (row.name, row.location),
            };
            let listed = ListedRow {
                asset_number: row.asset_number,
                asset_id: row.asset_id,
                name,
                location,
                team: row.team,
                is_unread: row.is_unread,
                worst: row.worst,
            };
            listed.into_asset()
        })
        .collect()
}

/// Name and region of assets that are not in the inventory any more, as of the moment.
async fn places_of_gone(
    connection: &mut PgConnection,
    of: ConnectionId,
    at: OffsetDateTime,
    assets: &[String],
) -> Result<BTreeMap<String, (Option<String>, Option<String>)>, StoreError> {
    if assets.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT ON (asset_id) asset_id, identity ->> 'name' AS name, identity ->> 'location' AS location
        FROM asset_changes
        WHERE connection_id = $1 AND asset_id = ANY($3) AND at <= $2 AND identity IS NOT NULL
        ORDER BY asset_id, at DESC, snapshot_id DESC
        "#,
        of.number(),
        at,
        assets,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.asset_id, (row.name, row.location))).collect())
}

pub(super) async fn rows(
    connection: &mut PgConnection,
    of: Inventory<'_>,
    at: OffsetDateTime,
    numbers: &[i64],
) -> Result<Vec<AssetRecord>, StoreError> {
    let rows = sqlx::query_as!(
        RecordRow,
        r#"
        SELECT
            assets.asset_number AS "asset_number!",
            assets.asset_id AS "asset_id!",
            named.identity AS "identity!",
            counted.open AS "open!",
            counted.excepted AS "excepted!",
            counted.unknown AS "unknown!",
            COALESCE(
                (
                    SELECT max(finished_at)
                    FROM snapshots
                    WHERE snapshots.connection_id = $1
                        AND finished_at <= $2
                        AND (lost.at IS NULL OR finished_at < lost.at)
                ),
                $2
            ) AS "last_read_at!",
            last.reason AS "unread_reason?",
            CASE
                WHEN jsonb_typeof(document #> '{resource,properties}') = 'object' THEN
                    jsonb_build_object(
                        'publicNetworkAccess',
                        document #> '{resource,properties,publicNetworkAccess}',
                        'disableLocalAuth',
                        document #> '{resource,properties,disableLocalAuth}'
                    )
            END AS "access?"
        FROM assets
        CROSS JOIN LATERAL (
            SELECT identity, content_hash
            FROM asset_changes
            WHERE asset_changes.connection_id = $1
                AND asset_changes.asset_id = assets.asset_id
                AND asset_changes.at <= $2
                AND content_hash IS NOT NULL
            ORDER BY asset_changes.at DESC, snapshot_id DESC
            LIMIT 1
        ) AS named
        JOIN asset_bodies USING (content_hash)
        CROSS JOIN LATERAL (
            SELECT reason
            FROM asset_changes
            WHERE asset_changes.connection_id = $1
                AND asset_changes.asset_id = assets.asset_id
                AND asset_changes.at <= $2
            ORDER BY asset_changes.at DESC, snapshot_id DESC
            LIMIT 1
        ) AS last
        LEFT JOIN LATERAL (
            SELECT min(changes.at) AS at
            FROM asset_changes AS changes
            WHERE last.reason IS NOT NULL
                AND changes.connection_id = $1
                AND changes.asset_id = assets.asset_id
                AND changes.at <= $2
                AND changes.at > (
                    SELECT max(readings.at)
                    FROM asset_changes AS readings
                    WHERE readings.connection_id = $1
                        AND readings.asset_id = assets.asset_id
                        AND readings.at <= $2
                        AND readings.change IN ('appeared', 'changed', 'read_again')
                )
        ) AS lost ON TRUE
        CROSS JOIN LATERAL (
            SELECT
                count(*) FILTER (WHERE span.standing = 0 AND span.finding_id <> ALL($4)) AS open,
                count(*) FILTER (WHERE span.standing = 0 AND span.finding_id = ANY($4)) AS excepted,
                count(*) FILTER (WHERE span.standing = 1) AS unknown
            FROM findings
            JOIN finding_spans AS span
                ON span.finding_id = findings.finding_id AND span.since <= $2 AND span.until > $2
            WHERE findings.connection_id = $1 AND findings.asset_id = assets.asset_id
        ) AS counted
        WHERE assets.connection_id = $1 AND assets.asset_number = ANY($3)
        "#,
        of.connection.number(),
        at,
        numbers,
        &of.excepted_numbers(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(RecordRow::into_record).collect()
}
