//! A schedule as pages show it.

use chrono::{DateTime, Utc};
use postern_domain::schedule::Schedule;
use postern_store::schedule::{Paused, Scheduled};
use time::OffsetDateTime;

use super::{Calendar, due_at};
use crate::view::{NextScan, PauseView, ScheduleView};

/// The scheduled scans that a page about scans names.
pub(crate) const SHOWN: usize = 3;

/// The times of a cron expression that its longest wait is looked for in; with every weekday among them.
const LOOKED_AT: usize = 32;

/// What a page says of a schedule, as of `now`.
///
/// One that this version cannot follow (another made it) has no next scan and says why.
pub(crate) fn view(
    scheduled: &Scheduled,
    paused: Option<Paused>,
    now: OffsetDateTime,
    shown: usize,
) -> ScheduleView {
    let next = if paused.is_some() { Ok(Vec::new()) } else { next_scans(scheduled, now, shown) };
    let (next, problem) = match next {
        Ok(next) => (next, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    ScheduleView {
        schedule: scheduled.schedule.clone(),
        description: describe(&scheduled.schedule),
        next,
        paused: paused.map(|paused| PauseView { at: paused.at, by: paused.by }),
        problem,
    }
}

/// A cron expression in words.
fn describe(schedule: &Schedule) -> Option<String> {
    match Calendar::new(schedule).ok()? {
        Calendar::Every(_) => None,
        Calendar::Cron { cron, .. } => Some(cron.describe()),
    }
}

fn next_scans(
    scheduled: &Scheduled,
    now: OffsetDateTime,
    shown: usize,
) -> Result<Vec<NextScan>, super::ScheduleError> {
    let calendar = Calendar::new(&scheduled.schedule)?;
    // What is due begins with the next look for work, or as soon as the scan ends that waits or runs.
    let mut at = due_at(scheduled)?.max(now);
    let mut next = vec![next_scan(&calendar, at)];
    while next.len() < shown {
        at = calendar.after(at)?;
        next.push(next_scan(&calendar, at));
    }
    Ok(next)
}

fn next_scan(calendar: &Calendar, at: OffsetDateTime) -> NextScan {
    let local = match calendar {
        Calendar::Every(_) => None,
        Calendar::Cron { zone, .. } => DateTime::<Utc>::from_timestamp(at.unix_timestamp(), 0)
            .map(|at| at.with_timezone(zone).format("%a %-d %b %Y, %H:%M").to_string()),
    };
    NextScan { at, local }
}

/// The longest time in seconds between two scans of the schedule: what is later than that is late.
pub(crate) fn longest_wait(schedule: &Schedule, now: OffsetDateTime) -> Option<u32> {
    let calendar = Calendar::new(schedule).ok()?;
    let mut longest = 0;
    let mut at = calendar.after(now).ok()?;
    let looked_at = if matches!(calendar, Calendar::Every(_)) { 1 } else { LOOKED_AT };
    for _ in 0..looked_at {
        let next = calendar.after(at).ok()?;
        longest = longest.max((next - at).whole_seconds());
        at = next;
    }
    u32::try_from(longest).ok()
}
