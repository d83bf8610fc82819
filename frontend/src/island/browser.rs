//! What islands ask of the browser.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::{document, set_timeout};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, EventTarget, UrlSearchParams, XmlHttpRequest};

/// How long nothing was typed before the server is asked.
const PAUSE: Duration = Duration::from_millis(200);

/// Whatever a selector finds.
pub fn all(selector: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|position| found.item(position)?.dyn_into().ok()).collect()
}

/// The first that a selector finds, where it is one of these.
pub fn first<T: JsCast>(selector: &str) -> Option<T> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// The elements in an element.
pub fn children(element: &Element) -> Vec<Element> {
    let children = element.children();
    (0..children.length()).filter_map(|position| children.item(position)).collect()
}

/// Listens for as long as the page is there.
///
/// What is heard is boxed, and so compiled once: pages load all of this.
pub fn listen(target: &EventTarget, name: &str, heard: Box<dyn FnMut(Event)>) {
    let heard = Closure::wrap(heard);
    // A listener that cannot be added is one that hears nothing.
    target.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref()).ok();
    heard.forget();
}

thread_local! {
    /// How often something was asked for: what was asked for meanwhile makes an answer stale.
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

/// Asks the server for a text once nothing else was asked for a moment; nothing is answered where it has none, or where
/// something else was asked for meanwhile.
pub fn ask(address: String, answered: Box<dyn Fn(&str)>) {
    let this = ASKED.get().wrapping_add(1);
    ASKED.set(this);
    set_timeout(
        move || {
            let Ok(request) = XmlHttpRequest::new() else { return };
            if ASKED.get() != this || request.open("GET", &address).is_err() {
                return;
            }
            let answer = request.clone();
            let heard = Box::new(move |_| {
                if let (true, Ok(200), Ok(Some(text))) =
                    (ASKED.get() == this, answer.status(), answer.response_text())
                {
                    answered(&text);
                }
            });
            listen(&request, "load", heard);
            // What cannot be sent is not answered.
            request.send().ok();
        },
        PAUSE,
    );
}

/// Fields as a query string.
pub fn query(fields: &[(String, String)]) -> String {
    let Ok(query) = UrlSearchParams::new() else { return String::new() };
    for (name, value) in fields {
        query.append(name, value);
    }
    String::from(query.to_string())
}

/// Text in lower case. What other alphabets need of a table of letters stays on the server.
pub fn lower(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}
