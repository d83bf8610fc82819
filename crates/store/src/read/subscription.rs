//! The subscriptions that a connection can see.

use postern_domain::id::ConnectionId;
use postern_domain::snapshot::Subscription;
use sqlx::PgConnection;

use crate::column;
use crate::error::StoreError;

/// The subscriptions that the latest snapshot found, in its order; none before the first.
pub async fn list_latest(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Vec<Subscription>, StoreError> {
    let subscriptions = sqlx::query_scalar!(
        r#"
        SELECT subscriptions
        FROM snapshots
        WHERE connection_id = $1
        ORDER BY finished_at DESC, snapshot_id DESC
        LIMIT 1
        "#,
        of.number()
    )
    .fetch_optional(&mut *connection)
    .await?;
    subscriptions.map_or_else(
        || Ok(Vec::new()),
        |subscriptions| column::json("snapshots.subscriptions", subscriptions),
    )
}
