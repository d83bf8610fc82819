//! Connections: how an Azure tenant, or a set of imported files, is reached.

use postern_domain::id::ConnectionId;
use postern_domain::schedule::Schedule;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::StoreError;
use crate::schedule::{from_columns, to_columns};

/// A connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// The id.
    pub id: ConnectionId,
    /// What addresses and command lines call it.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Whether it is scanned or fed with files.
    pub kind: ConnectionKind,
    /// How to reach Azure; never a secret.
    pub settings: Value,
    /// When it is scanned; `None`: only when asked.
    pub schedule: Option<Schedule>,
}

/// Where a connection's facts come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionKind {
    /// Scanned.
    Azure,
    /// Fed with files.
    Import,
}

impl ConnectionKind {
    /// The word as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Azure => "azure",
            Self::Import => "import",
        }
    }

    /// The kind that a word stands for.
    pub fn from_word(word: &str) -> Result<Self, StoreError> {
        match word {
            "azure" => Ok(Self::Azure),
            "import" => Ok(Self::Import),
            other => Err(StoreError::unreadable(
                "connections.kind",
                format!("\"{other}\" is neither azure nor import"),
            )),
        }
    }
}

/// What a connection shall be.
#[derive(Clone, Debug)]
pub struct NewConnection<'a> {
    /// What addresses and command lines call it.
    pub slug: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// Whether it is scanned or fed with files.
    pub kind: ConnectionKind,
    /// How to reach Azure; never a secret.
    pub settings: &'a Value,
    /// When it is scanned; `None`: only when asked.
    pub schedule: Option<&'a Schedule>,
    /// Now.
    pub at: OffsetDateTime,
}

/// Makes the connection, or brings name, settings and schedule of the one with that slug up to date.
///
/// A schedule that changes counts from now; a pause stays; one that was removed is there again. `None`: a connection with that slug exists and is of the other
/// kind.
pub async fn ensure(
    connection: &mut PgConnection,
    new: &NewConnection<'_>,
) -> Result<Option<ConnectionId>, StoreError> {
    let (every, cron, time_zone) = to_columns(new.schedule);
    let id = sqlx::query_scalar!(
        r#"
        INSERT INTO connections (
            slug, name, kind, settings, scan_every_seconds, schedule_cron, schedule_time_zone, created_at, schedule_since
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
        ON CONFLICT ON CONSTRAINT connections_slug_key DO UPDATE
        SET name = EXCLUDED.name,
            settings = EXCLUDED.settings,
            scan_every_seconds = EXCLUDED.scan_every_seconds,
            schedule_cron = EXCLUDED.schedule_cron,
            schedule_time_zone = EXCLUDED.schedule_time_zone,
            removed_at = NULL,
            removed_by = NULL,
            schedule_since = CASE
                WHEN connections.removed_at IS NULL
                    AND connections.scan_every_seconds IS NOT DISTINCT FROM EXCLUDED.scan_every_seconds
                    AND connections.schedule_cron IS NOT DISTINCT FROM EXCLUDED.schedule_cron
                    AND connections.schedule_time_zone IS NOT DISTINCT FROM EXCLUDED.schedule_time_zone
                    THEN connections.schedule_since
                ELSE EXCLUDED.schedule_since
            END
        WHERE connections.kind = EXCLUDED.kind
        RETURNING connection_id
        "#,
        new.slug,
        new.name,
        new.kind.as_str(),
        new.settings,
        every,
        cron,
        time_zone,
        new.at,
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.map(ConnectionId::from_number))
}

/// The connection with that slug.
pub async fn find(
    connection: &mut PgConnection,
    slug: &str,
) -> Result<Option<Connection>, StoreError> {
    let row = sqlx::query_as!(
        ConnectionRow,
        r#"
        SELECT connection_id, slug, name, kind, settings, scan_every_seconds, schedule_cron, schedule_time_zone
        FROM connections
        WHERE slug = $1 AND removed_at IS NULL
        "#,
        slug,
    )
    .fetch_optional(connection)
    .await?;
    row.map(ConnectionRow::into_connection).transpose()
}

/// The connection with that id.
pub async fn find_by_id(
    connection: &mut PgConnection,
    id: ConnectionId,
) -> Result<Option<Connection>, StoreError> {
    let row = sqlx::query_as!(
        ConnectionRow,
        r#"
        SELECT connection_id, slug, name, kind, settings, scan_every_seconds, schedule_cron, schedule_time_zone
        FROM connections
        WHERE connection_id = $1 AND removed_at IS NULL
        "#,
        id.number(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(ConnectionRow::into_connection).transpose()
}

/// Every connection, by name.
pub async fn list(connection: &mut PgConnection) -> Result<Vec<Connection>, StoreError> {
    let rows = sqlx::query_as!(
        ConnectionRow,
        r#"
        SELECT connection_id, slug, name, kind, settings, scan_every_seconds, schedule_cron, schedule_time_zone
        FROM connections
        WHERE removed_at IS NULL
        ORDER BY name, connection_id
        LIMIT 1000
        "#,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(ConnectionRow::into_connection).collect()
}

/// Removes a connection: it is not scanned and not shown any more, and its history stays. `false` where it is gone.
pub async fn remove(
    connection: &mut PgConnection,
    id: ConnectionId,
    by: &str,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        r#"
        UPDATE connections
        SET removed_at = $2, removed_by = $3
        WHERE connection_id = $1 AND removed_at IS NULL
        "#,
        id.number(),
        at,
        by,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

struct ConnectionRow {
    connection_id: i64,
    slug: String,
    name: String,
    kind: String,
    settings: Value,
    scan_every_seconds: Option<i32>,
    schedule_cron: Option<String>,
    schedule_time_zone: Option<String>,
}

impl ConnectionRow {
    fn into_connection(self) -> Result<Connection, StoreError> {
        Ok(Connection {
            id: ConnectionId::from_number(self.connection_id),
            slug: self.slug,
            name: self.name,
            kind: ConnectionKind::from_word(&self.kind)?,
            settings: self.settings,
            schedule: from_columns(
                self.scan_every_seconds,
                self.schedule_cron,
                self.schedule_time_zone,
            )?,
        })
    }
}
