//! Asking for exceptions: the form, the page where it is checked, and filing it.

use axum::Form;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_domain::exception::refusal::Refusal;
use postern_domain::exception::request::{Covers, Request, RequestError};
use postern_domain::exception::status::ExceptionStatus;
use postern_domain::id::ExceptionId;
use postern_domain::person::Permission;
use postern_service::exception::{self, ExceptionError, Filing, preview_exception};
use postern_service::view::{ExceptionView, RequestPreview};

use super::super::visit::{Page, Visit};
use super::{done, find, missing, not_done, refusal};
use crate::address::{pairs, value};
use crate::frame::Place;
use crate::page::exceptions::ask::{
    ACTION, Asking, CHANGE, CheckPage, DRAFT, EXTENDS, Entered, RequestFormPage, Subject,
    SubjectError, VERSION, check_dates, read_request,
};
use crate::page::exceptions::show::Done;
use crate::page::problem::{Problem, sentence};
use crate::part::Mistake;

type Fields = Vec<(String, String)>;

pub(super) async fn get_new(site: Visit, RawQuery(query): RawQuery) -> Response {
    if let Err(denied) = site.postern.require(Permission::AskForExceptions) {
        return site.denied(denied);
    }
    // An address may say more than what it is for: what an exemption of Azure Policy says.
    match Entered::read(&pairs(query.as_deref())) {
        Err(error) => no_subject(&site, &error),
        Ok(entered) => {
            let entered = Entered { form_key: String::new(), ..entered };
            form(&site, entered, Asking::New, Vec::new()).await
        }
    }
}

pub(super) async fn get_extend(site: Visit, Path(id): Path<String>) -> Response {
    let view = match asked_for(&site, &id).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let status = view.row.status;
    if !matches!(status, ExceptionStatus::Approved | ExceptionStatus::Expired) {
        let refusal = Refusal::NotPossible { status, deed: "extended" };
        return not_done(&site, refusal.into(), Some(view.row.id));
    }
    // Until when it shall hold instead, is for them to say.
    let until = String::new();
    let entered = Entered { until, ..Entered::of(&view.request, &view.connection.slug) };
    form(&site, entered, Asking::Extension(view.row.id), Vec::new()).await
}

pub(super) async fn get_edit(site: Visit, Path(id): Path<String>) -> Response {
    let view = match asked_for(&site, &id).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let (id, status, version) = (view.row.id, view.row.status, view.version);
    if !matches!(status, ExceptionStatus::Draft | ExceptionStatus::Requested) {
        let refusal = Refusal::NotPossible { status, deed: "changed" };
        return not_done(&site, refusal.into(), Some(id));
    }
    let entered = Entered::of(&view.request, &view.connection.slug);
    form(&site, entered, Asking::Change { id, version, status }, Vec::new()).await
}

pub(super) async fn post_check(site: Visit, Form(fields): Form<Fields>) -> Response {
    let (entered, asking) = match sent(&site, &fields) {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    if value(&fields, ACTION) == Some(CHANGE) {
        return form(&site, entered, asking, Vec::new()).await;
    }
    let request = match read_request(&entered) {
        Ok(request) => request,
        Err(mistakes) => return form(&site, entered, asking, mistakes).await,
    };
    let preview = match preview(&site, &entered.subject, Ok(request.covers.clone())).await {
        Ok(preview) => preview,
        Err(response) => return response,
    };
    let mut mistakes = check_dates(&request, &preview.policy, preview.severity, preview.now);
    mistakes.extend(preview.complaint.as_deref().map(|it| Mistake::of_all(sentence(it))));
    if !mistakes.is_empty() {
        return form(&site, entered, asking, mistakes).await;
    }
    let page = page(asking, "Check before you send", &preview);
    site.page(StatusCode::OK, page, || {
        view! { <CheckPage entered=entered asking=asking request=request preview=preview /> }
            .into_any()
    })
}

pub(super) async fn post_exception(site: Visit, Form(fields): Form<Fields>) -> Response {
    let (entered, asking) = match sent(&site, &fields) {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    let request = match read_request(&entered) {
        Ok(request) => request,
        Err(mistakes) => return form(&site, entered, asking, mistakes).await,
    };
    let is_draft = value(&fields, ACTION) == Some(DRAFT);
    let filing = Filing {
        form_key: entered.form_key.clone(),
        connection: entered.subject.connection().map(str::to_owned),
        request,
        extends: match asking {
            Asking::Extension(id) => Some(id),
            Asking::New | Asking::Change { .. } => None,
        },
        is_draft,
    };
    match exception::file_exception(&site.postern, filing).await {
        Ok(id) => done(id, if is_draft { Done::Drafted } else { Done::Filed }),
        Err(error) => refused(&site, entered, asking, error).await,
    }
}

pub(super) async fn post_edit(
    site: Visit,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    let view = match asked_for(&site, &id).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let entered = match Entered::read(&fields) {
        Ok(entered) => entered,
        Err(error) => return no_subject(&site, &error),
    };
    let id = view.row.id;
    let Some(version) = value(&fields, VERSION).and_then(|version| version.parse().ok()) else {
        let reason = "The form does not say which version of the request it changes.".to_owned();
        return site.problem(Problem::NotExcepted { reason, about: Some(id) });
    };
    let asking = Asking::Change { id, version, status: view.row.status };
    let request = match read_request(&entered) {
        Ok(request) => request,
        Err(mistakes) => return form(&site, entered, asking, mistakes).await,
    };
    match save(&site, id, version, request).await {
        Ok(()) => done(id, Done::Changed),
        Err(error) => refused(&site, entered, asking, error).await,
    }
}

async fn save(
    site: &Visit,
    id: ExceptionId,
    version: u32,
    request: Request,
) -> Result<(), ExceptionError> {
    exception::edit_exception(&site.postern, id, version, request).await
}

/// The exception that somebody who may ask wants to change or extend.
async fn asked_for(site: &Visit, id: &str) -> Result<ExceptionView, Response> {
    let allowed = site.postern.require(Permission::AskForExceptions);
    allowed.map_err(|denied| site.denied(denied))?;
    find(site, id).await
}

/// What somebody who may ask sent.
fn sent(site: &Visit, fields: &[(String, String)]) -> Result<(Entered, Asking), Box<Response>> {
    let allowed = site.postern.require(Permission::AskForExceptions);
    allowed.map_err(|denied| site.denied(denied))?;
    let entered = Entered::read(fields).map_err(|error| no_subject(site, &error))?;
    let asking = match value(fields, EXTENDS) {
        None => Asking::New,
        Some(text) => {
            let id = text.parse().map_err(|_| missing(site, text))?;
            Asking::Extension(id)
        }
    };
    Ok((entered, asking))
}

fn no_subject(site: &Visit, error: &SubjectError) -> Response {
    match error {
        SubjectError::NotThere(what) => site.problem(Problem::NotFound { what: what.clone() }),
        SubjectError::Nothing | SubjectError::Scope(_) => {
            let reason = sentence(&error.to_string());
            site.problem(Problem::NotExcepted { reason, about: None })
        }
    }
}

/// The form again, with why what it asks for was refused.
async fn refused(
    site: &Visit,
    entered: Entered,
    asking: Asking,
    error: ExceptionError,
) -> Response {
    match refusal(&error) {
        None => not_done(site, error, None),
        Some(sentence) => form(site, entered, asking, vec![Mistake::of_all(sentence)]).await,
    }
}

/// What would be covered, or the page that says why that cannot be told.
async fn preview(
    site: &Visit,
    subject: &Subject,
    covers: Result<Covers, RequestError>,
) -> Result<RequestPreview, Response> {
    let covers = covers.map_err(|error| not_done(site, error.into(), None))?;
    let found = preview_exception(&site.postern, subject.connection(), &covers).await;
    found.map_err(|error| not_done(site, error, None))
}

async fn form(
    site: &Visit,
    mut entered: Entered,
    asking: Asking,
    mistakes: Vec<Mistake>,
) -> Response {
    let preview = match preview(site, &entered.subject, entered.subject.offered()).await {
        Ok(preview) => preview,
        Err(response) => return response,
    };
    if entered.form_key.is_empty() {
        entered.form_key.clone_from(&preview.form_key);
    }
    let (status, before) = match mistakes.as_slice() {
        [] => (StatusCode::OK, ""),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "Error: "),
    };
    let page = page(asking, &format!("{before}{}", asking.title()), &preview);
    site.page(status, page, || {
        view! { <RequestFormPage entered=entered asking=asking preview=preview mistakes=mistakes /> }
            .into_any()
    })
}

fn page(asking: Asking, title: &str, preview: &RequestPreview) -> Page {
    let of = match asking {
        Asking::Extension(id) if !title.ends_with(&id.to_string()) => format!(" · {id}"),
        _ => String::new(),
    };
    let title = format!("{title}{of} · {}", preview.connection.name);
    Page { selected: Some(preview.connection.clone()), ..Page::alone(title, Place::Exceptions) }
}
