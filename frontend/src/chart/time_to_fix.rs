//! How long findings take to be fixed, and how old those are that are not.

use leptos::prelude::*;
use postern_domain::time_to_fix::TimeToFix;
use time::OffsetDateTime;

use super::drawing::{DrawingSize, Picture};
use super::geometry::round;
use super::twin::TwinTable;
use crate::part::{Column, count, counted, day};

/// The chart with its heading, its source and its table; nothing where there never was a finding.
#[component]
pub fn TimeToFixChart(
    /// How long, by severity, the worst first.
    times: Vec<TimeToFix>,
    /// After when those ended that count.
    from: OffsetDateTime,
    /// Until when, and when those were open that count.
    until: OffsetDateTime,
) -> impl IntoView {
    if times.iter().all(|it| it.fixed + it.open == 0) {
        return ().into_any();
    }
    let heading = heading(&times);
    let otherwise: u32 = times.iter().map(|it| it.otherwise).sum();
    let source = format!(
        "Source: findings that were fixed after {} until {}, and those open then, accepted ones among them. Medians by the estimator of Kaplan and Meier, in which what is open counts as taking longer than it has. {} ended otherwise, such as with a deleted resource or another rule, and are not in it.",
        day(from),
        day(until),
        counted(otherwise, "finding", "findings"),
    );
    let drawings = DrawingSize::ALL
        .into_iter()
        .map(|size| view! { <Rows times=times.clone() description=heading.clone() size=size /> })
        .collect_view();
    view! {
        <figure class="chart" id="time-to-fix" aria-labelledby="time-to-fix-heading">
            <h2 id="time-to-fix-heading">{heading.clone()}</h2>
            <p class="chart-subject">
                "Days on a logarithmic axis. \u{25cf} half of the findings are fixed within so long; the bar goes from a quarter to three quarters, with an arrow where that many never are. \u{25c7} the median age of those that are open."
            </p>
            <div class="chart-drawings">{drawings}</div>
            <figcaption class="source">{source}</figcaption>
            {twin(&times)}
        </figure>
    }
    .into_any()
}

fn heading(times: &[TimeToFix]) -> String {
    let worst = times.iter().find(|it| !it.is_too_few());
    let Some(worst) = worst else { return "Too few findings to say how long they take".to_owned() };
    let severity = worst.severity.label().to_lowercase();
    match worst.quartiles[1] {
        Some(days) => format!("Half of the {severity} findings are fixed within {}", in_days(days)),
        None => format!("More than half of the {severity} findings are not fixed yet"),
    }
}

/// A number of days in words; what ended on the day on which it began took less than one.
fn in_days(days: u32) -> String {
    match days {
        0 => "a day".to_owned(),
        days => counted(days, "day", "days"),
    }
}

/// The days that the axis names.
const TICKS: [u32; 8] = [1, 3, 7, 14, 30, 90, 180, 365];
/// Where the axis begins: what took less than a day stands there.
const LEAST: f64 = 0.7;
/// The height of a row, in the drawing's units.
const ROW: f64 = 46.0;

#[component]
fn Rows(
    /// The rows.
    times: Vec<TimeToFix>,
    /// What the drawing shows, in a sentence.
    description: String,
    /// For which width.
    size: DrawingSize,
) -> impl IntoView {
    let (_, width) = size.name_and_width();
    let (left, right) = (6.0, 26.0);
    let plot = width - left - right;
    let longest = times
        .iter()
        .flat_map(|it| it.quartiles.into_iter().chain([it.open_age]))
        .flatten()
        .chain([*TICKS.last().expect("there are some")])
        .max()
        .unwrap_or_default();
    let (least, most) = (LEAST.ln(), f64::from(longest).ln());
    let x = |days: u32| left + plot * (f64::from(days).max(LEAST).ln() - least) / (most - least);
    let foot = ROW * f64::from(u32::try_from(times.len()).unwrap_or_default());
    let grid: Vec<_> = TICKS
        .iter()
        .filter(|days| size != DrawingSize::Narrow || [1, 7, 30, 90, 365].contains(*days))
        .map(|days| {
            view! {
                <line class="chart-grid" x1=round(x(*days)) x2=round(x(*days)) y1="0" y2=round(foot)></line>
                <text x=round(x(*days)) y=round(foot + 18.0) text-anchor="middle">{format!("{days} d")}</text>
            }
        })
        .collect();
    let rows: Vec<_> = (0_u32..)
        .zip(&times)
        .map(|(position, times)| {
            let top = ROW * f64::from(position);
            let y = top + 31.0;
            let marks = (!times.is_too_few()).then(|| marks(times, &x, (y, left + plot)));
            view! {
                <g class="chart-strip" data-series=times.severity.as_str()>
                    <text class="chart-label" x=left y=round(top + 15.0)>{row_label(times, size)}</text>
                    {marks}
                </g>
            }
        })
        .collect();
    view! {
        <Picture
            figure="time-to-fix"
            size=size
            height=foot + 24.0
            title="Time to fix, and age of what is open, by severity".to_owned()
            description=description
        >
            {grid}
            {rows}
        </Picture>
    }
    .into_any()
}

/// The bar, the median and the age of what is open, at a height; what is not reached goes on to the end.
fn marks(times: &TimeToFix, x: &impl Fn(u32) -> f64, (y, end): (f64, f64)) -> AnyView {
    let [quarter, median, three_quarters] = times.quartiles;
    let bar = quarter.map(|from| {
        let from = x(from);
        let (until, arrow) = match three_quarters {
            Some(until) => (x(until), None),
            None => (
                end,
                Some(view! { <path class="chart-line" d=format!("M{} {}l7 6l-7 6", round(end - 7.0), round(y - 6.0))></path> }),
            ),
        };
        view! {
            <line class="chart-line time-bar" x1=round(from) x2=round(until.max(from + 1.0)) y1=round(y) y2=round(y)></line>
            {arrow}
        }
    });
    let median = median.map(|days| {
        view! { <circle class="chart-end" cx=round(x(days)) cy=round(y) r="6"></circle> }
    });
    let age = times.open_age.map(|days| {
        let x = x(days);
        let diamond = format!("M{} {}l7 7l-7 7l-7 -7Z", round(x), round(y - 7.0));
        view! { <path class="time-age" d=diamond></path> }
    });
    view! { {bar} {median} {age} }.into_any()
}

fn row_label(times: &TimeToFix, size: DrawingSize) -> String {
    let severity = times.severity.label();
    let all = times.fixed + times.open;
    if times.is_too_few() {
        return format!("{severity}: too few (n = {})", count(all));
    }
    let short = size == DrawingSize::Narrow;
    let median = match (times.quartiles[1], short) {
        (Some(days), true) => format!("{} d", count(days)),
        (Some(days), false) => format!("half fixed within {}", in_days(days)),
        (None, true) => "half not fixed".to_owned(),
        (None, false) => "more than half still open".to_owned(),
    };
    let age = match (times.open_age, short) {
        (Some(days), true) => format!(" \u{b7} open {} d", count(days)),
        (Some(days), false) => format!(" \u{b7} open ones {} old", in_days(days)),
        (None, _) => String::new(),
    };
    format!("{severity}: {median}{age} (n = {})", count(all))
}

fn twin(times: &[TimeToFix]) -> AnyView {
    let days = |days: Option<u32>| days.map_or_else(|| "not reached".to_owned(), count);
    let rows: Vec<_> = times
        .iter()
        .map(|it| {
            let cells = [
                count(it.fixed),
                count(it.open),
                days(it.quartiles[0]),
                days(it.quartiles[1]),
                days(it.quartiles[2]),
                it.open_age.map_or_else(|| "none open".to_owned(), count),
                it.mean_of_fixed
                    .map_or_else(|| "none fixed".to_owned(), |mean| format!("{mean:.1}")),
                count(it.otherwise),
            ];
            let cells = cells.map(|cell| view! { <td class="number">{cell}</td> });
            view! { <tr><th scope="row">{it.severity.label()}</th>{cells.collect_view()}</tr> }
        })
        .collect();
    let columns = vec![
        Column::Text("Severity"),
        Column::Number("Fixed"),
        Column::Number("Open"),
        Column::Number("A quarter fixed, days"),
        Column::Number("Half fixed, days"),
        Column::Number("Three quarters, days"),
        Column::Number("Median age of open, days"),
        Column::Number("Mean of fixed only, days"),
        Column::Number("Ended otherwise"),
    ];
    let caption = "Time to fix, and age of what is open, by severity, in days".to_owned();
    view! {
        <TwinTable label="Time to fix by severity" caption=caption columns=columns>{rows}</TwinTable>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use postern_domain::time_to_fix::{End, Lasted, time_to_fix};
    use postern_domain::verdict::Severity;
    use time::macros::datetime;

    use super::*;

    fn times(fixed: u32, open: u32) -> Vec<TimeToFix> {
        let lasted = |days, end, findings| Lasted { severity: Severity::High, days, end, findings };
        time_to_fix(&[lasted(4, End::Fixed, fixed), lasted(40, End::Open, open)])
    }

    #[test]
    fn the_heading_says_what_the_worst_do_of_which_there_are_enough() {
        let check =
            |(fixed, open), expected: &str| assert_eq!(heading(&times(fixed, open)), expected);
        check((9, 3), "Half of the high findings are fixed within 4 days");
        check((3, 9), "More than half of the high findings are not fixed yet");
        check((2, 2), "Too few findings to say how long they take");
    }

    #[test]
    fn what_is_not_reached_has_an_arrow_and_what_never_was_no_chart() {
        let owner = Owner::new_root(None);
        owner.with(|| {
            let html = |times: Vec<TimeToFix>| {
                let (from, until) =
                    (datetime!(2026-01-01 0:00 UTC), datetime!(2026-03-01 0:00 UTC));
                view! { <TimeToFixChart times=times from=from until=until /> }.into_any().to_html()
            };
            assert!(!html(times(9, 0)).contains("l7 6l-7 6"));
            assert!(html(times(4, 6)).contains("l7 6l-7 6"), "three quarters are not fixed");
            assert!(!html(times(0, 0)).contains("figure"));
        });
    }
}
