//! Findings opened and ended, week by week: what was work, and what was not.

use leptos::prelude::*;
use postern_domain::trend::{SeverityCounts, TrendPoint};
use time::{Date, Duration, Month};

use super::columns::{Columns, Period, Unit};
use super::drawing::DrawingSize;
use super::twin::TwinTable;
use crate::part::{Column, count, counted, day_and_time, signed};

/// Weeks that a chart has at most; of longer times it has months.
const MOST_WEEKS: usize = 26;

/// The chart with its heading, its source and its table.
///
/// What happened up to the first point happened before the time that is shown.
#[component]
pub fn WorkChart(
    /// The points, oldest first; fewer than two show nothing.
    points: Vec<TrendPoint>,
) -> impl IntoView {
    let (first, last) = (points.first()?, points.last().filter(|_| points.len() > 1)?);
    let (unit, periods) = periods(&points);
    let sum = |of: fn(&Period) -> u32| periods.iter().map(of).sum::<u32>();
    let (opened, fixed) = (sum(|period| period.opened), sum(|period| period.fixed));
    let otherwise = sum(|period| period.otherwise);
    let number = u64::try_from(periods.len()).unwrap_or_default();
    let (one, many) = unit.words();
    let heading = format!(
        "{} fixed in {}, {} opened",
        counted(fixed, "finding", "findings"),
        counted(number, one, many),
        count(opened),
    );
    let source = format!(
        "Source: the scans after {} until {}. A {one} without a scan is hatched.",
        day_and_time(first.at),
        day_and_time(last.at),
    );
    let description = format!(
        "{} opened, {} fixed, {} ended for another reason.",
        count(opened),
        count(fixed),
        count(otherwise)
    );
    let drawings = DrawingSize::ALL
        .into_iter()
        .map(|size| {
            view! { <Columns periods=periods.clone() unit=unit description=description.clone() size=size /> }
        })
        .collect_view();
    Some(
        view! {
            <figure class="chart" id="work" aria-labelledby="work-heading">
                <h2 id="work-heading">{heading}</h2>
                <p class="chart-subject">
                    "Above the line: findings opened or reopened. Below it: fixed, because what was wrong was changed, and in outline what ended for another reason, such as a deleted resource or another rule. The number is what remained of it."
                </p>
                <div class="chart-drawings">{drawings}</div>
                <figcaption class="source">{source}</figcaption>
                {twin(&periods, unit)}
            </figure>
        }
        .into_any(),
    )
}

/// The sums of the points after the first, by week, or by month where there are too many weeks.
fn periods(points: &[TrendPoint]) -> (Unit, Vec<Period>) {
    let weeks = sums(points, Unit::Week);
    if weeks.len() > MOST_WEEKS {
        (Unit::Month, sums(points, Unit::Month))
    } else {
        (Unit::Week, weeks)
    }
}

fn sums(points: &[TrendPoint], unit: Unit) -> Vec<Period> {
    let (Some(first), Some(last)) = (points.get(1), points.last()) else { return Vec::new() };
    let mut periods = Vec::new();
    let mut from = begin(first.at.date(), unit);
    while from <= last.at.date() {
        periods.push(Period { from, scans: 0, opened: 0, fixed: 0, otherwise: 0 });
        let Some(next) = after(from, unit) else { break };
        from = next;
    }
    for point in points.iter().skip(1) {
        let begins = begin(point.at.date(), unit);
        if let Some(period) = periods.iter_mut().find(|period| period.from == begins) {
            let sum = |of: fn(&SeverityCounts) -> u32| point.severities.iter().map(of).sum::<u32>();
            period.scans += 1;
            period.opened += sum(|counts| counts.opened);
            period.fixed += sum(|counts| counts.fixed);
            period.otherwise += sum(|counts| counts.left_otherwise);
        }
    }
    periods
}

/// The first day of the week or month of a day.
fn begin(day: Date, unit: Unit) -> Date {
    match unit {
        Unit::Week => day - Duration::days(i64::from(day.weekday().number_days_from_monday())),
        Unit::Month => day.replace_day(1).unwrap_or(day),
    }
}

fn after(from: Date, unit: Unit) -> Option<Date> {
    match unit {
        Unit::Week => from.checked_add(Duration::WEEK),
        Unit::Month => {
            let year = if from.month() == Month::December { from.year() + 1 } else { from.year() };
            Date::from_calendar_date(year, from.month().next(), 1).ok()
        }
    }
}

fn twin(periods: &[Period], unit: Unit) -> AnyView {
    let (one, many) = unit.words();
    let number = u64::try_from(periods.len()).unwrap_or_default();
    let rows: Vec<_> = periods
        .iter()
        .map(|period| {
            let numbers = [
                count(period.opened),
                count(period.fixed),
                count(period.otherwise),
                signed(period.net()),
            ];
            let cells = if period.scans == 0 {
                view! { <td colspan="4">"No scan"</td> }.into_any()
            } else {
                numbers
                    .map(|number| view! { <td class="number">{number}</td> })
                    .collect_view()
                    .into_any()
            };
            view! { <tr><th scope="row">{period.name(unit)}</th>{cells}</tr> }
        })
        .collect();
    let begins = match unit {
        Unit::Week => "Week from",
        Unit::Month => "Month",
    };
    let columns = vec![
        Column::Text(begins),
        Column::Number("Opened"),
        Column::Number("Fixed"),
        Column::Number("Ended otherwise"),
        Column::Number("Remained"),
    ];
    let label = match unit {
        Unit::Week => "Findings opened and ended by week",
        Unit::Month => "Findings opened and ended by month",
    };
    let caption = format!("Findings opened and ended, by {one}");
    view! {
        <TwinTable number=counted(number, one, many) label=label caption=caption columns=columns>
            {rows}
        </TwinTable>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use postern_domain::id::EvaluationId;
    use postern_domain::trend::CheckCounts;
    use time::OffsetDateTime;
    use time::macros::datetime;

    use super::*;

    fn point(at: OffsetDateTime, opened: u32, fixed: u32, left_otherwise: u32) -> TrendPoint {
        let mut severities = SeverityCounts::all_none();
        severities[1] = SeverityCounts { opened, fixed, left_otherwise, ..severities[1] };
        TrendPoint {
            evaluation: EvaluationId::from_number(1),
            at,
            severities,
            checks: CheckCounts::default(),
            assets: 1,
            assets_unread: 0,
            gaps: 0,
        }
    }

    #[test]
    fn what_happened_is_counted_in_its_week_and_the_first_point_in_none() {
        let points = [
            // A Sunday: its 90 were opened before the time that is shown.
            point(datetime!(2026-03-01 02:00 UTC), 90, 0, 0),
            point(datetime!(2026-03-02 02:00 UTC), 3, 1, 0),
            point(datetime!(2026-03-08 23:59 UTC), 1, 4, 2),
            // The week from the 9th has no scan.
            point(datetime!(2026-03-16 02:00 UTC), 0, 0, 1),
        ];
        let (unit, found) = periods(&points);
        assert_eq!(unit, Unit::Week);
        let told: Vec<_> = found
            .iter()
            .map(|it| (it.from.day(), it.scans, it.opened, it.fixed, it.otherwise, it.net()))
            .collect();
        assert_eq!(told, [(2, 2, 4, 5, 2, -3), (9, 0, 0, 0, 0, 0), (16, 1, 0, 0, 1, -1)]);
    }

    #[test]
    fn longer_times_have_months() {
        let at = |day: i64| datetime!(2025-11-15 02:00 UTC) + Duration::days(day);
        let points: Vec<_> = (0..300).map(|day| point(at(day), 1, 0, 0)).collect();
        let (unit, found) = periods(&points);
        assert_eq!((unit, found.len()), (Unit::Month, 11));
        assert_eq!(found.iter().map(|period| period.opened).sum::<u32>(), 299);
        assert_eq!(found[2].name(unit), "Jan 2026");
        let short: Vec<_> = points.into_iter().take(25 * 7).collect();
        assert_eq!(periods(&short).0, Unit::Week);
    }

    #[test]
    fn one_scan_is_no_chart() {
        let owner = Owner::new_root(None);
        owner.with(|| {
            let points = vec![point(datetime!(2026-03-01 02:00 UTC), 9, 0, 0)];
            let html = view! { <WorkChart points=points /> }.into_any().to_html();
            assert!(!html.contains("figure"), "{html}");
        });
    }
}
