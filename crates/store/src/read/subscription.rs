//! The subscriptions that a connection can see.

use postern_domain::id::ConnectionId;
use postern_domain::snapshot::Subscription;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// The subscriptions that the latest snapshot found, or the latest one by `as_of`, in its order; none before the first.
pub async fn list_latest(
    connection: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
) -> Result<Vec<Subscription>, StoreError> {
    let subscriptions = sqlx::query_scalar!(
        r#"
        SELECT subscriptions
        FROM snapshots
        WHERE connection_id = $1
            AND ($2::timestamptz IS NULL OR finished_at <= $2)
        ORDER BY finished_at DESC, snapshot_id DESC
        LIMIT 1
        "#,
        of.number(),
        as_of,
    )
    .fetch_optional(&mut *connection)
    .await?;
    subscriptions.map_or_else(
        || Ok(Vec::new()),
        |subscriptions| column::json("snapshots.subscriptions", subscriptions),
    )
}
