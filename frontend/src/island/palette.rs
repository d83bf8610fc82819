//! Going anywhere by a few letters.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// A list of what the letters typed lead to: pages of the navigation, what one can do on the page that is open, and what the
/// server finds. Ctrl and K, or its button, open it; arrows choose, Enter goes there, Escape closes.
///
/// Without a script it is not shown; the search beside it finds the same.
#[island]
pub fn Palette(
    /// Where the server tells what a text leads to: a line each, with its address, what it is, and its name, tabs between.
    source: String,
) -> impl IntoView {
    let (found, set_found) = signal(Vec::<Entry>::new());
    let (chosen, choose) = signal(0_usize);
    #[cfg(feature = "hydrate")]
    Effect::new(move |started: Option<()>| {
        if started.is_none() {
            browser::open_by_keys(set_found);
        }
    });
    let open = move || {
        #[cfg(feature = "hydrate")]
        browser::open(set_found);
    };
    let typed = move |text: String| {
        choose.set(0);
        #[cfg(feature = "hydrate")]
        browser::find(&source, text, set_found);
        #[cfg(not(feature = "hydrate"))]
        let _: (&String, String, WriteSignal<Vec<Entry>>) = (&source, text, set_found);
    };
    let pressed = move |event: KeyboardEvent| {
        #[cfg(feature = "hydrate")]
        browser::press(&event, found, (chosen, choose));
        #[cfg(not(feature = "hydrate"))]
        drop(event);
    };
    let go = move |place: usize| {
        #[cfg(feature = "hydrate")]
        browser::go(found, place);
        #[cfg(not(feature = "hydrate"))]
        let _: usize = place;
    };
    let options = move || {
        let option = |(place, entry): (usize, Entry)| {
            view! {
                <li
                    role="option"
                    id=format!("palette-{place}")
                    aria-selected=move || (chosen.get() == place).to_string()
                    on:click=move |_| go(place)
                >
                    <span class="name">{entry.name}</span>
                    <span class="hint">{entry.kind}</span>
                </li>
            }
        };
        found.get().into_iter().enumerate().map(option).collect::<Vec<_>>()
    };
    let active = move || (!found.with(Vec::is_empty)).then(|| format!("palette-{}", chosen.get()));
    view! {
        <div class="with-script palette">
            <button type="button" class="button" aria-keyshortcuts="Control+K" on:click=move |_| open()>
                "Go to "
                <kbd>"Ctrl K"</kbd>
            </button>
            <dialog id="palette" aria-label="Go to" closedby="any">
                // Not of type "search", in which Escape takes the text away first.
                <input
                    type="text"
                    role="combobox"
                    aria-label="Page, resource, rule or id"
                    placeholder="Page, resource, rule or id"
                    aria-autocomplete="list"
                    aria-controls="palette-found"
                    aria-expanded=move || (!found.with(Vec::is_empty)).to_string()
                    aria-activedescendant=active
                    autocomplete="off"
                    on:input=move |event| typed(event_target_value(&event))
                    on:keydown=pressed
                />
                <ul id="palette-found" role="listbox" aria-label="Where it leads">{options}</ul>
                <p class="hint" role="status">
                    {move || match found.with(Vec::len) {
                        0 => "Nothing is called so.".to_owned(),
                        1 => "1 place: Enter goes there.".to_owned(),
                        many => format!("{many} places: arrows choose, Enter goes there."),
                    }}
                </p>
            </dialog>
        </div>
    }
}

/// Somewhere to go.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// Its address.
    address: String,
    /// What it is, such as `resource`.
    kind: String,
    /// What it is called.
    name: String,
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    use web_sys::{Event, HtmlDialogElement, HtmlInputElement, KeyboardEvent};

    use super::super::browser::{all, ask, first, listen, lower, query};
    use super::Entry;

    /// Places that are listed at most.
    const MOST: usize = 10;

    pub fn open_by_keys(set_found: WriteSignal<Vec<Entry>>) {
        let heard = Box::new(move |event: Event| {
            let Ok(event) = event.dyn_into::<KeyboardEvent>() else { return };
            if (event.ctrl_key() || event.meta_key()) && lower(&event.key()) == "k" {
                event.prevent_default();
                open(set_found);
            }
        });
        listen(&window(), "keydown", heard);
    }

    pub fn open(set_found: WriteSignal<Vec<Entry>>) {
        let Some(dialog) = first::<HtmlDialogElement>("#palette") else { return };
        if dialog.open() {
            return;
        }
        if let Some(input) = first::<HtmlInputElement>("#palette input") {
            input.set_value("");
        }
        set_found.set(of_the_page(""));
        dialog.show_modal().ok();
    }

    /// What is on the page at once, and what the server finds a moment later.
    pub fn find(source: &str, text: String, set_found: WriteSignal<Vec<Entry>>) {
        let here = of_the_page(&lower(&text));
        set_found.set(here.clone());
        let joint = if source.contains('?') { '&' } else { '?' };
        let address = format!("{source}{joint}{}", query(&[("q".to_owned(), text)]));
        let answered = move |answer: &str| {
            let mut found = here.clone();
            for line in answer.lines() {
                let mut parts = line.splitn(3, '\t').map(str::to_owned);
                if let (Some(address), Some(kind), Some(name)) =
                    (parts.next(), parts.next(), parts.next())
                    && found.len() < MOST
                {
                    found.push(Entry { address, kind, name });
                }
            }
            set_found.set(found);
        };
        ask(address, Box::new(answered));
    }

    /// The pages of the navigation and what one can do on this page, by their words.
    fn of_the_page(text: &str) -> Vec<Entry> {
        let mut found = Vec::new();
        for (selector, kind) in [("nav.rail a", "page"), ("main a.button", "on this page")] {
            for link in all(selector) {
                let name = link.text_content().unwrap_or_default().trim().to_owned();
                let Some(address) = link.get_attribute("href") else { continue };
                if lower(&name).contains(text) && found.len() < MOST {
                    found.push(Entry { address, kind: kind.to_owned(), name });
                }
            }
        }
        found
    }

    pub fn press(
        event: &KeyboardEvent,
        found: ReadSignal<Vec<Entry>>,
        (chosen, choose): (ReadSignal<usize>, WriteSignal<usize>),
    ) {
        let last = found.with_untracked(Vec::len).saturating_sub(1);
        let now = chosen.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => choose.set(if now >= last { 0 } else { now + 1 }),
            "ArrowUp" => choose.set(if now == 0 { last } else { now - 1 }),
            "Enter" => go(found, now),
            _ => return,
        }
        event.prevent_default();
    }

    pub fn go(found: ReadSignal<Vec<Entry>>, place: usize) {
        let address = found.with_untracked(|all| all.get(place).map(|it| it.address.clone()));
        if let Some(address) = address {
            window().location().assign(&address).ok();
        }
    }
}
