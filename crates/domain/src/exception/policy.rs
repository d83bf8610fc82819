//! What an organisation allows of exceptions.

use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime, UtcDateTime};

use crate::verdict::Severity;

/// How long exceptions may last, and how many people decide.
///
/// As JSON: `{"most_days": {"critical": 90, "high": 180, "medium": 365, "low": 365}, "critical_approvers": "two"}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExceptionPolicy {
    /// For how many days at most a finding can be accepted, by its severity.
    pub most_days: MostDays,
    /// How many people have to agree where something critical is to be accepted.
    pub critical_approvers: Approvers,
}

/// Days by severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MostDays {
    /// Of critical findings.
    pub critical: u16,
    /// Of high ones.
    pub high: u16,
    /// Of medium ones.
    pub medium: u16,
    /// Of low ones.
    pub low: u16,
}

impl Default for MostDays {
    fn default() -> Self {
        Self { critical: 90, high: 180, medium: 365, low: 365 }
    }
}

/// How many people have to agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approvers {
    /// One, who is not the requester.
    #[default]
    One,
    /// Two different ones, neither of them the requester.
    Two,
}

impl ExceptionPolicy {
    /// Ten years: who accepts something for longer has not decided on an end.
    const LONGEST: u16 = 3650;

    /// For how many days at most a finding of this severity can be accepted.
    pub fn days(&self, severity: Severity) -> u16 {
        match severity {
            Severity::Critical => self.most_days.critical,
            Severity::High => self.most_days.high,
            Severity::Medium => self.most_days.medium,
            Severity::Low => self.most_days.low,
        }
    }

    /// The last day on which an exception can end that is approved at `from`.
    ///
    /// Days are whole ones of UTC, because people enter days: what is approved in the morning of 1 January for at most
    /// 90 days can end on 1 April, and that day counts to its end.
    pub fn last_day(&self, severity: Severity, from: OffsetDateTime) -> Date {
        from.to_utc().date().saturating_add(Duration::days(i64::from(self.days(severity))))
    }

    /// Whether an exception that is approved at `from` can end at `until`.
    pub fn permits(&self, severity: Severity, from: OffsetDateTime, until: OffsetDateTime) -> bool {
        // An end is the first moment after, so midnight after the last day leaves the whole of it.
        let last_moment = until.checked_sub(Duration::NANOSECOND);
        let day = last_moment.and_then(OffsetDateTime::checked_to_utc).map(UtcDateTime::date);
        day.is_some_and(|day| day <= self.last_day(severity, from))
    }

    /// How many people have to agree.
    pub fn approvers(&self, severity: Severity) -> usize {
        match (severity, self.critical_approvers) {
            (Severity::Critical, Approvers::Two) => 2,
            _ => 1,
        }
    }

    /// What is wrong with it, as sentences without a full stop.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for severity in Severity::ALL.iter().copied() {
            match self.days(severity) {
                0 => complaints.push(format!("{severity} findings are accepted for no day at all")),
                days if days > Self::LONGEST => complaints.push(format!(
                    "{severity} findings are accepted for {days} days: at most {} are an end",
                    Self::LONGEST
                )),
                _ => {}
            }
        }
        for pair in Severity::ALL.windows(2) {
            if let [worse, milder] = *pair
                && self.days(worse) > self.days(milder)
            {
                complaints.push(format!(
                    "{worse} findings are accepted for longer ({} days) than {milder} ones ({} days)",
                    self.days(worse),
                    self.days(milder)
                ));
            }
        }
        complaints
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use time::macros::{date, datetime};

    use super::*;

    fn policy(value: Value) -> ExceptionPolicy {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_is_not_set_has_its_default() {
        assert_eq!(policy(json!({})), ExceptionPolicy::default());
        let days = |policy: ExceptionPolicy| Severity::ALL.iter().map(move |it| policy.days(*it));
        assert!(days(policy(json!({}))).eq([90, 180, 365, 365]));
        assert!(days(policy(json!({"most_days": {"high": 100}}))).eq([90, 100, 365, 365]));
        assert_eq!(policy(json!({})).complaints(), Vec::<String>::new());
        for wrong in [json!({"days": {}}), json!({"most_days": {"severe": 1}})] {
            assert!(serde_json::from_value::<ExceptionPolicy>(wrong).is_err());
        }
    }

    #[test]
    fn two_decide_on_what_is_critical_where_that_is_set() {
        let two = policy(json!({"critical_approvers": "two"}));
        let count =
            |policy: ExceptionPolicy| Severity::ALL.iter().map(move |it| policy.approvers(*it));
        assert!(count(two).eq([2, 1, 1, 1]));
        assert!(count(ExceptionPolicy::default()).eq([1, 1, 1, 1]));
    }

    #[test]
    fn the_last_day_counts_to_its_end() {
        let policy = ExceptionPolicy::default();
        let from = datetime!(2026-01-01 9:00 UTC);
        assert_eq!(policy.last_day(Severity::Critical, from), date!(2026 - 04 - 01));
        let check = |from, until, permitted| {
            assert_eq!(policy.permits(Severity::Critical, from, until), permitted, "{until}");
        };
        check(from, datetime!(2026-04-01 23:59:59.999999 UTC), true);
        check(from, datetime!(2026-04-02 0:00 UTC), true);
        check(from, datetime!(2026-04-02 0:00:00.000001 UTC), false);
        // Days are those of UTC, wherever the clock is.
        check(datetime!(2026-01-02 1:00 +3), datetime!(2026-04-02 0:00:01 UTC), false);
        check(datetime!(9999-12-31 0:00 UTC), datetime!(9999-12-31 23:00 UTC), true);
        // A time of the year 10000 in UTC, which nobody can mean.
        check(from, datetime!(9999-12-31 23:30 -1), false);
    }

    #[test]
    fn what_cannot_be_meant_is_complained_of() {
        let complaints = policy(json!({
            "most_days": {"critical": 200, "high": 180, "medium": 0, "low": 4000}
        }))
        .complaints();
        let expected = [
            "medium findings are accepted for no day at all",
            "low findings are accepted for 4000 days: at most 3650 are an end",
            "critical findings are accepted for longer (200 days) than high ones (180 days)",
            "high findings are accepted for longer (180 days) than medium ones (0 days)",
        ];
        assert_eq!(complaints, expected);
    }
}
