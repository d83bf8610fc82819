//! A scan that waits or runs, while somebody looks.

use leptos::prelude::*;

use crate::shape::{NEUTRAL, Shape};

/// How far a scan is, as the server tells it; when it has ended, a link leads to what it read.
///
/// Nothing is asked for anew by itself: a page that renews itself breaks off what somebody is doing on it.
/// Without a script it stays as the server wrote it, and the page's "Refresh" does the same as the link.
#[island]
pub fn ScanLive(
    /// The scan's id.
    scan: String,
    /// Its state when the page was made, in a word.
    state: String,
    /// What it does, in words.
    text: String,
    /// How many of it are done.
    done: u64,
    /// How many there are; 0 where that is not known.
    total: u64,
    /// Where the server tells how scans go on.
    source: String,
    /// The page without what was just done on it.
    page: String,
) -> impl IntoView {
    let (state, set_state) = signal(state);
    let (text, set_text) = signal(text);
    let (share, set_share) = signal((done, total));
    let (has_ended, set_ended) = signal(false);
    let label = format!("Show the result of scan {scan}");
    #[cfg(feature = "hydrate")]
    Effect::new(move |started: Option<()>| {
        if started.is_some() {
            return;
        }
        let scan = scan.clone();
        browser::follow(&source, move |told| {
            // A line for each scan: id, state, done, total, words.
            let of_scan = told.lines().map(|line| line.splitn(5, '\t').collect::<Vec<_>>());
            let mut of_scan = of_scan.filter(|parts| parts.first() == Some(&scan.as_str()));
            if let Some([_, now, done, total, words]) = of_scan.next().as_deref() {
                let number = |text: &str| text.parse().unwrap_or_default();
                set_share.set((number(done), number(total)));
                set_text.set((*words).to_owned());
                set_state.set((*now).to_owned());
            } else {
                set_share.set((0, 0));
                set_text.set(String::new());
                set_state.set("Ended".to_owned());
                set_ended.set(true);
            }
        });
    });
    #[cfg(not(feature = "hydrate"))]
    drop((scan, source, set_state, set_text, set_share, set_ended));
    view! {
        <div class="progress">
            <span class="badge" data-tone="neutral" role="status">
                <Shape path=NEUTRAL />
                {move || state.get()}
            </span>
            <progress
                hidden=move || share.get().1 == 0
                max=move || share.get().1.max(1).to_string()
                value=move || share.get().0.to_string()
                aria-label="Progress"
            ></progress>
            <span>{move || text.get()}</span>
            <a href=page hidden=move || !has_ended.get() aria-label=label>"Show the result"</a>
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use wasm_bindgen::JsCast as _;
    use web_sys::{Event, EventSource, MessageEvent};

    use super::super::browser::listen;

    /// Calls `told` with whatever the server tells, for as long as the page is there.
    pub fn follow(source: &str, mut told: impl FnMut(&str) + 'static) {
        let Ok(events) = EventSource::new(source) else { return };
        let heard = move |event: Event| {
            let Ok(event) = event.dyn_into::<MessageEvent>() else { return };
            if let Some(text) = event.data().as_string() {
                told(&text);
            }
        };
        listen(&events, "message", Box::new(heard));
    }
}
