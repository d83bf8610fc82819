//! The banner that says when data is not real.

use leptos::prelude::*;

/// Says that data is invented or that Azure is simulated; nothing where both are real.
#[component]
pub fn Banner(
    /// Whether all data is invented.
    is_demo: bool,
    /// Whether Azure is simulated.
    simulated: bool,
) -> impl IntoView {
    let text = match (is_demo, simulated) {
        (true, _) => "Demo data: invented company Contoso AI. Nothing here is real.",
        (false, true) => "Simulated Azure: what is read here does not exist.",
        (false, false) => return None,
    };
    Some(
        view! {
            <aside class="banner" aria-label="About this data">
                <p>{text}</p>
            </aside>
        }
        .into_any(),
    )
}
