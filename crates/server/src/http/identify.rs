//! Finding out who asks.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use postern_domain::person::Actor;
use postern_frontend::{Visitor, show_no_role};

use super::State as AppState;
use super::cookie::{self, Name};
use super::throttle::Throttle;
use super::{error_page, throttle};
use crate::sign_in::{Proof, is_secret};

/// Lets through who is known, on their behalf; sends a person to sign in, and refuses a program.
pub(super) async fn identify(
    State((state, throttle)): State<(AppState, Arc<Throttle>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let address = throttle::who_asks(&request, &state);
    let proof = match bearer(request.headers()) {
        Some(token) => Some(Proof::Token(token)),
        None => cookie::read(request.headers(), Name::Session, state.transport())
            .filter(|token| is_secret(token))
            .map(Proof::Session),
    };
    match state.sign_in.actor(&state.postern, proof.as_ref()).await {
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "nobody can be identified");
            error_page::page(&state.site, StatusCode::SERVICE_UNAVAILABLE)
        }
        Ok(None) if matches!(proof, Some(Proof::Token(_))) => {
            // Who guesses tokens is slowed down like who guesses passwords.
            if address.is_some_and(|address| !throttle.lets_through(address)) {
                return throttle::wait(&state.site);
            }
            error_page::page(&state.site, StatusCode::UNAUTHORIZED)
        }
        Ok(None) => turn_away(&state, request.method(), request.uri(), request.headers()),
        Ok(Some(actor @ Actor::Person { .. })) if !actor.has_role() => {
            show_no_role(&state.site, &actor)
        }
        Ok(Some(actor)) => {
            let postern = state.postern.acting_as(actor.at(address.map(|it| it.to_string())));
            request.extensions_mut().insert(Visitor { postern });
            let mut response = next.run(request).await;
            // The same address shows something else to somebody else.
            response
                .headers_mut()
                .append(header::VARY, HeaderValue::from_static("cookie, authorization"));
            response
        }
    }
}

/// The token that a program sends, and never in an address.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// Whoever reads with a browser can sign in and go on; a form or a program is told.
fn turn_away(state: &AppState, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    let reads_pages = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accepted| accepted.contains("text/html"));
    if *method != Method::GET || !reads_pages {
        return error_page::page(&state.site, StatusCode::UNAUTHORIZED);
    }
    let asked = uri.path_and_query().map_or("/", |asked| asked.as_str());
    let query =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("to", asked).finish();
    Redirect::to(&format!("/sign-in?{query}")).into_response()
}
