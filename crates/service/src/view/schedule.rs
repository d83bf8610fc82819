//! When a connection is scanned, as its page shows it.

use postern_domain::schedule::Schedule;
use serde::Serialize;
use time::OffsetDateTime;

/// A connection's schedule and what comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScheduleView {
    /// The schedule.
    pub schedule: Schedule,
    /// A cron expression in words, such as `At 02:00, on Monday.`; `None` for an interval.
    pub description: Option<String>,
    /// The next scheduled scans, soonest first; none while it is paused.
    pub next: Vec<NextScan>,
    /// That it is paused.
    pub paused: Option<PauseView>,
    /// Why this version cannot follow it, in a sentence.
    pub problem: Option<String>,
}

/// A scan that is to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NextScan {
    /// When it begins; what is overdue begins now.
    pub at: OffsetDateTime,
    /// The same on the clocks of the schedule's time zone, such as `Mon 30 Nov 2026, 02:00`; `None` for an interval.
    pub local: Option<String>,
}

/// That somebody paused a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PauseView {
    /// Since when.
    pub at: OffsetDateTime,
    /// A word like those for who asked for a scan.
    pub by: String,
}
