//! Saved views: saving, changing and deleting them.

use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use postern_domain::id::ViewId;
use postern_service::saved_view::{
    NewSavedView, Screen, SharedOwner, ViewChange, ViewError, change_view, list_views, save_view,
};
use postern_service::view::SavedViewRow;

use super::Routes;
use super::visit::{Page, Site, Visit};
use crate::address::{DONE, FINDINGS, VIEW, VIEWS, href, value};
use crate::frame::Place;
use crate::page::findings::views::{
    EnteredView, ME, ORGANISATION, SaveViewPage, TEAM, ViewDone, field,
};
use crate::page::problem::{Problem, sentence};
use crate::part::Mistake;

type Fields = Vec<(String, String)>;

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes.post(VIEWS, post_view).post("/views/{id}", post_change)
}

async fn post_view(site: Visit, Form(fields): Form<Fields>) -> Response {
    let text = |name: &str| value(&fields, name).unwrap_or_default().to_owned();
    let entered = EnteredView {
        name: text(field::NAME),
        owner: text(field::OWNER),
        query: text(field::QUERY),
        connection: text(field::CONNECTION),
        form_key: text(field::FORM_KEY),
    };
    let owner = match entered.owner.as_str() {
        ME => Some(None),
        ORGANISATION => Some(Some(SharedOwner::Organisation)),
        word => {
            let team = word.strip_prefix(TEAM).and_then(|team| team.parse().ok());
            team.map(|team| Some(SharedOwner::Team(team)))
        }
    };
    let Some(owner) = owner else {
        let mistake = Mistake::at(field::OWNER, "Choose for whom the view is.");
        return form(&site, entered, mistake).await;
    };
    let new = NewSavedView {
        screen: Screen::Findings,
        owner,
        name: entered.name.clone(),
        query: entered.query.clone(),
        form_key: entered.form_key.clone(),
    };
    match save_view(&site.postern, new).await {
        Ok(view) => done(&entered.connection, &view, ViewDone::Saved),
        Err(error @ ViewError::Name(_)) => {
            let mistake = Mistake::at(field::NAME, sentence(&error.to_string()));
            form(&site, entered, mistake).await
        }
        Err(error @ (ViewError::Query | ViewError::TooMany | ViewError::NotYours)) => {
            form(&site, entered, Mistake::of_all(sentence(&error.to_string()))).await
        }
        Err(error) => not_done(&site, error),
    }
}

async fn post_change(site: Visit, Path(id): Path<String>, Form(fields): Form<Fields>) -> Response {
    let missing = || Problem::NotFound { what: format!("view \u{201c}{id}\u{201d}") };
    let Ok(id) = id.parse::<ViewId>() else { return site.problem(missing()) };
    let text = |name: &str| value(&fields, name).unwrap_or_default().to_owned();
    let (change, what) = match value(&fields, field::ACT) {
        Some("save") => (ViewChange::Query(text(field::QUERY)), ViewDone::Changed),
        Some("rename") => (ViewChange::Rename(text(field::NAME)), ViewDone::Renamed),
        Some("delete") => (ViewChange::Delete, ViewDone::Deleted),
        Some("undo") => (ViewChange::Undo, ViewDone::Undone),
        _ => {
            let reason = "The form does not say what to do with the view.".to_owned();
            return site.problem(Problem::NotExcepted { reason, about: None });
        }
    };
    let version = text(field::VERSION).parse().unwrap_or_default();
    match change_view(&site.postern, id, version, change).await {
        Ok(view) => done(&text(field::CONNECTION), &view, what),
        Err(error) => not_done(&site, error),
    }
}

/// To the list, which says what was done.
fn done(connection: &str, view: &SavedViewRow, done: ViewDone) -> Response {
    let said = format!("{}-{}", done.as_str(), view.id);
    let connection = Some(connection).filter(|slug| !slug.is_empty());
    // What is gone has no list.
    let slug = (!view.is_deleted).then_some(view.slug.as_str());
    let pairs: Vec<(&str, &str)> = [("connection", connection), (VIEW, slug), (DONE, Some(&said))]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    Redirect::to(&href(FINDINGS, &pairs)).into_response()
}

/// The form again, with why nothing was saved.
async fn form(site: &Visit, entered: EnteredView, mistake: Mistake) -> Response {
    let views = match list_views(&site.postern, Screen::Findings).await {
        Err(error) => return site.failed(&error),
        Ok(views) => views,
    };
    let page = Page::alone("Error: Save as a view".to_owned(), Place::Elsewhere);
    site.page(StatusCode::UNPROCESSABLE_ENTITY, page, || {
        view! { <SaveViewPage owners=views.owners entered=entered mistakes=vec![mistake] /> }
            .into_any()
    })
}

fn not_done(site: &Visit, error: ViewError) -> Response {
    match error {
        ViewError::NotThere(id) => site.problem(Problem::NotFound { what: format!("view {id}") }),
        ViewError::Store(error) => site.failed(&error),
        refused => {
            let reason = sentence(&refused.to_string());
            site.problem(Problem::NotExcepted { reason, about: None })
        }
    }
}
