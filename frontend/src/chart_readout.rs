//! The read-out of a chart: one scan at a time, by keyboard, pointer or touch.

use leptos::prelude::*;

/// Reads a chart's values one by one; needs the browser because a drawing with `role="img"` hides what is in it.
///
/// It reads the chart's table twin, so it holds no numbers of its own: each `tr[data-at]` in the figure is a point
/// (`data-at` is its place on the time axis, 0 to 1), and each `[data-cursor]` is a line that it moves.
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
    /// Its place on the time axis, 0 to 1.
    at: f64,
    /// The row in words.
    text: String,
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{Element, PointerEvent};

    use super::Reading;

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
                .map(|(name, value)| format!("{} {value}", name.to_lowercase()))
                .collect();
            Some(Reading { at, text: format!("{when}: {}", values.join(", ")) })
        })
        .collect()
    }

    pub fn move_cursor(figure: &str, at: f64) {
        for line in all(&format!("#{figure} [data-cursor]")) {
            let Some(svg) = line.closest("svg").ok().flatten() else { continue };
            let (Some(left), Some(width)) = (number(&svg, "data-left"), number(&svg, "data-width"))
            else {
                continue;
            };
            let x = format!("{:.1}", left + at * width);
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
            let follow = Closure::<dyn FnMut(PointerEvent)>::new(move |event: PointerEvent| {
                let bounds = drawing.get_bounding_client_rect();
                let measures = (
                    number(&drawing, "data-left"),
                    number(&drawing, "data-width"),
                    number(&drawing, "data-of"),
                );
                let (Some(left), Some(width), Some(whole)) = measures else { return };
                let x = (f64::from(event.client_x()) - bounds.left()) * whole / bounds.width();
                let at = (x - left) / width;
                let nearest = readings.with_untracked(|all| {
                    let distance = |reading: &Reading| (reading.at - at).abs();
                    let by_distance = |a: &(usize, &Reading), b: &(usize, &Reading)| {
                        distance(a.1).total_cmp(&distance(b.1))
                    };
                    all.iter().enumerate().min_by(by_distance).map(|(position, _)| position)
                });
                if let Some(position) = nearest {
                    choose.set(position);
                }
            });
            for name in ["pointermove", "pointerdown"] {
                if svg
                    .add_event_listener_with_callback(name, follow.as_ref().unchecked_ref())
                    .is_err()
                {
                    return;
                }
            }
            // The drawing stays for as long as the page, and so does its listener.
            follow.forget();
        }
    }

    fn all(selector: &str) -> Vec<Element> {
        let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
        (0..found.length()).filter_map(|position| found.item(position)?.dyn_into().ok()).collect()
    }

    fn words(row: Option<&Element>) -> Vec<String> {
        let Some(row) = row else { return Vec::new() };
        let cells = row.children();
        (0..cells.length()).filter_map(|position| cells.item(position)?.text_content()).collect()
    }

    fn number(element: &Element, name: &str) -> Option<f64> {
        element.get_attribute(name)?.parse().ok()
    }
}
