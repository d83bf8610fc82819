//! Where things stand in a chart: pure functions from trend points to places.

use std::fmt::Write as _;
use std::ops::Range;

use postern_domain::trend::TrendPoint;
use time::{Date, Duration, Month, OffsetDateTime, Time};

/// Time from left to right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeAxis {
    start: OffsetDateTime,
    end: OffsetDateTime,
}

impl TimeAxis {
    /// The axis that the points span; `None` without a point.
    pub fn over(points: &[TrendPoint]) -> Option<Self> {
        Some(Self { start: points.first()?.at, end: points.last()?.at })
    }

    /// The place of a time: 0 at the first point, 1 at the last; a single point stands in the middle.
    pub fn place(&self, at: OffsetDateTime) -> f64 {
        let whole = (self.end - self.start).as_seconds_f64();
        if whole > 0.0 { (at - self.start).as_seconds_f64() / whole } else { 0.5 }
    }

    /// At most `most` days to label, evenly thinned: month starts over long times, Mondays or days over short ones.
    pub fn ticks(&self, most: usize) -> Vec<Tick> {
        let days = (self.end - self.start).whole_days();
        let wanted = |date: Date| match days {
            ..=14 => true,
            15..=62 => date.weekday() == time::Weekday::Monday,
            _ => date.day() == 1,
        };
        let mut ticks = Vec::new();
        let mut date = self.start.date();
        while date <= self.end.date() {
            let at = date.with_time(Time::MIDNIGHT).assume_utc();
            if wanted(date) && at >= self.start {
                ticks.push(Tick { place: self.place(at), label: label(date, days) });
            }
            let Some(next) = date.next_day() else { break };
            date = next;
        }
        let every = ticks.len().div_ceil(most.max(1)).max(1);
        ticks.into_iter().step_by(every).collect()
    }
}

/// A labelled day on the time axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its place, 0 to 1.
    pub place: f64,
    /// What it is called.
    pub label: String,
}

fn label(date: Date, days: i64) -> String {
    let month: String = date.month().to_string().chars().take(3).collect();
    match (days, date.month()) {
        (63.., Month::January) => format!("{month} {}", date.year()),
        (63.., _) => month,
        _ => format!("{} {month}", date.day()),
    }
}

/// A time of which the chart has no, or not the whole, knowledge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Blank {
    /// The point after which it begins.
    pub after: usize,
    /// Why.
    pub kind: BlankKind,
}

/// Why a time is blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlankKind {
    /// No scan finished within one and a half intervals: the line breaks.
    NoScan,
    /// The scan at its beginning left assets unread.
    Incomplete,
}

/// The blank times between points that should be `interval_seconds` apart; without an interval no scan is ever late.
pub fn blanks(points: &[TrendPoint], interval_seconds: Option<u32>) -> Vec<Blank> {
    let late = interval_seconds.map(|seconds| Duration::seconds(i64::from(seconds)) * 1.5);
    let pairs = points.iter().zip(points.iter().skip(1)).enumerate();
    let kind = |before: &TrendPoint, next: &TrendPoint| {
        if late.is_some_and(|late| next.at - before.at > late) {
            Some(BlankKind::NoScan)
        } else {
            (before.assets_unread > 0).then_some(BlankKind::Incomplete)
        }
    };
    pairs
        .filter_map(|(after, (before, next))| Some(Blank { after, kind: kind(before, next)? }))
        .collect()
}

/// The runs of points that a line connects.
pub fn runs(points: usize, blanks: &[Blank]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for blank in blanks.iter().filter(|blank| blank.kind == BlankKind::NoScan) {
        runs.push(start..blank.after + 1);
        start = blank.after + 1;
    }
    if start < points {
        runs.push(start..points);
    }
    runs
}

/// Where a strip is in a drawing, in its units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strip {
    /// The left edge of the plot.
    pub left: f64,
    /// The plot's width.
    pub width: f64,
    /// The upper edge.
    pub top: f64,
    /// The height.
    pub height: f64,
    /// The value at the upper edge.
    pub most: u32,
}

impl Strip {
    /// The horizontal place of `place`, 0 to 1.
    pub fn x(&self, place: f64) -> f64 {
        self.left + place * self.width
    }

    /// The vertical place of a value.
    pub fn y(&self, value: u32) -> f64 {
        self.top + self.height * (1.0 - f64::from(value) / f64::from(self.most.max(1)))
    }

    /// A step-after line: a value holds until the next point says otherwise.
    ///
    /// Only where it moves, and at the end of each run: most days nothing changes, and pages stay small.
    pub fn step_path(&self, places: &[f64], values: &[u32], runs: &[Range<usize>]) -> String {
        let mut path = String::new();
        for run in runs {
            let points = places.iter().zip(values).skip(run.start).take(run.len());
            let mut height = None;
            for (position, (place, value)) in points.enumerate() {
                let (x, y) = (round(self.x(*place)), round(self.y(*value)));
                let moves = height.is_none_or(|height| height != *value);
                let written = match height.replace(*value) {
                    None => write!(path, "M{x} {y}"),
                    Some(_) if moves => write!(path, "H{x}V{y}"),
                    Some(_) if position + 1 == run.len() => write!(path, "H{x}"),
                    Some(_) => Ok(()),
                };
                written.expect("writing to a String does not fail");
            }
        }
        path
    }

    /// What is between a step-after line and the lower edge, each run for itself.
    pub fn step_area(&self, places: &[f64], values: &[u32], runs: &[Range<usize>]) -> String {
        let base = round(self.top + self.height);
        let area = |run: &Range<usize>| {
            let from = round(self.x(*places.get(run.start)?));
            let line = self.step_path(places, values, std::slice::from_ref(run));
            Some(format!("{line}V{base}H{from}Z"))
        };
        runs.iter().filter_map(area).collect()
    }
}

/// A value for the upper edge of a strip: the largest that is there, rounded up to a number that reads well.
pub fn round_up(largest: u32) -> u32 {
    let mut size = 1_u32;
    loop {
        for step in [1, 2, 3, 4, 5, 6, 8] {
            let edge = size.saturating_mul(step);
            if edge >= largest.max(2) {
                return edge;
            }
        }
        size = size.saturating_mul(10);
    }
}

/// One decimal is finer than a pixel, and keeps pages small.
pub fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use postern_domain::id::EvaluationId;
    use postern_domain::trend::{CheckCounts, SeverityCounts};
    use time::macros::datetime;

    use super::*;

    fn points(days: &[i64]) -> Vec<TrendPoint> {
        let at = |day: &i64| datetime!(2026-03-01 02:00 UTC) + Duration::days(*day);
        days.iter()
            .map(|day| TrendPoint {
                evaluation: EvaluationId::from_number(day + 1),
                at: at(day),
                severities: SeverityCounts::all_none(),
                checks: CheckCounts::default(),
                assets: 70,
                assets_unread: u32::from(*day == 2),
                gaps: 0,
            })
            .collect()
    }

    #[test]
    fn without_a_point_there_is_no_axis() {
        assert_eq!(TimeAxis::over(&[]), None);
        assert_eq!(runs(0, &[]), Vec::<Range<usize>>::new());
    }

    #[test]
    fn one_point_stands_in_the_middle() {
        let points = points(&[0]);
        let axis = TimeAxis::over(&points).unwrap();
        assert!((axis.place(points[0].at) - 0.5).abs() < f64::EPSILON);
        let whole = 0..1;
        assert_eq!(runs(1, &blanks(&points, Some(86_400))), std::slice::from_ref(&whole));
        let strip = Strip { left: 10.0, width: 100.0, top: 0.0, height: 50.0, most: 10 };
        assert_eq!(strip.step_path(&[0.5], &[5], std::slice::from_ref(&whole)), "M60 25");
    }

    #[test]
    fn a_missing_scan_breaks_the_line_and_an_incomplete_one_does_not() {
        let points = points(&[0, 1, 2, 3, 6, 7]);
        let blanks = blanks(&points, Some(86_400));
        assert_eq!(
            blanks,
            [
                Blank { after: 2, kind: BlankKind::Incomplete },
                Blank { after: 3, kind: BlankKind::NoScan },
            ]
        );
        assert_eq!(runs(points.len(), &blanks), [0..4, 4..6]);
        let strip = Strip { left: 0.0, width: 70.0, top: 0.0, height: 10.0, most: 10 };
        let places: Vec<_> = [0.0, 1.0, 2.0, 3.0, 6.0, 7.0].map(|day| day / 7.0).to_vec();
        assert_eq!(
            strip.step_path(&places, &[0, 5, 5, 5, 10, 9], &runs(6, &blanks)),
            "M0 10H10V5H30M60 0H70V1"
        );
        assert_eq!(
            strip.step_area(&places, &[0, 5, 5, 5, 10, 9], &runs(6, &blanks)),
            "M0 10H10V5H30V10H0ZM60 0H70V1V10H60Z"
        );
    }

    #[test]
    fn files_have_no_interval_and_so_no_late_scan() {
        assert_eq!(blanks(&points(&[0, 100]), None), []);
    }

    #[test]
    fn ticks_fit_their_number() {
        let labels = |days: &[i64], most| -> Vec<String> {
            let axis = TimeAxis::over(&points(days)).unwrap();
            axis.ticks(most).into_iter().map(|tick| tick.label).collect()
        };
        assert_eq!(labels(&[0, 4], 8), ["2 Mar", "3 Mar", "4 Mar", "5 Mar"]);
        assert_eq!(labels(&[0, 30], 8), ["2 Mar", "9 Mar", "16 Mar", "23 Mar", "30 Mar"]);
        assert_eq!(labels(&[0, 30], 3), ["2 Mar", "16 Mar", "30 Mar"]);
        assert_eq!(labels(&[0, 330], 4), ["Apr", "Jul", "Oct", "Jan 2027"]);
    }

    #[test]
    fn the_upper_edge_reads_well() {
        for (largest, edge) in
            [(0, 2), (1, 2), (7, 8), (9, 10), (61, 80), (101, 200), (u32::MAX, u32::MAX)]
        {
            assert_eq!(round_up(largest), edge, "{largest}");
        }
    }
}
