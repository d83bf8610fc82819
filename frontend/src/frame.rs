//! The document around a page: head, banner, header, navigation and footer.

mod banner;
mod header;
mod place;

use leptos::prelude::*;
use postern_domain::person::Actor;
use postern_service::view::{AsOfView, ConnectionView, PackView};
use time::OffsetDateTime;

use crate::address::connection_href;
use crate::part::PackName;

pub use place::{MenuEntry, Place, Purpose};

/// What the built site is called, and where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteAssets {
    /// The address of the style sheet.
    pub css: String,
    /// The address of the script; it finds the WASM beside itself.
    pub js: String,
    /// The address of the WASM.
    pub wasm: String,
    /// The address of the small script that adds buttons to copy.
    pub copy: String,
    /// Whether all data is invented; every page says so.
    pub is_demo: bool,
}

/// Whether a page has an island, and so which script it loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Islands {
    /// It loads the script.
    Some,
    /// None, but something to copy: it loads the small script for that alone.
    Copying,
    /// It loads none.
    None,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonView {
    /// What people call them.
    pub name: String,
    /// Their roles, each with what it is limited to.
    pub roles: Vec<String>,
}

impl PersonView {
    /// Who acts, where it is somebody who signed in.
    pub fn of(actor: &Actor) -> Option<Self> {
        let Actor::Person { name, grants, .. } = actor else { return None };
        let roles = grants.iter().map(ToString::to_string).collect();
        Some(Self { name: name.clone(), roles })
    }

    /// The roles as a list in a sentence.
    pub fn roles_in_words(&self) -> String {
        if self.roles.is_empty() { "without a role".to_owned() } else { self.roles.join(", ") }
    }
}

/// What the document says beside the page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The page's title, without the product's name.
    pub title: String,
    /// Where the page is.
    pub place: Place,
    /// Whether it has an island.
    pub islands: Islands,
    /// The connection that it shows.
    pub selected: Option<ConnectionView>,
    /// All connections; empty where the page did not read them.
    pub connections: Vec<ConnectionView>,
    /// The site.
    pub site: SiteAssets,
    /// Who is signed in; `None` where nobody has to be.
    pub person: Option<PersonView>,
    /// The pages of the navigation that whoever asks can open.
    pub menu: Vec<MenuEntry>,
    /// The active packs.
    pub packs: Vec<PackView>,
    /// Whether the page has filters and results to skip to.
    pub has_filters: bool,
    /// The moment in the past that the page is as of; `None` for now.
    pub as_of: Option<AsOfView>,
    /// The page's own address, where it can be shown as of a moment in the past.
    pub address: Option<PageAddress>,
}

/// The address of a page without the moment that it is as of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAddress {
    /// The path.
    pub path: String,
    /// The rest of its query string.
    pub pairs: Vec<(String, String)>,
}

/// Renders a whole document; `page` is called once.
pub fn render(frame: Frame, page: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new_root(None);
    let html = owner.with(|| document(frame, page()).to_html());
    owner.unset_with_forced_cleanup();
    format!("<!DOCTYPE html>{html}")
}

fn document(frame: Frame, page: AnyView) -> impl IntoView {
    let as_of = frame.as_of.map(|as_of| as_of.moment);
    let address = frame.address.clone();
    let script = match frame.islands {
        Islands::Some => Some(frame.site.js.clone()),
        Islands::Copying => Some(frame.site.copy.clone()),
        Islands::None => None,
    };
    let script = script.map(
        |src| view! { <script type="module" async=true fetchpriority="low" src=src></script> },
    );
    let skips = [("#content", "Skip to content")]
        .into_iter()
        .chain(
            [("#filters", "Skip to filters"), ("#results", "Skip to results")]
                .into_iter()
                .filter(|_| frame.has_filters),
        )
        .map(|(target, word)| view! { <a href=target>{word}</a> })
        .collect_view();
    let packs: Vec<_> =
        frame.packs.iter().cloned().map(|pack| view! { <PackName pack=pack /> }).collect();
    view! {
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <title>{format!("{} · Postern", frame.title)}</title>
                <link rel="icon" href=header::ICON type="image/svg+xml" />
                <link rel="stylesheet" href=frame.site.css.clone() />
                {script}
            </head>
            <body>
                <nav class="skips" aria-label="Skip">{skips}</nav>
                <header::Header
                    place=frame.place
                    selected=frame.selected.clone()
                    connections=frame.connections
                    as_of=as_of
                    address=address.clone().map(|address| address.pairs)
                    person=frame.person
                    may_search=!frame.menu.is_empty()
                    has_islands=frame.islands == Islands::Some
                />
                <banner::Banner is_demo=frame.site.is_demo />
                {address.map(|PageAddress { path, pairs }| {
                    view! { <banner::AsOfBanner as_of=frame.as_of path=path address=pairs /> }
                })}
                <div class="columns">
                    <Navigation place=frame.place menu=frame.menu selected=frame.selected as_of=as_of />
                    <main id="content" tabindex="-1">{page}</main>
                </div>
                <footer>
                    <p>{concat!("Postern ", env!("CARGO_PKG_VERSION"))}</p>
                    {(!packs.is_empty()).then(|| view! { <p class="packs">"Judged by " {packs}</p> })}
                </footer>
            </body>
        </html>
    }
}

#[component]
fn Navigation(
    place: Place,
    menu: Vec<MenuEntry>,
    selected: Option<ConnectionView>,
    as_of: Option<OffsetDateTime>,
) -> impl IntoView {
    if menu.is_empty() {
        return ().into_any();
    }
    let slug = selected.map(|connection| connection.slug);
    let link = |entry: &MenuEntry| {
        view! {
            <li>
                <a
                    href=connection_href(entry.path, slug.as_deref(), as_of)
                    aria-current=(entry.place == place).then_some("page")
                >
                    {entry.word}
                </a>
            </li>
        }
    };
    let groups = |prefix: &str| -> Vec<_> {
        let group = |purpose: &Purpose| {
            let links: Vec<_> =
                menu.iter().filter(|entry| entry.purpose == *purpose).map(link).collect();
            let id = format!("{prefix}-{}", purpose.word().to_lowercase());
            (!links.is_empty()).then(|| {
                view! {
                    <div class="rail-group">
                        <p class="rail-heading" id=id.clone()>{purpose.word()}</p>
                        <ul aria-labelledby=id>{links}</ul>
                    </div>
                }
            })
        };
        Purpose::ALL.iter().filter_map(group).collect()
    };
    let here = menu.iter().find(|entry| entry.place == place).map(|entry| entry.word);
    // One of the two is shown: beside the page where there is room, else folded above it.
    view! {
        <details class="rail-menu">
            <summary>"Menu"<span class="rail-here">{here}</span></summary>
            <nav class="rail-folded" aria-label="Main">{groups("menu")}</nav>
        </details>
        <nav class="rail" aria-label="Main">{groups("rail")}</nav>
    }
    .into_any()
}
