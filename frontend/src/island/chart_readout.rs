//! The read-out of a chart: one scan at a time, by keyboard, pointer or touch.

use leptos::prelude::*;

/// Reads a chart's values one by one; needs the browser because a drawing with `role="img"` hides what is in it.
///
/// It reads the chart's table twin, so it holds no numbers of its own: each `tr[data-at]` in the figure is a point
/// (`data-at` is its place on the time axis, in ten thousandths of its width), and each `[data-cursor]` is a line that it moves.
/// Without a script it stays hidden and the twin says the same.
#[island]
pub fn ChartReadout(
    /// The id of the figure.
    figure: String,
    /// How many points the chart has.
    points: usize,
) -> impl IntoView {
    let last = points.saturating_sub(1);
    let (chosen, choose) = signal(last);
    let (readings, set_readings) = signal(Vec::<Reading>::new());
    let input_id = format!("{figure}-scan");
    let text = Memo::new(move |_| {
        readings.with(|all| {
            all.get(chosen.get()).map(|reading| reading.text.clone()).unwrap_or_default()
        })
    });
    #[cfg(feature = "hydrate")]
    Effect::new({
        let figure = figure.clone();
        move |started: Option<()>| {
            if started.is_none() {
                set_readings.set(browser::readings(&figure));
                browser::follow_pointer(&figure, readings, choose);
            }
        }
    });
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if let Some(at) = readings.with(|all| all.get(chosen.get()).map(|reading| reading.at)) {
            browser::move_cursor(&figure, at);
        }
    });
    #[cfg(not(feature = "hydrate"))]
    drop((figure, set_readings));
    view! {
        <div class="readout" hidden=move || readings.with(Vec::is_empty)>
            <label for=input_id.clone()>"Scan"</label>
            <input
                id=input_id
                type="range"
                min="0"
                max=last
                step="1"
                value=last
                prop:value=move || chosen.get()
                aria-valuetext=move || text.get()
                on:input=move |event| choose.set(event_target_value(&event).parse().unwrap_or(last))
            />
            <p class="readout-text">{move || text.get()}</p>
        </div>
    }
}

/// A point of the chart, as its row in the twin tells it.
#[derive(Clone, Debug, PartialEq)]
struct Reading {
    /// Its place on the time axis, in ten thousandths of its width.
    at: i32,
    /// The row in words.
    text: String,
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, Event, PointerEvent};

    use super::super::browser::{all, children, listen};
    use super::Reading;

    /// The width of the time axis, as `data-at` counts it.
    const WHOLE: i32 = 10_000;

    pub fn readings(figure: &str) -> Vec<Reading> {
        let names = words(all(&format!("#{figure} thead tr")).first());
        let rows = all(&format!("#{figure} tr[data-at]")).into_iter();
        rows.filter_map(|row| {
            let at = number(&row, "data-at")?;
            let cells = words(Some(&row));
            let (when, values) = cells.split_first()?;
            let values: Vec<_> = names
                .iter()
                .skip(1)
                .zip(values)
                // The names are ours: what other alphabets need of a table of letters stays on the server.
                .map(|(name, value)| format!("{} {value}", name.to_ascii_lowercase()))
                .collect();
            Some(Reading { at, text: format!("{when}: {}", values.join(", ")) })
        })
        .collect()
    }

    pub fn move_cursor(figure: &str, at: i32) {
        for line in all(&format!("#{figure} [data-cursor]")) {
            let Some(svg) = line.closest("svg").ok().flatten() else { continue };
            let (Some(left), Some(width)) = (number(&svg, "data-left"), number(&svg, "data-width"))
            else {
                continue;
            };
            let x = (left + at * width / WHOLE).to_string();
            for (name, value) in [("x1", x.as_str()), ("x2", x.as_str()), ("visibility", "visible")]
            {
                if line.set_attribute(name, value).is_err() {
                    return;
                }
            }
        }
    }

    /// Moves the cursor to the point nearest to the pointer while it is over the drawing.
    pub fn follow_pointer(
        figure: &str,
        readings: ReadSignal<Vec<Reading>>,
        choose: WriteSignal<usize>,
    ) {
        for svg in all(&format!("#{figure} svg[data-left]")) {
            let drawing = svg.clone();
            let follow = move |event: Event| {
                let Ok(event) = event.dyn_into::<PointerEvent>() else { return };
                let bounds = drawing.get_bounding_client_rect();
                let measures = (
                    number(&drawing, "data-left"),
                    number(&drawing, "data-width"),
                    number(&drawing, "data-of"),
                );
                let (Some(left), Some(width), Some(drawn)) = measures else { return };
                let shown = whole(bounds.width()).max(1);
                let x = (event.client_x() - whole(bounds.left())) * drawn / shown;
                let at = (x - left) * WHOLE / width.max(1);
                let nearest = readings.with_untracked(|all| {
                    let points = all.iter().enumerate();
                    points.min_by_key(|(_, reading)| (reading.at - at).abs()).map(|point| point.0)
                });
                if let Some(position) = nearest {
                    choose.set(position);
                }
            };
            listen(&svg, "pointermove", Box::new(follow.clone()));
            listen(&svg, "pointerdown", Box::new(follow));
        }
    }

    fn words(row: Option<&Element>) -> Vec<String> {
        let Some(row) = row else { return Vec::new() };
        children(row).iter().filter_map(|cell| cell.text_content()).collect()
    }

    fn number(element: &Element, name: &str) -> Option<i32> {
        element.get_attribute(name)?.parse().ok()
    }

    /// Pixels of a screen, without their fraction.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no screen has two thousand million pixels"
    )]
    fn whole(pixels: f64) -> i32 {
        pixels as i32
    }
}
