//! The frameworks, their controls.

use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_domain::framework::{ControlId, FrameworkId};
use postern_service::framework;

use super::routes::Routes;
use super::visit::{Page, Site, Visit, address_of, as_of};
use crate::address::{FRAMEWORKS, pairs, read_framework, value};
use crate::frame::Place;
use crate::page::frameworks::FrameworksPage;
use crate::page::frameworks::control::ControlPage;
use crate::page::frameworks::framework::FrameworkPage;
use crate::page::problem::Problem;

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes
        .get("/frameworks", get_frameworks)
        .get("/frameworks/{framework}", get_framework)
        .get("/frameworks/{framework}/{control}", get_control)
}

async fn get_frameworks(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let asked = value(&pairs, "connection");
    let address = address_of(FRAMEWORKS, query.as_deref());
    let as_of = match as_of(query.as_deref()) {
        Ok(as_of) => as_of,
        Err(error) => return site.not_then(error.to_string(), &address),
    };
    match framework::list_frameworks(&site.postern, asked, as_of).await {
        Err(error) => site.unread(&error, &address),
        Ok(None) => site.no_view(asked),
        Ok(Some(view)) => {
            let connections = &view.assessed.connections;
            let page = Page::of("Frameworks".to_owned(), Place::Frameworks, connections)
                .at_moment(view.assessed.as_of, address);
            site.page(StatusCode::OK, page, || view! { <FrameworksPage view=view /> }.into_any())
        }
    }
}

async fn get_framework(
    site: Visit,
    Path(framework): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let missing = || Problem::NotFound { what: format!("framework \u{201c}{framework}\u{201d}") };
    let Ok(id) = framework.parse::<FrameworkId>() else { return site.problem(missing()) };
    let page_address = address_of(&format!("{FRAMEWORKS}/{id}"), query.as_deref());
    let as_of = match as_of(query.as_deref()) {
        Ok(as_of) => as_of,
        Err(error) => return site.not_then(error.to_string(), &page_address),
    };
    let (address, ignored) = read_framework(query.as_deref());
    let asked = address.connection.as_deref();
    let controls = address.query.clone();
    match framework::show_framework(&site.postern, asked, &id, controls, as_of).await {
        Err(error) => site.unread(&error, &page_address),
        Ok(None) => site.problem(missing()),
        Ok(Some(view)) => {
            let connections = &view.assessed.connections;
            let page = Page::of(view.framework.name.clone(), Place::Frameworks, connections)
                .at_moment(view.assessed.as_of, page_address);
            site.page(StatusCode::OK, page, || {
                view! { <FrameworkPage view=view address=address ignored=ignored /> }.into_any()
            })
        }
    }
}

async fn get_control(
    site: Visit,
    Path((framework, control)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let missing = || Problem::NotFound {
        what: format!(
            "control \u{201c}{control}\u{201d} of a framework \u{201c}{framework}\u{201d}"
        ),
    };
    let (Ok(of), Ok(id)) = (framework.parse::<FrameworkId>(), control.parse::<ControlId>()) else {
        return site.problem(missing());
    };
    let pairs = pairs(query.as_deref());
    let asked = value(&pairs, "connection");
    let path = crate::address::control_href(&of, &id, None, None);
    let address = address_of(&path, query.as_deref());
    let as_of = match as_of(query.as_deref()) {
        Ok(as_of) => as_of,
        Err(error) => return site.not_then(error.to_string(), &address),
    };
    match framework::show_control(&site.postern, asked, (&of, &id), as_of).await {
        Err(error) => site.unread(&error, &address),
        Ok(None) => site.problem(missing()),
        Ok(Some(view)) => {
            let title = format!("{} · {}", view.control.id, view.framework.name);
            let page = Page::of(title, Place::Frameworks, &view.assessed.connections)
                .at_moment(view.assessed.as_of, address);
            site.page(StatusCode::OK, page, || view! { <ControlPage view=view /> }.into_any())
        }
    }
}
