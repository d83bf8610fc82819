//! Removing what lies before a boundary, but for what later states are made of.

use postern_domain::id::ConnectionId;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::StoreError;

/// Rows that were removed from a table, or from one of its months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The table, or the partition.
    pub part: String,
    /// How many rows.
    pub rows: i64,
}

/// Lets the transaction remove facts.
pub async fn permit(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("SELECT set_config('postern.retention', 'on', TRUE) AS permitted")
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Removes what no moment at or after `before`, the time of an evaluation, is made of.
///
/// Moments from then on are as they were. Nobody else may write snapshots of the connection meanwhile; scans of all
/// connections wait with what they read from the end of this until the end of the transaction.
pub async fn remove_history(
    connection: &mut PgConnection,
    of: ConnectionId,
    before: OffsetDateTime,
) -> Result<Vec<Removed>, StoreError> {
    let mut removed = remove_asset_changes(connection, of, before).await?;
    removed.extend(remove_verdict_changes(connection, of, before).await?);
    removed.extend(remove_owner_changes(connection, of, before).await?);
    removed.extend(remove_finding_events(connection, of, before).await?);
    removed.extend(remove_tallies(connection, of, before).await?);
    let spans = sqlx::query!(
        "DELETE FROM finding_spans WHERE connection_id = $1 AND until <= $2",
        of.number(),
        before,
    )
    .execute(&mut *connection)
    .await?;
    removed.push(whole("finding_spans", spans.rows_affected()));
    let bodies = sqlx::query!(
        r#"
        DELETE FROM verdict_bodies
        WHERE connection_id = $1
            AND NOT EXISTS (
                SELECT
                FROM verdict_changes
                WHERE verdict_changes.connection_id = verdict_bodies.connection_id
                    AND verdict_changes.body_digest = verdict_bodies.body_digest
            )
        "#,
        of.number(),
    )
    .execute(&mut *connection)
    .await?;
    removed.push(whole("verdict_bodies", bodies.rows_affected()));
    removed.push(remove_unnamed_documents(connection).await?);
    removed.retain(|removed| removed.rows > 0);
    Ok(removed)
}

fn whole(table: &str, rows: u64) -> Removed {
    Removed { part: table.to_owned(), rows: i64::try_from(rows).unwrap_or(i64::MAX) }
}

async fn remove_asset_changes(
    connection: &mut PgConnection,
    of: ConnectionId,
    before: OffsetDateTime,
) -> Result<Vec<Removed>, StoreError> {
    Ok(sqlx::query_as!(
        Removed,
        r#"
        WITH gone AS (
            DELETE FROM asset_changes
            USING superseded_asset_changes($1, $2) AS superseded
            WHERE asset_changes.connection_id = $1
                AND asset_changes.at <= $2
                AND asset_changes.asset_id = superseded.asset_id
                AND asset_changes.at = superseded.at
                AND asset_changes.snapshot_id = superseded.snapshot_id
            RETURNING asset_changes.tableoid
        )
        SELECT tableoid::regclass::text AS "part!", count(*) AS "rows!"
        FROM gone
        GROUP BY tableoid
        ORDER BY 1
        "#,
        of.number(),
        before,
    )
    .fetch_all(connection)
    .await?)
}

async fn remove_verdict_changes(
    connection: &mut PgConnection,
    of: ConnectionId,
    before: OffsetDateTime,
) -> Result<Vec<Removed>, StoreError> {
    Ok(sqlx::query_as!(
        Removed,
        r#"
        WITH gone AS (
            DELETE FROM verdict_changes
            USING superseded_verdict_changes($1, $2) AS superseded
            WHERE verdict_changes.at <= $2
                AND verdict_changes.asset_number = superseded.asset_number
                AND verdict_changes.rule_id = superseded.rule_id
                AND verdict_changes.at = superseded.at
                AND verdict_changes.evaluation_id = superseded.evaluation_id
            RETURNING verdict_changes.tableoid
        )
        SELECT tableoid::regclass::text AS "part!", count(*) AS "rows!"
        FROM gone
        GROUP BY tableoid
        ORDER BY 1
        "#,
        of.number(),
        before,
    )
    .fetch_all(connection)
    .await?)
}

async fn remove_owner_changes(
    connection: &mut PgConnection,
    of: ConnectionId,
    before: OffsetDateTime,
) -> Result<Vec<Removed>, StoreError> {
    Ok(sqlx::query_as!(
        Removed,
        r#"
        WITH gone AS (
            DELETE FROM owner_changes
            USING superseded_owner_changes($1, $2) AS superseded
            WHERE owner_changes.at <= $2
                AND owner_changes.asset_number = superseded.asset_number
                AND owner_changes.at = superseded.at
                AND owner_changes.evaluation_id = superseded.evaluation_id
            RETURNING owner_changes.tableoid
        )
        SELECT tableoid::regclass::text AS "part!", count(*) AS "rows!"
        FROM gone
        GROUP BY tableoid
        ORDER BY 1
        "#,
        of.number(),
        before,
    )
    .fetch_all(connection)
    .await?)
}

async fn remove_finding_events(
    connection: &mut PgConnection,
    of: ConnectionId,
    before: OffsetDateTime,
) -> Result<Vec<Removed>, StoreError> {
    Ok(sqlx::query_as!(
        Removed,
        r#"
        WITH gone AS (
            DELETE FROM finding_events
            USING superseded_finding_events($1, $2) AS superseded
            WHERE finding_events.at <= $2
                AND finding_events.finding_id = superseded.finding_id
                AND finding_events.at = superseded.at
                AND finding_events.evaluation_id = superseded.evaluation_id
            RETURNING finding_events.tableoid
        )
        SELECT tableoid::regclass::text AS "part!", count(*) AS "rows!"
        FROM gone
        GROUP BY tableoid
        ORDER BY 1
        "#,
        of.number(),
        before,
    )
    .fetch_all(connection)
    .await?)
}

/// The last base at or before the boundary stays, with what was counted since.
async fn remove_tallies(
    connection: &mut PgConnection,
    of: ConnectionId,
    before: OffsetDateTime,
) -> Result<Vec<Removed>, StoreError> {
    let base = sqlx::query_scalar!(
        "SELECT max(at) FROM tally_bases WHERE connection_id = $1 AND at <= $2",
        of.number(),
        before,
    )
    .fetch_one(&mut *connection)
    .await?;
    let Some(base) = base else { return Ok(Vec::new()) };
    let mut removed = sqlx::query_as!(
        Removed,
        r#"
        WITH gone AS (
            DELETE FROM tally_changes WHERE connection_id = $1 AND at < $2 RETURNING tableoid
        )
        SELECT tableoid::regclass::text AS "part!", count(*) AS "rows!"
        FROM gone
        GROUP BY tableoid
        ORDER BY 1
        "#,
        of.number(),
        base,
    )
    .fetch_all(&mut *connection)
    .await?;
    let bases = sqlx::query!(
        "DELETE FROM tally_bases WHERE connection_id = $1 AND at < $2",
        of.number(),
        base,
    )
    .execute(connection)
    .await?;
    removed.push(whole("tally_bases", bases.rows_affected()));
    Ok(removed)
}

/// Removes the points of a connection's trend before a moment.
pub async fn remove_trend(
    connection: &mut PgConnection,
    of: ConnectionId,
    before: OffsetDateTime,
) -> Result<Removed, StoreError> {
    let points = sqlx::query!(
        "DELETE FROM trend_points WHERE connection_id = $1 AND at < $2",
        of.number(),
        before,
    )
    .execute(connection)
    .await?;
    Ok(whole("trend_points", points.rows_affected()))
}

/// Removes the scans of a connection that failed before a moment and of which no snapshot came.
pub async fn remove_failed_scans(
    connection: &mut PgConnection,
    of: ConnectionId,
    before: OffsetDateTime,
) -> Result<Removed, StoreError> {
    let scans = sqlx::query!(
        r#"
        DELETE FROM scans
        WHERE connection_id = $1
            AND state = 'failed'
            AND finished_at < $2
            AND NOT EXISTS (SELECT FROM snapshots WHERE snapshots.scan_id = scans.scan_id)
            AND NOT EXISTS (SELECT FROM scan_assets WHERE scan_assets.scan_id = scans.scan_id)
        "#,
        of.number(),
        before,
    )
    .execute(connection)
    .await?;
    Ok(whole("scans", scans.rows_affected()))
}

/// Removes the documents that nothing names any more, neither a change nor what a scan has read so far.
async fn remove_unnamed_documents(connection: &mut PgConnection) -> Result<Removed, StoreError> {
    sqlx::query!("LOCK TABLE scan_assets IN SHARE MODE").execute(&mut *connection).await?;
    let bodies = sqlx::query!(
        r#"
        DELETE FROM asset_bodies AS body
        WHERE NOT EXISTS (SELECT FROM asset_changes WHERE asset_changes.content_hash = body.content_hash)
            AND NOT EXISTS (SELECT FROM current_assets WHERE current_assets.content_hash = body.content_hash)
            AND NOT EXISTS (SELECT FROM scan_assets WHERE scan_assets.content_hash = body.content_hash)
        "#,
    )
    .execute(connection)
    .await?;
    Ok(whole("asset_bodies", bodies.rows_affected()))
}
