//! What changed between two moments.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_domain::moment;
use postern_service::difference::{
    DifferenceError, DifferencePart, DifferenceRequest, compare_snapshots,
};
use postern_service::read::ReadError;

use super::routes::Routes;
use super::visit::{Page, Site, Visit, address_of};
use crate::address::{connection_href, pairs, value};
use crate::frame::Place;
use crate::page::diff::{AFTER_ASSET, AFTER_FINDING, DiffPage, FROM, UNTIL};

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes.get("/diff", get_diff)
}

/// Resources, and findings, on a page of differences.
const DIFFERENCES: u32 = 50;

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
