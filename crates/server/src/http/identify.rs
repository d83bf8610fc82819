//! Finding out who asks.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use postern_domain::person::Actor;
use postern_frontend::{Visitor, show_no_role};

use super::State as AppState;
use super::cookie::{self, Name};
use super::{error_page, throttle};

/// Lets through who is known, on their behalf; sends a person to sign in, and refuses a program.
pub(super) async fn identify(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let token = cookie::read(request.headers(), Name::Session, state.transport());
    match state.sign_in.actor(&state.postern, token.as_deref()).await {
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "nobody can be identified");
            error_page::page(&state.site, StatusCode::SERVICE_UNAVAILABLE)
        }
        Ok(None) => turn_away(&state, request.method(), request.uri(), request.headers()),
        Ok(Some(actor @ Actor::Person { .. })) if !actor.has_role() => {
            show_no_role(&state.site, &actor)
        }
        Ok(Some(actor)) => {
            let peer =
                request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
            let address = throttle::client(peer, request.headers(), state.sign_in.proxies());
            let postern = state.postern.acting_as(actor.at(address.map(|it| it.to_string())));
            request.extensions_mut().insert(Visitor { postern });
            let mut response = next.run(request).await;
            // The same address shows something else to somebody else.
            response.headers_mut().append(header::VARY, HeaderValue::from_static("cookie"));
            response
        }
    }
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
