//! Connections: making and finding them.

use postern_domain::id::ConnectionId;
use postern_store::{StoreError, connection};
use serde_json::Value;

use crate::Postern;

pub use postern_store::connection::{Connection, ConnectionKind};

/// What a connection shall be.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// What addresses and command lines call it: lower-case letters, digits and dashes, at most 63.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Whether it is scanned or fed with files.
    pub kind: ConnectionKind,
    /// How to reach Azure; never a secret.
    pub settings: Value,
    /// Seconds between two scheduled scans, at least 60; `None`: only when asked.
    pub scan_every_seconds: Option<u32>,
}

/// The connection could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The slug cannot stand in an address.
    #[error(
        "\"{0}\" is no name for addresses: lower-case letters, digits and dashes, at most 63, beginning with a letter or digit"
    )]
    Slug(String),
    /// The name is empty.
    #[error("the connection needs a name")]
    NoName,
    /// Scans would be too frequent.
    #[error("scans every {0} seconds are too frequent; 60 is the least")]
    TooFrequent(u32),
    /// The slug is taken by a connection of the other kind.
    #[error(
        "the connection \"{0}\" exists and is of another kind: one is scanned, the other fed with files"
    )]
    OtherKind(String),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the connection, or brings name, settings and schedule of the one with that slug up to date.
pub async fn ensure_connection(
    postern: &Postern,
    new: NewConnection,
) -> Result<ConnectionId, ConnectionError> {
    let is_slug = (1..=63).contains(&new.slug.len())
        && !new.slug.starts_with('-')
        && new.slug.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if !is_slug {
        return Err(ConnectionError::Slug(new.slug));
    }
    if new.name.trim().is_empty() {
        return Err(ConnectionError::NoName);
    }
    if let Some(seconds) = new.scan_every_seconds.filter(|seconds| *seconds < 60) {
        return Err(ConnectionError::TooFrequent(seconds));
    }
    let row = connection::NewConnection {
        slug: &new.slug,
        name: new.name.trim(),
        kind: new.kind,
        settings: &new.settings,
        scan_every_seconds: new.scan_every_seconds,
        at: postern.clock.now(),
    };
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let id = connection::ensure(&mut session, &row).await?;
    id.ok_or(ConnectionError::OtherKind(new.slug))
}

/// Every connection, by name.
pub async fn list_connections(postern: &Postern) -> Result<Vec<Connection>, StoreError> {
    let mut session = postern.pool.acquire().await?;
    connection::list(&mut session).await
}

/// The connection with that slug.
pub async fn find_connection(
    postern: &Postern,
    slug: &str,
) -> Result<Option<Connection>, StoreError> {
    let mut session = postern.pool.acquire().await?;
    connection::find(&mut session, slug).await
}
