//! Trend points: what each evaluation counted.

use postern_domain::id::{ConnectionId, EvaluationId};
use postern_domain::trend::TrendPoint;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// The last `limit` points whose facts are not younger than `until`, oldest first.
pub async fn list(
    connection: &mut PgConnection,
    of: ConnectionId,
    until: Option<OffsetDateTime>,
    limit: u32,
) -> Result<Vec<TrendPoint>, StoreError> {
    let rows = sqlx::query_as!(
        PointRow,
        r#"
        SELECT evaluation_id, at, counts
        FROM trend_points
        WHERE connection_id = $1
            AND ($2::timestamptz IS NULL OR at <= $2)
        ORDER BY at DESC, evaluation_id DESC
        LIMIT $3
        "#,
        of.number(),
        until,
        i64::from(limit)
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter().rev().map(PointRow::into_point).collect()
}

/// The first point of all, or the first that is not older than `from`.
pub async fn first(
    connection: &mut PgConnection,
    of: ConnectionId,
    from: Option<OffsetDateTime>,
) -> Result<Option<TrendPoint>, StoreError> {
    let row = sqlx::query_as!(
        PointRow,
        r#"
        SELECT evaluation_id, at, counts
        FROM trend_points
        WHERE connection_id = $1
            AND ($2::timestamptz IS NULL OR at >= $2)
        ORDER BY at, evaluation_id
        LIMIT 1
        "#,
        of.number(),
        from,
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(PointRow::into_point).transpose()
}

/// What happened to findings between two points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Newly failing.
    pub opened: u32,
    /// Ended because the rule passes now.
    pub fixed: u32,
    /// Ended for another reason.
    pub left_otherwise: u32,
}

/// What happened after `from`, up to and including `to`.
pub async fn changes_between(
    connection: &mut PgConnection,
    of: ConnectionId,
    from: &TrendPoint,
    to: &TrendPoint,
) -> Result<Changes, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT
            COALESCE(sum((severity ->> 'opened')::bigint), 0)::bigint AS "opened!",
            COALESCE(sum((severity ->> 'fixed')::bigint), 0)::bigint AS "fixed!",
            COALESCE(sum((severity ->> 'left_otherwise')::bigint), 0)::bigint AS "left_otherwise!"
        FROM trend_points
        CROSS JOIN jsonb_array_elements(counts -> 'severities') AS severity
        WHERE connection_id = $1
            AND (at, evaluation_id) > ($2, $3)
            AND (at, evaluation_id) <= ($4, $5)
        "#,
        of.number(),
        from.at,
        from.evaluation.number(),
        to.at,
        to.evaluation.number()
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(Changes {
        opened: column::count("trend_points.counts", row.opened)?,
        fixed: column::count("trend_points.counts", row.fixed)?,
        left_otherwise: column::count("trend_points.counts", row.left_otherwise)?,
    })
}

struct PointRow {
    evaluation_id: i64,
    at: OffsetDateTime,
    counts: Value,
}

impl PointRow {
    /// The id and the time are columns; the counts alone are JSON.
    fn into_point(self) -> Result<TrendPoint, StoreError> {
        fn member<T: serde::de::DeserializeOwned>(
            counts: &mut Value,
            key: &str,
        ) -> Result<T, StoreError> {
            let value = counts.get_mut(key).map(Value::take).unwrap_or_default();
            column::json("trend_points.counts", value)
        }
        let mut counts = self.counts;
        Ok(TrendPoint {
            evaluation: EvaluationId::from_number(self.evaluation_id),
            at: self.at,
            severities: member(&mut counts, "severities")?,
            checks: member(&mut counts, "checks")?,
            assets: member(&mut counts, "assets")?,
            assets_unread: member(&mut counts, "assets_unread")?,
            gaps: member(&mut counts, "gaps")?,
        })
    }
}
