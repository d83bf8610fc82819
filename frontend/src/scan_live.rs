//! A scan that waits or runs, while somebody looks.

use leptos::prelude::*;

/// How far a scan is, as the server tells it; when it begins or ends, the page is asked for anew.
///
/// Without a script it stays as the server wrote it, and the page's "Refresh" does the same.
#[island]
pub fn ScanLive(
    /// The scan's id.
    scan: String,
    /// Its state when the page was made.
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
    let (text, set_text) = signal(text);
    let (share, set_share) = signal((done, total));
    #[cfg(feature = "hydrate")]
    Effect::new(move |started: Option<()>| {
        if started.is_some() {
            return;
        }
        let (scan, state, page) = (scan.clone(), state.clone(), page.clone());
        browser::follow(&source, move |told| {
            // A line for each scan: id, state, done, total, words.
            let of_scan = told.lines().map(|line| line.splitn(5, '\t').collect::<Vec<_>>());
            let mut of_scan = of_scan.filter(|parts| parts.first() == Some(&scan.as_str()));
            match of_scan.next().as_deref() {
                Some([_, now, done, total, words]) if *now == state => {
                    let number = |text: &str| text.parse().unwrap_or_default();
                    set_share.set((number(done), number(total)));
                    set_text.set((*words).to_owned());
                }
                _ => browser::go(&page),
            }
        });
    });
    #[cfg(not(feature = "hydrate"))]
    drop((scan, state, source, page, set_text, set_share));
    view! {
        <div class="progress">
            <progress
                hidden=move || share.get().1 == 0
                max=move || share.get().1.max(1).to_string()
                value=move || share.get().0.to_string()
                aria-label="Progress"
            ></progress>
            <span>{move || text.get()}</span>
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::Cell;

    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{EventSource, MessageEvent};

    /// Calls `told` with whatever the server tells, for as long as the page is there.
    pub fn follow(source: &str, mut told: impl FnMut(&str) + 'static) {
        let Ok(events) = EventSource::new(source) else { return };
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                told(&text);
            }
        });
        events.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        listener.forget();
    }

    thread_local! {
        /// Whether the page is being left.
        static LEAVING: Cell<bool> = const { Cell::new(false) };
    }

    /// Goes to a page of the site; once, because a second wish, of this scan or of another, would break off the first.
    pub fn go(page: &str) {
        if let Some(window) = web_sys::window()
            && !LEAVING.replace(true)
        {
            window.location().set_href(page).ok();
        }
    }
}
