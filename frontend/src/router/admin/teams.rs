//! Teams, and which assets are whose.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_domain::digest::Digest;
use postern_domain::person::Permission;
use postern_service::team::{RoutingError, change_routing, preview_routing, show_routing};

use super::fields::Fields;
use super::{Page, Routes, Site, Visit, done};
use crate::address::{DONE, EDIT_TEAMS, TEAMS, pairs, value};
use crate::frame::Place;
use crate::page::admin::teams::{
    ASSET, EnteredRouting, EnteredRule, RoutingFormPage, RoutingPreviewPage, TeamsPage, field,
};
use crate::page::problem::sentence;
use crate::part::Mistake;

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes
        .get(TEAMS, get_teams)
        .post(TEAMS, post_teams)
        .get(EDIT_TEAMS, get_edit)
        .post(EDIT_TEAMS, post_edit)
}

async fn get_teams(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let is_changed = value(&pairs, DONE) == Some("changed");
    match show_routing(&site.postern, value(&pairs, ASSET)).await {
        Err(error) => site.not_done(&error),
        Ok(view) => {
            let page = Page::alone("Teams".to_owned(), Place::Teams);
            site.page(StatusCode::OK, page, || {
                view! { <TeamsPage view=view is_changed=is_changed /> }.into_any()
            })
        }
    }
}

async fn get_edit(site: Visit) -> Response {
    if let Err(denied) = site.postern.require(Permission::Administer) {
        return site.denied(denied);
    }
    match show_routing(&site.postern, None).await {
        Err(error) => site.not_done(&error),
        Ok(view) => form(&site, EnteredRouting::of(&view), Vec::new()),
    }
}

async fn post_edit(site: Visit, fields: Fields) -> Response {
    if let Err(denied) = site.postern.require(Permission::Administer) {
        return site.denied(denied);
    }
    let mut entered = read(&fields);
    let act = fields.one(field::ACT);
    if act == "back" || entered.act(act) {
        return form(&site, entered, Vec::new());
    }
    let routing = match entered.routing() {
        Err(mistakes) => return form(&site, entered, mistakes),
        Ok(routing) => routing,
    };
    match preview_routing(&site.postern, &routing).await {
        Err(error) => refused(&site, entered, &error),
        Ok(preview) => {
            let page = Page::alone("What these rules change · Teams".to_owned(), Place::Teams);
            site.page(StatusCode::OK, page, || {
                view! { <RoutingPreviewPage entered=entered preview=preview /> }.into_any()
            })
        }
    }
}

async fn post_teams(site: Visit, fields: Fields) -> Response {
    if let Err(denied) = site.postern.require(Permission::Administer) {
        return site.denied(denied);
    }
    let mut entered = read(&fields);
    let routing = match entered.routing() {
        Err(mistakes) => return form(&site, entered, mistakes),
        Ok(routing) => routing,
    };
    let Ok(seen) = entered.version.parse::<Digest>() else {
        return refused(&site, entered, &RoutingError::Changed);
    };
    match change_routing(&site.postern, seen, &routing, entered.reason.trim()).await {
        Err(error) => refused(&site, entered, &error),
        Ok(()) => done(TEAMS, "changed"),
    }
}

fn read(fields: &Fields) -> EnteredRouting {
    let row = |rows: &[String], place: usize| rows.get(place).cloned().unwrap_or_default();
    let [ids, names, kinds, values, teams] =
        [field::TEAM_ID, field::TEAM_NAME, field::RULE_KIND, field::RULE_VALUE, field::RULE_TEAM]
            .map(|name| fields.all(name));
    let rules = kinds.len().max(values.len()).max(teams.len());
    EnteredRouting {
        teams: (0..ids.len().max(names.len()))
            .map(|place| (row(&ids, place), row(&names, place)))
            .collect(),
        rules: (0..rules)
            .map(|place| EnteredRule {
                kind: row(&kinds, place),
                value: row(&values, place),
                team: row(&teams, place),
            })
            .collect(),
        otherwise: fields.one(field::OTHERWISE).to_owned(),
        reason: fields.one(field::REASON).to_owned(),
        version: fields.one(field::VERSION).to_owned(),
    }
}

/// The form with what was entered, and with what is wrong with it.
fn form(site: &Visit, entered: EnteredRouting, mistakes: Vec<Mistake>) -> Response {
    let (status, error) = match mistakes.as_slice() {
        [] => (StatusCode::OK, ""),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "Error: "),
    };
    let page = Page::alone(format!("{error}Change teams and rules"), Place::Teams);
    site.page(status, page, || {
        view! { <RoutingFormPage entered=entered mistakes=mistakes /> }.into_any()
    })
}

fn refused(site: &Visit, entered: EnteredRouting, error: &RoutingError) -> Response {
    match error {
        RoutingError::Denied(denied) => site.denied(*denied),
        RoutingError::Store(error) => site.failed(error),
        RoutingError::Refused { .. } | RoutingError::Changed => {
            form(site, entered, vec![Mistake::of_all(sentence(&error.to_string()))])
        }
    }
}
