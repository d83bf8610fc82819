//! Azure Policy's exemptions and assignments, as the latest snapshot of each subscription has them.

use postern_domain::arm::SUBSCRIPTION;
use postern_domain::fact::{Fact, POLICY_ASSIGNMENTS, POLICY_EXEMPTIONS};
use postern_domain::id::ConnectionId;
use serde_json::Value;
use sqlx::PgConnection;

use crate::column;
use crate::error::StoreError;

/// What was read of a subscription; `None` where it was not asked for.
#[derive(Clone, Debug)]
pub struct SubscriptionPolicy {
    /// The subscription's id, lower case.
    pub subscription: String,
    /// Its exemptions, those of management groups above included.
    pub exemptions: Option<Fact>,
    /// Its assignments likewise.
    pub assignments: Option<Fact>,
}

/// The subscriptions of a connection, by id.
pub async fn list(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Vec<SubscriptionPolicy>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            current_assets.subscription,
            asset_bodies.document -> 'related' -> $3 AS exemptions,
            asset_bodies.document -> 'related' -> $4 AS assignments
        FROM current_assets
        JOIN asset_bodies USING (content_hash)
        WHERE connection_id = $1 AND asset_type = $2
        ORDER BY current_assets.subscription
        "#,
        of.number(),
        SUBSCRIPTION,
        POLICY_EXEMPTIONS,
        POLICY_ASSIGNMENTS,
    )
    .fetch_all(connection)
    .await?;
    let fact = |value: Option<Value>| {
        value.map(|value| column::json("asset_bodies.document", value)).transpose()
    };
    rows.into_iter()
        .map(|row| {
            Ok(SubscriptionPolicy {
                subscription: row.subscription,
                exemptions: fact(row.exemptions)?,
                assignments: fact(row.assignments)?,
            })
        })
        .collect()
}
