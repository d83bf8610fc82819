//! The pages of administration.

mod connections;
mod fields;
mod notifications;
mod people;
mod policy;
mod teams;
mod tokens;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use postern_service::administration::show_attention;

use super::routes::Routes;
use super::visit::{Page, Site, Visit};
use crate::address::{ADMIN, DONE, href};
use crate::frame::{MenuEntry, Place, Purpose};
use crate::page::admin::AttentionPage;

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    let adds =
        [connections::add, teams::add, people::add, tokens::add, notifications::add, policy::add];
    adds.into_iter().fold(routes.get(ADMIN, get_admin), |routes, add| add(routes))
}

async fn get_admin(site: Visit) -> Response {
    match show_attention(&site.postern, site.installation.grants.as_ref()).await {
        Err(error) => site.not_done(&error),
        Ok(view) => {
            let page = Page::alone("Administration".to_owned(), Place::Administration);
            let pages: Vec<MenuEntry> = MenuEntry::open_to(site.postern.actor())
                .into_iter()
                .filter(|entry| {
                    entry.purpose == Purpose::Administer && entry.place != Place::Administration
                })
                .collect();
            site.page(StatusCode::OK, page, || {
                view! { <AttentionPage view=view pages=pages /> }.into_any()
            })
        }
    }
}

/// To a page, which says what was done.
fn done(path: &str, what: &str) -> Response {
    Redirect::to(&href(path, &[(DONE, what)])).into_response()
}
