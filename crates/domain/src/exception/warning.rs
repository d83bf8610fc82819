//! Warnings before an exception ends.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{Exception, State};

/// How long before the end people are warned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// 30 days before.
    ThirtyDays,
    /// 7 days before.
    SevenDays,
    /// 1 day before.
    OneDay,
}

impl Warning {
    /// Every warning, in the order in which they come due.
    pub const ALL: [Self; 3] = [Self::ThirtyDays, Self::SevenDays, Self::OneDay];

    /// How many days before the end.
    pub fn days(self) -> u8 {
        match self {
            Self::ThirtyDays => 30,
            Self::SevenDays => 7,
            Self::OneDay => 1,
        }
    }

    /// The word as stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ThirtyDays => "thirty_days",
            Self::SevenDays => "seven_days",
            Self::OneDay => "one_day",
        }
    }
}

/// The warnings of an approved exception that have come due at `now`, in order; none where it is not in force.
///
/// One that would have come due at the approval or before never does. Those that were sent are among them: the caller
/// knows which, and sends the last alone where several came due at once.
pub fn due(exception: &Exception, now: OffsetDateTime) -> Vec<Warning> {
    let State::Approved { grant, .. } = &exception.state else { return Vec::new() };
    if grant.is_over(now) {
        return Vec::new();
    }
    let is_due = |warning: &Warning| {
        let at = grant.until - Duration::days(i64::from(warning.days()));
        grant.from < at && at <= now
    };
    Warning::ALL.into_iter().filter(is_due).collect()
}
