//! Administration: what needs attention, and who and what Postern works with.

pub mod connections;
mod field;
pub mod notifications;
pub mod people;
pub mod policy;
pub mod teams;
pub mod tokens;

use leptos::prelude::*;
use postern_service::administration::{AdministratorsView, AttentionView};
use postern_service::view::ConnectionView;

use crate::address::{ADMIN, CONNECTIONS, NOTIFICATIONS, PEOPLE, TEAMS, TOKENS, connection_href};
use crate::frame::{MenuEntry, Place};
use crate::page::welcome::WELCOME;
use crate::part::{counted, day};

/// What needs attention, and the way to the other pages.
#[component]
pub fn AttentionPage(
    /// What needs it.
    view: AttentionView,
    /// The pages that whoever asks can open.
    pages: Vec<MenuEntry>,
) -> impl IntoView {
    let knows_all = view.of_administrators.is_some();
    let items = items(&view);
    let attention = if items.is_empty() {
        view! { <p class="empty">"Nothing needs attention."</p> }.into_any()
    } else {
        view! { <ul class="plain attention" aria-labelledby="attention-heading">{items}</ul> }
            .into_any()
    };
    let not_shown = (!knows_all).then(|| {
        view! { <p class="hint">"Administrators also see messages that failed, tokens that end soon and whether enough people approve."</p> }
    });
    let links: Vec<_> = pages
        .into_iter()
        .map(|entry| {
            view! {
                <li>
                    <a class="row-link" href=entry.path>{entry.word}</a>
                    <span class="below">{about(entry.place)}</span>
                </li>
            }
        })
        .collect();
    view! {
        <div class="page-head"><h1>"Administration"</h1></div>
        <section class="part" aria-labelledby="attention-heading">
            <h2 id="attention-heading">"Needs attention"</h2>
            {attention}
            {not_shown}
            <p><a href=WELCOME>"First steps, and how each stands"</a></p>
        </section>
        <section class="panel" aria-labelledby="pages-heading">
            <h2 id="pages-heading">"Pages"</h2>
            <ul class="plain cards" aria-labelledby="pages-heading">{links}</ul>
        </section>
    }
    .into_any()
}

/// What a page is for.
fn about(place: Place) -> &'static str {
    match place {
        Place::Connections => "What is scanned, when, and how Postern signs in to Azure",
        Place::Teams => "Which assets are whose, by which rule",
        Place::People => "Who signed in, which roles they have, and ending their sessions",
        Place::Tokens => "What programs ask with, until when",
        Place::Notifications => "Your mail, where messages go, and those that failed",
        Place::Policy => "What exceptions may do, how long things are kept, and the room they take",
        _ => "",
    }
}

fn items(view: &AttentionView) -> Vec<AnyView> {
    let mut items: Vec<AnyView> = Vec::new();
    if let Some(known) = &view.of_administrators {
        of_administrators(known, &mut items);
    }
    let name = |connection: &ConnectionView| connection.name.clone();
    for connection in &view.never_read {
        let scans = connection_href("/scans", Some(&connection.slug), None);
        items.push(item(
            format!("{} was never read to the end.", name(connection)),
            scans,
            "Open its scans",
        ));
    }
    for (connection, problem) in &view.not_followed {
        let sentence = format!("The schedule of {} is not followed: {problem}.", name(connection));
        items.push(item(sentence, CONNECTIONS.to_owned(), "Open connections"));
    }
    for (connection, paused) in &view.paused {
        let sentence = format!(
            "The schedule of {} has been paused since {} by {}.",
            name(connection),
            day(paused.at),
            paused.by
        );
        items.push(item(sentence, CONNECTIONS.to_owned(), "Open connections"));
    }
    let without = view.teams_without_people.as_deref().unwrap_or_default();
    if !without.is_empty() {
        let names: Vec<&str> = without.iter().map(|team| team.name.as_str()).collect();
        let sentence = format!(
            "Nobody can be a contributor of {}: no rule of the sign-in file gives that role.",
            names.join(", ")
        );
        items.push(item(sentence, TEAMS.to_owned(), "Open teams"));
    }
    items
}

fn of_administrators(known: &AdministratorsView, items: &mut Vec<AnyView>) {
    if known.failed_deliveries > 0 {
        let failed = counted(known.failed_deliveries, "message", "messages");
        items.push(item(
            format!("{failed} could not be delivered."),
            NOTIFICATIONS.to_owned(),
            "Open notifications",
        ));
    }
    for (name, ends_at) in &known.ending_tokens {
        let sentence = format!("The token {name} ends on {}.", day(*ends_at));
        items.push(item(sentence, TOKENS.to_owned(), "Open tokens"));
    }
    let sentence = match known.approvers {
        Some(0) => "No approver signed in within 90 days, so that nobody decides on exceptions.",
        Some(1) => {
            "Only one approver signed in within 90 days: nobody else decides on what they ask for."
        }
        _ => return,
    };
    items.push(item(sentence.to_owned(), PEOPLE.to_owned(), "Open people"));
}

fn item(sentence: String, address: String, link: &'static str) -> AnyView {
    view! { <li><span>{sentence}</span> " " <a href=address>{link}</a></li> }.into_any()
}

/// The way back, below the pages of administration.
#[component]
fn Crumbs(
    /// The page that this one is below: its address and what it is called.
    of: (&'static str, &'static str),
    /// What this page is.
    here: String,
) -> impl IntoView {
    let (address, name) = of;
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li><a href=ADMIN>"Administration"</a></li>
                <li><a href=address>{name}</a></li>
                <li aria-current="page">{here}</li>
            </ol>
        </nav>
    }
    .into_any()
}
