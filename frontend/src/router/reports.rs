//! Reports: what is in them, before they are downloaded.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_domain::person::Permission;
use postern_service::overview;

use super::routes::Routes;
use super::visit::{Page, Site, Visit, address_of, as_of};
use crate::address::{pairs, value};
use crate::frame::Place;
use crate::page::reports::{REPORTS, ReportsPage};

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes.get(REPORTS, get_reports)
}

async fn get_reports(site: Visit, RawQuery(query): RawQuery) -> Response {
    // What the files need: a report is of a whole connection.
    if let Err(denied) = site.postern.actor().require(Permission::ReadEverything) {
        return site.denied(denied);
    }
    let pairs = pairs(query.as_deref());
    let asked = value(&pairs, "connection");
    let address = address_of(REPORTS, query.as_deref());
    let as_of = match as_of(query.as_deref()) {
        Ok(as_of) => as_of,
        Err(error) => return site.not_then(error.to_string(), &address),
    };
    match overview::show_overview(&site.postern, asked, as_of).await {
        Err(error) => site.unread(&error, &address),
        Ok(None) => site.no_view(asked),
        Ok(Some(view)) => {
            let page = Page::of("Reports".to_owned(), Place::Reports, &view.connections)
                .at_moment(view.as_of, address);
            site.page(StatusCode::OK, page, || view! { <ReportsPage view=view /> }.into_any())
        }
    }
}
