//! The header: the product's name and the connection that is shown.

use leptos::prelude::*;
use postern_service::view::ConnectionView;

use super::Place;
use crate::address::connection_href;

/// The mark as an image: a small gate in a wall.
pub const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20'%3E%3Cpath fill='%231f4fb4' d='M2 18V8a8 8 0 0 1 16 0v10h-5V9a3 3 0 0 0-6 0v9Z'/%3E%3C/svg%3E";

/// The header of every page.
#[component]
pub fn Header(
    /// Where the page is: another connection opens at the same place.
    place: Place,
    /// The connection shown.
    selected: Option<ConnectionView>,
    /// All connections.
    connections: Vec<ConnectionView>,
) -> impl IntoView {
    let slug = selected.as_ref().map(|connection| connection.slug.clone());
    let switcher = selected.map(|selected| switcher(place, &selected, &connections));
    view! {
        <header class="top">
            <a class="brand" href=connection_href("/overview", slug.as_deref())>
                <svg class="brand-mark" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
                    <path d="M2 18V8a8 8 0 0 1 16 0v10h-5V9a3 3 0 0 0-6 0v9Z"></path>
                </svg>
                "Postern"
            </a>
            {switcher}
        </header>
    }
    .into_any()
}

fn switcher(place: Place, selected: &ConnectionView, connections: &[ConnectionView]) -> AnyView {
    if connections.len() < 2 {
        return view! {
            <p class="connection">
                <span class="connection-word">"Connection"</span>
                <strong>{selected.name.clone()}</strong>
            </p>
        }
        .into_any();
    }
    let links: Vec<_> = connections
        .iter()
        .map(|connection| {
            let current = (connection.slug == selected.slug).then_some("true");
            view! {
                <li>
                    <a href=connection_href(place.path(), Some(&connection.slug)) aria-current=current>
                        {connection.name.clone()}
                    </a>
                </li>
            }
        })
        .collect();
    view! {
        <details class="connection menu">
            <summary>
                <span class="connection-word">"Connection"</span>
                <strong>{selected.name.clone()}</strong>
            </summary>
            <ul>{links}</ul>
        </details>
    }
    .into_any()
}
