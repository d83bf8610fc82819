//! Filters that answer while one types or ticks.

use leptos::prelude::*;

/// Finds among the choices of a form of filters, and counts anew what they let through whenever one is ticked or typed;
/// nothing is applied before the form's button is pressed.
///
/// It works on the form around it (`#filters form`) and holds no choice of its own. Without a script it is not shown.
#[island]
pub fn FacetSearch(
    /// Where the server counts what the form's fields let through: a line with the words of the form's button, then one for
    /// each choice with its field, its value and its count, with tabs between. Empty where nothing is counted.
    counts: String,
) -> impl IntoView {
    let (said, say) = signal(String::new());
    #[cfg(feature = "hydrate")]
    Effect::new(move |started: Option<()>| {
        if started.is_none() && !counts.is_empty() {
            browser::count_anew(&counts, say);
        }
    });
    #[cfg(not(feature = "hydrate"))]
    drop(counts);
    let narrow = move |text: &str| {
        #[cfg(feature = "hydrate")]
        say.set(browser::narrow(text));
        #[cfg(not(feature = "hydrate"))]
        let _: (&str, WriteSignal<String>) = (text, say);
    };
    view! {
        <div class="field with-script">
            <label for="find-filter">"Find in filters"</label>
            <input
                id="find-filter"
                type="search"
                autocomplete="off"
                aria-describedby="found-filters"
                on:input=move |event| narrow(&event_target_value(&event))
            />
            <p class="hint" id="found-filters" role="status">{move || said.get()}</p>
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, Event, HtmlInputElement};

    use super::super::browser::{all, ask, children, first, listen, lower, query};

    /// Hides the choices without this text, but none that is ticked; says how many are left of how many.
    pub fn narrow(text: &str) -> String {
        let text = lower(text);
        let (mut shown, mut of) = (0, 0);
        for group in all("#filters fieldset") {
            let before = shown;
            for choice in children(&group) {
                let Some(input) = input_of(&choice) else { continue };
                let words = lower(&choice.text_content().unwrap_or_default());
                let is_left = input.checked() || words.contains(&text);
                show(&choice, is_left);
                of += 1;
                shown += u32::from(is_left);
            }
            show(&group, shown > before);
        }
        if text.is_empty() { String::new() } else { format!("{shown} of {of} choices") }
    }

    /// Asks the server to count whenever a field of the form changes.
    pub fn count_anew(counts: &str, say: WriteSignal<String>) {
        let Some(form) = first::<Element>("#filters form") else { return };
        let counts = counts.to_owned();
        let heard = Box::new(move |event: Event| {
            let field = event.target().and_then(|it| it.dyn_into::<Element>().ok());
            // What has no name is not sent.
            if field.is_some_and(|field| field.has_attribute("name")) {
                let address = format!("{counts}?{}", fields());
                ask(address, Box::new(move |answer| say.set(fill(answer))));
            }
        });
        listen(&form, "input", heard);
    }

    /// What the form would send.
    fn fields() -> String {
        let inputs = all("#filters form input[name]").into_iter();
        let inputs = inputs.filter_map(|it| it.dyn_into::<HtmlInputElement>().ok());
        let sent = inputs.filter(|it| it.type_() != "checkbox" || it.checked());
        query(&sent.map(|it| (it.name(), it.value())).collect::<Vec<_>>())
    }

    /// Writes the counts beside the choices, and what the button does now.
    fn fill(answer: &str) -> String {
        let mut lines = answer.lines();
        let words = lines.next().unwrap_or_default();
        if let Some(button) = first::<Element>("#filters form button[type=submit]") {
            button.set_text_content(Some(words));
        }
        let counted: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
        for choice in all("#filters .option") {
            let Some(input) = input_of(&choice) else { continue };
            let (name, value) = (input.name(), input.value());
            let of_it = counted.iter().find(|it| it.len() == 3 && it[0] == name && it[1] == value);
            if let Ok(Some(count)) = choice.query_selector(".option-count") {
                // What nothing has is not counted.
                count.set_text_content(Some(of_it.map_or("0", |it| it[2])));
            }
        }
        words.to_owned()
    }

    fn input_of(choice: &Element) -> Option<HtmlInputElement> {
        choice.query_selector("input").ok()??.dyn_into().ok()
    }

    fn show(element: &Element, shows: bool) {
        element.toggle_attribute_with_force("hidden", !shows).ok();
    }
}
