//! Connections: how an Azure tenant, or a set of imported files, is reached.

use postern_domain::id::ConnectionId;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

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
    /// Seconds between two scheduled scans; `None`: only when asked.
    pub scan_every_seconds: Option<u32>,
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

    fn from_word(word: &str) -> Result<Self, StoreError> {
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
    /// Seconds between two scheduled scans; `None`: only when asked.
    pub scan_every_seconds: Option<u32>,
    /// Now.
    pub at: OffsetDateTime,
}

/// Makes the connection, or brings name, settings and schedule of the one with that slug up to date.
///
/// `None`: a connection with that slug exists and is of the other kind.
pub async fn ensure(
    connection: &mut PgConnection,
    new: &NewConnection<'_>,
) -> Result<Option<ConnectionId>, StoreError> {
    let every = new.scan_every_seconds.map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX));
    let id = sqlx::query_scalar!(
        r#"
        INSERT INTO connections (slug, name, kind, settings, scan_every_seconds, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT ON CONSTRAINT connections_slug_key DO UPDATE
        SET name = EXCLUDED.name,
            settings = EXCLUDED.settings,
            scan_every_seconds = EXCLUDED.scan_every_seconds
        WHERE connections.kind = EXCLUDED.kind
        RETURNING connection_id
        "#,
        new.slug,
        new.name,
        new.kind.as_str(),
        new.settings,
        every,
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
        SELECT connection_id, slug, name, kind, settings, scan_every_seconds
        FROM connections
        WHERE slug = $1
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
        SELECT connection_id, slug, name, kind, settings, scan_every_seconds
        FROM connections
        WHERE connection_id = $1
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
        SELECT connection_id, slug, name, kind, settings, scan_every_seconds
        FROM connections
        ORDER BY name, connection_id
        LIMIT 1000
        "#,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(ConnectionRow::into_connection).collect()
}

/// The connections whose scheduled scan is due at `at`: the last scan was asked for or begun longer ago than their interval.
pub async fn list_due(
    connection: &mut PgConnection,
    at: OffsetDateTime,
) -> Result<Vec<ConnectionId>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"
        SELECT connections.connection_id
        FROM connections
        WHERE kind = 'azure'
            AND scan_every_seconds IS NOT NULL
            AND NOT EXISTS (
                SELECT
                FROM scans
                WHERE scans.connection_id = connections.connection_id
                    AND (
                        state IN ('queued', 'running')
                        OR COALESCE(started_at, queued_at)
                            > $1::timestamptz - make_interval(secs => scan_every_seconds::double precision)
                    )
            )
        ORDER BY connections.connection_id
        "#,
        at,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(ConnectionId::from_number).collect())
}

struct ConnectionRow {
    connection_id: i64,
    slug: String,
    name: String,
    kind: String,
    settings: Value,
    scan_every_seconds: Option<i32>,
}

impl ConnectionRow {
    fn into_connection(self) -> Result<Connection, StoreError> {
        Ok(Connection {
            id: ConnectionId::from_number(self.connection_id),
            slug: self.slug,
            name: self.name,
            kind: ConnectionKind::from_word(&self.kind)?,
            settings: self.settings,
            scan_every_seconds: self
                .scan_every_seconds
                .map(|seconds| column::count("connections.scan_every_seconds", seconds))
                .transpose()?,
        })
    }
}
