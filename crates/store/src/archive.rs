//! Archives: the rows of a connection's history, as lines of JSON, out of one database and into another.
//!
//! A line is a row with its columns by name, as Postgres writes it. The statements are made of the list of tables below,
//! and so are not checked at compile time; `service/tests/it/archive.rs` runs all of them.

mod project;
mod table;

use futures::TryStreamExt as _;
use postern_domain::id::ConnectionId;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgConnection};
use time::OffsetDateTime;

use crate::error::StoreError;

pub use project::project;
pub use table::{TABLES, Table, TableKind};

/// A connection's history between two evaluations, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The connection.
    pub connection: ConnectionId,
    /// The time of the first evaluation whose moment can be shown.
    pub from: OffsetDateTime,
    /// The time of the last.
    pub until: OffsetDateTime,
}

/// The highest numbers of a history: of scans, snapshots, evaluations, assets and findings.
///
/// Added to another database's, they say which numbers are free there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    /// Of scans.
    pub scan: i64,
    /// Of snapshots.
    pub snapshot: i64,
    /// Of evaluations.
    pub evaluation: i64,
    /// Of assets.
    pub asset: i64,
    /// Of findings.
    pub finding: i64,
}

/// Makes the transaction ready for [`rows`].
///
/// Postgres takes what is superseded for one row, however many there are, and would look through all of them for each row.
pub async fn prepare(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("SELECT set_config('enable_nestloop', 'off', TRUE) AS setting")
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Calls with each row of a table that belongs to a span, in a fixed order.
pub async fn rows<E: From<StoreError>>(
    connection: &mut PgConnection,
    table: &Table,
    span: Span,
    mut each: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let columns = table.columns.iter().map(|column| match column.value {
        Some(value) => format!("{value} AS {}", column.name),
        None => format!("own.{0} AS {0}", column.name),
    });
    let columns: Vec<String> = columns.collect();
    let statement = format!(
        "SELECT row_to_json(line)::text FROM (SELECT {} {}) AS line",
        columns.join(", "),
        table.rows,
    );
    let mut lines = sqlx::query_scalar::<_, String>(AssertSqlSafe(statement))
        .bind(span.connection.number())
        .bind(span.from)
        .bind(span.until)
        .fetch(connection);
    while let Some(line) = lines.try_next().await.map_err(StoreError::from)? {
        each(&line)?;
    }
    Ok(())
}

/// The highest numbers of a span.
pub async fn numbers(connection: &mut PgConnection, span: Span) -> Result<Numbers, StoreError> {
    Ok(sqlx::query_as!(
        Numbers,
        r#"
        SELECT
            GREATEST(
                (SELECT max(scan_id) FROM scans WHERE connection_id = $1 AND finished_at <= $2), max(scan_id), 0
            ) AS "scan!",
            COALESCE(max(snapshot_id), 0) AS "snapshot!",
            COALESCE((SELECT max(evaluation_id) FROM evaluations WHERE connection_id = $1 AND at <= $2), 0) AS "evaluation!",
            COALESCE(
                (
                    SELECT max(asset_number)
                    FROM assets
                    JOIN asset_changes USING (connection_id, asset_id)
                    WHERE connection_id = $1 AND at <= $2
                ),
                0
            ) AS "asset!",
            COALESCE(
                (SELECT max(finding_id) FROM findings WHERE connection_id = $1 AND first_seen_at <= $2), 0
            ) AS "finding!"
        FROM snapshots
        WHERE connection_id = $1 AND finished_at <= $2
        "#,
        span.connection.number(),
        span.until,
    )
    .fetch_one(connection)
    .await?)
}

/// When the oldest snapshot of a connection was finished: the first month that its rows may be in.
pub async fn oldest_snapshot_at(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let at = sqlx::query_scalar!(
        "SELECT min(finished_at) FROM snapshots WHERE connection_id = $1",
        of.number(),
    )
    .fetch_one(connection)
    .await?;
    Ok(at)
}

/// Makes the partitions of all months from one to another; in a transaction of its own, because readers wait.
pub async fn ensure_months(
    connection: &mut PgConnection,
    from: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        SELECT ensure_month(month AT TIME ZONE 'UTC')
        FROM generate_series(
            date_trunc('month', $1::timestamptz AT TIME ZONE 'UTC'),
            $2::timestamptz AT TIME ZONE 'UTC',
            interval '1 month'
        ) AS month
        "#,
        from,
        until,
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// Takes numbers for a history that has up to `highest`; its own in a database that has none yet.
pub async fn reserve(
    connection: &mut PgConnection,
    highest: Numbers,
) -> Result<Reserved, StoreError> {
    // Nobody takes a number between the two steps.
    sqlx::query!("LOCK TABLE scans, snapshots, evaluations, assets, findings IN EXCLUSIVE MODE")
        .execute(&mut *connection)
        .await?;
    let mut offsets = [0; 5];
    let columns = [
        ("scans", "scan_id", highest.scan),
        ("snapshots", "snapshot_id", highest.snapshot),
        ("evaluations", "evaluation_id", highest.evaluation),
        ("assets", "asset_number", highest.asset),
        ("findings", "finding_id", highest.finding),
    ];
    for (offset, (table, column, highest)) in offsets.iter_mut().zip(columns) {
        let next = sqlx::query_scalar!(
            r#"SELECT nextval(pg_get_serial_sequence($1, $2)) AS "next!""#,
            table,
            column,
        )
        .fetch_one(&mut *connection)
        .await?;
        *offset = next - 1;
        sqlx::query_scalar!(
            "SELECT setval(pg_get_serial_sequence($1, $2), $3, FALSE)",
            table,
            column,
            next.saturating_add(highest),
        )
        .fetch_one(&mut *connection)
        .await?;
    }
    let [scan, snapshot, evaluation, asset, finding] = offsets;
    let offsets = Numbers { scan, snapshot, evaluation, asset, finding };
    Ok(Reserved { offsets, highest })
}

/// Numbers that were taken for a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// What is added to its own.
    pub offsets: Numbers,
    /// The highest of its own.
    pub highest: Numbers,
}

/// Writes rows of a table, given as lines of JSON, as those of a connection with the numbers that were reserved; how many.
///
/// What the database has already of what all connections share stays as it is. A row with a number that was not reserved
/// is left out: it would be another history's.
pub async fn insert(
    connection: &mut PgConnection,
    table: &Table,
    of: ConnectionId,
    reserved: Reserved,
    lines: &[String],
) -> Result<u64, StoreError> {
    let Reserved { offsets, highest } = reserved;
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let values = names.iter().map(|name| match *name {
        "connection_id" => "$2::bigint".to_owned(),
        "scan_id" => "own.scan_id + $3".to_owned(),
        "snapshot_id" => "own.snapshot_id + $4".to_owned(),
        "evaluation_id" => "own.evaluation_id + $5".to_owned(),
        "asset_number" => "own.asset_number + $6".to_owned(),
        "finding_id" => "own.finding_id + $7".to_owned(),
        name => format!("own.{name}"),
    });
    let values: Vec<String> = values.collect();
    let bounds = names.iter().filter_map(|name| match *name {
        "scan_id" => Some("own.scan_id BETWEEN 1 AND $8"),
        "snapshot_id" => Some("own.snapshot_id BETWEEN 1 AND $9"),
        "evaluation_id" => Some("own.evaluation_id BETWEEN 1 AND $10"),
        "asset_number" => Some("own.asset_number BETWEEN 1 AND $11"),
        "finding_id" => Some("own.finding_id BETWEEN 1 AND $12"),
        _ => None,
    });
    // Every parameter has a use in each statement, so that its type is known.
    let parameters: Vec<String> = (2..=12).map(|number| format!("${number}::bigint")).collect();
    let used = format!("num_nulls({}) = 0", parameters.join(", "));
    let bounds: Vec<&str> = bounds.chain([used.as_str()]).collect();
    let statement = format!(
        "INSERT INTO {0} ({1}) OVERRIDING SYSTEM VALUE
         SELECT {2} FROM jsonb_populate_recordset(NULL::{0}, $1::jsonb) AS own WHERE {3}
         {4}",
        table.name,
        names.join(", "),
        values.join(", "),
        bounds.join(" AND "),
        if table.kind == TableKind::Shared { "ON CONFLICT DO NOTHING" } else { "" },
    );
    let done = sqlx::query(AssertSqlSafe(statement))
        .bind(format!("[{}]", lines.join(",")))
        .bind(of.number())
        .bind(offsets.scan)
        .bind(offsets.snapshot)
        .bind(offsets.evaluation)
        .bind(offsets.asset)
        .bind(offsets.finding)
        .bind(highest.scan)
        .bind(highest.snapshot)
        .bind(highest.evaluation)
        .bind(highest.asset)
        .bind(highest.finding)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// The packs whose component is not that of their digest, by name.
pub async fn forged_packs(connection: &mut PgConnection) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT name FROM packs WHERE sha256(component) <> pack_digest ORDER BY name"
    )
    .fetch_all(connection)
    .await?)
}

/// Whether the database has anything of teams.
pub async fn has_routing(connection: &mut PgConnection) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM routing_changes) AS "has!""#)
        .fetch_one(connection)
        .await?)
}
