//! The routes: read, decide the status code, render.

mod live;

use axum::Form;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use leptos::prelude::*;
use postern_domain::id::{FindingId, ScanId};
use postern_domain::moment::{self, MomentError};
use postern_service::Postern;
use postern_service::connection::Connection;
use postern_service::difference::{
    DifferenceError, DifferencePart, DifferenceRequest, compare_snapshots,
};
use postern_service::live::LiveScans;
use postern_service::read::ReadError;
use postern_service::scan::ScanError;
use postern_service::trend::TrendError;
use postern_service::view::{AsOfView, ConnectionChoice, ConnectionView};
use postern_service::{connection, finding, overview, scan, schedule, trend};
use time::OffsetDateTime;

use crate::address::{
    AS_OF, TREND, connection_href, href, pairs, read_findings, read_trend, value,
};
use crate::frame::{Frame, Islands, PageAddress, Place, SiteAssets, render};
use crate::page::diff::{AFTER_ASSET, AFTER_FINDING, DiffPage, FROM, UNTIL};
use crate::page::finding::FindingPage;
use crate::page::findings::{FindingsPage, heading};
use crate::page::overview::{OverviewPage, Range};
use crate::page::problem::{Problem, ProblemPage};
use crate::page::scans::{Done, ScansPage, is_unfinished};
use crate::page::trend::TrendPage;

/// What pages may load: their own files, the island module among them; nothing inline, nothing from elsewhere.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// The pages: `/`, `/overview`, `/findings`, `/findings/{id}`, `/trend`, `/diff` and `/scans`; no fallback, which is the server's.
///
/// The forms that write, `POST /scans` and those below it, rely on the server to refuse requests that other sites began.
pub fn router(postern: Postern, live: LiveScans, site: SiteAssets) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/overview") }))
        .route("/overview", get(get_overview))
        .route("/findings", get(get_findings))
        .route("/findings/{id}", get(get_finding))
        .route("/diff", get(get_diff))
        .route(TREND, get(get_trend))
        .route("/scans", get(get_scans).post(post_scan))
        .route("/scans/live", get(live::get_live))
        .route("/scans/cancel", post(post_cancel))
        .route("/scans/pause", post(post_pause))
        .route("/scans/resume", post(post_resume))
        .with_state(Site { postern, live, assets: site })
}

/// Resources, and findings, on a page of differences.
const DIFFERENCES: u32 = 50;

#[derive(Clone)]
struct Site {
    postern: Postern,
    live: LiveScans,
    assets: SiteAssets,
}

/// A page that is not a problem.
struct Page {
    title: String,
    place: Place,
    islands: Islands,
    selected: Option<ConnectionView>,
    connections: Vec<ConnectionView>,
    as_of: Option<AsOfView>,
    address: Option<PageAddress>,
}

impl Page {
    /// It can be shown as of a moment in the past, and is as of this one.
    fn at_moment(self, as_of: Option<AsOfView>, address: PageAddress) -> Self {
        Self { as_of, address: Some(address), ..self }
    }

    fn of(title: String, place: Place, choice: &ConnectionChoice) -> Self {
        Self {
            title: format!("{title} · {}", choice.selected.name),
            place,
            islands: Islands::None,
            selected: Some(choice.selected.clone()),
            connections: choice.all.clone(),
            as_of: None,
            address: None,
        }
    }
}

/// The moment that an address asks for.
fn as_of(query: Option<&str>) -> Result<Option<OffsetDateTime>, MomentError> {
    value(&pairs(query), AS_OF).map(moment::parse).transpose()
}

/// The address of a page without its moment, and without what another moment does not have: a place in a list, or what
/// was just done.
fn address_of(path: &str, query: Option<&str>) -> PageAddress {
    let mut pairs = pairs(query);
    let passing = [AS_OF, "after", "queued", "cancelled", "schedule"];
    pairs.retain(|(name, _)| !passing.contains(&name.as_str()));
    PageAddress { path: path.to_owned(), pairs }
}

impl Site {
    fn page(&self, status: StatusCode, page: Page, content: impl FnOnce() -> AnyView) -> Response {
        let frame = Frame {
            title: page.title,
            has_filters: page.place == Place::Findings && status == StatusCode::OK,
            place: page.place,
            islands: page.islands,
            selected: page.selected,
            connections: page.connections,
            site: self.assets.clone(),
            packs: self.postern.packs(),
            as_of: page.as_of,
            address: page.address,
        };
        let mut response = (status, Html(render(frame, content))).into_response();
        let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        response
    }

    fn problem(&self, problem: Problem) -> Response {
        let status = match problem {
            Problem::NotFound { .. } => StatusCode::NOT_FOUND,
            Problem::NoConnection => StatusCode::OK,
            Problem::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Problem::Refused { .. } | Problem::NotThen { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let page = Page {
            title: problem.title().to_owned(),
            place: Place::Elsewhere,
            islands: Islands::None,
            selected: None,
            connections: Vec::new(),
            as_of: None,
            address: None,
        };
        self.page(status, page, || view! { <ProblemPage problem=problem /> }.into_any())
    }

    /// There is no view: an unknown connection was asked for, or there is none at all.
    fn no_view(&self, asked: Option<&str>) -> Response {
        self.problem(match asked {
            Some(slug) => Problem::NotFound { what: format!("connection \u{201c}{slug}\u{201d}") },
            None => Problem::NoConnection,
        })
    }

    /// The connection that a form names, or the page that says why there is none.
    async fn connection(&self, fields: &[(String, String)]) -> Result<Connection, Response> {
        let Some(slug) = value(fields, "connection") else {
            let reason = "The form names no connection.".to_owned();
            return Err(self.problem(Problem::Refused { reason }));
        };
        match connection::find_connection(&self.postern, slug).await {
            Err(error) => Err(self.failed(&error)),
            Ok(found) => found.ok_or_else(|| self.no_view(Some(slug))),
        }
    }

    /// A page could not be read: because of the moment that it asks for, or because reading failed.
    fn unread(&self, error: &ReadError, address: &PageAddress) -> Response {
        match error {
            ReadError::TooEarly { .. }
            | ReadError::NotKept { .. }
            | ReadError::Future { .. }
            | ReadError::NothingEvaluated(_) => self.not_then(error.to_string(), address),
            error => self.failed(error),
        }
    }

    fn not_then(&self, reason: String, PageAddress { path, pairs }: &PageAddress) -> Response {
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut sentence = reason;
        if let Some(first) = sentence.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        sentence.push('.');
        self.problem(Problem::NotThen { reason: sentence, now: href(path, &pairs) })
    }

    fn failed(&self, error: &dyn std::error::Error) -> Response {
        let mut causes = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            causes = format!("{causes}: {cause}");
            source = cause.source();
        }
        tracing::error!(error = causes, "a page could not be read");
        self.problem(Problem::Failed)
    }
}

async fn get_overview(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
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

async fn get_findings(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
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
            let ignored = address.ignored;
            site.page(StatusCode::OK, page, || {
                // The service gives back the cursor that it used.
                let is_first_instead = asked_for_page && view.query.after.is_none();
                view! { <FindingsPage view=view ignored=ignored is_first_instead=is_first_instead /> }
                    .into_any()
            })
        }
    }
}

async fn get_finding(
    State(site): State<Site>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
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
            site.page(StatusCode::OK, page, || view! { <FindingPage view=view /> }.into_any())
        }
    }
}

async fn get_scans(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
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

async fn get_trend(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
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

async fn get_diff(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
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
        Err(DifferenceError::Read(error)) => site.failed(&error),
        Err(error) => refused(error.to_string()),
        Ok(view) => {
            let page = Page::of("What changed".to_owned(), Place::Scans, &view.connections);
            site.page(StatusCode::OK, page, || view! { <DiffPage view=view /> }.into_any())
        }
    }
}

async fn post_scan(
    State(site): State<Site>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let found = match site.connection(&fields).await {
        Err(response) => return response,
        Ok(found) => found,
    };
    let slug = &found.slug;
    match scan::request_scan(&site.postern, found.id, "dashboard").await {
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

async fn post_cancel(
    State(site): State<Site>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let named = value(&fields, "scan").and_then(|id| id.parse::<ScanId>().ok());
    let (Some(slug), Some(scan)) = (value(&fields, "connection"), named) else {
        return site.problem(Problem::Refused { reason: "The form names no scan.".to_owned() });
    };
    if let Err(error) = scan::cancel_scan(&site.postern, scan, "dashboard").await {
        return site.failed(&error);
    }
    // One that has ended meanwhile is on the page, which says how.
    let scan = scan.to_string();
    Redirect::to(&href("/scans", &[("connection", slug), ("cancelled", &scan)])).into_response()
}

async fn post_pause(
    State(site): State<Site>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let found = match site.connection(&fields).await {
        Err(response) => return response,
        Ok(found) => found,
    };
    if let Err(error) = schedule::pause_schedule(&site.postern, found.id, "dashboard").await {
        return site.failed(&error);
    }
    // Whoever paused it, now or before, is on the page for as long as it lasts.
    Redirect::to(&connection_href("/scans", Some(&found.slug), None)).into_response()
}

async fn post_resume(
    State(site): State<Site>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let found = match site.connection(&fields).await {
        Err(response) => return response,
        Ok(found) => found,
    };
    if let Err(error) = schedule::resume_schedule(&site.postern, found.id, "dashboard").await {
        return site.failed(&error);
    }
    let pairs = [("connection", found.slug.as_str()), ("schedule", "resumed")];
    Redirect::to(&href("/scans", &pairs)).into_response()
}
