//! Connections: making and finding them.

use postern_domain::id::ConnectionId;
use postern_domain::person::{Denied, Permission};
use postern_store::{StoreError, connection, read, schedule as schedules};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::Postern;
use crate::access::AccessError;
use crate::decision::{Decided, begin, record};
use crate::scan::cancel_within;
use crate::scans::scan_view;
use crate::schedule::{ScheduleError, check_schedule, view};
use crate::view::{ScanView, ScheduleView};

pub use postern_domain::schedule::Schedule;
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
    /// When it is scanned; `None`: only when asked.
    pub schedule: Option<Schedule>,
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
    /// The schedule cannot be followed.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The slug is taken by a connection of the other kind.
    #[error(
        "the connection \"{0}\" exists and is of another kind: one is scanned, the other fed with files"
    )]
    OtherKind(String),
    /// Whoever asked may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Refuses what cannot stand in an address.
pub(crate) fn check_slug(slug: &str) -> Result<(), ConnectionError> {
    let is_slug = (1..=63).contains(&slug.len())
        && !slug.starts_with('-')
        && slug.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if is_slug { Ok(()) } else { Err(ConnectionError::Slug(slug.to_owned())) }
}

/// Makes the connection, or brings name, settings and schedule of the one with that slug up to date.
pub async fn ensure_connection(
    postern: &Postern,
    new: NewConnection,
) -> Result<ConnectionId, ConnectionError> {
    postern.require(Permission::Administer)?;
    check_slug(&new.slug)?;
    if new.name.trim().is_empty() {
        return Err(ConnectionError::NoName);
    }
    let now = postern.clock.now();
    if let Some(schedule) = &new.schedule {
        check_schedule(schedule, now)?;
    }
    let row = connection::NewConnection {
        slug: &new.slug,
        name: new.name.trim(),
        kind: new.kind,
        settings: &new.settings,
        schedule: new.schedule.as_ref(),
        at: now,
    };
    let mut transaction = begin(postern).await?;
    let before = connection::find(&mut transaction, row.slug).await?;
    let id = connection::ensure(&mut transaction, &row).await?;
    let id = id.ok_or_else(|| ConnectionError::OtherKind(new.slug.clone()))?;
    let before = before.map(|before| {
        json!({"name": before.name, "settings": before.settings, "schedule": before.schedule})
    });
    let after = json!({"name": row.name, "settings": row.settings, "schedule": row.schedule});
    // Every start of a server says again what holds.
    if before.as_ref() != Some(&after) {
        let decided = Decided {
            action: "connection.set",
            subject: Some(new.slug),
            before,
            after: Some(after),
            ..Decided::default()
        };
        record(postern, &mut transaction, decided).await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(id)
}

/// Removes a connection: nothing of it is scanned or shown any more.
///
/// A scan of it that waits fails, one that runs is told to end. What was found stays in the database, and making a
/// connection of the same slug brings it back. `false`: it was removed already.
pub async fn remove_connection(postern: &Postern, id: ConnectionId) -> Result<bool, AccessError> {
    postern.require(Permission::Administer)?;
    let by = postern.actor().name();
    let mut transaction = begin(postern).await?;
    let now = postern.clock.now();
    let reason = format!("the connection was removed by {by}");
    for scan in read::scan::list_unfinished(&mut transaction, id).await? {
        cancel_within(&mut transaction, scan.id, by, &reason, now).await?;
    }
    let found = connection::find_by_id(&mut transaction, id).await?;
    let removed = connection::remove(&mut transaction, id, by, now).await?;
    if removed {
        let subject = found.map(|found| found.slug);
        let decided = Decided { action: "connection.remove", subject, ..Decided::default() };
        record(postern, &mut transaction, decided).await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    if removed {
        tracing::info!(connection.id = %id, %by, "a connection is removed");
    }
    Ok(removed)
}

/// Every connection, by name.
pub async fn list_connections(postern: &Postern) -> Result<Vec<Connection>, StoreError> {
    let mut session = postern.pool.acquire().await?;
    connection::list(&mut session).await
}

/// The next scans that are named of each connection.
pub(crate) const CONNECTION_SHOWN: usize = 5;

/// Every connection, by name, with its schedule and its last scan.
pub async fn show_connections(postern: &Postern) -> Result<ConnectionsView, AccessError> {
    postern.require(Permission::ReadEverything)?;
    let now = postern.clock.now();
    let mut transaction = read::begin(&postern.pool).await?;
    let mut connections = Vec::new();
    for connection in connection::list(&mut transaction).await? {
        let id = connection.id;
        let scheduled = schedules::find(&mut transaction, id).await?;
        let last = read::scan::list(&mut transaction, id, None, 1).await?.pop().map(scan_view);
        connections.push(ConnectionStateView {
            schedule: scheduled
                .map(|(scheduled, paused)| view(&scheduled, paused, now, CONNECTION_SHOWN)),
            last,
            read_at: read::scan::last_finished_at(&mut transaction, id).await?,
            connection,
        });
    }
    let may = |permission| postern.actor().require(permission).is_ok();
    Ok(ConnectionsView {
        connections,
        may_run: may(Permission::RunScans),
        may_change: may(Permission::Administer),
    })
}

/// The connections, as the page that administers them shows them.
#[derive(Clone, Debug)]
pub struct ConnectionsView {
    /// The connections, by name.
    pub connections: Vec<ConnectionStateView>,
    /// Whether whoever asks may pause schedules.
    pub may_run: bool,
    /// Whether they may change schedules.
    pub may_change: bool,
}

/// A connection and how it stands.
#[derive(Clone, Debug)]
pub struct ConnectionStateView {
    /// The connection.
    pub connection: Connection,
    /// When it is scanned; `None`: only when asked, or fed with files.
    pub schedule: Option<ScheduleView>,
    /// The scan that was asked for last; `None` before the first.
    pub last: Option<ScanView>,
    /// When the last scan ended that read it; `None` where none ever did.
    pub read_at: Option<OffsetDateTime>,
}

/// The connection with that slug.
pub async fn find_connection(
    postern: &Postern,
    slug: &str,
) -> Result<Option<Connection>, StoreError> {
    let mut session = postern.pool.acquire().await?;
    connection::find(&mut session, slug).await
}
