//! Pausing a schedule: nothing is scanned but what somebody asks for.

use postern_domain::id::ConnectionId;
use postern_domain::person::Permission;
use postern_store::{PgConnection, StoreError, connection, schedule};

use crate::Postern;
use crate::access::AccessError;
use crate::decision::{Decided, record};
use crate::storable::replace;

/// Pauses the connection's schedule on behalf of `by`; what runs goes on. `false`: it was paused, or there is none.
pub async fn pause_schedule(
    postern: &Postern,
    of: ConnectionId,
    by: &str,
) -> Result<bool, AccessError> {
    postern.require(Permission::RunScans)?;
    let mut by = by.to_owned();
    replace(&mut by);
    let mut transaction = postern.pool.begin().await.map_err(StoreError::from)?;
    let paused = schedule::pause(&mut transaction, of, &by, postern.clock.now()).await?;
    if paused {
        write_down(postern, &mut transaction, of, "schedule.pause").await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    if paused {
        tracing::info!(connection.id = %of, %by, "a schedule is paused");
    }
    Ok(paused)
}

/// Ends the pause on behalf of `by`. The times of a cron expression that passed meanwhile were not missed; an interval
/// still counts from the last scan. `false`: it was not paused.
pub async fn resume_schedule(
    postern: &Postern,
    of: ConnectionId,
    by: &str,
) -> Result<bool, AccessError> {
    postern.require(Permission::RunScans)?;
    let mut transaction = postern.pool.begin().await.map_err(StoreError::from)?;
    let resumed = schedule::resume(&mut transaction, of, postern.clock.now()).await?;
    if resumed {
        write_down(postern, &mut transaction, of, "schedule.resume").await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    if resumed {
        tracing::info!(connection.id = %of, %by, "a schedule goes on");
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
