//! The drawing of the open findings: strips that share a time axis.

use leptos::prelude::*;

use super::annotation::{Annotation, HEAD, marks};
use super::geometry::{Blank, BlankKind, Strip, TimeAxis, round, round_up, runs};
use super::open_findings::Series;
use crate::part::count;

/// A width to draw for, so that text keeps its size on every screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DrawingSize {
    /// Desktops.
    Wide,
    /// Tablets and windows beside others.
    Medium,
    /// Phones.
    Narrow,
}

/// Between a line's end and its label.
const LABEL_GAP: f64 = 12.0;

/// The room for the widest label at a line's end; a character of the widest usual font, bold, takes 9 units of 13.5.
fn label_room(series: &[Series]) -> f64 {
    let characters = |series: &Series| {
        series.name.label().chars().count() + series.value_label().chars().count() + 1
    };
    let most = series.iter().map(characters).chain([RIBBON_LABEL.len()]).max().unwrap_or_default();
    u32::try_from(most).map_or(0.0, |most| 9.0 * f64::from(most))
}

/// A share that is everything.
pub const WHOLE: u32 = 1_000;

/// What the band under the strips shows.
const RIBBON_LABEL: &str = "Checks answered";

struct Frame {
    name: &'static str,
    width: f64,
    left: f64,
    right: f64,
    label_beside: bool,
    ticks: usize,
}

impl DrawingSize {
    pub const ALL: [Self; 3] = [Self::Wide, Self::Medium, Self::Narrow];

    /// Its name in styles, and its width in its units.
    pub fn name_and_width(self) -> (&'static str, f64) {
        let frame = self.frame();
        (frame.name, frame.width)
    }

    /// How many labels its time axis has room for.
    pub fn ticks(self) -> usize {
        self.frame().ticks
    }

    fn frame(self) -> Frame {
        match self {
            Self::Wide => Frame {
                name: "wide",
                width: 960.0,
                left: 36.0,
                right: LABEL_GAP,
                label_beside: true,
                ticks: 9,
            },
            Self::Medium => Frame {
                name: "medium",
                width: 640.0,
                left: 36.0,
                right: 12.0,
                label_beside: false,
                ticks: 6,
            },
            Self::Narrow => Frame {
                name: "narrow",
                width: 320.0,
                left: 32.0,
                right: 12.0,
                label_beside: false,
                ticks: 3,
            },
        }
    }
}

/// The id of a part of a drawing: a page has each drawing in every size.
pub fn part_id(figure: &str, size: DrawingSize, part: &str) -> String {
    format!("{figure}-{}-{part}", size.frame().name)
}

/// A drawing that is read aloud as one picture, with what it is and shows in words.
#[component]
pub fn Picture(
    /// The id of its figure.
    figure: &'static str,
    /// For which width.
    size: DrawingSize,
    /// How high it is, in its units.
    height: f64,
    /// What it is.
    title: String,
    /// What it shows, in a sentence.
    description: String,
    /// What is drawn.
    children: Children,
) -> impl IntoView {
    let (name, width) = size.name_and_width();
    let id = |part: &str| part_id(figure, size, part);
    view! {
        <svg
            class="chart-drawing"
            data-size=name
            viewBox=format!("0 0 {width} {}", round(height))
            role="img"
            aria-labelledby=id("title")
            aria-describedby=id("text")
        >
            <title id=id("title")>{title}</title>
            <desc id=id("text")>{description}</desc>
            {children()}
        </svg>
    }
    .into_any()
}

/// What a drawing shows.
#[derive(Clone, Debug)]
pub struct DrawingModel {
    /// The figure's id.
    pub figure: &'static str,
    /// What the drawing is.
    pub title: String,
    /// What it shows, in a sentence.
    pub description: String,
    /// The time axis.
    pub axis: TimeAxis,
    /// The points' places on it.
    pub places: Vec<f64>,
    /// The lines, in order.
    pub series: Vec<Series>,
    /// Times without whole knowledge.
    pub blanks: Vec<Blank>,
    /// Which points are of incomplete scans.
    pub partial: Vec<bool>,
    /// Where the rules changed.
    pub annotations: Vec<Annotation>,
    /// The share of checks that were answered at each point, of [`WHOLE`].
    pub answered: Vec<u32>,
}

/// One drawing, for one width.
#[component]
pub fn Drawing(
    /// What to show.
    model: DrawingModel,
    /// For which width.
    size: DrawingSize,
) -> impl IntoView {
    let frame = size.frame();
    let id = |part: &str| format!("{}-{}-{part}", model.figure, frame.name);
    let hatch_id = id("hatch");
    let right =
        if frame.label_beside { frame.right + label_room(&model.series) } else { frame.right };
    let plot = frame.width - frame.left - right;
    let mut y = if model.annotations.is_empty() { 6.0 } else { 6.0 + HEAD };
    let mut strips = Vec::new();
    let uncounted = model.series.iter().position(|series| !series.name.is_open());
    for (position, series) in model.series.iter().enumerate() {
        if uncounted == Some(position) {
            y += 28.0;
            strips.push(
                view! { <text class="chart-heading" x="0" y=round(y - 8.0)>"Not counted as open"</text> }.into_any(),
            );
        }
        if !frame.label_beside {
            y += 18.0;
        }
        let most = round_up(series.values.iter().copied().max().unwrap_or_default());
        let strip = Strip { left: frame.left, width: plot, top: y, height: series.height(), most };
        strips.push(strip_view(&model, series, strip, frame.label_beside, &hatch_id));
        y += strip.height + 16.0;
    }
    let ribbon = Strip {
        left: frame.left,
        width: plot,
        top: y + if frame.label_beside { 0.0 } else { 14.0 },
        height: 14.0,
        most: WHOLE,
    };
    strips.push(ribbon_view(&model, ribbon, frame.label_beside, &hatch_id));
    let bottom = ribbon.top + ribbon.height;
    let ticks: Vec<_> = model
        .axis
        .ticks(frame.ticks)
        .into_iter()
        .map(|tick| {
            let x = round(ribbon.x(tick.place));
            // A label that would leave the drawing ends at its edge.
            let anchor = if tick.place > 0.93 && !frame.label_beside { "end" } else { "middle" };
            view! {
                <line class="chart-tick" x1=x x2=x y1=round(bottom) y2=round(bottom + 4.0)></line>
                <text x=x y=round(bottom + 18.0) text-anchor=anchor>{tick.label}</text>
            }
        })
        .collect();
    let height = round(bottom + 24.0);
    let x = |point: usize| ribbon.x(model.places.get(point).copied().unwrap_or_default());
    let marks = marks(&model.annotations, x, (ribbon.left, ribbon.left + plot), bottom);
    view! {
        <svg
            class="chart-drawing"
            data-size=frame.name
            // Whole numbers: reading others would be a tenth of what browsers load.
            data-left=format!("{:.0}", frame.left)
            data-width=format!("{plot:.0}")
            data-of=format!("{:.0}", frame.width)
            viewBox=format!("0 0 {} {height}", frame.width)
            role="img"
            aria-labelledby=id("title")
            aria-describedby=id("text")
        >
            <title id=id("title")>{model.title.clone()}</title>
            <desc id=id("text")>{model.description.clone()}</desc>
            <defs>
                <pattern id=hatch_id width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <line class="chart-hatch" x1="0" y1="0" x2="0" y2="6"></line>
                </pattern>
            </defs>
            {strips}
            {marks}
            {ticks}
            <line
                class="chart-cursor"
                data-cursor=""
                visibility="hidden"
                x1="0"
                x2="0"
                y1="4"
                y2=round(bottom)
            ></line>
        </svg>
    }
    .into_any()
}

fn strip_view(
    model: &DrawingModel,
    series: &Series,
    strip: Strip,
    beside: bool,
    hatch_id: &str,
) -> AnyView {
    let runs = runs(model.places.len(), &model.blanks);
    let path = strip.step_path(&model.places, &series.values, &runs);
    let (right, base) = (round(strip.left + strip.width), round(strip.top + strip.height));
    let hatches: Vec<_> = model
        .blanks
        .iter()
        .filter_map(|blank| {
            let from = strip.x(*model.places.get(blank.after)?);
            let to = strip.x(*model.places.get(blank.after + 1)?);
            Some(view! {
                <rect
                    class="chart-blank"
                    data-kind=match blank.kind { BlankKind::NoScan => "no-scan", BlankKind::Incomplete => "incomplete" }
                    x=round(from)
                    y=round(strip.top)
                    width=round(to - from)
                    height=strip.height
                    fill=format!("url(#{hatch_id})")
                ></rect>
            })
        })
        .collect();
    let points = model.places.iter().zip(&series.values);
    let hollow: Vec<_> = points
        .clone()
        .zip(&model.partial)
        .filter(|(_, partial)| **partial)
        .map(|((place, value), _)| {
            view! { <circle class="chart-partial" cx=round(strip.x(*place)) cy=round(strip.y(*value)) r="3"></circle> }
        })
        .collect();
    let end = model.places.last().zip(series.values.last()).map(|(place, value)| {
        let (x, y) = (round(strip.x(*place)), round(strip.y(*value)));
        view! {
            <path class="chart-end" transform=format!("translate({x} {y})") d=series.name.marker()></path>
        }
    });
    let now = series.values.last().copied().unwrap_or_default();
    let value = series.value_label();
    let label = if beside {
        let y = strip.y(now).clamp(strip.top + 12.0, strip.top + strip.height);
        view! {
            <text class="chart-label" x=round(right + LABEL_GAP) y=round(y + 4.0)>
                {series.name.label()}
                <tspan class="chart-value" dx="6">{value}</tspan>
            </text>
        }
    } else {
        view! {
            <text class="chart-label" x=strip.left y=round(strip.top - 6.0)>
                {series.name.label()}
                <tspan class="chart-value" dx="6">{value}</tspan>
            </text>
        }
    };
    let edge = (!series.is_none_throughout()).then(|| {
        view! {
            <line class="chart-grid" x1=strip.left x2=right y1=round(strip.top) y2=round(strip.top)></line>
            <text x=round(strip.left - 6.0) y=round(strip.top + 9.0) text-anchor="end">{count(strip.most)}</text>
        }
    });
    view! {
        <g class="chart-strip" data-series=series.name.key()>
            {edge}
            <line class="chart-base" x1=strip.left x2=right y1=base y2=base></line>
            <text x=round(strip.left - 6.0) y=base text-anchor="end">"0"</text>
            {hatches}
            <path class="chart-line" d=path stroke-dasharray=series.name.dashes()></path>
            {hollow}
            {end}
            {label}
        </g>
    }
    .into_any()
}

/// The share of checks that were answered, as a band that is hatched where it is not full.
fn ribbon_view(model: &DrawingModel, ribbon: Strip, beside: bool, hatch_id: &str) -> AnyView {
    let bottom = ribbon.top + ribbon.height;
    let answered = if let [share] = model.answered[..] {
        let (x, height) = (ribbon.left, ribbon.height * f64::from(share) / f64::from(ribbon.most));
        let (y, width) = (round(bottom - height), ribbon.width);
        view! { <rect class="chart-answered" x=x y=y width=width height=round(height)></rect> }
            .into_any()
    } else {
        let runs = runs(model.places.len(), &model.blanks);
        let area = ribbon.step_area(&model.places, &model.answered, &runs);
        view! { <path class="chart-answered" d=area></path> }.into_any()
    };
    let (x, y) = if beside {
        (ribbon.left + ribbon.width + LABEL_GAP, bottom - 3.0)
    } else {
        (ribbon.left, ribbon.top - 4.0)
    };
    view! {
        <g class="chart-ribbon">
            <rect
                class="chart-unanswered"
                x=ribbon.left
                y=round(ribbon.top)
                width=ribbon.width
                height=ribbon.height
                fill=format!("url(#{hatch_id})")
            ></rect>
            {answered}
            <text class="chart-label" x=round(x) y=round(y)>{RIBBON_LABEL}</text>
        </g>
    }
    .into_any()
}
