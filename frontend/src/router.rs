//! The routes: read, decide the status code, render.

mod exceptions;
mod live;
mod routes;
mod sign_in;
mod visit;

use axum::Form;
use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use postern_domain::id::{FindingId, ScanId};
use postern_domain::moment;
use postern_service::difference::{
    DifferenceError, DifferencePart, DifferenceRequest, compare_snapshots,
};
use postern_service::live::LiveScans;
use postern_service::read::ReadError;
use postern_service::scan::ScanError;
use postern_service::trend::TrendError;
use postern_service::{decision, finding, overview, scan, schedule, trend};

use crate::address::{TREND, connection_href, href, pairs, read_findings, read_trend, value};
use crate::frame::{Islands, Place, SiteAssets};
use crate::page::decisions::{BEFORE, DECISIONS, DecisionsPage};
use crate::page::diff::{AFTER_ASSET, AFTER_FINDING, DiffPage, FROM, UNTIL};
use crate::page::finding::FindingPage;
use crate::page::findings::{FindingsPage, heading};
use crate::page::overview::{OverviewPage, Range};
use crate::page::problem::Problem;
use crate::page::scans::{Done, ScansPage, is_unfinished};
use crate::page::trend::TrendPage;

pub use routes::{Route, Routes};
pub use sign_in::{show_denied, show_no_role, show_sign_in};
pub use visit::Visitor;
use visit::{Page, Site, Visit, address_of, as_of};

/// What pages may load: their own files, the island module among them; nothing inline, nothing from elsewhere.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// The pages: `/`, `/overview`, `/findings`, `/findings/{id}`, `/trend`, `/diff`, `/scans` and below `/exceptions`; no fallback, which is the server's.
///
/// They rely on the server to find out who asks, as a [`Visitor`] among the request's extensions, and to refuse requests
/// that other sites began.
pub fn router(live: LiveScans, site: SiteAssets) -> (Router, Vec<Route>) {
    let routes = Routes::new()
        .get("/", async || Redirect::to("/overview"))
        .get("/overview", get_overview)
        .get("/findings", get_findings)
        .get("/findings/{id}", get_finding)
        .get(DECISIONS, get_decisions)
        .get("/diff", get_diff)
        .get(TREND, get_trend)
        .get("/scans", get_scans)
        .post("/scans", post_scan)
        .get("/scans/live", live::get_live)
        .post("/scans/cancel", post_cancel)
        .post("/scans/pause", post_pause)
        .post("/scans/resume", post_resume);
    exceptions::add(routes).with_state(Site { live, assets: site })
}

/// Entries on a page of the decision log.
const DECISIONS_SHOWN: u32 = 100;

/// Resources, and findings, on a page of differences.
const DIFFERENCES: u32 = 50;

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

async fn get_findings(site: Visit, RawQuery(query): RawQuery) -> Response {
    let page_address = address_of("/findings", query.as_deref());
    // Other than a filter, a moment that is not understood cannot be left out: the page would show now instead.
    if let Err(error) = as_of(query.as_deref()) {
        return site.not_then(error.to_string(), &page_address);
    }
    let address = read_findings(query.as_deref());
    let asked = address.query.connection.clone();
    let asked_for_page = address.query.after.is_some();
    match finding::list_findings(&site.postern, address.query).await {
        Err(error) => site.unread(&error, &page_address),
        Ok(None) => site.no_view(asked.as_deref()),
        Ok(Some(view)) => {
            let later = if view.offset > 0 { ", later page" } else { "" };
            let page = Page::of(format!("Findings{later}"), Place::Findings, &view.connections)
                .at_moment(view.as_of, page_address);
            let (ignored, may_ask) = (address.ignored, site.may_ask());
            site.page(StatusCode::OK, page, || {
                // The service gives back the cursor that it used.
                let is_first_instead = asked_for_page && view.query.after.is_none();
                view! { <FindingsPage view=view ignored=ignored is_first_instead=is_first_instead may_ask=may_ask /> }
                    .into_any()
            })
        }
    }
}

async fn get_finding(site: Visit, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let missing = || Problem::NotFound { what: format!("finding \u{201c}{id}\u{201d}") };
    let Ok(finding) = id.parse::<FindingId>() else { return site.problem(missing()) };
    let address = address_of(&format!("/findings/{finding}"), query.as_deref());
    let as_of = match as_of(query.as_deref()) {
        Ok(as_of) => as_of,
        Err(error) => return site.not_then(error.to_string(), &address),
    };
    match finding::show_finding(&site.postern, finding, as_of).await {
        Err(error) => site.unread(&error, &address),
        Ok(None) => site.problem(missing()),
        Ok(Some(view)) => {
            let page = Page {
                title: format!(
                    "{} {} · {}",
                    view.row.id,
                    heading(&view.row.summary),
                    view.connection.name
                ),
                place: Place::Elsewhere,
                islands: Islands::None,
                selected: Some(view.connection.clone()),
                connections: Vec::new(),
                as_of: view.as_of,
                address: Some(address),
            };
            let may_ask = site.may_ask();
            site.page(StatusCode::OK, page, || {
                view! { <FindingPage view=view may_ask=may_ask /> }.into_any()
            })
        }
    }
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

async fn get_trend(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let asked = value(&pairs, "connection");
    let range = Range::read(value(&pairs, "range"));
    let address = address_of(TREND, query.as_deref());
    let as_of = match as_of(query.as_deref()) {
        Ok(as_of) => as_of,
        Err(error) => return site.not_then(error.to_string(), &address),
    };
    let (mut selection, not_understood) = read_trend(query.as_deref());
    let mut ignored: Vec<String> = (!not_understood.is_empty())
        .then(|| format!("Not understood, and left out: {}.", not_understood.join(", ")))
        .into_iter()
        .collect();
    let mut shown = trend::show_trend(&site.postern, asked, &selection, range.days(), as_of).await;
    if let Err(TrendError::UnknownControl(control)) = &shown {
        // The rest of what was chosen is not lost.
        ignored.push(format!(
            "No framework has the control \u{201c}{control}\u{201d}, so it was left out."
        ));
        selection.control = None;
        shown = trend::show_trend(&site.postern, asked, &selection, range.days(), as_of).await;
    }
    match shown {
        Err(TrendError::Read(error)) => site.unread(&error, &address),
        Err(error) => site.failed(&error),
        Ok(None) => site.no_view(asked),
        Ok(Some(view)) => {
            let mut page = Page::of("Trend".to_owned(), Place::Elsewhere, &view.connections)
                .at_moment(view.as_of, address);
            if view.points.len() > 1 && view.rules_counted > 0 {
                page.islands = Islands::Some;
            }
            site.page(StatusCode::OK, page, || {
                view! { <TrendPage view=view selection=selection range=range ignored=ignored /> }
                    .into_any()
            })
        }
    }
}

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

async fn get_diff(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let asked = value(&pairs, "connection");
    let scans = connection_href("/scans", asked, None);
    let refused = |reason: String| site.not_then(reason, &address_of(&scans, None));
    let moment = |key| value(&pairs, key).map(moment::parse).transpose();
    let (from, until) = match (moment(FROM), moment(UNTIL)) {
        (Ok(Some(from)), Ok(until)) => (from, until),
        (Ok(None), Ok(_)) => {
            return refused("a comparison needs a moment to begin with".to_owned());
        }
        (Err(error), _) | (_, Err(error)) => return refused(error.to_string()),
    };
    let request = DifferenceRequest {
        connection: asked.map(str::to_owned),
        from,
        until,
        part: Some(DifferencePart {
            limit: DIFFERENCES,
            asset: value(&pairs, AFTER_ASSET).and_then(|id| id.parse().ok()),
            finding: value(&pairs, AFTER_FINDING).and_then(|id| id.parse().ok()),
        }),
    };
    match compare_snapshots(&site.postern, request).await {
        Err(DifferenceError::NoConnection) => site.no_view(asked),
        Err(DifferenceError::Read(ReadError::UnknownConnection(slug))) => site.no_view(Some(&slug)),
        Err(DifferenceError::Read(error)) => site.unread(&error, &address_of(&scans, None)),
        Err(error) => refused(error.to_string()),
        Ok(view) => {
            let page = Page::of("What changed".to_owned(), Place::Scans, &view.connections);
            site.page(StatusCode::OK, page, || view! { <DiffPage view=view /> }.into_any())
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
