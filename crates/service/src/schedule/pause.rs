//! Pausing a schedule: nothing is scanned but what somebody asks for.

use postern_domain::id::ConnectionId;
use postern_domain::person::Permission;
use postern_store::{PgConnection, StoreError, connection, schedule};

use crate::Postern;
use crate::access::AccessError;
use crate::decision::{Decided, begin, record};

/// Pauses the connection's schedule; what runs goes on. `false`: it was paused, or there is none.
pub async fn pause_schedule(postern: &Postern, of: ConnectionId) -> Result<bool, AccessError> {
    postern.require(Permission::RunScans)?;
    let by = postern.actor().name();
    let mut transaction = begin(postern).await?;
    let paused = schedule::pause(&mut transaction, of, by, postern.clock.now()).await?;
    if paused {
        write_down(postern, &mut transaction, of, "schedule.pause").await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    if paused {
        tracing::info!(connection.id = %of, %by, "a schedule is paused");
    }
    Ok(paused)
}

/// Ends the pause. The times of a cron expression that passed meanwhile were not missed; an interval
/// still counts from the last scan. `false`: it was not paused.
pub async fn resume_schedule(postern: &Postern, of: ConnectionId) -> Result<bool, AccessError> {
    postern.require(Permission::RunScans)?;
    let mut transaction = begin(postern).await?;
    let resumed = schedule::resume(&mut transaction, of, postern.clock.now()).await?;
    if resumed {
        write_down(postern, &mut transaction, of, "schedule.resume").await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    if resumed {
        tracing::info!(connection.id = %of, by = postern.actor().name(), "a schedule goes on");
    }
    Ok(resumed)
}

async fn write_down(
    postern: &Postern,
    transaction: &mut PgConnection,
    of: ConnectionId,
    action: &'static str,
) -> Result<(), StoreError> {
    let found = connection::find_by_id(transaction, of).await?;
    let subject = found.map(|found| found.slug);
    record(postern, transaction, Decided { action, subject, ..Decided::default() }).await
}
