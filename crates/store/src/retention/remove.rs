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

/// Removes the rows of a table that `superseded_` and its name find at or before a boundary; by month.
///
/// A macro, because a statement that is checked at compile time is a literal.
macro_rules! remove_superseded {
    ($connection:expr, $of:expr, $before:expr, $superseded:literal) => {
        sqlx::query_as!(
            Removed,
            "WITH gone AS ("
                + $superseded
                + r#" RETURNING own.tableoid)
            SELECT tableoid::regclass::text AS "part!", count(*) AS "rows!"
            FROM gone
            GROUP BY tableoid
            ORDER BY 1"#,
            $of.number(),
            $before,
        )
        .fetch_all(&mut *$connection)
        .await?
    };
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
    let mut removed = remove_superseded!(
        connection,
        of,
        before,
        "DELETE FROM asset_changes AS own
        USING superseded_asset_changes($1, $2) AS gone
        WHERE own.connection_id = $1
            AND own.at <= $2
            AND own.asset_id = gone.asset_id
            AND own.at = gone.at
            AND own.snapshot_id = gone.snapshot_id"
    );
    removed.extend(remove_superseded!(
        connection,
        of,
        before,
        "DELETE FROM verdict_changes AS own
        USING superseded_verdict_changes($1, $2) AS gone
        WHERE own.at <= $2
            AND own.asset_number = gone.asset_number
            AND own.rule_id = gone.rule_id
            AND own.at = gone.at
            AND own.evaluation_id = gone.evaluation_id"
    ));
    removed.extend(remove_superseded!(
        connection,
        of,
        before,
        "DELETE FROM owner_changes AS own
        USING superseded_owner_changes($1, $2) AS gone
        WHERE own.at <= $2
            AND own.asset_number = gone.asset_number
            AND own.at = gone.at
            AND own.evaluation_id = gone.evaluation_id"
    ));
    removed.extend(remove_superseded!(
        connection,
        of,
        before,
        "DELETE FROM finding_events AS own
        USING superseded_finding_events($1, $2) AS gone
        WHERE own.at <= $2
            AND own.finding_id = gone.finding_id
            AND own.at = gone.at
            AND own.evaluation_id = gone.evaluation_id"
    ));
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
