//! Retention: how long what is stored is kept.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// Something that is kept for a time of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionKind {
    /// What shows moments of the past: the changes of assets, verdicts, owners and findings, and the counts of then.
    History,
    /// The points of trend charts.
    Trend,
    /// Scans that failed or were cancelled, of which nothing came.
    FailedScans,
}

impl RetentionKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::History, Self::Trend, Self::FailedScans];

    /// The word in tables and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Trend => "trend",
            Self::FailedScans => "failed_scans",
        }
    }
}

/// How many days each kind is kept; without a number, for ever.
///
/// As JSON: `{"history_days": 1095, "trend_days": 3650, "failed_scans_days": 90}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// [`RetentionKind::History`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_days: Option<u16>,
    /// [`RetentionKind::Trend`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend_days: Option<u16>,
    /// [`RetentionKind::FailedScans`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_scans_days: Option<u16>,
}

impl Retention {
    /// How many days a kind is kept.
    pub fn days(&self, kind: RetentionKind) -> Option<u16> {
        match kind {
            RetentionKind::History => self.history_days,
            RetentionKind::Trend => self.trend_days,
            RetentionKind::FailedScans => self.failed_scans_days,
        }
    }

    /// Where what is kept of a kind begins; `None` where all of it is.
    ///
    /// Whole months go (UTC), because months are what is stored apart: up to 31 days more are kept than were asked for.
    pub fn keeps_from(&self, kind: RetentionKind, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let day = now.to_utc() - Duration::days(i64::from(self.days(kind)?));
        let first = day.date().replace_day(1).expect("every month has a first day");
        Some(first.midnight().assume_utc())
    }

    /// What is wrong with it, as sentences without a full stop.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints: Vec<String> = RetentionKind::ALL
            .into_iter()
            .filter(|kind| self.days(*kind) == Some(0))
            .map(|kind| format!("{} is kept for no day at all", kind.as_str()))
            .collect();
        let shorter = match (self.trend_days, self.history_days) {
            (Some(trend), Some(history)) => trend < history,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if shorter {
            complaints.push(
                "trend is kept for a shorter time than history, whose pages show it".to_owned(),
            );
        }
        complaints
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn keep(history: Option<u16>, trend: Option<u16>) -> Retention {
        Retention { history_days: history, trend_days: trend, failed_scans_days: None }
    }

    #[test]
    fn at_least_the_days_asked_for_are_kept_and_whole_months_go() {
        let check = |days: u16, now: OffsetDateTime, from: OffsetDateTime| {
            let keeps = keep(Some(days), None).keeps_from(RetentionKind::History, now);
            assert_eq!(keeps, Some(from), "{days} days before {now}");
        };
        check(1, datetime!(2026-03-01 00:30 UTC), datetime!(2026-02-01 00:00 UTC));
        check(30, datetime!(2026-03-31 12:00 UTC), datetime!(2026-03-01 00:00 UTC));
        check(365, datetime!(2026-03-31 12:00 UTC), datetime!(2025-03-01 00:00 UTC));
        // Months are those of UTC, wherever the clock is.
        check(1, datetime!(2026-03-02 01:00 +3), datetime!(2026-02-01 00:00 UTC));
        assert_eq!(
            keep(None, None).keeps_from(RetentionKind::Trend, datetime!(2026-03-01 0:00 UTC)),
            None
        );
    }

    #[test]
    fn what_cannot_be_meant_is_complained_of() {
        for (history, trend, complaints) in [
            (None, None, 0),
            (Some(30), None, 0),
            (Some(30), Some(30), 0),
            (Some(30), Some(29), 1),
            (None, Some(3650), 1),
            (Some(0), None, 1),
        ] {
            assert_eq!(
                keep(history, trend).complaints().len(),
                complaints,
                "{history:?} {trend:?}"
            );
        }
    }
}
