//! Connections as pages name them.

use postern_domain::id::ConnectionId;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::StoreError;

/// A connection, without the settings that reach Azure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSummary {
    /// The id.
    pub id: ConnectionId,
    /// What addresses call it.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Whether it is scanned, and not fed with files.
    pub can_scan: bool,
    /// Whether what it reaches is simulated: its settings say so, or its ARM end point is on loopback.
    pub is_simulated: bool,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Whether anything was evaluated yet.
    pub has_evaluation: bool,
}

/// All connections, by name.
pub async fn list(connection: &mut PgConnection) -> Result<Vec<ConnectionSummary>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            connection_id,
            slug,
            name,
            kind = 'azure' AS "can_scan!",
            COALESCE(
                settings ->> 'simulated' = 'true'
                OR settings ->> 'arm_endpoint' ~ '^https://(127[.]|localhost[:/]|\[::1\])',
                FALSE
            ) AS "is_simulated!",
            created_at,
            EXISTS (
                SELECT FROM evaluations
                WHERE evaluations.connection_id = connections.connection_id
            ) AS "has_evaluation!"
        FROM connections
        WHERE removed_at IS NULL
        ORDER BY name, connection_id
        "#
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ConnectionSummary {
            id: ConnectionId::from_number(row.connection_id),
            slug: row.slug,
            name: row.name,
            can_scan: row.can_scan,
            is_simulated: row.is_simulated,
            created_at: row.created_at,
            has_evaluation: row.has_evaluation,
        })
        .collect())
}
