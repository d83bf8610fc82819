//! The trend of all findings, or of some.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_service::trend;
use postern_service::trend::TrendError;

use super::routes::Routes;
use super::visit::{Page, Site, Visit, address_of, as_of};
use crate::address::{TREND, pairs, read_trend, value};
use crate::frame::{Islands, Place};
use crate::page::overview::Range;
use crate::page::trend::TrendPage;

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes.get(TREND, get_trend)
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
