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

/// Of each asset stay: the last change, the last that says what it is, the last in which it was read, and the one in which
/// it was lost after that.
async fn remove_asset_changes(
    connection: &mut PgConnection,
    of: ConnectionId,
    before: OffsetDateTime,
) -> Result<Vec<Removed>, StoreError> {
    Ok(sqlx::query_as!(
        Removed,
        r#"
        WITH ranked AS (
            SELECT
                asset_id,
                at,
                snapshot_id,
                is_named,
                is_read,
                row_number() OVER later AS age,
                row_number() OVER (PARTITION BY asset_id, is_named ORDER BY at DESC, snapshot_id DESC) AS named_age,
                row_number() OVER (PARTITION BY asset_id, is_read ORDER BY at DESC, snapshot_id DESC) AS read_age,
                count(*) FILTER (WHERE is_read) OVER later AS read_since,
                lead(is_read) OVER later AS was_read
            FROM (
                SELECT
                    asset_id,
                    at,
                    snapshot_id,
                    identity IS NOT NULL AS is_named,
                    change IN ('appeared', 'changed', 'read_again') AS is_read
                FROM asset_changes
                WHERE connection_id = $1 AND at <= $2
            ) AS older
            WINDOW later AS (PARTITION BY asset_id ORDER BY at DESC, snapshot_id DESC)
        ), gone AS (
            DELETE FROM asset_changes
            USING ranked
            WHERE asset_changes.connection_id = $1
                AND asset_changes.at <= $2
                AND asset_changes.asset_id = ranked.asset_id
                AND asset_changes.at = ranked.at
                AND asset_changes.snapshot_id = ranked.snapshot_id
                AND ranked.age > 1
                AND NOT (ranked.is_named AND ranked.named_age = 1)
                AND NOT (ranked.is_read AND ranked.read_age = 1)
                AND NOT (ranked.read_since = 0 AND COALESCE(ranked.was_read, FALSE))
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

/// Of each check stay the last change, and the last verdict where the check has ended.
async fn remove_verdict_changes(
    connection: &mut PgConnection,
    of: ConnectionId,
    before: OffsetDateTime,
) -> Result<Vec<Removed>, StoreError> {
    Ok(sqlx::query_as!(
        Removed,
        r#"
        WITH ranked AS (
            SELECT
                asset_number,
                rule_id,
                at,
                evaluation_id,
                verdict IS NOT NULL AS is_said,
                row_number() OVER (PARTITION BY asset_number, rule_id ORDER BY at DESC, evaluation_id DESC) AS age,
                row_number() OVER (
                    PARTITION BY asset_number, rule_id, verdict IS NOT NULL ORDER BY at DESC, evaluation_id DESC
                ) AS said_age
            FROM verdict_changes
            WHERE connection_id = $1 AND at <= $2
        ), gone AS (
            DELETE FROM verdict_changes
            USING ranked
            WHERE verdict_changes.at <= $2
                AND verdict_changes.asset_number = ranked.asset_number
                AND verdict_changes.rule_id = ranked.rule_id
                AND verdict_changes.at = ranked.at
                AND verdict_changes.evaluation_id = ranked.evaluation_id
                AND ranked.age > 1
                AND NOT (ranked.is_said AND ranked.said_age = 1)
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

/// Of each asset stays the last change.
async fn remove_owner_changes(
    connection: &mut PgConnection,
    of: ConnectionId,
    before: OffsetDateTime,
) -> Result<Vec<Removed>, StoreError> {
    Ok(sqlx::query_as!(
        Removed,
        r#"
        WITH ranked AS (
            SELECT
                asset_number,
                at,
                evaluation_id,
                row_number() OVER (PARTITION BY asset_number ORDER BY at DESC, evaluation_id DESC) AS age
            FROM owner_changes
            JOIN assets USING (asset_number)
            WHERE connection_id = $1 AND at <= $2
        ), gone AS (
            DELETE FROM owner_changes
            USING ranked
            WHERE owner_changes.at <= $2
                AND owner_changes.asset_number = ranked.asset_number
                AND owner_changes.at = ranked.at
                AND owner_changes.evaluation_id = ranked.evaluation_id
                AND ranked.age > 1
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

/// Of each finding stay the first event, the last in which it was opened, and the last of all.
async fn remove_finding_events(
    connection: &mut PgConnection,
    of: ConnectionId,
    before: OffsetDateTime,
) -> Result<Vec<Removed>, StoreError> {
    Ok(sqlx::query_as!(
        Removed,
        r#"
        WITH ranked AS (
            SELECT
                finding_id,
                at,
                evaluation_id,
                is_opening,
                row_number() OVER (PARTITION BY finding_id ORDER BY at, evaluation_id) AS number,
                row_number() OVER (PARTITION BY finding_id ORDER BY at DESC, evaluation_id DESC) AS age,
                row_number() OVER (PARTITION BY finding_id, is_opening ORDER BY at DESC, evaluation_id DESC) AS opening_age
            FROM (
                SELECT finding_id, at, evaluation_id, event IN ('opened', 'reopened') AS is_opening
                FROM finding_events
                JOIN findings USING (finding_id)
                WHERE connection_id = $1 AND at <= $2
            ) AS older
        ), gone AS (
            DELETE FROM finding_events
            USING ranked
            WHERE finding_events.at <= $2
                AND finding_events.finding_id = ranked.finding_id
                AND finding_events.at = ranked.at
                AND finding_events.evaluation_id = ranked.evaluation_id
                AND ranked.number > 1
                AND ranked.age > 1
                AND NOT (ranked.is_opening AND ranked.opening_age = 1)
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
