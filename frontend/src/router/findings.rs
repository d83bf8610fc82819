//! The list of findings, and each of them.

use axum::Form;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use leptos::prelude::*;
use postern_domain::id::FindingId;
use postern_domain::moment;
use postern_domain::person::Permission;
use postern_domain::saved_view::id_of_slug;
use postern_service::Postern;
use postern_service::access::AccessError;
use postern_service::finding::{self, SelectionError};
use postern_service::saved_view::{Screen, changed_view, list_views};
use postern_service::view::{FindingQuery, SavedViewRow, SavedViewsView, Seen};

use super::exceptions::not_done;
use super::routes::Routes;
use super::visit::{Page, Site, Visit, address_of, as_of};
use crate::address::{
    COUNT_FINDINGS, DONE, FindingsAddress, VIEW, of_view, pairs, read_findings, value,
};
use crate::frame::{Islands, Place};
use crate::page::finding::FindingPage;
use crate::page::findings::selection::{SelectionPage, field};
use crate::page::findings::views::{ShownViews, ViewDone};
use crate::page::findings::{FindingsPage, counts_text, heading};
use crate::page::problem::{Problem, sentence};

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes
        .get("/findings", get_findings)
        .get(COUNT_FINDINGS, get_counts)
        .get("/findings/{id}", get_finding)
        .post("/findings/selection", post_selection)
}

async fn get_findings(site: Visit, RawQuery(query): RawQuery) -> Response {
    let page_address = address_of("/findings", query.as_deref());
    // Other than a filter, a moment that is not understood cannot be left out: the page would show now instead.
    if let Err(error) = as_of(query.as_deref()) {
        return site.not_then(error.to_string(), &page_address);
    }
    let mut address = read_findings(query.as_deref());
    let views = match shown_views(&site, query.as_deref(), &mut address).await {
        Ok(views) => views,
        Err(error) => return site.failed(&error),
    };
    let asked = address.query.connection.clone();
    let asked_for_page = address.query.after.is_some();
    match finding::list_findings(&site.postern, address.query).await {
        Err(error) => site.unread(&error, &page_address),
        Ok(None) => site.no_view(asked.as_deref()),
        Ok(Some(view)) => {
            let later = if view.offset > 0 { ", later page" } else { "" };
            let mut page = Page::of(format!("Findings{later}"), Place::Findings, &view.connections)
                .at_moment(view.as_of, page_address);
            page.islands = Islands::Some;
            let (ignored, may_ask) = (address.ignored, site.may_ask());
            let is_ticked = address.is_ticked;
            site.page(StatusCode::OK, page, || {
                // The service gives back the cursor that it used.
                let is_first_instead = asked_for_page && view.query.after.is_none();
                view! { <FindingsPage view=view ignored=ignored is_first_instead=is_first_instead may_ask=may_ask is_ticked=is_ticked views=views /> }
                    .into_any()
            })
        }
    }
}

/// What the fields of the filters let through, before they are applied.
async fn get_counts(site: Visit, RawQuery(query): RawQuery) -> Response {
    if let Err(error) = as_of(query.as_deref()) {
        return site.not_then(error.to_string(), &address_of("/findings", query.as_deref()));
    }
    // Rows are read for none of it.
    let asked = FindingQuery { limit: 1, after: None, ..read_findings(query.as_deref()).query };
    let slug = asked.connection.clone();
    match finding::list_findings(&site.postern, asked).await {
        Err(error) => site.unread(&error, &address_of("/findings", query.as_deref())),
        Ok(None) => site.no_view(slug.as_deref()),
        Ok(Some(view)) => counts_text(&view).into_response(),
    }
}

/// The saved views, and the list of the one that an address names without saying itself what it holds.
async fn shown_views(
    site: &Visit,
    query: Option<&str>,
    address: &mut FindingsAddress,
) -> Result<ShownViews, AccessError> {
    let all = list_views(&site.postern, Screen::Findings).await?;
    let selected = take_view(&all, address);
    let pairs = pairs(query);
    let said = value(&pairs, DONE).and_then(|said| said.split_once('-'));
    let done = match said.and_then(|(done, id)| Some((ViewDone::read(done)?, id.parse().ok()?))) {
        Some((done, id)) => changed_view(&site.postern, id).await?.map(|view| (done, view)),
        None => None,
    };
    Ok(ShownViews { all, selected, done, is_now: address.query.as_of.is_none() })
}

/// Gives the view that an address names, whose list it is where it does not say itself what it holds.
fn take_view(all: &SavedViewsView, address: &mut FindingsAddress) -> Option<SavedViewRow> {
    let slug = address.query.view.take()?;
    let selected = id_of_slug(&slug).and_then(|id| all.views.iter().find(|view| view.id == id));
    match selected {
        Some(view) => {
            address.query.view = Some(view.slug.clone());
            if !address.is_explicit {
                address.query = of_view(&view.query, std::mem::take(&mut address.query));
            }
        }
        None => address.ignored.push(format!("{VIEW}={slug}")),
    }
    selected.cloned()
}

/// The list of findings that a query string asks for, by itself or by the view that it names.
pub async fn list_asked_for(
    postern: &Postern,
    query: Option<&str>,
) -> Result<FindingsAddress, AccessError> {
    let mut address = read_findings(query);
    if address.query.view.is_some() {
        take_view(&list_views(postern, Screen::Findings).await?, &mut address);
    }
    Ok(address)
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
                islands: Islands::Copying,
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

/// All findings that match, as they stood when the list was seen.
async fn post_selection(site: Visit, Form(fields): Form<Vec<(String, String)>>) -> Response {
    if let Err(denied) = site.postern.require(Permission::AskForExceptions) {
        return site.denied(denied);
    }
    let refused = |reason: String| site.problem(Problem::NotExcepted { reason, about: None });
    let at = value(&fields, field::SEEN).and_then(|text| moment::parse(text).ok());
    let evaluation = value(&fields, field::EVALUATION).and_then(|text| text.parse().ok());
    let (Some(at), Some(evaluation)) = (at, evaluation) else {
        let reason = "The form does not say which list was seen. Open it again and choose there.";
        return refused(reason.to_owned());
    };
    let query = value(&fields, field::QUERY).unwrap_or_default();
    let asked = read_findings(Some(query));
    // A filter that is left out would choose more than was seen.
    if !asked.ignored.is_empty() {
        let parts = asked.ignored.join(", ");
        return refused(format!("Of what the list is of, this is not understood: {parts}."));
    }
    let slug = asked.query.connection.clone();
    match finding::select_findings(&site.postern, asked.query, Seen { at, evaluation }).await {
        Err(SelectionError::Exception(error)) => not_done(&site, error, None),
        Err(error) => refused(sentence(&error.to_string())),
        Ok(None) => site.no_view(slug.as_deref()),
        Ok(Some(view)) => {
            let title = format!("All that match · {}", view.connection.name);
            let selected = Some(view.connection.clone());
            let page = Page { selected, ..Page::alone(title, Place::Exceptions) };
            site.page(StatusCode::OK, page, || view! { <SelectionPage view=view /> }.into_any())
        }
    }
}
