//! How much of what each scan asked for was answered, and why the rest was not.

use leptos::prelude::*;
use postern_domain::gap::GapKind;
use postern_domain::id::ScanId;
use postern_domain::snapshot::Completeness;
use postern_service::view::{ScanResultView, ScanView};
use time::OffsetDateTime;

use super::drawing::{DrawingSize, Picture, part_id};
use super::geometry::round;
use super::twin::TwinTable;
use crate::page::scans::scan_href;
use crate::part::{Column, Moment, count, counted, percent};

/// Scans that the widest drawing shows.
const MOST: usize = 30;

/// The chart with its heading, its source and its table: of scans, the newest first, the last that made a snapshot.
/// Fewer than two show nothing.
#[component]
pub fn CoverageChart(
    /// The scans, the newest first.
    scans: Vec<ScanView>,
) -> impl IntoView {
    let answers = answers(&scans);
    let last = answers.last().filter(|_| answers.len() > 1)?;
    let number = counted(u64::try_from(answers.len()).unwrap_or_default(), "scan", "scans");
    let heading = heading(&answers, last);
    let drawings = DrawingSize::ALL
        .into_iter()
        .map(|size| {
            let shown = match size {
                DrawingSize::Wide => MOST,
                DrawingSize::Medium => 20,
                DrawingSize::Narrow => 10,
            };
            let from = answers.len().saturating_sub(shown);
            view! { <Columns answers=answers[from..].to_vec() description=heading.clone() size=size /> }
        })
        .collect_view();
    Some(
        view! {
            <figure class="chart" id="coverage" aria-labelledby="coverage-heading">
                <h2 id="coverage-heading">{heading.clone()}</h2>
                <p class="chart-subject">
                    "Of what each scan asked Azure for, lists and related facts of assets, the share that was answered to its end. Above it, hatched, what Azure refused; dotted, what it put off until the retries were used up; in outline, what failed otherwise."
                </p>
                <div class="chart-drawings">{drawings}</div>
                <figcaption class="source">
                    {format!("Source: the last {number} that made a snapshot; on small screens fewer are drawn. A share is written where it is not 100 % and there is room.")}
                </figcaption>
                {twin(&answers)}
            </figure>
        }
        .into_any(),
    )
}

/// Whether these scans have a chart.
pub fn has_coverage(scans: &[ScanView]) -> bool {
    answers(scans).len() > 1
}

/// What came of the last scans, the oldest first.
fn answers(scans: &[ScanView]) -> Vec<Answers> {
    let asked = scans.iter().filter_map(Answers::of).filter(|it| it.all() > 0);
    let mut answers: Vec<Answers> = asked.take(MOST).collect();
    answers.reverse();
    answers
}

/// What a scan asked for, by what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answers {
    scan: ScanId,
    at: OffsetDateTime,
    answered: u64,
    refused: u64,
    put_off: u64,
    failed: u64,
}

impl Answers {
    /// Of a scan that made a snapshot.
    fn of(scan: &ScanView) -> Option<Self> {
        let result = scan.result.as_ref()?;
        let [refused, put_off, failed] = unanswered(result);
        let lists = result.listings.iter().filter(|it| it.completeness == Completeness::Complete);
        let lists = u64::try_from(lists.count()).unwrap_or_default();
        Some(Self {
            scan: scan.id,
            at: scan.finished_at?,
            answered: lists + result.facts.complete,
            refused,
            put_off,
            failed,
        })
    }

    fn all(&self) -> u64 {
        self.answered + self.refused + self.put_off + self.failed
    }

    /// The share that was answered, rounded down.
    fn share(&self) -> String {
        percent(self.answered, self.all()).unwrap_or_default()
    }

    fn is_whole(&self) -> bool {
        self.answered == self.all()
    }
}

/// What was refused, put off and failed otherwise. A pack that could not judge asked for nothing.
fn unanswered(result: &ScanResultView) -> [u64; 3] {
    let mut found = [0; 3];
    for gap in &result.gaps {
        let place = match gap.reason.kind {
            GapKind::Forbidden => 0,
            GapKind::Throttled => 1,
            GapKind::NotFound
            | GapKind::ServerError
            | GapKind::Unreachable
            | GapKind::TimedOut
            | GapKind::Malformed
            | GapKind::Truncated
            | GapKind::NotInImport => 2,
            GapKind::PackProblem => continue,
        };
        found[place] += gap.assets.max(1);
    }
    found
}

fn heading(answers: &[Answers], last: &Answers) -> String {
    let short = answers.iter().filter(|it| !it.is_whole()).count();
    let scans = counted(u64::try_from(answers.len()).unwrap_or_default(), "scan", "scans");
    if short == 0 {
        return format!("Each of {scans} was answered in full");
    }
    let lacking = counted(u64::try_from(short).unwrap_or_default(), "scan", "scans");
    let last = if last.is_whole() {
        "The last scan was answered in full".to_owned()
    } else {
        format!("{} of what the last scan asked for was answered", last.share())
    };
    format!("{last}; {lacking} of {} lacked something", count(answers.len() as u64))
}

/// The height of a column that is whole, in the drawing's units.
const HEIGHT: f64 = 110.0;
/// Room over the columns for their shares.
const HEAD: f64 = 22.0;
/// A part that is there is never thinner than this.
const THINNEST: f64 = 3.0;
/// A column needs this much room for its share, and its day.
const LABEL: f64 = 52.0;

#[component]
fn Columns(
    /// The columns, oldest first.
    answers: Vec<Answers>,
    /// What the drawing shows, in a sentence.
    description: String,
    /// For which width.
    size: DrawingSize,
) -> impl IntoView {
    let (_, width) = size.name_and_width();
    let id = move |part: &str| part_id("coverage", size, part);
    let (left, right) = (52.0, 12.0);
    let plot = width - left - right;
    let step = plot / f64::from(u32::try_from(answers.len()).unwrap_or(u32::MAX).max(1));
    let column = (step * 0.7).min(40.0);
    let every = (LABEL / step).ceil().max(1.0);
    let foot = HEAD + HEIGHT;
    let (hatch, dots) = (format!("url(#{})", id("hatch")), format!("url(#{})", id("dots")));
    let columns: Vec<_> = (0_u32..)
        .zip(&answers)
        .map(|(position, scan)| {
            let middle = left + step * (f64::from(position) + 0.5);
            let x = round(middle - column / 2.0);
            let parts = [
                (scan.refused, "coverage-refused", Some(hatch.clone())),
                (scan.put_off, "coverage-refused", Some(dots.clone())),
                (scan.failed, "column-otherwise", None),
            ];
            // From the top down, so that what was answered keeps the rest.
            let mut top = HEAD;
            let parts: Vec<_> = parts
                .into_iter()
                .filter(|(number, ..)| *number > 0)
                .map(|(number, class, fill)| {
                    let height = height_of(number, scan.all());
                    let y = top;
                    top += height;
                    view! { <rect class=class x=x y=round(y) width=round(column) height=round(height) fill=fill></rect> }
                })
                .collect();
            let answered = (foot - top).max(0.0);
            let is_labelled = f64::from(position) % every < 0.5;
            let day = is_labelled.then(|| {
                let month: String = scan.at.month().to_string().chars().take(3).collect();
                view! { <text x=round(middle) y=round(foot + 18.0) text-anchor="middle">{format!("{} {month}", scan.at.day())}</text> }
            });
            let share = (!scan.is_whole() && (step >= LABEL || is_labelled)).then(|| {
                view! { <text class="chart-value" x=round(middle) y=round(HEAD - 6.0) text-anchor="middle">{scan.share()}</text> }
            });
            view! {
                <rect class="column-fixed" x=x y=round(top) width=round(column) height=round(answered)></rect>
                {parts}
                {share}
                {day}
            }
        })
        .collect();
    let end = round(left + plot);
    let edge = move |y: f64, words: &'static str| {
        view! { <text x=round(left - 6.0) y=round(y) text-anchor="end">{words}</text> }
    };
    view! {
        <Picture
            figure="coverage"
            size=size
            height=foot + 24.0
            title="What was answered, by scan".to_owned()
            description=description
        >
            <defs>
                <pattern id=id("hatch") width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <line class="coverage-ink" x1="0" y1="0" x2="0" y2="5"></line>
                </pattern>
                <pattern id=id("dots") width="5" height="5" patternUnits="userSpaceOnUse">
                    <circle class="coverage-ink" cx="2.5" cy="2.5" r="1"></circle>
                </pattern>
            </defs>
            <line class="chart-grid" x1=left x2=end y1=HEAD y2=HEAD></line>
            {columns}
            <line class="chart-zero" x1=left x2=end y1=round(foot) y2=round(foot)></line>
            {edge(HEAD + 9.0, "100 %")}
            {edge(foot, "0 %")}
        </Picture>
    }
    .into_any()
}

#[expect(clippy::cast_precision_loss, reason = "a share of a height")]
fn height_of(number: u64, all: u64) -> f64 {
    (HEIGHT * number as f64 / all.max(1) as f64).max(THINNEST)
}

fn twin(answers: &[Answers]) -> AnyView {
    let number = counted(u64::try_from(answers.len()).unwrap_or_default(), "scan", "scans");
    let rows: Vec<_> = answers
        .iter()
        .map(|scan| {
            let numbers = [scan.answered, scan.refused, scan.put_off, scan.failed]
                .map(|number| view! { <td class="number">{count(number)}</td> });
            view! {
                <tr>
                    <th scope="row"><a href=scan_href(scan.scan)>{scan.scan.to_string()}</a></th>
                    <td><Moment at=scan.at /></td>
                    {numbers.collect_view()}
                    <td class="number">{scan.share()}</td>
                </tr>
            }
        })
        .collect();
    let columns = vec![
        Column::Text("Scan"),
        Column::Text("Finished"),
        Column::Number("Answered"),
        Column::Number("Refused"),
        Column::Number("Put off"),
        Column::Number("Failed otherwise"),
        Column::Number("Share answered"),
    ];
    let label = "What was answered, by scan";
    let caption = format!("{label}, oldest first; times in UTC");
    view! { <TwinTable number=number label=label caption=caption columns=columns>{rows}</TwinTable> }
    .into_any()
}

#[cfg(test)]
mod tests {
    use postern_domain::gap::{Gap, GapReason};
    use postern_domain::snapshot::Listing;
    use postern_service::view::{FactCounts, ScanState};
    use time::macros::datetime;

    use super::*;

    fn scan(number: i64, complete: u64, gaps: &[(GapKind, u64)]) -> ScanView {
        let gap = |(kind, assets): &(GapKind, u64)| Gap {
            operation: "Accounts_List".to_owned(),
            scope: "/subscriptions/1".to_owned(),
            asset_type: None,
            asset: None,
            assets: *assets,
            reason: GapReason::new(*kind, "no"),
        };
        let listing = |completeness| Listing {
            operation: "Accounts_List".to_owned(),
            scope: "/subscriptions/1".to_owned(),
            asset_type: None,
            completeness,
            items: 1,
        };
        ScanView {
            id: ScanId::from_number(number),
            state: ScanState::Finished,
            requested_by: "test".to_owned(),
            queued_at: datetime!(2026-03-01 02:00 UTC),
            started_at: None,
            finished_at: Some(datetime!(2026-03-01 02:00 UTC)),
            progress: None,
            failure: None,
            attempts: 1,
            is_cancelling: false,
            result: Some(ScanResultView {
                assets: 1,
                listings: vec![listing(Completeness::Complete), listing(Completeness::Failed)],
                gaps: gaps.iter().map(gap).collect(),
                facts: FactCounts { complete, partial: 0, unreadable: 0 },
            }),
        }
    }

    #[test]
    fn what_was_not_answered_is_counted_by_why() {
        let gaps = [
            (GapKind::Forbidden, 0),
            (GapKind::Throttled, 7),
            (GapKind::TimedOut, 1),
            (GapKind::PackProblem, 50),
        ];
        let answers = Answers::of(&scan(1, 90, &gaps)).unwrap();
        let Answers { answered, refused, put_off, failed, .. } = answers;
        assert_eq!([answered, refused, put_off, failed], [91, 1, 7, 1]);
        assert_eq!((answers.all(), answers.share().as_str()), (100, "91 %"));
    }

    #[test]
    fn whole_is_said_of_what_is_whole_alone() {
        let check = |gaps: &[&[(GapKind, u64)]], expected: &str| {
            let answers: Vec<_> = (1..)
                .zip(gaps)
                .filter_map(|(id, gaps)| Answers::of(&scan(id, 999, gaps)))
                .collect();
            assert_eq!(heading(&answers, answers.last().unwrap()), expected);
        };
        let refused: &[(GapKind, u64)] = &[(GapKind::Forbidden, 1)];
        check(&[&[], &[]], "Each of 2 scans was answered in full");
        check(&[refused, &[]], "The last scan was answered in full; 1 scan of 2 lacked something");
        check(
            &[refused, refused],
            "99.9 % of what the last scan asked for was answered; 2 scans of 2 lacked something",
        );
    }
}
