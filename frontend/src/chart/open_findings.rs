//! Open findings by severity over the scans.

use leptos::prelude::*;
use postern_domain::trend::TrendPoint;
use postern_domain::verdict::Severity;
use postern_service::view::JudgedOtherwiseView;

use super::annotation::{Annotation, AnnotationList, annotations};
use super::drawing::{Drawing, DrawingModel, DrawingSize, WHOLE};
use super::geometry::{TimeAxis, blanks};
use super::twin::Twin;
use crate::ChartReadout;
use crate::part::{count, day, day_and_time, signed};

/// The figure's id in its page.
const FIGURE: &str = "open-findings";

/// The chart with its heading, its read-out, its source and its table.
#[component]
pub fn OpenFindingsChart(
    /// The points, oldest first; none shows nothing.
    points: Vec<TrendPoint>,
    /// The evaluations that judged by other rules than the one before.
    changes: Vec<JudgedOtherwiseView>,
    /// Seconds between two scheduled scans, where there is a schedule.
    interval_seconds: Option<u32>,
) -> impl IntoView {
    let annotations = annotations(&points, &changes);
    let model = drawing_model(&points, annotations.clone(), interval_seconds)?;
    let (first, last) = (points.first()?, points.last()?);
    let heading = heading(&model.series);
    let has_excepted = model.series.iter().any(|line| line.name == SeriesName::Excepted);
    let excepted =
        if has_excepted { " Excepted: what was accepted at the time of each scan." } else { "" };
    let source = format!(
        "Source: {} scans, {} to {}. Times in UTC. Each scan is judged by the rules that were active then. \
         Hatched: no scan within 1.5 times the schedule, or a scan that left assets unread (hollow points).{excepted}",
        count(u64::try_from(points.len()).unwrap_or_default()),
        day_and_time(first.at),
        day_and_time(last.at),
    );
    let drawings = DrawingSize::ALL
        .into_iter()
        .map(|size| view! { <Drawing model=model.clone() size=size /> })
        .collect_view();
    Some(view! {
        <figure class="chart" id=FIGURE aria-labelledby="open-findings-heading">
            <h2 id="open-findings-heading">{heading}</h2>
            <p class="chart-subject">
                "Open findings by severity, each on its own scale. In brackets: the change since the first scan shown."
            </p>
            <div class="chart-drawings">{drawings}</div>
            <AnnotationList annotations=annotations.clone() />
            <ChartReadout figure=FIGURE.to_owned() points=points.len() />
            <figcaption class="source">{source}</figcaption>
            <Twin points=points blanks=model.blanks places=model.places annotations=annotations />
        </figure>
    }.into_any())
}

/// A line of the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Which.
    pub name: SeriesName,
    /// Its value at each point.
    pub values: Vec<u32>,
}

impl Series {
    /// Whether there never was one, so that there is no line to read.
    pub fn is_none_throughout(&self) -> bool {
        self.values.iter().all(|value| *value == 0)
    }

    /// The height of its strip: the worse, the more room, and little where there is nothing to see.
    pub fn height(&self) -> f64 {
        if self.is_none_throughout() { 28.0 } else { self.name.height() }
    }

    /// The last value and the change, as its label says them.
    pub fn value_label(&self) -> String {
        if self.is_none_throughout() {
            return "0 throughout".to_owned();
        }
        let now = self.values.last().copied().unwrap_or_default();
        format!("{} ({})", count(now), signed(self.change()))
    }

    /// The last value less the first.
    pub fn change(&self) -> i64 {
        let value = |value: Option<&u32>| value.copied().map_or(0, i64::from);
        value(self.values.last()) - value(self.values.first())
    }
}

/// The lines of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesName {
    /// Open findings of a severity.
    Open(Severity),
    /// Findings that fail and were accepted then.
    Excepted,
    /// Findings that could not be judged.
    Unknown,
}

impl SeriesName {
    /// The lines in their order, those that are not counted as open last.
    pub const ALL: [Self; 6] = [
        Self::Open(Severity::Critical),
        Self::Open(Severity::High),
        Self::Open(Severity::Medium),
        Self::Open(Severity::Low),
        Self::Excepted,
        Self::Unknown,
    ];

    /// The lines that these points have: what is excepted only where anything ever was.
    pub fn of(points: &[TrendPoint]) -> Vec<Self> {
        let is_shown =
            |name: &Self| *name != Self::Excepted || points.iter().any(|it| name.value(it) > 0);
        Self::ALL.into_iter().filter(is_shown).collect()
    }

    /// Whether it counts as open.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// The name in styles.
    pub fn key(self) -> &'static str {
        match self {
            Self::Open(severity) => severity.as_str(),
            Self::Excepted => "excepted",
            Self::Unknown => "unknown",
        }
    }

    /// The name as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open(severity) => severity.label(),
            Self::Excepted => "Excepted",
            Self::Unknown => "Unknown",
        }
    }

    fn height(self) -> f64 {
        match self {
            Self::Open(Severity::Critical) => 110.0,
            Self::Open(Severity::High) => 90.0,
            Self::Open(Severity::Medium) => 70.0,
            Self::Open(Severity::Low) | Self::Excepted | Self::Unknown => 50.0,
        }
    }

    /// The dashes of its line.
    pub fn dashes(self) -> Option<&'static str> {
        match self {
            Self::Open(_) => None,
            Self::Excepted => Some("6 3"),
            Self::Unknown => Some("2 3"),
        }
    }

    /// The shape at its end, around the origin.
    pub fn marker(self) -> &'static str {
        match self {
            Self::Open(Severity::Critical) => "M0-6 6 0 0 6-6 0Z",
            Self::Open(Severity::High) => "M0-6 6 5H-6Z",
            Self::Open(Severity::Medium) => "M-4.5-4.5h9v9h-9Z",
            Self::Open(Severity::Low) => "M0-5a5 5 0 1 0 0 10A5 5 0 1 0 0-5Z",
            Self::Excepted => "M0-6 6 0 0 6-6 0ZM0-3 3 0 0 3-3 0Z",
            Self::Unknown => "M-4.5-4.5h9v9h-9ZM-2.5-2.5v5h5v-5Z",
        }
    }

    /// Its value at a point.
    pub fn value(self, point: &TrendPoint) -> u32 {
        match self {
            Self::Open(severity) => point
                .severities
                .iter()
                .filter(|counts| counts.severity == severity)
                .map(|counts| counts.open)
                .sum(),
            Self::Excepted => point.severities.iter().map(|counts| counts.excepted).sum(),
            Self::Unknown => point.severities.iter().map(|counts| counts.unknown).sum(),
        }
    }
}

fn drawing_model(
    points: &[TrendPoint],
    annotations: Vec<Annotation>,
    interval_seconds: Option<u32>,
) -> Option<DrawingModel> {
    let axis = TimeAxis::over(points)?;
    let series: Vec<_> = SeriesName::of(points)
        .into_iter()
        .map(|name| Series { name, values: points.iter().map(|point| name.value(point)).collect() })
        .collect();
    // Rounded down: a band that is full says that every check was answered.
    let answered = |point: &TrendPoint| match point.checks.planned() {
        0 => WHOLE,
        planned => {
            let share = u64::from(point.checks.answered()) * u64::from(WHOLE) / u64::from(planned);
            u32::try_from(share).unwrap_or(WHOLE)
        }
    };
    Some(DrawingModel {
        figure: FIGURE,
        title: "Open findings by severity over time".to_owned(),
        description: with_marks(description(points, &series), &annotations),
        annotations,
        axis,
        places: points.iter().map(|point| axis.place(point.at)).collect(),
        series,
        blanks: blanks(points, interval_seconds),
        partial: points.iter().map(|point| point.assets_unread > 0).collect(),
        answered: points.iter().map(answered).collect(),
    })
}

/// What the chart found, about the worst severity that changed.
fn heading(series: &[Series]) -> String {
    let open = || series.iter().filter(|line| line.name.is_open());
    let Some(line) = open().find(|line| line.change() != 0).or_else(|| open().next()) else {
        return "Open findings".to_owned();
    };
    let ends = (
        line.values.first().copied().unwrap_or_default(),
        line.values.last().copied().unwrap_or_default(),
    );
    let word = match line.change() {
        0 => return format!("{} findings stayed at {}", line.name.label(), count(ends.1)),
        1.. => "rose",
        _ => "fell",
    };
    format!("{} findings {word} from {} to {}", line.name.label(), count(ends.0), count(ends.1))
}

/// The description with the number of marks, whose texts stand under the drawing and in the table.
fn with_marks(description: String, annotations: &[Annotation]) -> String {
    match annotations.len() {
        0 => description,
        1 => format!("{description} The rules changed once."),
        number => format!("{description} The rules changed {number} times."),
    }
}

/// Start, end and the largest change between two scans, in one sentence.
fn description(points: &[TrendPoint], series: &[Series]) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    let lines: Vec<_> = series
        .iter()
        .map(|line| {
            let value = |value: Option<&u32>| count(value.copied().unwrap_or_default());
            format!(
                "{} {} to {}",
                line.name.key(),
                value(line.values.first()),
                value(line.values.last())
            )
        })
        .collect();
    let steps = series.iter().flat_map(|line| {
        let pairs = line.values.iter().zip(line.values.iter().skip(1)).zip(points.iter().skip(1));
        pairs.map(|((before, after), point)| {
            (i64::from(*after) - i64::from(*before), line.name, point.at)
        })
    });
    let largest = steps.max_by_key(|(change, ..)| change.abs()).filter(|(change, ..)| *change != 0);
    let largest = largest.map_or_else(
        || "no change between two scans".to_owned(),
        |(change, name, at)| {
            format!("largest change: {} {} on {}", name.key(), signed(change), day(at))
        },
    );
    format!("From {} to {}: {}; {largest}.", day(first.at), day(last.at), lines.join(", "))
}

#[cfg(test)]
mod tests {
    use postern_domain::id::EvaluationId;
    use postern_domain::trend::{CheckCounts, SeverityCounts};
    use postern_service::view::{RuleChangeView, RuleChangeWhat};
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    /// One point a day; `open` is the number of open findings of each severity, the worst first.
    fn points(open: &[[u32; 4]]) -> Vec<TrendPoint> {
        let days = 0_i64..;
        let point = |(day, open): (i64, &[u32; 4])| {
            let mut severities = SeverityCounts::all_none();
            for (counts, open) in severities.iter_mut().zip(open) {
                counts.open = *open;
                counts.unknown = open / 3;
                counts.excepted = open / 50;
            }
            TrendPoint {
                evaluation: EvaluationId::from_number(day + 1),
                at: datetime!(2026-03-01 02:00 UTC) + Duration::days(day),
                severities,
                checks: CheckCounts { pass: 5, fail: 4, unknown: 1, not_applicable: 7 },
                assets: 1_070,
                assets_unread: 2,
                gaps: 1,
            }
        };
        days.zip(open).map(point).collect()
    }

    fn render(points: Vec<TrendPoint>) -> String {
        render_changed(points, Vec::new())
    }

    fn render_changed(points: Vec<TrendPoint>, changes: Vec<JudgedOtherwiseView>) -> String {
        let owner = Owner::new_root(None);
        owner.with(|| {
            view! { <OpenFindingsChart points=points changes=changes interval_seconds=Some(86_400) /> }
                .into_any()
                .to_html()
        })
    }

    /// The text between each `start` and the `<` that follows it.
    fn texts<'a>(html: &'a str, start: &str) -> Vec<&'a str> {
        html.split(start).skip(1).filter_map(|rest| rest.split('<').next()).collect()
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(!render(Vec::new()).contains("<svg"));
    }

    #[test]
    fn one_point_is_a_chart_too() {
        let html = render(points(&[[3, 0, 0, 0]]));
        assert_eq!(html.matches("<svg").count(), DrawingSize::ALL.len());
        assert!(html.contains("Critical findings stayed at 3"), "{html}");
        assert!(!html.contains("NaN"), "{html}");
    }

    #[test]
    fn the_twin_holds_every_number_of_the_chart() {
        let points = points(&[[21, 64, 1_090, 130], [20, 64, 90, 0], [9, 52, 80, 131]]);
        let html = render(points.clone());
        let expected: Vec<String> = points
            .iter()
            .flat_map(|point| {
                let values = SeriesName::ALL.map(|name| count(name.value(point)));
                values.into_iter().chain(["9 of 10".to_owned(), "1,068 of 1,070".to_owned()])
            })
            .collect();
        assert_eq!(texts(&html, "<td class=\"number\">"), expected);
        let ends = SeriesName::ALL.map(|name| count(name.value(points.last().unwrap())));
        for end in ends {
            assert!(
                html.contains(&format!("dx=\"6\" class=\"chart-value\">{end} (")),
                "{end} in {html}"
            );
        }
    }

    #[test]
    fn what_was_excepted_has_a_strip_and_a_column_where_there_was_any() {
        let html = render(points(&[[3, 9, 0, 0], [3, 52, 0, 0]]));
        assert_eq!(html.matches("data-series=\"excepted\"").count(), DrawingSize::ALL.len());
        assert_eq!(html.matches("Not counted as open").count(), DrawingSize::ALL.len());
        assert_eq!(
            texts(&html, "<th scope=\"col\" class=\"number\">")[4..6],
            ["Excepted", "Unknown"]
        );
        assert!(html.contains("excepted 0 to 1, unknown 4 to 18"), "{html}");
        let none = render(points(&[[3, 9, 0, 0], [3, 5, 0, 0]]));
        assert_eq!(none.matches("Not counted as open").count(), DrawingSize::ALL.len());
        assert!(!none.to_lowercase().contains("excepted"), "{none}");
        assert_eq!(texts(&none, "<td class=\"number\">").len(), 2 * 7);
    }

    #[test]
    fn a_label_at_a_line_s_end_has_room_however_long_it_is() {
        for open in [[[0, 9, 3, 1]], [[0, 64, 131, 1]], [[0, 64, 12_345, 130]]] {
            let html = render(points(&open));
            let plot = html.split("data-size=\"wide\"").nth(1).unwrap();
            let number = |name: &str| -> f64 {
                let start = format!("{name}=\"");
                plot.split(&start).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
            };
            let room = number("data-of") - number("data-left") - number("data-width");
            let longest = format!("Medium {} (\u{b1}0)", count(open[0][2]));
            let needed = 12.0 + 8.5 * f64::from(u32::try_from(longest.chars().count()).unwrap());
            assert!(room >= needed, "{room} for {longest}");
        }
    }

    #[test]
    fn a_change_of_the_rules_is_marked_told_and_in_the_twin() {
        let change = RuleChangeView {
            pack: "house".to_owned(),
            what: RuleChangeWhat::Settings { names: vec!["keyRotationDays".to_owned()] },
            reason: Some("agreed with the board".to_owned()),
        };
        let changed = JudgedOtherwiseView {
            evaluation: EvaluationId::from_number(2),
            at: datetime!(2026-03-02 02:00 UTC),
            changes: vec![change],
        };
        let points = points(&[[3, 0, 0, 0], [9, 0, 0, 0], [9, 0, 0, 0]]);
        let html = render_changed(points.clone(), vec![changed]);
        let text =
            "Settings of house changed: keyRotationDays. Reason given: agreed with the board.";
        assert_eq!(html.matches(text).count(), 2, "under the chart and in the twin: {html}");
        assert_eq!(html.matches("chart-mark").count(), DrawingSize::ALL.len());
        assert!(html.contains("The rules changed once."), "{html}");
        let twin = html.split("<tbody>").nth(1).unwrap();
        let rows: Vec<_> = twin.split("<tr").skip(1).collect();
        assert_eq!(rows.len(), 4);
        assert!(rows[1].contains(text), "before the row of the scan: {twin}");
        assert!(!render(points).contains("chart-mark"));
    }

    #[test]
    fn a_line_of_zeros_is_short_and_says_so() {
        let html = render(points(&[[0, 9, 3, 1], [0, 7, 3, 1]]));
        assert_eq!(html.matches("0 throughout").count(), DrawingSize::ALL.len());
        let some = render(points(&[[1, 9, 3, 1], [0, 7, 3, 1]]));
        assert!(!some.contains("throughout"), "{some}");
    }

    #[test]
    fn a_change_is_said_in_words() {
        let check = |open: &[[u32; 4]], words: &str| {
            let points = points(open);
            let series: Vec<_> = SeriesName::ALL
                .map(|name| Series {
                    name,
                    values: points.iter().map(|point| name.value(point)).collect(),
                })
                .to_vec();
            assert_eq!(heading(&series), words);
            description(&points, &series)
        };
        let text = check(&[[21, 1, 0, 0], [9, 1, 0, 0]], "Critical findings fell from 21 to 9");
        assert!(text.ends_with("largest change: critical \u{2212}12 on 2 Mar 2026."), "{text}");
        check(&[[9, 1, 0, 0], [9, 4, 0, 0]], "High findings rose from 1 to 4");
        let text = check(&[[9, 1, 0, 0], [9, 1, 0, 0]], "Critical findings stayed at 9");
        assert!(text.ends_with("no change between two scans."), "{text}");
    }
}
