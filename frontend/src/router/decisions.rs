//! The decision log.

use axum::body::Body;
use axum::extract::{Form, RawQuery};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use leptos::prelude::*;
use postern_domain::decision::Head;
use postern_domain::person::Permission;
use postern_service::decision::{self, DecisionFilter};

use super::routes::Routes;
use super::visit::{Page, Site, Visit};
use crate::address::{EXPORT_DECISIONS, VERIFY, pairs, value};
use crate::frame::Place;
use crate::page::decisions::{ACTION, BEFORE, DECISIONS, DecisionsPage, HEADS, VerifiedPage, WHO};

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes.get(DECISIONS, get_decisions).post(VERIFY, post_verify).get(EXPORT_DECISIONS, get_export)
}

/// Entries on a page of the decision log.
const DECISIONS_SHOWN: u32 = 100;

/// Heads that are looked for at a time.
const MOST_HEADS: usize = 100;

async fn get_decisions(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let before = value(&pairs, BEFORE).and_then(|number| number.parse().ok());
    // No entry has the character U+0000, which Postgres takes in no text.
    let of = |key| value(&pairs, key).map(|text| text.trim().replace('\0', "\u{fffd}"));
    let filter = DecisionFilter { who: of(WHO), action: of(ACTION) };
    match decision::find_decisions(&site.postern, &filter, before, DECISIONS_SHOWN).await {
        Err(error) => site.not_done(&error),
        Ok(view) => {
            let page = Page::alone("Decision log".to_owned(), Place::Decisions);
            site.page(StatusCode::OK, page, || {
                view! { <DecisionsPage view=view filter=filter is_later=before.is_some() /> }
                    .into_any()
            })
        }
    }
}

async fn post_verify(site: Visit, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let lines = value(&fields, HEADS).unwrap_or_default().lines().map(str::trim);
    let (mut heads, mut not_understood) = (Vec::new(), Vec::new());
    for line in lines.filter(|line| !line.is_empty()).take(MOST_HEADS) {
        match line.parse::<Head>() {
            Ok(head) => heads.push(head),
            Err(_) => not_understood.push(line.to_owned()),
        }
    }
    match decision::verify_decisions(&site.postern, heads).await {
        Err(error) => site.not_done(&error),
        Ok(verification) => {
            let page = Page::alone("Verified · Decision log".to_owned(), Place::Decisions);
            site.page(StatusCode::OK, page, || {
                view! { <VerifiedPage verification=verification not_understood=not_understood /> }
                    .into_any()
            })
        }
    }
}

/// The whole log, sent on while it is read: a log that cannot be read to its end breaks off, and is no whole file.
async fn get_export(site: Visit) -> Response {
    if let Err(denied) = site.postern.require(Permission::ReadDecisions) {
        return site.denied(denied);
    }
    let pages = stream::unfold((site.postern.clone(), Some(0)), async |(postern, after)| {
        let after = after?;
        match decision::export_page(&postern, after).await {
            Ok(None) => None,
            Ok(Some((lines, last))) => Some((Ok(lines), (postern, Some(last)))),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "an export broke off");
                Some((Err(error), (postern, None)))
            }
        }
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl; charset=utf-8")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"postern-decisions.jsonl\""),
        ),
    ];
    (headers, Body::from_stream(pages)).into_response()
}
