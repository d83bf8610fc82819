//! The overview.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_service::overview;

use super::routes::Routes;
use super::visit::{Page, Site, Visit, address_of, as_of};
use crate::address::{pairs, value};
use crate::frame::{Islands, Place};
use crate::page::overview::{OverviewPage, Range};

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes.get("/overview", get_overview)
}

async fn get_overview(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let asked = value(&pairs, "connection");
    let range = Range::read(value(&pairs, "range"));
    let address = address_of("/overview", query.as_deref());
    let as_of = match as_of(query.as_deref()) {
        Ok(as_of) => as_of,
        Err(error) => return site.not_then(error.to_string(), &address),
    };
    match overview::show_overview(&site.postern, asked, as_of).await {
        Err(error) => site.unread(&error, &address),
        Ok(None) => site.no_view(asked),
        Ok(Some(view)) => {
            let mut page = Page::of("Overview".to_owned(), Place::Overview, &view.connections)
                .at_moment(view.as_of, address);
            if view.trend.len() > 1 {
                page.islands = Islands::Some;
            }
            site.page(StatusCode::OK, page, || {
                view! { <OverviewPage view=view range=range /> }.into_any()
            })
        }
    }
}
