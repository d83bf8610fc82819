//! Connections and their schedules.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use postern_domain::person::Permission;
use postern_service::connection::{Connection, ConnectionKind, find_connection, show_connections};
use postern_service::schedule::{ChangeError, ScheduleError, change_schedule, preview_schedule};
use postern_service::view::ConnectionView;

use super::fields::Fields;
use super::{Page, Routes, Site, Visit};
use crate::address::{CONNECTIONS, SCHEDULE, href, pairs, value};
use crate::frame::Place;
use crate::page::admin::connections::{
    ConnectionsPage, EnteredSchedule, ScheduleFormPage, SchedulePreviewPage, field,
};
use crate::page::problem::{Problem, sentence};
use crate::part::Mistake;

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes
        .get(CONNECTIONS, get_connections)
        .get(SCHEDULE, get_schedule)
        .post(SCHEDULE, post_schedule)
}

async fn get_connections(site: Visit, RawQuery(query): RawQuery) -> Response {
    let view = match show_connections(&site.postern).await {
        Err(error) => return site.not_done(&error),
        Ok(view) => view,
    };
    let pairs = pairs(query.as_deref());
    let slug = value(&pairs, "scheduled");
    let is_it = |slug: &str| view.connections.iter().find(|state| state.connection.slug == slug);
    let changed = slug.and_then(is_it).map(|state| state.connection.name.clone());
    let may = (view.may_run, view.may_change);
    // Where secrets are is for those who read the decision log, where it stands too, and those who look into scans.
    let reads = [Permission::ReadDecisions, Permission::RunScans]
        .into_iter()
        .any(|permission| site.postern.actor().require(permission).is_ok());
    let connections = view
        .connections
        .into_iter()
        .map(|state| {
            let is_scanned = reads && state.connection.kind == ConnectionKind::Azure;
            let azure = is_scanned.then(|| (site.installation.azure)(&state.connection.settings));
            (state, azure)
        })
        .collect();
    let page = Page::alone("Connections".to_owned(), Place::Connections);
    site.page(StatusCode::OK, page, || {
        view! { <ConnectionsPage may=may connections=connections changed=changed /> }.into_any()
    })
}

/// The connection that is scanned of which the schedule is asked for, or the page that says why there is none.
async fn find(site: &Visit, slug: &str) -> Result<Connection, Response> {
    if let Err(denied) = site.postern.require(Permission::Administer) {
        return Err(site.denied(denied));
    }
    let found = find_connection(&site.postern, slug).await.map_err(|error| site.failed(&error))?;
    let scanned = found.filter(|found| found.kind == ConnectionKind::Azure);
    scanned.ok_or_else(|| {
        let what = format!("connection \u{201c}{slug}\u{201d} that is scanned");
        site.problem(Problem::NotFound { what })
    })
}

fn shown(connection: &Connection) -> ConnectionView {
    ConnectionView { slug: connection.slug.clone(), name: connection.name.clone(), can_scan: true }
}

async fn get_schedule(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    match find(&site, value(&pairs, field::CONNECTION).unwrap_or_default()).await {
        Err(response) => response,
        Ok(found) => form(&site, &found, EnteredSchedule::of(found.schedule.as_ref()), Vec::new()),
    }
}

async fn post_schedule(site: Visit, fields: Fields) -> Response {
    let found = match find(&site, fields.one(field::CONNECTION)).await {
        Err(response) => return response,
        Ok(found) => found,
    };
    let entered = EnteredSchedule {
        how: fields.one(field::HOW).to_owned(),
        hours: fields.one(field::HOURS).to_owned(),
        cron: fields.one(field::CRON).to_owned(),
        zone: fields.one(field::ZONE).to_owned(),
        seen: fields.one(field::SEEN).to_owned(),
    };
    let act = fields.one(field::ACT);
    if act == "back" {
        return form(&site, &found, entered, Vec::new());
    }
    let wanted = match entered.schedule() {
        Err(mistake) => return form(&site, &found, entered, vec![mistake]),
        Ok(wanted) => wanted,
    };
    if act == "save" {
        // What was seen is what holds, or else it is refused; what holds already is not said again.
        let holds = found.schedule.as_ref();
        let is_seen = EnteredSchedule::text(holds) == entered.seen;
        if !is_seen && holds != wanted.as_ref() {
            return refused(&site, &found, entered, &ChangeError::Changed);
        }
        let wanted = wanted.as_ref();
        if let Err(error) = change_schedule(&site.postern, found.id, holds, wanted).await {
            return refused(&site, &found, entered, &error);
        }
        return Redirect::to(&href(CONNECTIONS, &[("scheduled", &found.slug)])).into_response();
    }
    let preview = match &wanted {
        None => None,
        Some(wanted) => match preview_schedule(&site.postern, found.id, wanted).await {
            Err(error) => return refused(&site, &found, entered, &error),
            Ok(preview) => Some(preview),
        },
    };
    let page = Page::alone(format!("The schedule of {}", found.name), Place::Connections);
    let connection = shown(&found);
    site.page(StatusCode::OK, page, || {
        view! { <SchedulePreviewPage connection=connection entered=entered preview=preview /> }
            .into_any()
    })
}

fn form(
    site: &Visit,
    found: &Connection,
    entered: EnteredSchedule,
    mistakes: Vec<Mistake>,
) -> Response {
    let (status, error) = match mistakes.as_slice() {
        [] => (StatusCode::OK, ""),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "Error: "),
    };
    let title = format!("{error}Change the schedule of {}", found.name);
    let page = Page::alone(title, Place::Connections);
    let connection = shown(found);
    site.page(status, page, || {
        view! { <ScheduleFormPage connection=connection entered=entered mistakes=mistakes /> }
            .into_any()
    })
}

fn refused(
    site: &Visit,
    found: &Connection,
    entered: EnteredSchedule,
    error: &ChangeError,
) -> Response {
    let said = sentence(&error.to_string());
    let mistake = match error {
        ChangeError::Denied(denied) => return site.denied(*denied),
        ChangeError::Store(error) => return site.failed(error),
        ChangeError::Schedule(ScheduleError::TooFrequent(_)) => Mistake::at(field::HOURS, said),
        ChangeError::Schedule(ScheduleError::TimeZone(_)) => Mistake::at(field::ZONE, said),
        ChangeError::Schedule(_) => Mistake::at(field::CRON, said),
        ChangeError::Changed | ChangeError::NotScanned => Mistake::of_all(said),
    };
    form(site, found, entered, vec![mistake])
}
