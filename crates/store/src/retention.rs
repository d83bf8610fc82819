//! Retention: what is kept how long, what was removed, and removing it.
//!
//! Facts are removed, never rewritten: of what lies before a boundary, the rows stay that later states are made of.

mod compact;
mod remove;

use postern_domain::id::ConnectionId;
use postern_domain::retention::{Retention, RetentionKind};
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

pub use compact::{compact, is_worth_compacting, room};
pub use remove::{Removed, permit, remove_failed_scans, remove_history, remove_trend};

/// What holds; everything is kept for ever where nothing was ever said.
pub async fn retention(connection: &mut PgConnection) -> Result<Retention, StoreError> {
    let value = sqlx::query_scalar!(
        "SELECT retention FROM retention_changes ORDER BY retention_change_id DESC LIMIT 1"
    )
    .fetch_optional(connection)
    .await?;
    value.map_or_else(
        || Ok(Retention::default()),
        |value| column::json("retention_changes.retention", value),
    )
}

/// Writes what holds from now on.
pub async fn set_retention(
    connection: &mut PgConnection,
    retention: &Retention,
    reason: &str,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO retention_changes (retention, reason, at) VALUES ($1, $2, $3)",
        Json(retention) as _,
        reason,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// When it was said what holds, and why; `None` where nothing was ever said.
pub async fn last_change(
    connection: &mut PgConnection,
) -> Result<Option<(OffsetDateTime, String)>, StoreError> {
    let row = sqlx::query!(
        "SELECT at, reason FROM retention_changes ORDER BY retention_change_id DESC LIMIT 1"
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.at, row.reason)))
}

/// Every connection, those that were taken out of use included, by slug.
pub async fn connections(
    connection: &mut PgConnection,
) -> Result<Vec<(ConnectionId, String)>, StoreError> {
    let rows = sqlx::query!("SELECT connection_id, slug FROM connections ORDER BY slug")
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (ConnectionId::from_number(row.connection_id), row.slug))
        .collect())
}

/// Where what is left of a kind begins, by what was removed; `None` where nothing ever was.
pub async fn begins(
    connection: &mut PgConnection,
    of: ConnectionId,
    kind: RetentionKind,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let begins = sqlx::query_scalar!(
        "SELECT max(before) FROM retention_runs WHERE connection_id = $1 AND kind = $2",
        of.number(),
        kind.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(begins)
}

/// The time of the last evaluation at or before a moment that is not the first: where history could begin.
pub async fn base_at(
    connection: &mut PgConnection,
    of: ConnectionId,
    moment: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let at = sqlx::query_scalar!(
        r#"
        SELECT max(at)
        FROM evaluations
        WHERE connection_id = $1
            AND at <= $2
            AND at > (SELECT min(at) FROM evaluations WHERE connection_id = $1)
        "#,
        of.number(),
        moment,
    )
    .fetch_one(connection)
    .await?;
    Ok(at)
}

/// Writes down what was removed.
pub async fn insert_run(
    connection: &mut PgConnection,
    of: ConnectionId,
    (kind, before): (RetentionKind, OffsetDateTime),
    removed: &Value,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO retention_runs (connection_id, kind, before, removed, at) VALUES ($1, $2, $3, $4, $5)",
        of.number(),
        kind.as_str(),
        before,
        removed,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}
