//! The decision log.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_service::decision;

use super::routes::Routes;
use super::visit::{Page, Site, Visit};
use crate::address::{pairs, value};
use crate::frame::Place;
use crate::page::decisions::{BEFORE, DECISIONS, DecisionsPage};

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes.get(DECISIONS, get_decisions)
}

/// Entries on a page of the decision log.
const DECISIONS_SHOWN: u32 = 100;

async fn get_decisions(site: Visit, RawQuery(query): RawQuery) -> Response {
    let before = value(&pairs(query.as_deref()), BEFORE).and_then(|number| number.parse().ok());
    match decision::list_decisions(&site.postern, before, DECISIONS_SHOWN).await {
        Err(error) => site.not_done(&error),
        Ok(view) => {
            let page = Page::alone("Decision log".to_owned(), Place::Decisions);
            site.page(StatusCode::OK, page, || {
                view! { <DecisionsPage view=view is_later=before.is_some() /> }.into_any()
            })
        }
    }
}
