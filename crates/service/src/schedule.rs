//! Schedules: when the next scan of a connection is due.
//!
//! A schedule is judged by the connection's last scan alone, so that whatever was missed while no worker ran is caught up
//! by one scan, and two workers with the same clock come to the same answer.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use postern_domain::schedule::Schedule;
use postern_store::schedule::Scheduled;
use time::{Duration, OffsetDateTime};

mod change;
mod pause;
mod show;

pub use change::{ChangeError, change_schedule, preview_schedule};
pub use pause::{pause_schedule, resume_schedule};
pub(crate) use show::{SHOWN, longest_wait, view};

/// A schedule that cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// Scans would be too frequent.
    #[error("scans every {0} seconds are too frequent; {least} is the least", least = Schedule::LEAST_SECONDS)]
    TooFrequent(u32),
    /// It is no cron expression.
    #[error(
        "\"{expression}\" is no cron expression ({reason}); it has five fields: minute, hour, day of the month, \
         month, day of the week, such as \"0 2 * * mon-fri\""
    )]
    Cron {
        /// What was given.
        expression: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It names days that do not exist.
    #[error("the cron expression \"{0}\" fits no day that comes")]
    Never(String),
    /// There is no such time zone.
    #[error(
        "there is no time zone \"{0}\"; it is a name of the IANA database, such as Europe/Amsterdam or UTC"
    )]
    TimeZone(String),
}

/// Whether the schedule can be followed after `now`.
pub fn check_schedule(schedule: &Schedule, now: OffsetDateTime) -> Result<(), ScheduleError> {
    Calendar::new(schedule)?.after(now).map(|_| ())
}

/// When the next scheduled scan is due; a moment that has passed: now.
pub(crate) fn due_at(scheduled: &Scheduled) -> Result<OffsetDateTime, ScheduleError> {
    let calendar = Calendar::new(&scheduled.schedule)?;
    match (&calendar, scheduled.last_scan_at) {
        // Whoever sets an interval wants to see something.
        (Calendar::Every(_), None) => Ok(scheduled.since),
        (Calendar::Every(_), Some(last)) => calendar.after(last),
        (Calendar::Cron { .. }, last) => {
            calendar.after(last.map_or(scheduled.since, |last| last.max(scheduled.since)))
        }
    }
}

/// A schedule that was understood.
enum Calendar {
    Every(Duration),
    Cron { cron: Box<Cron>, zone: Tz },
}

impl Calendar {
    fn new(schedule: &Schedule) -> Result<Self, ScheduleError> {
        match schedule {
            Schedule::Every { seconds } if *seconds < Schedule::LEAST_SECONDS => {
                Err(ScheduleError::TooFrequent(*seconds))
            }
            Schedule::Every { seconds } => Ok(Self::Every(Duration::seconds((*seconds).into()))),
            Schedule::Cron { expression, time_zone } => {
                let zone =
                    time_zone.parse().map_err(|_| ScheduleError::TimeZone(time_zone.clone()))?;
                let parser = CronParser::builder()
                    .seconds(Seconds::Disallowed)
                    .year(Year::Disallowed)
                    .build();
                let cron = parser.parse(expression).map_err(|error| ScheduleError::Cron {
                    expression: expression.clone(),
                    reason: error.to_string().trim_end_matches('.').to_owned(),
                })?;
                Ok(Self::Cron { cron: Box::new(cron), zone })
            }
        }
    }

    /// The first time after `moment`.
    fn after(&self, moment: OffsetDateTime) -> Result<OffsetDateTime, ScheduleError> {
        match self {
            Self::Every(interval) => Ok(moment + *interval),
            Self::Cron { cron, zone } => {
                let never = || ScheduleError::Never(cron.as_str().to_owned());
                let from =
                    DateTime::<Utc>::from_timestamp(moment.unix_timestamp(), moment.nanosecond())
                        .ok_or_else(never)?
                        .with_timezone(zone);
                let next = cron.find_next_occurrence(&from, false).map_err(|_| never())?;
                OffsetDateTime::from_unix_timestamp(next.timestamp()).map_err(|_| never())
            }
        }
    }
}

#[cfg(test)]
mod tests;
