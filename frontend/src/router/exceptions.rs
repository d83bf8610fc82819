//! Exceptions: the list, the pages, and what is done to them.

mod ask;
mod decide;
mod several;
mod thread;

use axum::extract::{DefaultBodyLimit, Path, RawQuery};
use axum::handler::Handler as _;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use postern_domain::id::ExceptionId;
use postern_domain::person::Permission;
use postern_service::exception::{self, ExceptionError};
use postern_service::read::ReadError;
use postern_service::view::{ExceptionQuery, ExceptionTab, ExceptionView};

use super::Routes;
use super::visit::{Page, Site, Visit, address_of, as_of};
use crate::address::{EXCEPTIONS, exception_href, href, pairs, value};
use crate::frame::Place;
use crate::page::exceptions::ExceptionsPage;
use crate::page::exceptions::azure::ExemptionsPage;
use crate::page::exceptions::show::{Done, ExceptionPage, Kept};
use crate::page::problem::{Problem, sentence};
use crate::part::Mistake;

/// Adds the routes of exceptions.
pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    let most = DefaultBodyLimit::max(thread::MOST_FORM_BYTES);
    routes
        .get("/exceptions", get_exceptions)
        .post("/exceptions", ask::post_exception)
        .get("/exceptions/new", ask::get_new)
        .post("/exceptions/check", ask::post_check)
        .get("/exceptions/{id}", get_exception)
        .get("/exceptions/{id}/edit", ask::get_edit)
        .post("/exceptions/{id}/edit", ask::post_edit)
        .get("/exceptions/{id}/extend", ask::get_extend)
        .post("/exceptions/{id}/file", decide::post_file)
        .post("/exceptions/{id}/withdraw", decide::post_withdraw)
        .post("/exceptions/{id}/decide", decide::post_decide)
        .get("/exceptions/{id}/revoke", decide::get_revoke)
        .post("/exceptions/{id}/revoke", decide::post_revoke)
        .get("/exceptions/azure", get_azure)
        .get("/exceptions/several", several::get_several)
        .post("/exceptions/several", several::post_several)
        .post("/exceptions/{id}/comment", thread::post_comment)
        .post("/exceptions/{id}/files", thread::post_file.layer(most))
        .get("/exceptions/{id}/files/{file}", thread::get_file)
}

async fn get_exceptions(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let asked = value(&pairs, "connection");
    let tab = ExceptionTab::ALL.iter().find(|tab| Some(tab.as_str()) == value(&pairs, "tab"));
    let address = address_of(EXCEPTIONS, query.as_deref());
    let as_of = match as_of(query.as_deref()) {
        Ok(as_of) => as_of,
        Err(error) => return site.not_then(error.to_string(), &address),
    };
    let query = ExceptionQuery {
        connection: asked.map(str::to_owned),
        tab: tab.copied().unwrap_or_default(),
        as_of,
    };
    match exception::list_exceptions(&site.postern, query).await {
        Err(error) => site.unread(&error, &address),
        Ok(None) => site.no_view(asked),
        Ok(Some(view)) => {
            let page = Page::of("Exceptions".to_owned(), Place::Exceptions, &view.connections)
                .at_moment(view.as_of, address);
            site.page(StatusCode::OK, page, || view! { <ExceptionsPage view=view /> }.into_any())
        }
    }
}

async fn get_exception(site: Visit, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let Ok(id) = id.parse::<ExceptionId>() else { return missing(&site, &id) };
    let done = Done::read(value(&pairs(query.as_deref()), "done"));
    let address = address_of(&exception_href(id, None), query.as_deref());
    let as_of = match as_of(query.as_deref()) {
        Ok(as_of) => as_of,
        Err(error) => return site.not_then(error.to_string(), &address),
    };
    match exception::show_exception(&site.postern, id, as_of).await {
        Err(ExceptionError::Read(error)) => site.unread(&error, &address),
        Err(error) => not_done(&site, error, Some(id)),
        Ok(None) => missing(&site, &id.to_string()),
        Ok(Some(view)) => {
            let mut page = about(&view, format!("{id} {}", view.row.title));
            page.as_of = view.as_of;
            page.address = Some(address);
            let kept = Kept::default();
            site.page(StatusCode::OK, page, || {
                view! { <ExceptionPage view=view done=done kept=kept mistakes=Vec::new() /> }
                    .into_any()
            })
        }
    }
}

async fn get_azure(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let asked = value(&pairs, "connection");
    match exception::list_exemptions(&site.postern, asked).await {
        Err(error) => not_done(&site, error, None),
        Ok(None) => site.no_view(asked),
        Ok(Some(view)) => {
            let title = "Azure Policy exemptions".to_owned();
            let page = Page::of(title, Place::Exceptions, &view.connections);
            let may_ask = site.postern.actor().require(Permission::AskForExceptions).is_ok();
            site.page(StatusCode::OK, page, || {
                view! { <ExemptionsPage view=view may_ask=may_ask /> }.into_any()
            })
        }
    }
}

/// The exception's page again, with why nothing was recorded.
fn shown_again(site: &Visit, view: ExceptionView, kept: Kept, mistakes: Vec<Mistake>) -> Response {
    let page = about(&view, format!("Error: {} {}", view.row.id, view.row.title));
    site.page(StatusCode::UNPROCESSABLE_ENTITY, page, || {
        view! { <ExceptionPage view=view done=None kept=kept mistakes=mistakes /> }.into_any()
    })
}

/// A page about one exception, of now.
fn about(view: &ExceptionView, title: String) -> Page {
    let title = format!("{title} · {}", view.connection.name);
    Page { selected: Some(view.connection.clone()), ..Page::alone(title, Place::Exceptions) }
}

/// The exception of now that an address names, or the page that says why there is none.
async fn find(site: &Visit, id: &str) -> Result<ExceptionView, Response> {
    let Ok(named) = id.parse::<ExceptionId>() else { return Err(missing(site, id)) };
    match exception::show_exception(&site.postern, named, None).await {
        Err(error) => Err(not_done(site, error, Some(named))),
        Ok(found) => found.ok_or_else(|| missing(site, id)),
    }
}

fn missing(site: &Visit, id: &str) -> Response {
    site.problem(Problem::NotFound { what: format!("exception \u{201c}{id}\u{201d}") })
}

/// What was refused of something that a form asked for, as a sentence to show with the form; `None` where there is no form
/// to show.
fn refusal(error: &ExceptionError) -> Option<String> {
    match error {
        ExceptionError::Denied(_)
        | ExceptionError::Read(_)
        | ExceptionError::NotThere(_)
        | ExceptionError::Nobody => None,
        refused => Some(sentence(&refused.to_string())),
    }
}

/// The page that says why something is not possible.
pub(super) fn not_done(
    site: &Visit,
    error: ExceptionError,
    about: Option<ExceptionId>,
) -> Response {
    match error {
        ExceptionError::Denied(denied) | ExceptionError::Read(ReadError::Denied(denied)) => {
            site.denied(denied)
        }
        ExceptionError::NotThere(id) => missing(site, &id.to_string()),
        ExceptionError::NoFinding(finding) => site
            .problem(Problem::NotFound { what: format!("finding {finding} that you can ask for") }),
        ExceptionError::NoRule(rule) => {
            site.problem(Problem::NotFound { what: format!("rule {rule}") })
        }
        ExceptionError::Read(ReadError::UnknownConnection(slug)) => site.no_view(Some(&slug)),
        ExceptionError::Read(error) => site.failed(&error),
        refused => {
            site.problem(Problem::NotExcepted { reason: sentence(&refused.to_string()), about })
        }
    }
}

/// To the exception's page, which says what was done.
fn done(id: ExceptionId, done: Done) -> Response {
    Redirect::to(&href(&exception_href(id, None), &[("done", done.as_str())])).into_response()
}
