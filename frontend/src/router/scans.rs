//! The scans: their list, how they go on, and what is done with them.

mod live;

use axum::Form;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use postern_domain::id::ScanId;
use postern_service::scan::ScanError;
use postern_service::{scan, schedule};

use super::routes::Routes;
use super::visit::{Page, Site, Visit, address_of, as_of};
use crate::address::{connection_href, href, pairs, value};
use crate::frame::{Islands, Place};
use crate::page::problem::Problem;
use crate::page::scans::show::ScanPage;
use crate::page::scans::{Done, ScansPage, is_unfinished, scan_href};

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes
        .get("/scans", get_scans)
        .post("/scans", post_scan)
        .get("/scans/live", live::get_live)
        .get("/scans/{id}", get_scan)
        .post("/scans/cancel", post_cancel)
        .post("/scans/pause", post_pause)
        .post("/scans/resume", post_resume)
}

async fn get_scans(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let asked = value(&pairs, "connection");
    let id = |name| value(&pairs, name).and_then(|id| id.parse::<ScanId>().ok());
    let done = match (id("queued"), id("cancelled"), value(&pairs, "schedule")) {
        (Some(scan), _, _) => Some(Done::Requested(scan)),
        (None, Some(scan), _) => Some(Done::Cancelled(scan)),
        (None, None, Some("resumed")) => Some(Done::Resumed),
        (None, None, _) => None,
    };
    let address = address_of("/scans", query.as_deref());
    let as_of = match as_of(query.as_deref()) {
        Ok(as_of) => as_of,
        Err(error) => return site.not_then(error.to_string(), &address),
    };
    match scan::show_scans(&site.postern, asked, as_of).await {
        Err(error) => site.unread(&error, &address),
        Ok(None) => site.no_view(asked),
        Ok(Some(view)) => {
            let mut page = Page::of("Scans".to_owned(), Place::Scans, &view.connections)
                .at_moment(view.as_of, address);
            if view.as_of.is_none() && view.scans.iter().any(is_unfinished) {
                page.islands = Islands::Some;
            }
            site.page(StatusCode::OK, page, || {
                view! { <ScansPage view=view done=done /> }.into_any()
            })
        }
    }
}

async fn get_scan(site: Visit, Path(id): Path<String>) -> Response {
    let missing = || Problem::NotFound { what: format!("scan \u{201c}{id}\u{201d}") };
    let Ok(scan) = id.parse::<ScanId>() else { return site.problem(missing()) };
    match scan::show_scan_coverage(&site.postern, scan).await {
        Err(error) => site.unread(&error, &address_of(&scan_href(scan), None)),
        Ok(None) => site.problem(missing()),
        Ok(Some(view)) => {
            let mut page = Page::of(format!("Scan {scan}"), Place::Scans, &view.connections);
            if is_unfinished(&view.scan) {
                page.islands = Islands::Some;
            }
            site.page(StatusCode::OK, page, || view! { <ScanPage view=view /> }.into_any())
        }
    }
}

async fn post_scan(site: Visit, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let found = match site.connection(&fields).await {
        Err(response) => return response,
        Ok(found) => found,
    };
    let slug = &found.slug;
    match scan::request_scan(&site.postern, found.id, site.by()).await {
        Err(ScanError::Denied(denied)) => site.denied(denied),
        Err(ScanError::NotScanned(_)) => site.problem(Problem::Refused {
            reason: format!(
                "\u{201c}{slug}\u{201d} is fed with files, so there is nothing to scan."
            ),
        }),
        Err(error) => site.failed(&error),
        Ok(scan) => {
            let scan = scan.to_string();
            Redirect::to(&href("/scans", &[("connection", slug.as_str()), ("queued", &scan)]))
                .into_response()
        }
    }
}

async fn post_cancel(site: Visit, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let named = value(&fields, "scan").and_then(|id| id.parse::<ScanId>().ok());
    let (Some(slug), Some(scan)) = (value(&fields, "connection"), named) else {
        return site.problem(Problem::Refused { reason: "The form names no scan.".to_owned() });
    };
    if let Err(error) = scan::cancel_scan(&site.postern, scan).await {
        return site.not_done(&error);
    }
    // One that has ended meanwhile is on the page, which says how.
    let scan = scan.to_string();
    Redirect::to(&href("/scans", &[("connection", slug), ("cancelled", &scan)])).into_response()
}

async fn post_pause(site: Visit, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let found = match site.connection(&fields).await {
        Err(response) => return response,
        Ok(found) => found,
    };
    if let Err(error) = schedule::pause_schedule(&site.postern, found.id).await {
        return site.not_done(&error);
    }
    // Whoever paused it, now or before, is on the page for as long as it lasts.
    Redirect::to(&connection_href("/scans", Some(&found.slug), None)).into_response()
}

async fn post_resume(site: Visit, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let found = match site.connection(&fields).await {
        Err(response) => return response,
        Ok(found) => found,
    };
    if let Err(error) = schedule::resume_schedule(&site.postern, found.id).await {
        return site.not_done(&error);
    }
    let pairs = [("connection", found.slug.as_str()), ("schedule", "resumed")];
    Redirect::to(&href("/scans", &pairs)).into_response()
}
