//! What is ticked in a list of many pages.

use leptos::prelude::*;

/// Says how many rows are ticked on all pages of a list, and sends them all along with the form around it.
///
/// What is ticked is kept for as long as the tab is open. Without a script it is not shown, and the form sends what is ticked
/// on its page.
#[island]
pub fn SelectionBar(
    /// What tells this list from others: its query string.
    list: String,
) -> impl IntoView {
    // Here, and on other pages.
    let (ticked, set_ticked) = signal((0_u32, 0_u32));
    #[cfg(feature = "hydrate")]
    let clear = {
        Effect::new({
            let list = list.clone();
            move |started: Option<()>| {
                if started.is_none() {
                    browser::follow(&list, set_ticked);
                }
            }
        });
        move || browser::tick_all(&list, false, set_ticked)
    };
    #[cfg(not(feature = "hydrate"))]
    let clear = move || {
        let _: (&str, WriteSignal<(u32, u32)>) = (&list, set_ticked);
    };
    let words = move || match ticked.get() {
        (here, 0) => format!("{here} selected"),
        (here, 1) => format!("{} selected, 1 of them on another page", here + 1),
        (here, other) => {
            format!("{} selected, {other} of them on other pages", here + other)
        }
    };
    view! {
        <p class="with-script selected">
            <span role="status">{words}</span>
            <button
                type="button"
                class="button"
                disabled=move || ticked.get() == (0, 0)
                on:click=move |_| clear()
            >
                "Clear selection"
            </button>
        </p>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, Event, HtmlInputElement, Storage};

    use super::super::browser::{all, first, listen};

    const BOXES: &str = "form.selection input[type=checkbox]";

    /// Ticks what was ticked before, and counts from then on.
    pub fn follow(list: &str, set: WriteSignal<(u32, u32)>) {
        let kept = kept(list);
        for row in boxes() {
            if kept.contains(&row.value()) {
                row.set_checked(true);
            }
        }
        keep(list, set);
        let Some(form) = first::<Element>("form.selection") else { return };
        let of = list.to_owned();
        listen(&form, "change", Box::new(move |_| keep(&of, set)));
        let of = list.to_owned();
        listen(&form, "submit", Box::new(move |_| send(&of)));
        for link in all("form.selection a[data-tick]") {
            let (of, ticks) = (list.to_owned(), link.get_attribute("data-tick"));
            let ticked = move |event: Event| {
                event.prevent_default();
                tick_all(&of, ticks.as_deref() == Some("all"), set);
            };
            listen(&link, "click", Box::new(ticked));
        }
    }

    /// Ticks all of the page, or nothing of any page.
    pub fn tick_all(list: &str, ticks: bool, set: WriteSignal<(u32, u32)>) {
        for row in boxes() {
            row.set_checked(ticks);
        }
        if !ticks {
            write(list, &[]);
        }
        keep(list, set);
    }

    /// Keeps what is ticked on this page beside what is on others.
    fn keep(list: &str, set: WriteSignal<(u32, u32)>) {
        let mut kept = kept(list);
        let mut here = 0;
        for row in boxes() {
            let id = row.value();
            kept.retain(|other| *other != id);
            if row.checked() {
                here += 1;
                kept.push(id);
            }
        }
        write(list, &kept);
        set.set((here, u32::try_from(kept.len()).unwrap_or(here).saturating_sub(here)));
    }

    /// Has the form send what is ticked on other pages too; with that the selection has been used.
    fn send(list: &str) {
        let Some(form) = first::<Element>("form.selection") else { return };
        let here: Vec<String> = boxes().iter().map(HtmlInputElement::value).collect();
        for id in kept(list).iter().filter(|id| !here.contains(*id)) {
            let Ok(field) = document().create_element("input") else { continue };
            let Ok(field) = field.dyn_into::<HtmlInputElement>() else { continue };
            field.set_type("hidden");
            field.set_name("finding");
            field.set_value(id);
            form.append_child(&field).ok();
        }
        write(list, &[]);
    }

    fn boxes() -> Vec<HtmlInputElement> {
        all(BOXES).into_iter().filter_map(|row| row.dyn_into().ok()).collect()
    }

    /// Where a person allows no storage, a selection is of one page.
    fn storage() -> Option<Storage> {
        window().session_storage().ok().flatten()
    }

    fn key(list: &str) -> String {
        format!("selection {list}")
    }

    fn kept(list: &str) -> Vec<String> {
        let kept = storage().and_then(|it| it.get_item(&key(list)).ok().flatten());
        kept.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    }

    fn write(list: &str, ids: &[String]) {
        let Some(storage) = storage() else { return };
        storage.set_item(&key(list), &ids.join(" ")).ok();
    }
}
