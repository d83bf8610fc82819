//! How long findings last: the time until they are fixed, with those that are still open in it.
//!
//! A mean of what was fixed alone flatters: what nobody fixes is not in it. The estimator of Kaplan and Meier (1958) counts
//! an open finding for as long as it has been open, as one of which is only known that it takes longer.

use serde::Serialize;

use crate::verdict::Severity;

/// Fewer findings than this have no median worth a mark.
pub const TOO_FEW: u32 = 5;

/// How many findings of a severity lasted so long, and how that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lasted {
    /// Their severity.
    pub severity: Severity,
    /// For how many whole days.
    pub days: u32,
    /// How it ended.
    pub end: End,
    /// How many.
    pub findings: u32,
}

/// How a finding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// What was wrong was changed.
    Fixed,
    /// The resource was deleted, the rule or its settings changed, or the like.
    Otherwise,
    /// It has not.
    Open,
}

/// How long findings of a severity take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TimeToFix {
    /// The severity.
    pub severity: Severity,
    /// Findings that were fixed.
    pub fixed: u32,
    /// Findings that are open.
    pub open: u32,
    /// Findings that ended otherwise, which are in nothing else.
    pub otherwise: u32,
    /// Days after which a quarter, half and three quarters are fixed, where that is reached, by Kaplan and Meier.
    pub quartiles: [Option<u32>; 3],
    /// The median age of those that are open, in days; `None` without one.
    pub open_age: Option<u32>,
    /// The mean of those that were fixed alone, in days; `None` without one.
    pub mean_of_fixed: Option<f64>,
}

impl TimeToFix {
    /// Whether there are too few to say anything.
    pub fn is_too_few(&self) -> bool {
        self.fixed + self.open < TOO_FEW
    }
}

/// How long findings take, by severity, the worst first.
pub fn time_to_fix(lasted: &[Lasted]) -> Vec<TimeToFix> {
    Severity::ALL.iter().map(|severity| of_severity(*severity, lasted)).collect()
}

fn of_severity(severity: Severity, lasted: &[Lasted]) -> TimeToFix {
    let mut those: Vec<Lasted> =
        lasted.iter().filter(|it| it.severity == severity).copied().collect();
    those.sort_by_key(|it| it.days);
    let count = |end: End| those.iter().filter(|it| it.end == end).map(|it| it.findings).sum();
    let (fixed, open): (u32, u32) = (count(End::Fixed), count(End::Open));
    let days: f64 = those
        .iter()
        .filter(|it| it.end == End::Fixed)
        .map(|it| f64::from(it.days) * f64::from(it.findings))
        .sum();
    TimeToFix {
        severity,
        fixed,
        open,
        otherwise: count(End::Otherwise),
        quartiles: quartiles(&those),
        open_age: median_age(&those, open),
        mean_of_fixed: (fixed > 0).then(|| days / f64::from(fixed)),
    }
}

/// The days by which the share of what is not fixed has come down to three quarters, half and a quarter.
fn quartiles(by_days: &[Lasted]) -> [Option<u32>; 3] {
    let counted = |it: &&Lasted| it.end != End::Otherwise;
    let mut at_risk: u32 = by_days.iter().filter(counted).map(|it| it.findings).sum();
    let mut unfixed = 1.0;
    let mut reached = [None; 3];
    for of_day in by_days.chunk_by(|one, other| one.days == other.days) {
        let sum = |end: End| -> u32 {
            of_day.iter().filter(|it| it.end == end).map(|it| it.findings).sum()
        };
        let (fixed, open) = (sum(End::Fixed), sum(End::Open));
        if at_risk > 0 {
            unfixed *= 1.0 - f64::from(fixed) / f64::from(at_risk);
        }
        for (place, share) in reached.iter_mut().zip([0.75, 0.5, 0.25]) {
            // What rounding leaves over is no part of a finding.
            if place.is_none() && unfixed <= share + 1e-9 {
                *place = Some(of_day[0].days);
            }
        }
        // Who is open for so long was at risk until now.
        at_risk = at_risk.saturating_sub(fixed + open);
    }
    reached
}

/// The age that half of those open do not exceed.
fn median_age(by_days: &[Lasted], open: u32) -> Option<u32> {
    let mut below = 0;
    by_days.iter().filter(|it| it.end == End::Open && it.findings > 0).find_map(|it| {
        below += it.findings;
        (below * 2 >= open).then_some(it.days)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn high(days: u32, end: End, findings: u32) -> Lasted {
        Lasted { severity: Severity::High, days, end, findings }
    }

    fn of(lasted: &[Lasted]) -> TimeToFix {
        time_to_fix(lasted)[1]
    }

    #[test]
    fn without_open_ones_it_is_the_plain_median() {
        let found = of(&[1, 2, 3, 4, 5, 6, 7, 8].map(|days| high(days, End::Fixed, 1)));
        assert_eq!(found.quartiles, [Some(2), Some(4), Some(6)]);
        assert_eq!((found.fixed, found.open, found.open_age), (8, 0, None));
        assert_eq!(found.mean_of_fixed, Some(4.5));
    }

    #[test]
    fn what_is_open_takes_longer_than_it_has() {
        // A textbook's example: deaths at 6 (three of them), 7, 10, 13, 16, 22, 23, and others lost on the way.
        let fixed = [(6, 3), (7, 1), (10, 1), (13, 1), (16, 1), (22, 1), (23, 1)];
        let open = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
        let lasted: Vec<Lasted> = fixed
            .iter()
            .map(|(days, findings)| high(*days, End::Fixed, *findings))
            .chain(open.map(|days| high(days, End::Open, 1)))
            .collect();
        let found = of(&lasted);
        assert_eq!(found.quartiles, [Some(13), Some(23), None]);
        assert_eq!((found.fixed, found.open), (9, 12));
        assert_eq!(found.open_age, Some(19));
    }

    #[test]
    fn what_nobody_fixes_has_no_median_and_what_ended_otherwise_counts_for_nothing() {
        let found =
            of(&[high(3, End::Fixed, 2), high(40, End::Open, 9), high(1, End::Otherwise, 99)]);
        assert_eq!(found.quartiles, [None, None, None]);
        assert_eq!((found.open_age, found.otherwise), (Some(40), 99));
        let without = of(&[high(3, End::Fixed, 2), high(40, End::Open, 9)]);
        assert_eq!(TimeToFix { otherwise: 99, ..without }, found);
    }

    #[test]
    fn of_few_nothing_is_said() {
        assert!(of(&[high(3, End::Fixed, 4)]).is_too_few());
        assert!(!of(&[high(3, End::Fixed, 4), high(1, End::Open, 1)]).is_too_few());
        assert_eq!(time_to_fix(&[]).len(), 4);
    }
}
