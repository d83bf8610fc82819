//! The header: the product's name and the connection that is shown.

use leptos::prelude::*;
use postern_service::view::ConnectionView;
use time::{OffsetDateTime, UtcOffset};

use super::{PersonView, Place};
use crate::Palette;
use crate::address::{AS_OF, SEARCH, SUGGEST, connection_href};
use crate::part::day;

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
    /// The moment in the past that the page is as of.
    as_of: Option<OffsetDateTime>,
    /// What the page's address says beside the moment; `None` where the page shows only now.
    address: Option<Vec<(String, String)>>,
    /// Who is signed in.
    person: Option<PersonView>,
    /// Whether there is something to find: to somebody without a role there is not.
    may_search: bool,
    /// Whether the page loads the script of its islands.
    has_islands: bool,
) -> impl IntoView {
    let palette = (may_search && has_islands).then(|| {
        let slug = selected.as_ref().map(|it| it.slug.as_str());
        view! { <Palette source=connection_href(SUGGEST, slug, None) /> }
    });
    let search = may_search.then(|| search(selected.as_ref().map(|it| it.slug.clone())));
    let person = person.map(|person| account(&person));
    let chooser = address.map(|address| chooser(as_of, address));
    let slug = selected.as_ref().map(|connection| connection.slug.clone());
    let switcher = selected.map(|selected| switcher(place, &selected, &connections, as_of));
    view! {
        <header class="top">
            <a class="brand" href=connection_href("/overview", slug.as_deref(), as_of)>
                <svg class="brand-mark" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
                    <path d="M2 18V8a8 8 0 0 1 16 0v10h-5V9a3 3 0 0 0-6 0v9Z"></path>
                </svg>
                "Postern"
            </a>
            {search}
            {palette}
            {switcher}
            {chooser}
            {person}
        </header>
    }
    .into_any()
}

/// To anything by its name or id.
fn search(slug: Option<String>) -> AnyView {
    let connection =
        slug.map(|slug| view! { <input type="hidden" name="connection" value=slug /> });
    view! {
        <form class="search" role="search" method="get" action=SEARCH aria-label="Search">
            {connection}
            <input type="search" name="q" aria-label="Name or id" placeholder="Name or id" />
            <button class="button" type="submit">"Search"</button>
        </form>
    }
    .into_any()
}

fn switcher(
    place: Place,
    selected: &ConnectionView,
    connections: &[ConnectionView],
    as_of: Option<OffsetDateTime>,
) -> AnyView {
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
                    <a href=connection_href(place.path(), Some(&connection.slug), as_of) aria-current=current>
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

/// Who is signed in, by which roles, and the way out.
fn account(person: &PersonView) -> AnyView {
    let roles: Vec<_> = person.roles.iter().map(|role| view! { <li>{role.clone()}</li> }).collect();
    let roles = if roles.is_empty() {
        view! { <p>"You have no role yet."</p> }.into_any()
    } else {
        view! {
            <p id="account-roles">"Your roles"</p>
            <ul class="plain" aria-labelledby="account-roles">{roles}</ul>
        }
        .into_any()
    };
    view! {
        <details class="connection menu account">
            <summary>
                <span class="connection-word">"Signed in"</span>
                <strong>{person.name.clone()}</strong>
            </summary>
            <div class="sheet">
                {roles}
                <form method="post" action="/sign-out">
                    <button class="button" type="submit">"Sign out"</button>
                </form>
            </div>
        </details>
    }
    .into_any()
}

/// The way to a moment in the past: a form that asks for the same page as of the end of a day.
fn chooser(as_of: Option<OffsetDateTime>, address: Vec<(String, String)>) -> AnyView {
    let shown = as_of.map_or_else(|| "now".to_owned(), day);
    let date = as_of.map(|at| at.to_offset(UtcOffset::UTC).date().to_string());
    let kept: Vec<_> = address
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect();
    view! {
        <details class="connection menu as-of">
            <summary>
                <span class="connection-word">"As of"</span>
                <strong>{shown}</strong>
            </summary>
            <form method="get" aria-label="As of">
                {kept}
                <label for="as-of-date">"End of the day (UTC)"</label>
                <input id="as-of-date" type="date" name=AS_OF value=date required="" />
                <button class="button" type="submit">"Show"</button>
            </form>
        </details>
    }
    .into_any()
}
