//! The banner that says when data is not real.

use leptos::prelude::*;

/// Says that data is invented; nothing where it is real.
#[component]
pub fn Banner(
    /// Whether all data is invented.
    is_demo: bool,
) -> impl IntoView {
    is_demo.then(|| {
        view! {
            <aside class="banner" aria-label="About this data">
                <p>"Demo data: invented company Contoso AI. Nothing here is real."</p>
            </aside>
        }
    })
}
