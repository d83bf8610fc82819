//! The room of removed rows.

use sqlx::PgConnection;

use super::Removed;
use crate::error::StoreError;

/// Whether the rows removed from a month are a fifth of it: what is left is worth writing anew.
pub async fn is_worth_compacting(
    connection: &mut PgConnection,
    removed: &Removed,
) -> Result<bool, StoreError> {
    // Counted when the month was analysed last; without that, never mind.
    let rows = sqlx::query_scalar!(
        "SELECT reltuples FROM pg_class WHERE oid = to_regclass($1) AND relispartition",
        removed.part,
    )
    .fetch_optional(connection)
    .await?;
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    Ok(rows.is_some_and(|rows| removed.rows as f32 * 5.0 >= rows))
}

/// Gives the room of removed rows back to the disk, by writing the month anew; `false` where others used it for too long.
///
/// Nobody can read the month meanwhile.
pub async fn compact(connection: &mut PgConnection, part: &str) -> Result<bool, StoreError> {
    let Some(part) = quoted(connection, part).await? else { return Ok(true) };
    sqlx::raw_sql("SET lock_timeout = '5s'").execute(&mut *connection).await?;
    let vacuum = format!("VACUUM (FULL, ANALYZE) {part}");
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(vacuum)).execute(&mut *connection).await;
    sqlx::raw_sql("RESET lock_timeout").execute(connection).await?;
    match done {
        Ok(_) => Ok(true),
        Err(error) if is_lock_timeout(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// About how many bytes removed rows took with their share of the indexes, by the rows that are left.
pub async fn room(connection: &mut PgConnection, removed: &Removed) -> Result<i64, StoreError> {
    let Some(part) = quoted(connection, &removed.part).await? else { return Ok(0) };
    let bytes = format!(
        "SELECT (pg_total_relation_size($1::regclass) * ($2::float8 / ($2 + count(*))))::bigint FROM {part}"
    );
    let bytes = sqlx::query_scalar(sqlx::AssertSqlSafe(bytes))
        .bind(&removed.part)
        .bind(removed.rows)
        .fetch_one(connection)
        .await?;
    Ok(bytes)
}

/// The name of a table or a partition, which is no parameter of these statements, as Postgres quotes it.
async fn quoted(connection: &mut PgConnection, part: &str) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar!(r#"SELECT to_regclass($1)::text AS "name?""#, part)
        .fetch_one(connection)
        .await?)
}

fn is_lock_timeout(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "55P03")
}
