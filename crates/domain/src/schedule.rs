//! When a connection is scanned without anybody asking.

use serde::Serialize;

/// A connection's schedule, as it is stored and shown; the service knows the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// So long after the last scan was asked for or began.
    Every {
        /// At least [`Schedule::LEAST_SECONDS`].
        seconds: u32,
    },
    /// At the times of a cron expression.
    Cron {
        /// Minute, hour, day of the month, month, day of the week: `0 2 * * mon-fri`.
        expression: String,
        /// The time zone whose clocks are meant, by its name in the IANA database: `Europe/Amsterdam`.
        time_zone: String,
    },
}

impl Schedule {
    /// The least time between two scans of an interval.
    pub const LEAST_SECONDS: u32 = 60;

    /// Once a day, at the time of the first scan.
    pub const DAILY: Self = Self::Every { seconds: 86_400 };
}
