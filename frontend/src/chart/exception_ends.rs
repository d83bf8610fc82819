//! When what is accepted comes to its end.

use leptos::prelude::*;
use postern_domain::verdict::Severity;
use postern_service::view::{EndBand, EndBandView};

use super::drawing::{DrawingSize, Picture};
use super::geometry::round;
use super::twin::TwinTable;
use crate::part::{Column, count, counted};

/// The chart with its heading and its table; nothing where nothing is in force and nothing ended lately.
#[component]
pub fn ExceptionEndsChart(
    /// How many end when.
    ends: Vec<EndBandView>,
) -> impl IntoView {
    let all: u32 = ends.iter().map(sum).sum();
    if all == 0 {
        return ().into_any();
    }
    let heading = heading(&ends);
    let drawings = DrawingSize::ALL
        .into_iter()
        .map(|size| view! { <Columns ends=ends.clone() description=heading.clone() size=size /> })
        .collect_view();
    view! {
        <figure class="chart" id="ends" aria-labelledby="ends-heading">
            <h2 id="ends-heading">{heading.clone()}</h2>
            <p class="chart-subject">
                "Exceptions by the days to their end, and on the left those that ended in the last 7 days, whose findings are open again. Each column is divided by the worst that an exception covers: critical at the bottom, then high, medium and low."
            </p>
            <div class="chart-drawings">{drawings}</div>
            {twin(&ends)}
        </figure>
    }
    .into_any()
}

fn sum(band: &EndBandView) -> u32 {
    band.severities.iter().map(|(_, number)| number).sum()
}

fn heading(ends: &[EndBandView]) -> String {
    let of = |bands: &[EndBand]| -> u32 {
        ends.iter().filter(|it| bands.contains(&it.band)).map(sum).sum()
    };
    let soon = of(&[EndBand::To7, EndBand::To30]);
    let in_force = ends.iter().map(sum).sum::<u32>() - of(&[EndBand::Past]);
    let soon = match soon {
        0 => "None".to_owned(),
        number => count(number),
    };
    let word = if soon == "1" { "ends" } else { "end" };
    format!(
        "{soon} of {} in force {word} within 30 days",
        counted(in_force, "exception", "exceptions")
    )
}

/// The height of the tallest column, in the drawing's units.
const HEIGHT: f64 = 120.0;
/// Room over the columns for their numbers.
const HEAD: f64 = 22.0;
/// A part that is lower than this has no room for its number.
const NUMBER: f64 = 18.0;

#[component]
fn Columns(
    /// The columns.
    ends: Vec<EndBandView>,
    /// What the drawing shows, in a sentence.
    description: String,
    /// For which width.
    size: DrawingSize,
) -> impl IntoView {
    let (_, width) = size.name_and_width();
    let (left, right) = (4.0, 4.0);
    let plot = width - left - right;
    let step = plot / f64::from(u32::try_from(ends.len()).unwrap_or(u32::MAX).max(1));
    let column = (step * 0.6).min(72.0);
    let most = ends.iter().map(sum).max().unwrap_or_default().max(1);
    let foot = HEAD + HEIGHT;
    let columns: Vec<_> = (0_u32..)
        .zip(&ends)
        .map(|(position, band)| {
            let middle = left + step * (f64::from(position) + 0.5);
            let x = round(middle - column / 2.0);
            let mut top = foot;
            let parts: Vec<_> = band
                .severities
                .iter()
                .filter(|(_, number)| *number > 0)
                .map(|(severity, number)| {
                    let height = HEIGHT * f64::from(*number) / f64::from(most);
                    top -= height;
                    let label = (height >= NUMBER).then(|| {
                        view! { <text class="ends-number" x=round(middle) y=round(top + height / 2.0 + 4.5) text-anchor="middle">{count(*number)}</text> }
                    });
                    view! {
                        <g class="chart-strip ends-part" data-series=severity.as_str()>
                            <rect x=x y=round(top) width=round(column) height=round(height)></rect>
                            {label}
                        </g>
                    }
                })
                .collect();
            let (first, second) = words(band.band, size);
            let second = second.map(|words| {
                view! { <text x=round(middle) y=round(foot + 34.0) text-anchor="middle">{words}</text> }
            });
            view! {
                {parts}
                <text class="chart-value" x=round(middle) y=round(top - 6.0) text-anchor="middle">{count(sum(band))}</text>
                <text x=round(middle) y=round(foot + 18.0) text-anchor="middle">{first}</text>
                {second}
            }
        })
        .collect();
    let end = round(left + plot);
    view! {
        <Picture
            figure="ends"
            size=size
            height=foot + 42.0
            title="Exceptions by the days to their end".to_owned()
            description=description
        >
            {columns}
            <line class="chart-zero" x1=left x2=end y1=round(foot) y2=round(foot)></line>
        </Picture>
    }
    .into_any()
}

/// What stands under a column, in one line or two: columns of phones are narrow.
fn words(band: EndBand, size: DrawingSize) -> (&'static str, Option<&'static str>) {
    if size != DrawingSize::Narrow {
        return match band.label().split_once(", ") {
            Some((first, second)) => (first, Some(second)),
            None => (band.label(), None),
        };
    }
    match band {
        EndBand::Past => ("ended", Some("\u{2264} 7 d")),
        EndBand::Later => (">180", Some("d")),
        EndBand::To7 | EndBand::To30 | EndBand::To90 | EndBand::To180 => {
            (band.label().trim_end_matches(" d"), Some("d"))
        }
    }
}

fn twin(ends: &[EndBandView]) -> AnyView {
    let rows: Vec<_> = ends
        .iter()
        .map(|band| {
            let numbers: Vec<_> = band
                .severities
                .iter()
                .map(|(_, number)| *number)
                .chain([sum(band)])
                .map(|number| view! { <td class="number">{count(number)}</td> })
                .collect();
            view! { <tr><th scope="row">{band.band.label()}</th>{numbers}</tr> }
        })
        .collect();
    let severities = Severity::ALL.iter().map(|severity| Column::Number(severity.label()));
    let columns = std::iter::once(Column::Text("Days to the end"))
        .chain(severities)
        .chain([Column::Number("All")])
        .collect();
    let label = "Exceptions by the days to their end";
    let caption = format!("{label} and the worst that each covers");
    view! { <TwinTable label=label caption=caption columns=columns>{rows}</TwinTable> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(numbers: [u32; 6]) -> Vec<EndBandView> {
        let severities = |number| vec![(Severity::Critical, number), (Severity::High, 0)];
        let bands = EndBand::ALL.iter().zip(numbers);
        bands
            .map(|(band, number)| EndBandView { band: *band, severities: severities(number) })
            .collect()
    }

    #[test]
    fn the_heading_counts_those_in_force_alone() {
        let check = |numbers, expected: &str| assert_eq!(heading(&ends(numbers)), expected);
        check([5, 1, 2, 3, 0, 1], "3 of 7 exceptions in force end within 30 days");
        check([0, 1, 0, 0, 0, 0], "1 of 1 exception in force ends within 30 days");
        check([1, 0, 0, 4, 0, 0], "None of 4 exceptions in force end within 30 days");
    }

    #[test]
    fn nothing_is_no_chart() {
        let owner = Owner::new_root(None);
        owner.with(|| {
            let html = view! { <ExceptionEndsChart ends=ends([0; 6]) /> }.into_any().to_html();
            assert!(!html.contains("figure"), "{html}");
        });
    }
}
