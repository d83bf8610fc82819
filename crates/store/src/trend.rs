//! Trend points: written with the evaluation and never recomputed.

use postern_domain::id::ConnectionId;
use postern_domain::trend::TrendPoint;
use sqlx::PgConnection;

use crate::error::StoreError;

/// Writes the point of an evaluation.
pub async fn insert(
    connection: &mut PgConnection,
    of: ConnectionId,
    point: &TrendPoint,
) -> Result<(), StoreError> {
    let mut counts = serde_json::to_value(point)
        .map_err(|error| StoreError::unreadable("trend_points.counts", error))?;
    if let Some(members) = counts.as_object_mut() {
        // They have columns of their own.
        members.remove("evaluation");
        members.remove("at");
    }
    sqlx::query!(
        r#"
        INSERT INTO trend_points (evaluation_id, connection_id, at, counts)
        VALUES ($1, $2, $3, $4)
        "#,
        point.evaluation.number(),
        of.number(),
        point.at,
        counts,
    )
    .execute(connection)
    .await?;
    Ok(())
}
