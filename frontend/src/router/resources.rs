//! The list of resources, and each of them.

use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use leptos::prelude::*;
use postern_domain::id::AssetNumber;
use postern_service::resource::{self, ResourceRequest};
use postern_service::view::ResourceQuery;

use super::routes::Routes;
use super::visit::{Page, Site, Visit, address_of, as_of};
use crate::address::{COUNT_RESOURCES, RESOURCES, read_comparison, read_resources};
use crate::frame::{Islands, Place};
use crate::page::problem::Problem;
use crate::page::resource::{ResourcePage, name};
use crate::page::resources::{ResourcesPage, counts_text};

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes
        .get(RESOURCES, get_resources)
        .get(COUNT_RESOURCES, get_counts)
        .get("/resources/{number}", get_resource)
}

/// What the fields of the filters let through, before they are applied.
async fn get_counts(site: Visit, RawQuery(query): RawQuery) -> Response {
    if let Err(error) = as_of(query.as_deref()) {
        return site.not_then(error.to_string(), &address_of(RESOURCES, query.as_deref()));
    }
    // Rows are read for none of it.
    let asked = ResourceQuery { limit: 1, after: None, ..read_resources(query.as_deref()).query };
    let slug = asked.connection.clone();
    match resource::list_resources(&site.postern, asked).await {
        Err(error) => site.unread(&error, &address_of(RESOURCES, query.as_deref())),
        Ok(None) => site.no_view(slug.as_deref()),
        Ok(Some(view)) => counts_text(&view).into_response(),
    }
}

async fn get_resources(site: Visit, RawQuery(query): RawQuery) -> Response {
    let page_address = address_of(RESOURCES, query.as_deref());
    // Other than a filter, a moment that is not understood cannot be left out: the page would show now instead.
    if let Err(error) = as_of(query.as_deref()) {
        return site.not_then(error.to_string(), &page_address);
    }
    let address = read_resources(query.as_deref());
    let asked = address.query.connection.clone();
    let asked_for_page = address.query.after.is_some();
    match resource::list_resources(&site.postern, address.query).await {
        Err(error) => site.unread(&error, &page_address),
        Ok(None) => site.no_view(asked.as_deref()),
        Ok(Some(view)) => {
            let later = if view.offset > 0 { ", later page" } else { "" };
            let mut page =
                Page::of(format!("Resources{later}"), Place::Resources, &view.connections)
                    .at_moment(view.as_of, page_address);
            page.islands = Islands::Some;
            let ignored = address.ignored;
            site.page(StatusCode::OK, page, || {
                // The service gives back the cursor that it used.
                let is_first_instead = asked_for_page && view.query.after.is_none();
                view! { <ResourcesPage view=view ignored=ignored is_first_instead=is_first_instead /> }
                    .into_any()
            })
        }
    }
}

async fn get_resource(
    site: Visit,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let missing = || Problem::NotFound { what: format!("resource \u{201c}{number}\u{201d}") };
    let Ok(number) = number.parse::<AssetNumber>() else { return site.problem(missing()) };
    let address = address_of(&format!("{RESOURCES}/{number}"), query.as_deref());
    let as_of = match as_of(query.as_deref()) {
        Ok(as_of) => as_of,
        Err(error) => return site.not_then(error.to_string(), &address),
    };
    let request = ResourceRequest { number, as_of, compare: read_comparison(query.as_deref()) };
    match resource::show_resource(&site.postern, request).await {
        Err(error) => site.unread(&error, &address),
        Ok(None) => site.problem(missing()),
        Ok(Some(view)) => {
            let page = Page {
                title: format!("{} {} · {}", view.number, name(&view), view.connection.name),
                place: Place::Elsewhere,
                islands: Islands::Copying,
                selected: Some(view.connection.clone()),
                connections: Vec::new(),
                as_of: view.as_of,
                address: Some(address),
            };
            site.page(StatusCode::OK, page, || view! { <ResourcePage view=view /> }.into_any())
        }
    }
}
