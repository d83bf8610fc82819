//! Tokens of programs.

use axum::extract::RawQuery;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use postern_domain::id::TokenId;
use postern_domain::person::Permission;
use postern_service::team;
use postern_service::token::{
    NewToken, TokenError, TokenRecord, create_token_once, holds, revoke_token, show_tokens,
    token_text,
};

use super::fields::Fields;
use super::{Page, Routes, Site, Visit};
use crate::address::{NEW_TOKEN, REVOKE_TOKEN, TOKENS, href, pairs, value};
use crate::frame::Place;
use crate::page::admin::tokens::{
    EnteredToken, RevokeTokenPage, TokenFormPage, TokenMadePage, TokensPage, field,
};
use crate::page::problem::{Problem, sentence};
use crate::part::Mistake;

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes
        .get(TOKENS, get_tokens)
        .post(TOKENS, post_token)
        .get(NEW_TOKEN, get_new)
        .get(REVOKE_TOKEN, get_revoke)
        .post(REVOKE_TOKEN, post_revoke)
}

async fn get_tokens(site: Visit, RawQuery(query): RawQuery) -> Response {
    let revoked = value(&pairs(query.as_deref()), "revoked").and_then(|id| id.parse().ok());
    match show_tokens(&site.postern).await {
        Err(error) => site.not_done(&error),
        Ok(view) => {
            let page = Page::alone("Tokens".to_owned(), Place::Tokens);
            site.page(StatusCode::OK, page, || {
                view! { <TokensPage view=view revoked=revoked /> }.into_any()
            })
        }
    }
}

async fn get_new(site: Visit) -> Response {
    let days = "90".to_owned();
    form(&site, EnteredToken { days, ..EnteredToken::default() }, Vec::new()).await
}

/// The form with what was entered, and with what is wrong with it.
async fn form(site: &Visit, mut entered: EnteredToken, mistakes: Vec<Mistake>) -> Response {
    if let Err(denied) = site.postern.require(Permission::Administer) {
        return site.denied(denied);
    }
    let routing = match team::routing(&site.postern).await {
        Err(error) => return site.failed(&error),
        Ok((routing, _)) => routing,
    };
    let Some(key) = (site.installation.new_secret)() else { return no_secret(site) };
    // Nothing came of the form that was sent, or it made its token already: this is another one.
    entered.key = key;
    let (status, error) = match mistakes.as_slice() {
        [] => (StatusCode::OK, ""),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "Error: "),
    };
    let page = Page::alone(format!("{error}Create a token"), Place::Tokens);
    site.page(status, page, || {
        view! { <TokenFormPage entered=entered teams=routing.teams mistakes=mistakes /> }.into_any()
    })
}

fn no_secret(site: &Visit) -> Response {
    tracing::error!("this system gives no random numbers");
    site.problem(Problem::Failed)
}

async fn post_token(site: Visit, fields: Fields) -> Response {
    if let Err(denied) = site.postern.require(Permission::Administer) {
        return site.denied(denied);
    }
    let entered = EnteredToken {
        name: fields.one(field::NAME).to_owned(),
        roles: fields.all(field::ROLE),
        team: fields.one(field::TEAM).to_owned(),
        days: fields.one(field::DAYS).trim().to_owned(),
        key: fields.one(field::KEY).to_owned(),
    };
    let grants = match entered.grants() {
        Err(sentence) => {
            return form(&site, entered, vec![Mistake::at(field::ROLE, sentence)]).await;
        }
        Ok(grants) => grants,
    };
    let Some(secret) = (site.installation.new_secret)() else { return no_secret(&site) };
    let days = entered.days.parse().unwrap_or(0);
    let new = NewToken { name: entered.name.clone(), grants, days };
    match create_token_once(&site.postern, &secret, &entered.key, new).await {
        Ok(id) => made(&site, id, entered.name.trim().to_owned(), token_text(&secret)),
        Err(TokenError::Denied(denied)) => site.denied(denied),
        Err(TokenError::Store(error)) => site.failed(&error),
        Err(error) => {
            let said = sentence(&error.to_string());
            let mistake = match error {
                TokenError::Name => Mistake::at(field::NAME, said),
                TokenError::Days => Mistake::at(field::DAYS, said),
                TokenError::NoRole | TokenError::Grant(_) => Mistake::at(field::ROLE, said),
                _ => Mistake::of_all(said),
            };
            form(&site, entered, vec![mistake]).await
        }
    }
}

/// The answer to the form and no page with an address: what it shows is shown once.
fn made(site: &Visit, id: TokenId, name: String, text: String) -> Response {
    let page = Page::alone(format!("Token {id}"), Place::Tokens);
    let mut response = site.page(StatusCode::OK, page, || {
        view! { <TokenMadePage id=id name=name text=text /> }.into_any()
    });
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn get_revoke(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    match find(&site, value(&pairs, "token").unwrap_or_default()).await {
        Err(response) => response,
        Ok(token) => {
            let page = Page::alone(format!("Revoke {}", token.id), Place::Tokens);
            site.page(StatusCode::OK, page, || view! { <RevokeTokenPage token=token /> }.into_any())
        }
    }
}

/// A token that can be revoked, or the page that says that there is none.
async fn find(site: &Visit, id: &str) -> Result<TokenRecord, Response> {
    let view = show_tokens(&site.postern).await.map_err(|error| site.not_done(&error))?;
    let wanted = id.parse::<TokenId>().ok();
    let found = view.tokens.into_iter().find(|token| Some(token.id) == wanted);
    let holding = found.filter(|token| holds(token, view.at));
    holding.ok_or_else(|| {
        site.problem(Problem::NotFound { what: format!("token \u{201c}{id}\u{201d} that holds") })
    })
}

async fn post_revoke(site: Visit, fields: Fields) -> Response {
    let id = fields.one("token");
    let to_list =
        |id: TokenId| Redirect::to(&href(TOKENS, &[("revoked", &id.to_string())])).into_response();
    let Ok(token) = id.parse::<TokenId>() else {
        // Says what may not be done before what is not there.
        return match find(&site, id).await {
            Err(response) => response,
            Ok(token) => to_list(token.id),
        };
    };
    match revoke_token(&site.postern, token).await {
        // Sent twice, it is revoked, as was asked for.
        Ok(_) | Err(TokenError::NotThere(_)) => to_list(token),
        Err(TokenError::Denied(denied)) => site.denied(denied),
        Err(TokenError::Store(error)) => site.failed(&error),
        Err(error) => site.failed(&error),
    }
}
