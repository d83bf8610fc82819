//! The drawing of what was opened and ended: columns above and below a line.

use leptos::prelude::*;
use time::Date;

use super::drawing::{DrawingSize, Picture, part_id};
use super::geometry::{round, round_up};
use crate::part::{count, signed};

/// How much time a column stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A week from Monday on.
    Week,
    /// A month.
    Month,
}

impl Unit {
    /// One and many, in words.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Week => ("week", "weeks"),
            Self::Month => ("month", "months"),
        }
    }
}

/// What happened to findings in a week or a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its first day.
    pub from: Date,
    /// How many scans told of it.
    pub scans: u32,
    /// Findings opened or reopened.
    pub opened: u32,
    /// Findings that ended because the rule passes now.
    pub fixed: u32,
    /// Findings that ended for another reason.
    pub otherwise: u32,
}

impl Period {
    /// What was opened less what ended.
    pub fn net(&self) -> i64 {
        i64::from(self.opened) - i64::from(self.fixed) - i64::from(self.otherwise)
    }

    /// Its name in a table: `2 Mar 2026`, or `Mar 2026`.
    pub fn name(&self, unit: Unit) -> String {
        let month: String = self.from.month().to_string().chars().take(3).collect();
        match unit {
            Unit::Week => format!("{} {month} {}", self.from.day(), self.from.year()),
            Unit::Month => format!("{month} {}", self.from.year()),
        }
    }

    /// Its name under a column, without the year.
    fn short_name(&self, unit: Unit) -> String {
        let name = self.name(unit);
        name.rsplit_once(' ').map_or(name.clone(), |(short, _)| short.to_owned())
    }
}

/// The height of each half, in the drawing's units.
const HALF: f64 = 84.0;
/// Room over the columns for their numbers.
const HEAD: f64 = 22.0;
/// Between two labels under the columns.
const LABEL: f64 = 58.0;
/// A column narrower than this has no room for its number.
const NUMBER: f64 = 30.0;

/// One drawing, for one width.
#[component]
pub fn Columns(
    /// The columns, oldest first.
    periods: Vec<Period>,
    /// What each stands for.
    unit: Unit,
    /// What the drawing shows, in a sentence.
    description: String,
    /// For which width.
    size: DrawingSize,
) -> impl IntoView {
    let (_, width) = size.name_and_width();
    let id = move |part: &str| part_id("work", size, part);
    let hatch = id("hatch");
    let (left, right) = (40.0, 12.0);
    let plot = width - left - right;
    let most = periods.iter().map(|it| it.opened.max(it.fixed + it.otherwise)).max();
    let most = round_up(most.unwrap_or_default());
    let length = |value: u32| HALF * f64::from(value) / f64::from(most);
    let number = u32::try_from(periods.len()).unwrap_or(u32::MAX).max(1);
    let step = plot / f64::from(number);
    let column = (step * 0.64).min(44.0);
    let zero = HEAD + HALF;
    let every = (LABEL / step).ceil().max(1.0);
    let columns: Vec<_> = (0_u32..)
        .zip(&periods)
        .map(|(position, period)| {
            let middle = left + step * (f64::from(position) + 0.5);
            let x = round(middle - column / 2.0);
            let is_labelled = f64::from(position) % every < 0.5;
            let label = is_labelled.then(|| {
                view! { <text x=round(middle) y=round(zero + HALF + 18.0) text-anchor="middle">{period.short_name(unit)}</text> }
            });
            if period.scans == 0 {
                return view! {
                    <rect class="chart-blank" x=round(middle - step / 2.0) y=HEAD width=round(step) height=2.0 * HALF fill=format!("url(#{hatch})")></rect>
                    {label}
                }
                .into_any();
            }
            let bar = |class: &'static str, y: f64, value: u32| {
                (value > 0).then(|| {
                    view! { <rect class=class x=x y=round(y) width=round(column) height=round(length(value))></rect> }
                })
            };
            let net = (step >= NUMBER).then(|| {
                view! {
                    <text class="chart-value" x=round(middle) y=round(zero - length(period.opened) - 6.0) text-anchor="middle">
                        {signed(period.net())}
                    </text>
                }
            });
            view! {
                {bar("column-opened", zero - length(period.opened), period.opened)}
                {bar("column-fixed", zero, period.fixed)}
                {bar("column-otherwise", zero + length(period.fixed), period.otherwise)}
                {net}
                {label}
            }
            .into_any()
        })
        .collect();
    let edge = move |y: f64, words: String| {
        view! { <text x=round(left - 6.0) y=round(y) text-anchor="end">{words}</text> }
    };
    let end = round(left + plot);
    view! {
        <Picture
            figure="work"
            size=size
            height=zero + HALF + 24.0
            title=format!("Findings opened and ended, by {}", unit.words().0)
            description=description
        >
            <defs>
                <pattern id=hatch.clone() width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <line class="chart-hatch" x1="0" y1="0" x2="0" y2="6"></line>
                </pattern>
            </defs>
            <line class="chart-grid" x1=left x2=end y1=HEAD y2=HEAD></line>
            <line class="chart-grid" x1=left x2=end y1=round(zero + HALF) y2=round(zero + HALF)></line>
            {columns}
            <line class="chart-zero" x1=left x2=end y1=round(zero) y2=round(zero)></line>
            {edge(HEAD + 9.0, count(most))}
            {edge(zero + 4.0, "0".to_owned())}
            {edge(zero + HALF, count(most))}
        </Picture>
    }
    .into_any()
}
