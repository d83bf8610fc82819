//! The trend: open findings by severity over the scans, as lines to draw and as the table of the same numbers.

use postern_domain::trend::TrendPoint;
use postern_domain::verdict::Severity;
use serde::Serialize;
use time::{Duration, OffsetDateTime, UtcOffset};

use crate::document::{day, number};
use crate::model::ReportHead;

/// The comparison looks this far back, where there are scans that old.
const LOOK_BACK: Duration = Duration::days(30);
/// More points than this are drawn as the last of each week.
const MOST_DRAWN: usize = 400;
/// More rows than this are told by month.
const MOST_ROWS: usize = 40;

/// The trend section.
#[derive(Debug, Serialize)]
pub(crate) struct TrendPart {
    /// What the chart shows, in one sentence; also its alternative text.
    pub(crate) sentence: String,
    source: String,
    /// Empty where there is nothing to draw yet.
    strips: Vec<Strip>,
    ticks: Vec<Tick>,
    gaps: Vec<Span>,
    /// Whether anything was excepted, so that there is a strip and a column of it.
    has_excepted: bool,
    pub(crate) by_month: bool,
    pub(crate) rows: Vec<Row>,
}

/// One series with an axis of its own, from 0 to `top`.
#[derive(Debug, Serialize)]
struct Strip {
    /// `critical` … `low`, `excepted`, or `unknown`.
    series: &'static str,
    label: &'static str,
    /// The latest value and its change, as printed at the line's end.
    end: String,
    top: String,
    /// Polylines of points from 0 to 1, y upwards; broken where no scan was.
    lines: Vec<Vec<[f64; 2]>>,
}

/// A labelled place on the time axis, from 0 to 1.
#[derive(Debug, Serialize)]
struct Tick {
    at: f64,
    label: String,
}

/// A time without a scan, from 0 to 1.
#[derive(Debug, Serialize)]
struct Span {
    from: f64,
    to: f64,
    label: String,
}

/// A scan, or the last one of a month, in the table.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) when: String,
    pub(crate) evaluation: String,
    pub(crate) open: [String; 4],
    pub(crate) excepted: String,
    pub(crate) unknown: String,
    pub(crate) opened: String,
    pub(crate) fixed: String,
    pub(crate) left: String,
    pub(crate) answered: String,
}

/// What a strip shows.
struct Series {
    name: &'static str,
    label: &'static str,
    value: fn(&TrendPoint) -> u32,
}

const SERIES: [Series; 6] = [
    Series {
        name: "critical",
        label: "Critical",
        value: |point| open_of(point, Severity::Critical),
    },
    Series { name: "high", label: "High", value: |point| open_of(point, Severity::High) },
    Series { name: "medium", label: "Medium", value: |point| open_of(point, Severity::Medium) },
    Series { name: "low", label: "Low", value: |point| open_of(point, Severity::Low) },
    Series { name: "excepted", label: "Excepted", value: excepted_of },
    Series { name: "unknown", label: "Unknown", value: unknown_of },
];

impl Series {
    fn strip(
        &self,
        drawn: &[&TrendPoint],
        (earlier, latest): (&TrendPoint, &TrendPoint),
        axis: &Axis,
        breaks: &[(OffsetDateTime, OffsetDateTime)],
    ) -> Strip {
        let value = self.value;
        let top = drawn.iter().map(|point| value(point)).max().unwrap_or(0);
        let now = number(value(latest).into());
        Strip {
            series: self.name,
            label: self.label,
            end: format!("{} {now} ({})", self.label, change(value(earlier), value(latest))),
            top: number(top.into()),
            lines: lines(drawn, axis, breaks, |point| {
                f64::from(value(point)) / f64::from(top.max(1))
            }),
        }
    }
}

/// Open findings of all severities.
pub(crate) fn open_total(point: &TrendPoint) -> u64 {
    point.severities.iter().map(|counts| u64::from(counts.open)).sum()
}

/// The point that the latest is compared with: the last one at least 30 days older, else the first.
pub(crate) fn compared(trend: &[TrendPoint]) -> Option<&TrendPoint> {
    let (latest, earlier) = trend.split_last()?;
    let is_old = |point: &&TrendPoint| latest.at - point.at >= LOOK_BACK;
    earlier.iter().rev().find(is_old).or_else(|| earlier.first())
}

impl TrendPart {
    pub(crate) fn of(head: &ReportHead) -> Self {
        let trend = &head.trend;
        let (Some(first), Some(latest), Some(earlier)) =
            (trend.first(), trend.last(), compared(trend))
        else {
            return Self::without_chart(trend, !head.filters.is_empty());
        };
        let drawn = thinned(trend);
        let axis = Axis { from: first.at, to: latest.at };
        let breaks = breaks(&drawn);
        let has_excepted = has_excepted(trend);
        let strips = SERIES
            .iter()
            .filter(|series| series.name != "excepted" || has_excepted)
            .map(|series| series.strip(&drawn, (earlier, latest), &axis, &breaks))
            .collect();
        let gaps = breaks
            .iter()
            .map(|(from, to)| Span {
                from: axis.place(*from),
                to: axis.place(*to),
                label: format!("no scan between {} and {}", day(*from), day(*to)),
            })
            .collect();
        Self {
            sentence: sentence(first, latest, has_excepted),
            source: source(trend, earlier, drawn.len()),
            strips,
            ticks: axis.ticks(),
            gaps,
            has_excepted,
            by_month: trend.len() > MOST_ROWS,
            rows: rows(trend),
        }
    }

    fn without_chart(trend: &[TrendPoint], is_of_some: bool) -> Self {
        let sentence = match trend.first() {
            _ if is_of_some => {
                "A report of some findings has no trend: that of all of them would not be theirs."
                    .to_owned()
            }
            Some(point) => {
                format!("There is one scan so far, of {}: a trend needs two.", day(point.at))
            }
            None => "There is no scan yet.".to_owned(),
        };
        Self {
            sentence,
            source: String::new(),
            strips: Vec::new(),
            ticks: Vec::new(),
            gaps: Vec::new(),
            has_excepted: has_excepted(trend),
            by_month: false,
            rows: rows(trend),
        }
    }
}

fn open_of(point: &TrendPoint, severity: Severity) -> u32 {
    point
        .severities
        .iter()
        .find(|counts| counts.severity == severity)
        .map_or(0, |counts| counts.open)
}

fn unknown_of(point: &TrendPoint) -> u32 {
    point.severities.iter().map(|counts| counts.unknown).sum()
}

pub(crate) fn excepted_of(point: &TrendPoint) -> u32 {
    point.severities.iter().map(|counts| counts.excepted).sum()
}

fn has_excepted(trend: &[TrendPoint]) -> bool {
    trend.iter().any(|point| excepted_of(point) > 0)
}

fn change(before: u32, now: u32) -> String {
    match now.checked_sub(before) {
        Some(0) => "no change".to_owned(),
        Some(more) => format!("+{}", number(more.into())),
        None => format!("−{}", number((before - now).into())),
    }
}

fn sentence(first: &TrendPoint, latest: &TrendPoint, has_excepted: bool) -> String {
    let parts: Vec<String> = Severity::ALL
        .iter()
        .map(|severity| {
            let (before, now) = (open_of(first, *severity), open_of(latest, *severity));
            format!("{severity} from {} to {}", number(before.into()), number(now.into()))
        })
        .collect();
    let excepted = if has_excepted {
        let [before, now] = [first, latest].map(|point| number(excepted_of(point).into()));
        format!("; excepted, and not counted as open, from {before} to {now}")
    } else {
        String::new()
    };
    format!(
        "Open findings from {} to {}: {}{excepted}.",
        day(first.at),
        day(latest.at),
        parts.join(", ")
    )
}

fn source(trend: &[TrendPoint], earlier: &TrendPoint, drawn: usize) -> String {
    let weekly = if drawn < trend.len() { " Drawn: the last scan of each week." } else { "" };
    format!(
        "{} scans; a line holds its value until the next scan. Each strip has its own scale from 0 to the number at its left. In brackets: change since {}. Times in UTC.{weekly}",
        number(trend.len() as u64),
        day(earlier.at)
    )
}

/// All points, or the last of each week where there are too many to draw.
fn thinned(trend: &[TrendPoint]) -> Vec<&TrendPoint> {
    if trend.len() <= MOST_DRAWN {
        return trend.iter().collect();
    }
    let week = |point: &TrendPoint| point.at.to_offset(UtcOffset::UTC).date().to_julian_day() / 7;
    trend.chunk_by(|left, right| week(left) == week(right)).filter_map(<[_]>::last).collect()
}

/// The spans without a scan: longer than three times the usual distance between two, and than two days.
fn breaks(drawn: &[&TrendPoint]) -> Vec<(OffsetDateTime, OffsetDateTime)> {
    let pairs = || drawn.iter().zip(drawn.iter().skip(1)).map(|(left, right)| (left.at, right.at));
    let mut distances: Vec<Duration> = pairs().map(|(from, to)| to - from).collect();
    distances.sort_unstable();
    let Some(usual) = distances.get(distances.len() / 2).filter(|_| distances.len() >= 4) else {
        return Vec::new();
    };
    let longest = Duration::max(*usual * 3, Duration::days(2));
    pairs().filter(|(from, to)| *to - *from > longest).collect()
}

/// Step-after lines: a value holds until the next scan says otherwise.
fn lines(
    drawn: &[&TrendPoint],
    axis: &Axis,
    breaks: &[(OffsetDateTime, OffsetDateTime)],
    height: impl Fn(&TrendPoint) -> f64,
) -> Vec<Vec<[f64; 2]>> {
    let mut lines = Vec::new();
    let mut line: Vec<[f64; 2]> = Vec::new();
    for point in drawn {
        let (x, y) = (axis.place(point.at), height(point));
        if breaks.iter().any(|(_, to)| *to == point.at) {
            lines.push(std::mem::take(&mut line));
        }
        if let Some([_, before]) = line.last().copied() {
            line.push([x, before]);
        }
        line.push([x, y]);
    }
    lines.push(line);
    lines
}

/// The time axis.
struct Axis {
    from: OffsetDateTime,
    to: OffsetDateTime,
}

impl Axis {
    /// Where on the axis, from 0 to 1.
    fn place(&self, at: OffsetDateTime) -> f64 {
        let whole = (self.to - self.from).as_seconds_f64();
        if whole <= 0.0 { 1.0 } else { (at - self.from).as_seconds_f64() / whole }
    }

    /// The first day, then month starts that do not crowd it or each other.
    fn ticks(&self) -> Vec<Tick> {
        let mut ticks = vec![Tick { at: 0.0, label: day(self.from) }];
        let mut month = self.from.to_offset(UtcOffset::UTC).date().replace_day(1).ok();
        while let Some(start) = month {
            let at = start.midnight().assume_utc();
            if at >= self.to {
                break;
            }
            let place = self.place(at);
            // The name of a day is an eighth of the axis wide and stands around its place, the first beside it.
            let room = if ticks.len() == 1 { 0.22 } else { 0.16 };
            let is_clear = ticks.last().is_some_and(|last| place - last.at > room) && place < 0.84;
            if is_clear {
                ticks.push(Tick { at: place, label: day(at) });
            }
            month = (start + Duration::days(32)).replace_day(1).ok();
        }
        ticks.push(Tick { at: 1.0, label: day(self.to) });
        ticks
    }
}

/// Every point, or the months with the state at their last scan and the sums of their changes.
fn rows(trend: &[TrendPoint]) -> Vec<Row> {
    let month = |point: &TrendPoint| {
        let date = point.at.to_offset(UtcOffset::UTC).date();
        (date.year(), date.month())
    };
    if trend.len() <= MOST_ROWS {
        return trend.chunks(1).filter_map(row).collect();
    }
    trend.chunk_by(|left, right| month(left) == month(right)).filter_map(row).collect()
}

fn row(points: &[TrendPoint]) -> Option<Row> {
    let last = points.last()?;
    let sum = |part: fn(&postern_domain::trend::SeverityCounts) -> u32| {
        number(
            points
                .iter()
                .flat_map(|point| &point.severities)
                .map(|counts| u64::from(part(counts)))
                .sum(),
        )
    };
    Some(Row {
        when: day(last.at),
        evaluation: last.evaluation.to_string(),
        open: last.severities.map(|counts| number(counts.open.into())),
        excepted: number(excepted_of(last).into()),
        unknown: number(unknown_of(last).into()),
        opened: sum(|counts| counts.opened),
        fixed: sum(|counts| counts.fixed),
        left: sum(|counts| counts.left_otherwise),
        answered: format!(
            "{} of {}",
            number(last.checks.answered().into()),
            number(last.checks.planned().into())
        ),
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn no_name_of_a_day_stands_in_another() {
        let check = |from, to, expected: &[&str]| {
            let labels: Vec<String> =
                Axis { from, to }.ticks().into_iter().map(|tick| tick.label).collect();
            assert_eq!(labels, expected);
        };
        let end = datetime!(2026-11-30 21:02 UTC);
        check(datetime!(2026-10-27 02:00 UTC), end, &["27 Oct 2026", "30 Nov 2026"]);
        check(
            datetime!(2026-09-02 02:00 UTC),
            end,
            &["2 Sep 2026", "1 Oct 2026", "1 Nov 2026", "30 Nov 2026"],
        );
        check(
            datetime!(2025-11-30 02:00 UTC),
            end,
            &["30 Nov 2025", "1 Mar 2026", "1 May 2026", "1 Jul 2026", "1 Sep 2026", "30 Nov 2026"],
        );
    }
}
