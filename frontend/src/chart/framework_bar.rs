//! What can be said of a framework's controls, as one bar of all of them.
//!
//! The denominator is all controls, so that no bar is full because something was left out.

use leptos::prelude::*;
use postern_domain::framework::{ControlStatus, StatusCounts};

/// The parts of a bar, in their order.
pub const BAR_ORDER: [ControlStatus; 8] = [
    ControlStatus::Passing,
    ControlStatus::PassingAsFarAsChecked,
    ControlStatus::Failing,
    ControlStatus::Excepted,
    ControlStatus::NotChecked,
    ControlStatus::Manual,
    ControlStatus::NotAssessable,
    ControlStatus::NotApplicable,
];

/// The least that a part is drawn at, in thousandths, so that one control of a thousand is seen.
const LEAST: u32 = 20;

/// The patterns of what is neither a plain pass nor a failure: once on each page that has such bars.
#[component]
pub fn BarPatterns() -> impl IntoView {
    let patterns: Vec<_> = BAR_ORDER.into_iter().filter_map(pattern).collect();
    view! {
        <svg class="bar-patterns" width="0" height="0" aria-hidden="true" focusable="false">
            <defs>{patterns}</defs>
        </svg>
    }
    .into_any()
}

/// The pattern of a status, where it has one.
fn pattern(status: ControlStatus) -> Option<AnyView> {
    let lines = match status {
        ControlStatus::Passing | ControlStatus::Failing => return None,
        ControlStatus::PassingAsFarAsChecked => "M-2 2 2-2M0 8 8 0M6 10 10 6",
        ControlStatus::Excepted => "M-2 6 2 10M0 0 8 8M6-2 10 2",
        ControlStatus::NotChecked => "M1 2h2v2H1ZM5 6h2v2H5Z",
        ControlStatus::Manual => "M0 1.5H8M0 5.5H8",
        ControlStatus::NotAssessable => "M0 0 8 8M0 8 8 0",
        ControlStatus::NotApplicable => "",
    };
    Some(
        view! {
            <pattern id=pattern_id(status) width="8" height="8" patternUnits="userSpaceOnUse">
                <rect class="bar-ground" data-status=status.as_str() width="8" height="8"></rect>
                <path class="bar-figure" data-status=status.as_str() d=lines></path>
            </pattern>
        }
        .into_any(),
    )
}

fn pattern_id(status: ControlStatus) -> String {
    format!("bar-{}", status.as_str())
}

/// What a part is filled with; a plain colour comes from the styles.
fn fill(status: ControlStatus) -> Option<String> {
    match status {
        ControlStatus::Passing | ControlStatus::Failing => None,
        _ => Some(format!("url(#{})", pattern_id(status))),
    }
}

/// The bar.
#[component]
pub fn FrameworkBar(
    /// The controls.
    statuses: StatusCounts,
    /// What stands beside it; without it, the words beside it say the same.
    #[prop(optional)]
    label: Option<String>,
) -> impl IntoView {
    let mut x = 0;
    let parts: Vec<_> = widths(&statuses)
        .into_iter()
        .map(|(status, width)| {
            let left = percent(x);
            x += width;
            view! {
                <rect class="bar-part" data-status=status.as_str() fill=fill(status) x=left y="0" width=percent(width) height="18"></rect>
            }
        })
        .collect();
    match label {
        Some(label) => {
            view! { <svg class="framework-bar" role="img" aria-label=label>{parts}</svg> }
                .into_any()
        }
        None => {
            view! { <svg class="framework-bar" aria-hidden="true" focusable="false">{parts}</svg> }
                .into_any()
        }
    }
}

/// A piece of a bar, beside the words for it.
#[component]
pub fn BarSwatch(
    /// Of which status.
    status: ControlStatus,
) -> impl IntoView {
    view! {
        <svg class="bar-swatch" width="14" height="14" aria-hidden="true" focusable="false">
            <rect class="bar-part" data-status=status.as_str() fill=fill(status) width="14" height="14"></rect>
        </svg>
    }
    .into_any()
}

/// A number of thousandths as a percentage.
fn percent(thousandths: u32) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

/// The width of each part that is there, in thousandths, which are a thousand together.
fn widths(statuses: &StatusCounts) -> Vec<(ControlStatus, u32)> {
    let total = statuses.total().max(1);
    let there = BAR_ORDER.into_iter().filter(|status| statuses.of(*status) > 0);
    let mut widths: Vec<(ControlStatus, u32)> =
        there.map(|status| (status, (statuses.of(status) * 1_000 / total).max(LEAST))).collect();
    let sum: u32 = widths.iter().map(|(_, width)| width).sum();
    // What small parts were given, and what rounding left, is the widest one's.
    if let Some((_, widest)) = widths.iter_mut().max_by_key(|(_, width)| *width) {
        *widest = (*widest + 1_000).saturating_sub(sum);
    }
    widths
}

/// The counts in words, in the order of the bar: `58 passing, 9 failing`.
pub fn statuses_in_words(statuses: &StatusCounts) -> String {
    let there = BAR_ORDER.into_iter().filter(|status| statuses.of(*status) > 0);
    let words = there.map(|status| {
        let count = crate::part::count(statuses.of(status));
        format!("{count} {}", status.label().to_lowercase())
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: &[(ControlStatus, u32)]) -> StatusCounts {
        of.iter()
            .flat_map(|(status, count)| std::iter::repeat_n(*status, *count as usize))
            .collect()
    }

    #[test]
    fn a_bar_is_whole_and_hides_no_part() {
        use ControlStatus::{Failing, Manual, NotAssessable, Passing};
        for of in [
            &[(Passing, 1)][..],
            &[(Passing, 1), (Failing, 1), (Manual, 1_000)],
            &[(Passing, 3), (Failing, 3), (NotAssessable, 1)],
        ] {
            let widths = widths(&counts(of));
            assert_eq!(widths.iter().map(|(_, width)| width).sum::<u32>(), 1_000, "{of:?}");
            assert!(widths.iter().all(|(_, width)| *width >= LEAST), "{of:?}");
            assert_eq!(widths.len(), of.len());
        }
        assert_eq!(widths(&StatusCounts::default()), []);
        assert_eq!(percent(25), "2.5%");
    }

    #[test]
    fn every_status_is_part_of_the_bar_once() {
        for status in ControlStatus::ALL {
            assert_eq!(BAR_ORDER.iter().filter(|part| **part == status).count(), 1);
        }
    }
}
