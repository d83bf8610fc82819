//! Compliance over the scans: the checks that passed, of those that were judged.

use leptos::prelude::*;
use postern_domain::trend::TrendPoint;

use super::drawing::{DrawingSize, WHOLE};
use super::geometry::{Blank, Strip, TimeAxis, blanks, round, round_up, runs};
use super::twin::TwinTable;
use crate::part::{Column, Moment, count, counted, day_and_time};

/// What was judged at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Judged {
    pass: u32,
    /// Failing, what is excepted included.
    fail: u32,
    excepted: u32,
    unknown: u32,
}

impl Judged {
    fn at(point: &TrendPoint) -> Self {
        let excepted: u32 = point.severities.iter().map(|counts| counts.excepted).sum();
        let checks = point.checks;
        Self {
            pass: checks.pass,
            fail: checks.fail,
            excepted: excepted.min(checks.fail),
            unknown: checks.unknown,
        }
    }

    /// What is excepted counts as failed.
    fn strict(self) -> u32 {
        rate(self.pass, self.pass + self.fail)
    }

    /// What is excepted is left out.
    fn lenient(self) -> u32 {
        rate(self.pass, self.pass + self.fail - self.excepted)
    }

    fn judged(self) -> u32 {
        self.pass + self.fail
    }
}

/// In tenths of a percent, rounded down: what is not whole is not said to be.
fn rate(part: u32, of: u32) -> u32 {
    let tenths = u64::from(part) * u64::from(WHOLE) / u64::from(of.max(1));
    u32::try_from(tenths).unwrap_or(WHOLE)
}

fn rate_text(rate: u32) -> String {
    format!("{}.{} %", rate / 10, rate % 10)
}

/// The chart with its heading, its source and its table.
#[component]
pub fn ComplianceChart(
    /// The points, oldest first; points without a judged check are left out, and fewer than two show nothing.
    points: Vec<TrendPoint>,
    /// Seconds between two scheduled scans, where there is a schedule.
    interval_seconds: Option<u32>,
) -> impl IntoView {
    let points: Vec<TrendPoint> =
        points.into_iter().filter(|point| Judged::at(point).judged() > 0).collect();
    let axis = TimeAxis::over(&points).filter(|_| points.len() > 1)?;
    let model = Model {
        places: points.iter().map(|point| axis.place(point.at)).collect(),
        blanks: blanks(&points, interval_seconds),
        judged: points.iter().map(Judged::at).collect(),
        partial: points.iter().map(|point| point.assets_unread > 0).collect(),
        axis,
    };
    let (first, last) = (*model.judged.first()?, *model.judged.last()?);
    let has_excepted = model.has_excepted();
    let (before, now) = (first.strict(), last.strict());
    let heading = match now.cmp(&before) {
        std::cmp::Ordering::Equal => format!("Compliance stayed at {}", rate_text(now)),
        order => format!(
            "Compliance {} from {} to {}",
            if order.is_gt() { "rose" } else { "fell" },
            rate_text(before),
            rate_text(now)
        ),
    };
    let subject = format!(
        "Checks that passed, of those that were judged: {} of {} now. What is unknown ({}) is in neither.{}",
        count(last.pass),
        count(last.judged()),
        count(last.unknown),
        if has_excepted {
            " What is excepted counts as failed; the dashed line leaves it out."
        } else {
            ""
        }
    );
    let source = format!(
        "Source: {} scans, {} to {}. The lower part shows how many checks there were, because a rate also moves with them.",
        count(u64::try_from(points.len()).unwrap_or_default()),
        day_and_time(points.first()?.at),
        day_and_time(points.last()?.at),
    );
    let description = format!("{heading}. {subject}");
    let drawings = DrawingSize::ALL
        .into_iter()
        .map(|size| drawing(&model, description.clone(), size))
        .collect_view();
    let twin = twin(&points, &model);
    Some(
        view! {
            <figure class="chart" id="compliance" aria-labelledby="compliance-heading">
                <h2 id="compliance-heading">{heading}</h2>
                <p class="chart-subject">{subject}</p>
                <div class="chart-drawings">{drawings}</div>
                <figcaption class="source">{source}</figcaption>
                {twin}
            </figure>
        }
        .into_any(),
    )
}

struct Model {
    axis: TimeAxis,
    places: Vec<f64>,
    blanks: Vec<Blank>,
    judged: Vec<Judged>,
    partial: Vec<bool>,
}

impl Model {
    fn has_excepted(&self) -> bool {
        self.judged.iter().any(|judged| judged.excepted > 0)
    }

    fn values(&self, of: fn(Judged) -> u32) -> Vec<u32> {
        self.judged.iter().map(|judged| of(*judged)).collect()
    }
}

/// Between two labels, one over the other.
const LINE: f64 = 17.0;

/// Where things are in one drawing.
struct Layout {
    name: &'static str,
    left: f64,
    plot: f64,
    /// Whether labels stand beside the lines' ends, and not above.
    beside: bool,
    rates: Strip,
    checks: Strip,
    ticks: usize,
}

impl Layout {
    fn of(model: &Model, size: DrawingSize) -> (Self, f64) {
        let (name, width) = size.name_and_width();
        let beside = size == DrawingSize::Wide;
        let (left, right) = (52.0, if beside { 190.0 } else { 12.0 });
        let plot = width - left - right;
        let top = if beside { 8.0 } else { 44.0 };
        let rates = Strip { left, width: plot, top, height: 150.0, most: WHOLE };
        let below = top + rates.height + if beside { 20.0 } else { 38.0 + LINE };
        let most = model.judged.iter().map(|judged| judged.judged() + judged.unknown).max();
        let most = round_up(most.unwrap_or_default());
        let checks = Strip { left, width: plot, top: below, height: 64.0, most };
        (Self { name, left, plot, beside, rates, checks, ticks: size.ticks() }, width)
    }

    fn id(&self, part: &str) -> String {
        format!("compliance-{}-{part}", self.name)
    }

    fn end(&self) -> f64 {
        round(self.left + self.plot)
    }

    fn bottom(&self) -> f64 {
        round(self.checks.top + self.checks.height)
    }
}

fn drawing(model: &Model, description: String, size: DrawingSize) -> AnyView {
    let (layout, width) = Layout::of(model, size);
    let rates = rates(model, &layout);
    let checks = checks(model, &layout);
    view! {
        <svg
            class="chart-drawing"
            data-size=layout.name
            viewBox=format!("0 0 {width} {}", round(layout.bottom() + 24.0))
            role="img"
            aria-labelledby=layout.id("title")
            aria-describedby=layout.id("text")
        >
            <title id=layout.id("title")>"Compliance over time"</title>
            <desc id=layout.id("text")>{description}</desc>
            <defs>
                <pattern id=layout.id("hatch") width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <line class="area-hatch" x1="0" y1="0" x2="0" y2="6"></line>
                </pattern>
                <pattern id=layout.id("dots") width="5" height="5" patternUnits="userSpaceOnUse">
                    <circle class="area-dot" cx="2" cy="2" r="1.1"></circle>
                </pattern>
            </defs>
            {rates}
            {checks}
        </svg>
    }
    .into_any()
}

/// The upper part: the rates.
fn rates(model: &Model, layout: &Layout) -> AnyView {
    let Layout { left, plot, beside, rates, .. } = *layout;
    let end = layout.end();
    let runs = runs(model.places.len(), &model.blanks);
    let line = |of: fn(Judged) -> u32| rates.step_path(&model.places, &model.values(of), &runs);
    let now = model.judged.last().copied();
    let ends = (now.map_or(0, Judged::strict), now.map_or(0, Judged::lenient));
    let grid: Vec<_> = [0, 250, 500, 750, WHOLE]
        .map(|value| {
            let y = round(rates.y(value));
            view! {
                <line class="chart-grid" x1=left x2=end y1=y y2=y></line>
                <text x=round(left - 6.0) y=round(rates.y(value) + 4.0) text-anchor="end">{format!("{} %", value / 10)}</text>
            }
        })
        .to_vec();
    let label = |words: &'static str, rate: u32, y: f64| {
        let x = if beside { round(left + plot + 12.0) } else { left };
        view! {
            <text class="chart-label" x=x y=round(y)>
                {words}
                <tspan class="chart-value" dx="6">{rate_text(rate)}</tspan>
            </text>
        }
    };
    let (strict_y, lenient_y) = if beside {
        let strict = rates.y(ends.0) + 4.0;
        (strict, (rates.y(ends.1) + 4.0).min(strict - LINE).max(12.0))
    } else {
        (34.0, 14.0)
    };
    let lenient = model.has_excepted().then(|| {
        view! {
            <path class="chart-line" d=line(Judged::lenient) stroke-dasharray="6 3"></path>
            {label("Without excepted", ends.1, lenient_y)}
        }
    });
    let hollow: Vec<_> = model
        .places
        .iter()
        .zip(&model.judged)
        .zip(&model.partial)
        .filter(|(_, partial)| **partial)
        .map(|((place, judged), _)| {
            view! { <circle class="chart-partial" cx=round(rates.x(*place)) cy=round(rates.y(judged.strict())) r="3"></circle> }
        })
        .collect();
    view! {
        {grid}
        <g class="chart-strip" data-series="pass">
            {lenient}
            <path class="chart-line" d=line(Judged::strict)></path>
            {hollow}
        </g>
        {label("Compliance", ends.0, strict_y)}
    }
    .into_any()
}

/// The lower part: how many checks there were, and what became of them.
fn checks(model: &Model, layout: &Layout) -> AnyView {
    let Layout { left, checks, .. } = *layout;
    let (end, bottom) = (layout.end(), layout.bottom());
    let runs = runs(model.places.len(), &model.blanks);
    let area = |of: fn(Judged) -> u32| checks.step_area(&model.places, &model.values(of), &runs);
    let excepted = model.has_excepted().then(|| {
        view! {
            <path fill=format!("url(#{})", layout.id("hatch")) d=area(Judged::judged)></path>
            <path class="area-fail" d=area(|it| it.judged() - it.excepted)></path>
        }
    });
    let ticks: Vec<_> = model
        .axis
        .ticks(layout.ticks)
        .into_iter()
        .map(|tick| {
            let x = round(checks.x(tick.place));
            let anchor = if tick.place > 0.93 && !layout.beside { "end" } else { "middle" };
            view! {
                <line class="chart-tick" x1=x x2=x y1=bottom y2=round(bottom + 4.0)></line>
                <text x=x y=round(bottom + 18.0) text-anchor=anchor>{tick.label}</text>
            }
        })
        .collect();
    view! {
        <line class="chart-grid" x1=left x2=end y1=round(checks.top) y2=round(checks.top)></line>
        <text x=round(left - 6.0) y=round(checks.top + 9.0) text-anchor="end">{count(checks.most)}</text>
        <text x=round(left - 6.0) y=bottom text-anchor="end">"0"</text>
        // Each covers what is below it.
        <path class="area-unknown" d=area(|it| it.judged() + it.unknown)></path>
        <path fill=format!("url(#{})", layout.id("dots")) d=area(|it| it.judged() + it.unknown)></path>
        <path class="area-fail" d=area(Judged::judged)></path>
        {excepted}
        <path class="area-pass" d=area(|it| it.pass)></path>
        <line class="chart-base" x1=left x2=end y1=bottom y2=bottom></line>
        {model.judged.last().map(|now| parts(*now, layout))}
        {ticks}
    }
    .into_any()
}

/// What became of the checks now, in words: beside the parts, from the bottom up as they lie on each other, or above.
fn parts(now: Judged, layout: &Layout) -> AnyView {
    let Layout { left, plot, checks, .. } = *layout;
    let parts = [
        format!("{} passed", count(now.pass)),
        format!("{} failed", count(now.fail)),
        format!("{} unknown", count(now.unknown)),
    ];
    if layout.beside {
        let lines = (0_u32..).zip(parts).map(|(number, words)| {
            let y = checks.top + checks.height - 6.0 - LINE * f64::from(number);
            view! { <text class="chart-label" x=round(left + plot + 12.0) y=round(y)>{words}</text> }
        });
        return lines.collect_view().into_any();
    }
    let [passed, failed, unknown] = parts;
    view! {
        <text class="chart-label" x=left y=round(checks.top - 8.0 - LINE)>{format!("{passed}, {failed},")}</text>
        <text class="chart-label" x=left y=round(checks.top - 8.0)>{unknown}</text>
    }
    .into_any()
}

fn twin(points: &[TrendPoint], model: &Model) -> AnyView {
    let number = u64::try_from(points.len()).unwrap_or_default();
    let has_excepted = model.has_excepted();
    let rows: Vec<_> = points
        .iter()
        .zip(&model.judged)
        .map(|(point, judged)| {
            let cell = |text: String| view! { <td class="number">{text}</td> };
            view! {
                <tr>
                    <th scope="row"><Moment at=point.at /></th>
                    {cell(rate_text(judged.strict()))}
                    {has_excepted.then(|| cell(rate_text(judged.lenient())))}
                    {cell(count(judged.pass))}
                    {cell(count(judged.fail))}
                    {has_excepted.then(|| cell(count(judged.excepted)))}
                    {cell(count(judged.unknown))}
                </tr>
            }
        })
        .collect();
    let columns = [
        Some(Column::Text("Scan finished")),
        Some(Column::Number("Compliance")),
        has_excepted.then_some(Column::Number("Without excepted")),
        Some(Column::Number("Passed")),
        Some(Column::Number("Failed")),
        has_excepted.then_some(Column::Number("Of these excepted")),
        Some(Column::Number("Unknown")),
    ];
    view! {
        <TwinTable
            number=counted(number, "scan", "scans")
            label="Compliance by scan"
            caption="Compliance and checks by result, by scan".to_owned()
            columns=columns.into_iter().flatten().collect()
        >
            {rows}
        </TwinTable>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use postern_domain::id::EvaluationId;
    use postern_domain::trend::{CheckCounts, SeverityCounts};
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    fn points(checks: &[(u32, u32, u32, u32)]) -> Vec<TrendPoint> {
        let point = |(day, (pass, fail, excepted, unknown)): (i64, &(u32, u32, u32, u32))| {
            let mut severities = SeverityCounts::all_none();
            severities[0].excepted = *excepted;
            TrendPoint {
                evaluation: EvaluationId::from_number(day + 1),
                at: datetime!(2026-03-01 02:00 UTC) + Duration::days(day),
                severities,
                checks: CheckCounts {
                    pass: *pass,
                    fail: *fail,
                    unknown: *unknown,
                    not_applicable: 3,
                },
                assets: 9,
                assets_unread: 0,
                gaps: 0,
            }
        };
        (0..).zip(checks).map(point).collect()
    }

    fn render(checks: &[(u32, u32, u32, u32)]) -> String {
        let owner = Owner::new_root(None);
        owner.with(|| {
            view! { <ComplianceChart points=points(checks) interval_seconds=Some(86_400) /> }
                .into_any()
                .to_html()
        })
    }

    #[test]
    fn what_is_unknown_or_does_not_apply_is_in_no_rate() {
        let judged = Judged::at(&points(&[(800, 200, 100, 500)])[0]);
        assert_eq!((judged.strict(), judged.lenient()), (800, 888));
        assert_eq!(rate(999_999, 1_000_000), 999, "not whole");
        assert_eq!(rate(0, 0), 0);
    }

    #[test]
    fn the_heading_says_what_the_ends_of_the_line_say() {
        let html = render(&[(50, 50, 0, 7), (75, 25, 5, 7)]);
        assert!(html.contains("Compliance rose from 50.0 % to 75.0 %"), "{html}");
        assert!(html.contains("75 of 100 now"), "{html}");
        assert_eq!(html.matches("Without excepted").count(), 4, "three drawings and the table");
        let without = render(&[(50, 50, 0, 7), (40, 60, 0, 7)]);
        assert!(without.contains("fell from 50.0 % to 40.0 %"));
        assert_eq!(without.matches("xcepted").count(), 0);
    }

    #[test]
    fn nothing_judged_is_no_chart() {
        assert!(!render(&[(0, 0, 0, 7), (0, 0, 0, 9)]).contains("figure"));
        assert!(!render(&[(5, 1, 0, 0)]).contains("figure"), "one scan is no trend");
    }
}
