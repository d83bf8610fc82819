//! Schedules of connections: which could be due, and which are paused.

use postern_domain::id::ConnectionId;
use postern_domain::schedule::Schedule;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// What decides when a connection's next scan is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// The connection.
    pub connection: ConnectionId,
    /// Its schedule.
    pub schedule: Schedule,
    /// Since when the schedule counts.
    pub since: OffsetDateTime,
    /// When the last scan was asked for or begun, whichever was later; `None` before the first.
    pub last_scan_at: Option<OffsetDateTime>,
}

/// That somebody paused a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paused {
    /// Since when.
    pub at: OffsetDateTime,
    /// A word like those for who asked for a scan.
    pub by: String,
}

/// The connections that a scan could be due of, by id: their schedule is not paused, and no scan waits or runs.
pub async fn list_free(connection: &mut PgConnection) -> Result<Vec<Scheduled>, StoreError> {
    free(select(connection, None).await?)
}

/// The same of one connection, locked until the transaction ends, so that nobody else queues its scan meanwhile.
///
/// `None`: it is not free, or somebody else holds it.
pub async fn lock_free(
    connection: &mut PgConnection,
    id: ConnectionId,
) -> Result<Option<Scheduled>, StoreError> {
    let locked = sqlx::query_scalar!(
        r#"
        SELECT connection_id
        FROM connections
        WHERE connection_id = $1
        FOR UPDATE SKIP LOCKED
        "#,
        id.number(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    if locked.is_none() {
        return Ok(None);
    }
    // A statement of its own: what the one before saw is as old as its wait for the lock.
    Ok(free(select(connection, Some(id)).await?)?.pop())
}

/// A connection's schedule, whatever runs, and whether it is paused; `None` where it has none.
pub async fn find(
    connection: &mut PgConnection,
    id: ConnectionId,
) -> Result<Option<(Scheduled, Option<Paused>)>, StoreError> {
    let Some(row) = select(connection, Some(id)).await?.pop() else { return Ok(None) };
    let paused = row.paused_at.zip(row.paused_by.clone()).map(|(at, by)| Paused { at, by });
    Ok(row.into_scheduled()?.map(|scheduled| (scheduled, paused)))
}

fn free(rows: Vec<ScheduledRow>) -> Result<Vec<Scheduled>, StoreError> {
    let is_free = |row: &ScheduledRow| row.paused_at.is_none() && !row.is_busy;
    let scheduled = rows.into_iter().filter(is_free).map(ScheduledRow::into_scheduled);
    scheduled.filter_map(Result::transpose).collect()
}

async fn select(
    connection: &mut PgConnection,
    only: Option<ConnectionId>,
) -> Result<Vec<ScheduledRow>, StoreError> {
    Ok(sqlx::query_as!(
        ScheduledRow,
        r#"
        SELECT
            connections.connection_id,
            scan_every_seconds,
            schedule_cron,
            schedule_time_zone,
            schedule_since,
            paused_at,
            paused_by,
            EXISTS (
                SELECT FROM scans
                WHERE scans.connection_id = connections.connection_id AND state = 'queued'
            ) OR EXISTS (
                SELECT FROM scans
                WHERE scans.connection_id = connections.connection_id AND state = 'running'
            ) AS "is_busy!",
            (
                SELECT GREATEST(queued_at, started_at)
                FROM scans
                WHERE scans.connection_id = connections.connection_id
                ORDER BY scan_id DESC
                LIMIT 1
            ) AS last_scan_at
        FROM connections
        WHERE kind = 'azure'
            AND ($1::bigint IS NULL OR connections.connection_id = $1)
            AND removed_at IS NULL
            AND (scan_every_seconds IS NOT NULL OR schedule_cron IS NOT NULL)
        ORDER BY connections.connection_id
        "#,
        only.map(ConnectionId::number),
    )
    .fetch_all(connection)
    .await?)
}

/// When the last scan of a connection was asked for or begun, whichever was later; `None` before the first.
pub async fn last_scan_at(
    connection: &mut PgConnection,
    id: ConnectionId,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let at = sqlx::query_scalar!(
        r#"
        SELECT GREATEST(queued_at, started_at) AS "at!"
        FROM scans
        WHERE connection_id = $1
        ORDER BY scan_id DESC
        LIMIT 1
        "#,
        id.number(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(at)
}

/// Gives a connection that is scanned another schedule, which counts from `at`; a pause stays. `false` where there is none.
pub async fn set(
    connection: &mut PgConnection,
    id: ConnectionId,
    schedule: Option<&Schedule>,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let (every, cron, time_zone) = to_columns(schedule);
    let done = sqlx::query!(
        r#"
        UPDATE connections
        SET scan_every_seconds = $2, schedule_cron = $3, schedule_time_zone = $4, schedule_since = $5
        WHERE connection_id = $1 AND kind = 'azure' AND removed_at IS NULL
        "#,
        id.number(),
        every,
        cron,
        time_zone,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Pauses a schedule; `false` where it was paused, or there is none.
pub async fn pause(
    connection: &mut PgConnection,
    id: ConnectionId,
    by: &str,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        r#"
        UPDATE connections
        SET paused_at = $2, paused_by = $3
        WHERE connection_id = $1
            AND paused_at IS NULL
            AND (scan_every_seconds IS NOT NULL OR schedule_cron IS NOT NULL)
        "#,
        id.number(),
        at,
        by,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends a pause, and lets the schedule count from `at`; `false` where it was not paused.
pub async fn resume(
    connection: &mut PgConnection,
    id: ConnectionId,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        r#"
        UPDATE connections
        SET paused_at = NULL, paused_by = NULL, schedule_since = $2
        WHERE connection_id = $1 AND paused_at IS NOT NULL
        "#,
        id.number(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

struct ScheduledRow {
    connection_id: i64,
    scan_every_seconds: Option<i32>,
    schedule_cron: Option<String>,
    schedule_time_zone: Option<String>,
    schedule_since: OffsetDateTime,
    paused_at: Option<OffsetDateTime>,
    paused_by: Option<String>,
    /// Whether a scan waits or runs.
    is_busy: bool,
    last_scan_at: Option<OffsetDateTime>,
}

impl ScheduledRow {
    fn into_scheduled(self) -> Result<Option<Scheduled>, StoreError> {
        let schedule =
            from_columns(self.scan_every_seconds, self.schedule_cron, self.schedule_time_zone)?;
        Ok(schedule.map(|schedule| Scheduled {
            connection: ConnectionId::from_number(self.connection_id),
            schedule,
            since: self.schedule_since,
            last_scan_at: self.last_scan_at,
        }))
    }
}

/// The schedule that the columns of a connection hold.
pub(crate) fn from_columns(
    every: Option<i32>,
    cron: Option<String>,
    time_zone: Option<String>,
) -> Result<Option<Schedule>, StoreError> {
    if let Some((expression, time_zone)) = cron.zip(time_zone) {
        return Ok(Some(Schedule::Cron { expression, time_zone }));
    }
    every
        .map(|seconds| {
            let seconds = column::count("connections.scan_every_seconds", seconds)?;
            Ok(Schedule::Every { seconds })
        })
        .transpose()
}

/// The columns of a connection that hold the schedule.
pub(crate) fn to_columns(schedule: Option<&Schedule>) -> (Option<i32>, Option<&str>, Option<&str>) {
    match schedule {
        None => (None, None, None),
        Some(Schedule::Every { seconds }) => {
            (Some(i32::try_from(*seconds).unwrap_or(i32::MAX)), None, None)
        }
        Some(Schedule::Cron { expression, time_zone }) => (None, Some(expression), Some(time_zone)),
    }
}
