//! The shape of a badge, which says what its colour says; islands have badges too.

use leptos::prelude::*;

/// The shape of what says nothing either way.
pub const NEUTRAL: &str = "M3 3h14v14H3Zm3 6.1v1.8h8V9.1Z";

/// A badge's shape.
#[component]
pub fn Shape(
    /// What an SVG of 20 by 20 draws.
    path: &'static str,
) -> impl IntoView {
    view! {
        <svg class="shape" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path fill-rule="evenodd" d=path></path>
        </svg>
    }
    .into_any()
}
