//! How messages are delivered: how often somebody wants them, and when a failed one is tried again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::macros::time;
use time::{Date, Duration, OffsetDateTime, Time};

use super::EventKey;
use super::audience::Target;

/// How often somebody wants mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// A mail for each event, as it happens.
    #[default]
    Each,
    /// One mail a day at most.
    Daily,
    /// None.
    None,
}

/// The text is no frequency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is none of daily, each, none")]
pub struct FrequencyError(String);

impl Frequency {
    /// The word as stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Each => "each",
            Self::Daily => "daily",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Frequency {
    type Err = FrequencyError;

    fn from_str(text: &str) -> Result<Self, FrequencyError> {
        [Self::Each, Self::Daily, Self::None]
            .into_iter()
            .find(|frequency| frequency.as_str() == text)
            .ok_or_else(|| FrequencyError(text.to_owned()))
    }
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits for its time.
    Pending,
    /// Its target took it.
    Delivered,
    /// It is not tried any more, unless somebody says so.
    Parked,
}

/// The text is no state of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no state of a delivery")]
pub struct DeliveryStateError(String);

impl DeliveryState {
    /// The word as stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Parked => "parked",
        }
    }
}

impl FromStr for DeliveryState {
    type Err = DeliveryStateError;

    fn from_str(text: &str) -> Result<Self, DeliveryStateError> {
        [Self::Pending, Self::Delivered, Self::Parked]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| DeliveryStateError(text.to_owned()))
    }
}

/// How long to wait after each failed attempt: soon for what passes by itself, and for long enough that somebody can
/// mend the rest on the same day.
const WAITS: [Duration; 7] = [
    Duration::minutes(1),
    Duration::minutes(5),
    Duration::minutes(20),
    Duration::hours(1),
    Duration::hours(3),
    Duration::hours(6),
    Duration::hours(6),
];

/// How often a delivery is tried.
pub const MOST_ATTEMPTS: u32 = 8;

/// How long to wait after so many failed attempts; `None` where it is parked.
pub fn wait_after(attempts: u32) -> Option<Duration> {
    let place = usize::try_from(attempts.checked_sub(1)?).ok()?;
    WAITS.get(place).copied()
}

/// What happened longer ago is told nobody any more: whoever sets a channel up is not flooded with the past.
pub const TOO_OLD: Duration = Duration::days(7);

/// When digests go out, in UTC: before people in Europe begin, and after the end of most days in America.
const DIGEST_AT: Time = time!(6:00);

/// The day of the next digest after a moment.
pub fn digest_day(now: OffsetDateTime) -> Date {
    let now = now.to_utc();
    let today = now.date();
    if now.time() < DIGEST_AT { today } else { today.next_day().unwrap_or(today) }
}

/// When the digest of a day goes out.
pub fn digest_moment(on: Date) -> OffsetDateTime {
    on.with_time(DIGEST_AT).assume_utc()
}

/// What makes a message this one and no other: its event and its target, or its day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryKey(String);

impl DeliveryKey {
    /// Of an event to a target.
    pub fn event(event: &EventKey, to: &Target) -> Self {
        Self(format!("{event} {to}"))
    }

    /// Of a day.
    pub fn digest(on: Date, to: &Target) -> Self {
        Self(format!("{on} {to}"))
    }

    /// The key as it is stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
