//! What a property was and became.

use leptos::prelude::*;
use postern_domain::canonical;
use postern_domain::change::PropertyChange;
use serde_json::Value;

/// Characters of a value that people read; the command line and files have the whole.
const SHOWN: usize = 300;

/// A property with what it was and became, as an entry of a list.
#[component]
pub fn PropertyChangeItem(
    /// The change.
    change: PropertyChange,
) -> impl IntoView {
    view! {
        <li>
            <code class="id">{change.path}</code>
            ": "
            {property_value(change.before)}
            " became "
            {property_value(change.after)}
        </li>
    }
    .into_any()
}

/// A value as people read it, cut where it is long.
pub fn property_value(value: Option<Value>) -> AnyView {
    let Some(value) = value else { return view! { <span>"absent"</span> }.into_any() };
    let mut text = canonical::text(&value);
    if let Some((end, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(end);
        text.push('\u{2026}');
    }
    view! { <code>{text}</code> }.into_any()
}
