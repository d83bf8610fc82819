//! People and their sessions.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use postern_domain::id::PersonId;
use postern_domain::person::GrantRules;
use postern_service::person::{PeopleView, PersonView, end_sessions, show_people};

use super::fields::Fields;
use super::{Page, Routes, Site, Visit};
use crate::address::{PEOPLE, SIGN_OUT, href, pairs, value};
use crate::frame::Place;
use crate::page::admin::people::{PeoplePage, SignOutPage};
use crate::page::problem::Problem;

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes.get(PEOPLE, get_people).get(SIGN_OUT, get_sign_out).post(SIGN_OUT, post_sign_out)
}

async fn people(site: &Visit) -> Result<PeopleView, Response> {
    let none = GrantRules::default();
    let rules = site.installation.grants.as_ref().unwrap_or(&none);
    show_people(&site.postern, rules).await.map_err(|error| site.not_done(&error))
}

async fn get_people(site: Visit, RawQuery(query): RawQuery) -> Response {
    let view = match people(&site).await {
        Err(response) => return response,
        Ok(view) => view,
    };
    let pairs = pairs(query.as_deref());
    let of = value(&pairs, "ended").and_then(|id| id.parse::<PersonId>().ok());
    let number = value(&pairs, "sessions").and_then(|number| number.parse().ok());
    let ended = of.zip(number).and_then(|(of, number)| {
        let person = view.people.iter().find(|person| person.record.id == of)?;
        Some((person.record.identity.name.clone(), number))
    });
    let rules = site.installation.grants.clone();
    let page = Page::alone("People".to_owned(), Place::People);
    site.page(StatusCode::OK, page, || {
        view! { <PeoplePage view=view rules=rules ended=ended /> }.into_any()
    })
}

async fn get_sign_out(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    match find(&site, value(&pairs, "person").unwrap_or_default()).await {
        Err(response) => response,
        Ok(person) => {
            let is_own = site.postern.actor().person() == Some(person.record.id);
            let page = Page::alone("End sessions · People".to_owned(), Place::People);
            site.page(StatusCode::OK, page, || {
                view! { <SignOutPage person=person is_own=is_own /> }.into_any()
            })
        }
    }
}

/// Somebody who signed in, or the page that says that there is nobody.
async fn find(site: &Visit, id: &str) -> Result<PersonView, Response> {
    let view = people(site).await?;
    let wanted = id.parse::<PersonId>().ok();
    let found = view.people.into_iter().find(|person| Some(person.record.id) == wanted);
    found.ok_or_else(|| {
        site.problem(Problem::NotFound { what: format!("person \u{201c}{id}\u{201d}") })
    })
}

async fn post_sign_out(site: Visit, fields: Fields) -> Response {
    let person = match find(&site, fields.one("person")).await {
        Err(response) => return response,
        Ok(person) => person.record.id,
    };
    match end_sessions(&site.postern, person).await {
        Err(error) => site.not_done(&error),
        Ok(ended) => {
            let (person, ended) = (person.to_string(), ended.to_string());
            let pairs = [("ended", person.as_str()), ("sessions", ended.as_str())];
            Redirect::to(&href(PEOPLE, &pairs)).into_response()
        }
    }
}
