//! How much room what is stored takes, and how much scans add to it.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::StoreError;

/// A table with all its partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSize {
    /// Its name.
    pub table: String,
    /// The bytes of its rows.
    pub row_bytes: i64,
    /// The bytes of its indexes.
    pub index_bytes: i64,
}

/// The scans that growth is measured on: all but the first of each connection, which is the base that changes start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scans {
    /// How many.
    pub count: i64,
    /// When their time begins: at the scan before the first of them, or where the time that was asked for begins.
    pub from: OffsetDateTime,
    /// When the latest of them was finished.
    pub until: OffsetDateTime,
}

/// What scans added to a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The table.
    pub table: String,
    /// Its rows, all of them.
    pub rows: i64,
    /// The rows that the scans added.
    pub added: i64,
}

/// The bytes of the whole database, and of each table of Postern's, the largest first.
pub async fn sizes(connection: &mut PgConnection) -> Result<(i64, Vec<TableSize>), StoreError> {
    let whole = sqlx::query_scalar!(r#"SELECT pg_database_size(current_database()) AS "bytes!""#)
        .fetch_one(&mut *connection)
        .await?;
    let tables = sqlx::query_as!(
        TableSize,
        r#"
        SELECT
            roots.relname AS "table!",
            coalesce(sum(pg_table_size(parts.part)), 0)::bigint AS "row_bytes!",
            coalesce(sum(pg_indexes_size(parts.part)), 0)::bigint AS "index_bytes!"
        FROM pg_class AS roots
        LEFT JOIN LATERAL (
            SELECT roots.oid::regclass AS part
            WHERE roots.relkind = 'r'
            UNION ALL
            SELECT tree.relid
            FROM pg_partition_tree(roots.oid::regclass) AS tree
            WHERE roots.relkind = 'p' AND tree.isleaf
        ) AS parts ON true
        WHERE roots.relnamespace = current_schema()::regnamespace
            AND roots.relkind IN ('r', 'p')
            AND NOT roots.relispartition
        GROUP BY roots.relname
        ORDER BY coalesce(sum(pg_total_relation_size(parts.part)), 0) DESC, roots.relname
        "#,
    )
    .fetch_all(connection)
    .await?;
    Ok((whole, tables))
}

/// The scans of the last `days` before the latest; `None` where there is none beside the base of each connection.
pub async fn scans(connection: &mut PgConnection, days: u16) -> Result<Option<Scans>, StoreError> {
    let row = sqlx::query!(
        r#"
        WITH bases AS (
            SELECT connection_id, min(snapshot_id) AS snapshot_id
            FROM snapshots
            GROUP BY connection_id
        ), span AS (
            SELECT
                max(finished_at) AS until,
                greatest(min(finished_at), max(finished_at) - make_interval(days => $1)) AS "from"
            FROM snapshots
        )
        SELECT
            span.from AS "from?",
            span.until AS "until?",
            (
                SELECT count(*)
                FROM snapshots
                LEFT JOIN bases USING (snapshot_id)
                WHERE bases.snapshot_id IS NULL AND snapshots.finished_at > span.from
            ) AS "count!"
        FROM span
        "#,
        i32::from(days),
    )
    .fetch_one(connection)
    .await?;
    Ok(match (row.from, row.until) {
        (Some(from), Some(until)) if row.count > 0 => Some(Scans { count: row.count, from, until }),
        _ => None,
    })
}

/// What the scans added to each table that grows with them; reads the tables whole.
pub async fn added(connection: &mut PgConnection, scans: Scans) -> Result<Vec<Added>, StoreError> {
    let rows = sqlx::query_as!(
        Added,
        r#"
        WITH measured AS (
            SELECT snapshot_id, scan_id
            FROM snapshots
            WHERE finished_at > $1
                AND snapshot_id NOT IN (SELECT min(snapshot_id) FROM snapshots GROUP BY connection_id)
        ), judged AS (
            SELECT evaluation_id, connection_id, at
            FROM evaluations
            JOIN measured USING (snapshot_id)
        ), bodies AS (
            SELECT count(*) AS added
            FROM (
                SELECT content_hash
                FROM asset_changes
                LEFT JOIN measured USING (snapshot_id)
                WHERE content_hash IS NOT NULL
                GROUP BY content_hash
                HAVING count(*) = count(measured.snapshot_id)
            ) AS of_measured
        ), verdict_bodies_added AS (
            SELECT count(*) AS added
            FROM (
                SELECT body_digest
                FROM verdict_changes
                LEFT JOIN judged USING (evaluation_id)
                WHERE body_digest IS NOT NULL
                GROUP BY verdict_changes.connection_id, body_digest
                HAVING count(*) = count(judged.evaluation_id)
            ) AS of_judged
        )
        SELECT 'asset_bodies' AS "table!", (SELECT count(*) FROM asset_bodies) AS "rows!", (SELECT added FROM bodies) AS "added!"
        UNION ALL
        SELECT 'asset_changes', (SELECT count(*) FROM asset_changes), (
            SELECT count(*) FROM asset_changes JOIN measured USING (snapshot_id) WHERE at > $1
        )
        UNION ALL
        SELECT 'assets', (SELECT count(*) FROM assets), (
            SELECT count(*)
            FROM (
                SELECT FROM asset_changes LEFT JOIN measured USING (snapshot_id)
                GROUP BY connection_id, asset_id HAVING count(*) = count(measured.snapshot_id)
            ) AS of_measured
        )
        UNION ALL
        SELECT 'evaluation_packs', (SELECT count(*) FROM evaluation_packs), (
            SELECT count(*) FROM evaluation_packs JOIN judged USING (evaluation_id)
        )
        UNION ALL
        SELECT 'evaluations', (SELECT count(*) FROM evaluations), (SELECT count(*) FROM judged)
        UNION ALL
        SELECT 'finding_events', (SELECT count(*) FROM finding_events), (
            SELECT count(*) FROM finding_events JOIN judged USING (evaluation_id) WHERE finding_events.at > $1
        )
        UNION ALL
        SELECT 'finding_spans', (SELECT count(*) FROM finding_spans), (
            SELECT count(*)
            FROM finding_spans
            JOIN judged ON judged.connection_id = finding_spans.connection_id AND judged.at = finding_spans.since
        )
        UNION ALL
        SELECT 'findings', (SELECT count(*) FROM findings), (
            SELECT count(*)
            FROM findings
            JOIN judged ON judged.connection_id = findings.connection_id AND judged.at = findings.first_seen_at
        )
        UNION ALL
        SELECT 'owner_changes', (SELECT count(*) FROM owner_changes), (
            SELECT count(*) FROM owner_changes JOIN judged USING (evaluation_id) WHERE owner_changes.at > $1
        )
        UNION ALL
        SELECT 'scans', (SELECT count(*) FROM scans), (SELECT count(*) FROM measured)
        UNION ALL
        SELECT 'snapshots', (SELECT count(*) FROM snapshots), (SELECT count(*) FROM measured)
        UNION ALL
        SELECT 'tally_changes', (SELECT count(*) FROM tally_changes), (
            SELECT count(*) FROM tally_changes JOIN judged USING (evaluation_id) WHERE tally_changes.at > $1
        )
        UNION ALL
        SELECT 'trend_points', (SELECT count(*) FROM trend_points), (
            SELECT count(*) FROM trend_points JOIN judged USING (evaluation_id)
        )
        UNION ALL
        SELECT 'verdict_bodies', (SELECT count(*) FROM verdict_bodies), (SELECT added FROM verdict_bodies_added)
        UNION ALL
        SELECT 'verdict_changes', (SELECT count(*) FROM verdict_changes), (
            SELECT count(*) FROM verdict_changes JOIN judged USING (evaluation_id) WHERE verdict_changes.at > $1
        )
        "#,
        scans.from,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Gives back what no row uses any more. Nobody else can use the database meanwhile: for measuring.
pub async fn vacuum(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::raw_sql("VACUUM FULL ANALYZE").execute(connection).await?;
    Ok(())
}

/// What a row for each verdict of each scan would take, as other tools keep them: how many rows and bytes a scan,
/// measured on the verdicts of now in a table of its own that goes with the session.
pub async fn measure_row_per_verdict(
    connection: &mut PgConnection,
) -> Result<(u64, u64), StoreError> {
    sqlx::raw_sql(
        "CREATE TEMP TABLE row_per_verdict AS
        SELECT
            verdict_changes.evaluation_id, assets.connection_id, assets.asset_id,
            current_verdicts.rule_id, current_verdicts.verdict, current_verdicts.severity,
            verdict_bodies.summary, verdict_bodies.evidence
        FROM assets
        JOIN current_verdicts USING (asset_number)
        JOIN verdict_changes
            ON verdict_changes.asset_number = current_verdicts.asset_number
            AND verdict_changes.rule_id = current_verdicts.rule_id
            AND verdict_changes.at = current_verdicts.since
        JOIN verdict_bodies
            ON verdict_bodies.connection_id = assets.connection_id
            AND verdict_bodies.body_digest = verdict_changes.body_digest;
        ALTER TABLE row_per_verdict ADD PRIMARY KEY (connection_id, asset_id, rule_id, evaluation_id)",
    )
    .execute(&mut *connection)
    .await?;
    // Not checked at compile time: the table is made above.
    let (rows, bytes): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM row_per_verdict), pg_total_relation_size('row_per_verdict')",
    )
    .fetch_one(connection)
    .await?;
    Ok((u64::try_from(rows).unwrap_or_default(), u64::try_from(bytes).unwrap_or_default()))
}
