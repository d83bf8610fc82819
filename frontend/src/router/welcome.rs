//! The first steps, from what is there.

use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_domain::person::Permission;
use postern_service::administration::show_attention;
use postern_service::connection::{ConnectionKind, show_connections};
use postern_service::overview::show_overview;
use postern_service::resource::list_resources;
use postern_service::view::{ResourceQuery, ScheduleView};

use super::routes::Routes;
use super::visit::{Page, Site, Visit, address_of};
use crate::frame::Place;
use crate::page::welcome::steps::{Known, steps};
use crate::page::welcome::{WELCOME, WelcomePage};

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes.get(WELCOME, get_welcome)
}

async fn get_welcome(site: Visit) -> Response {
    if let Err(denied) = site.postern.actor().require(Permission::ReadEverything) {
        return site.denied(denied);
    }
    let address = address_of(WELCOME, None);
    let overview = match show_overview(&site.postern, None, None).await {
        Err(error) => return site.unread(&error, &address),
        Ok(overview) => overview,
    };
    let of_nobody = ResourceQuery { owners: vec![None], limit: 1, ..ResourceQuery::default() };
    let resources = match list_resources(&site.postern, of_nobody).await {
        Err(error) => return site.unread(&error, &address),
        Ok(resources) => resources,
    };
    let attention = match show_attention(&site.postern, site.installation.grants.as_ref()).await {
        Err(error) => return site.not_done(&error),
        Ok(attention) => attention,
    };
    let connections = match show_connections(&site.postern).await {
        Err(error) => return site.not_done(&error),
        Ok(view) => view.connections,
    };
    let scanned = connections.iter().filter(|it| it.connection.kind == ConnectionKind::Azure);
    let scanned: Vec<_> = scanned.collect();
    let follows = |schedule: &ScheduleView| schedule.paused.is_none() && schedule.problem.is_none();
    let known = Known {
        signs_in: site.installation.grants.is_some(),
        channels: site.installation.channels.clone(),
        overview,
        resources,
        attention,
        scheduled: scanned.iter().filter(|it| it.schedule.as_ref().is_some_and(follows)).count(),
        scanned: scanned.len(),
    };
    let steps = steps(&known);
    let page = Page::alone("First steps".to_owned(), Place::Elsewhere);
    site.page(StatusCode::OK, page, || view! { <WelcomePage steps=steps /> }.into_any())
}
