//! Giving a connection another schedule.

use postern_domain::id::ConnectionId;
use postern_domain::person::{Denied, Permission};
use postern_domain::schedule::Schedule;
use postern_store::schedule::Scheduled;
use postern_store::{StoreError, connection, schedule};
use serde_json::json;

use super::{ScheduleError, check_schedule, view};
use crate::Postern;
use crate::connection::CONNECTION_SHOWN;
use crate::decision::{Decided, begin, record};
use crate::view::ScheduleView;

/// A schedule was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// It cannot be followed.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// Somebody else changed it meanwhile.
    #[error(
        "somebody changed the schedule after this form was opened, so that nothing was changed"
    )]
    Changed,
    /// There is no such connection, or none that is scanned.
    #[error("there is no such connection that is scanned")]
    NotScanned,
    /// Whoever asked may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a schedule would do from now on; changes nothing.
pub async fn preview_schedule(
    postern: &Postern,
    of: ConnectionId,
    wanted: &Schedule,
) -> Result<ScheduleView, ChangeError> {
    postern.require(Permission::Administer)?;
    let now = postern.clock.now();
    check_schedule(wanted, now)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let last = schedule::last_scan_at(&mut session, of).await?;
    let scheduled =
        Scheduled { connection: of, schedule: wanted.clone(), since: now, last_scan_at: last };
    Ok(view(&scheduled, None, now, CONNECTION_SHOWN))
}

/// Has a connection scanned by another schedule, or only when somebody asks, from now on; a pause stays.
///
/// `seen` is the schedule that whoever asks saw, who is told where it holds no more. What holds already is not said again.
pub async fn change_schedule(
    postern: &Postern,
    of: ConnectionId,
    seen: Option<&Schedule>,
    wanted: Option<&Schedule>,
) -> Result<(), ChangeError> {
    postern.require(Permission::Administer)?;
    let now = postern.clock.now();
    if let Some(wanted) = wanted {
        check_schedule(wanted, now)?;
    }
    let mut transaction = begin(postern).await?;
    let found = connection::find_by_id(&mut transaction, of).await?;
    let found = found.ok_or(ChangeError::NotScanned)?;
    if found.schedule.as_ref() == wanted {
        return Ok(());
    }
    if found.schedule.as_ref() != seen {
        return Err(ChangeError::Changed);
    }
    if !schedule::set(&mut transaction, of, wanted, now).await? {
        return Err(ChangeError::NotScanned);
    }
    let decided = Decided {
        action: "schedule.set",
        subject: Some(found.slug),
        before: Some(json!({"schedule": found.schedule})),
        after: Some(json!({"schedule": wanted})),
        ..Decided::default()
    };
    record(postern, &mut transaction, decided).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    tracing::info!(connection.id = %of, by = postern.actor().name(), "a schedule is changed");
    Ok(())
}
