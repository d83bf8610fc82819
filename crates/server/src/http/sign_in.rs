//! Signing in and out.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use postern_frontend::{SignInNotice, show_sign_in};
use postern_service::session::{
    SIGN_IN_TAKES, Vouched, begin_session, begin_sign_in, end_session, take_sign_in,
};
use serde::Deserialize;

use super::State as AppState;
use super::cookie::{self, Name};
use super::error_page;
use crate::sign_in::{Provider, ProviderError, SignIn, demo_person, new_secret};

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub(super) struct To {
    to: Option<String>,
}

/// What the provider sends somebody back with.
#[derive(Debug, Deserialize)]
pub(super) struct Arrival {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// What the demo's form says.
#[derive(Debug, Deserialize)]
pub(super) struct DemoForm {
    person: String,
    to: Option<String>,
}

/// The page for signing in.
pub(super) async fn show(State(state): State<AppState>, Query(To { to }): Query<To>) -> Response {
    page(&state, to.as_deref(), None)
}

fn page(state: &AppState, to: Option<&str>, notice: Option<SignInNotice>) -> Response {
    match state.sign_in.way() {
        Some(way) => show_sign_in(&state.site, way, return_to(to), notice),
        // Nobody has to sign in.
        None => Redirect::to("/overview").into_response(),
    }
}

/// Sends somebody to the provider.
pub(super) async fn start(State(state): State<AppState>, Query(To { to }): Query<To>) -> Response {
    let SignIn::Provider(provider) = &state.sign_in else {
        return error_page::page(&state.site, StatusCode::NOT_FOUND);
    };
    let back_to = return_to(to.as_deref());
    let result = depart(&state, provider, back_to.clone()).await;
    result.unwrap_or_else(|error| failed(&state, &back_to, &error))
}

async fn depart(
    state: &AppState,
    provider: &Provider,
    return_to: String,
) -> Result<Response, ProviderError> {
    let departure = provider.depart(return_to).await?;
    let browser = new_secret()?;
    begin_sign_in(&state.postern, (&departure.state, &browser), &departure.sign_in)
        .await
        .map_err(anyhow::Error::from)?;
    let response = Redirect::to(departure.url.as_str()).into_response();
    let cookie = cookie::set(Name::SignIn, state.transport(), browser, SIGN_IN_TAKES);
    Ok(with_cookies(response, [cookie]))
}

/// Takes somebody in who comes back from the provider.
pub(super) async fn arrive(
    State(state): State<AppState>,
    headers: HeaderMap,
    Query(arrival): Query<Arrival>,
) -> Response {
    let SignIn::Provider(provider) = &state.sign_in else {
        return error_page::page(&state.site, StatusCode::NOT_FOUND);
    };
    let browser = cookie::read(&headers, Name::SignIn, state.transport());
    let (Some(browser), Some(given)) = (browser, &arrival.state) else {
        return unknown_sign_in(&state);
    };
    let sign_in = match take_sign_in(&state.postern, (given, &browser)).await {
        Ok(Some(sign_in)) => sign_in,
        Ok(None) => return unknown_sign_in(&state),
        Err(error) => return failed(&state, "/", &ProviderError::Ours(error.into())),
    };
    let to = sign_in.return_to.clone();
    let result = match (arrival.error, arrival.code) {
        (Some(error), _) => Err(ProviderError::Refused(arrival.error_description.unwrap_or(error))),
        (None, Some(code)) => provider.arrive(code, &sign_in).await,
        (None, None) => Err(ProviderError::Refused("it sent no code".to_owned())),
    };
    match result {
        Ok(vouched) => enter(&state, &headers, vouched, &to).await,
        Err(error) => failed(&state, &to, &error),
    }
}

/// Takes in somebody of the demo.
pub(super) async fn enter_demo(
    State(state): State<AppState>,
    headers: HeaderMap,
    Form(form): Form<DemoForm>,
) -> Response {
    let SignIn::Demo(_) = &state.sign_in else {
        return error_page::page(&state.site, StatusCode::NOT_FOUND);
    };
    let to = return_to(form.to.as_deref());
    if let Some(vouched) = demo_person(&form.person) {
        return enter(&state, &headers, vouched, &to).await;
    }
    let notice = SignInNotice::Failed("There is nobody of that name here.".to_owned());
    page(&state, Some(&to), Some(notice))
}

/// Begins a session with a new token, whatever the browser held before.
async fn enter(state: &AppState, headers: &HeaderMap, vouched: Vouched, to: &str) -> Response {
    let Some((rules, limits)) = state.sign_in.sessions() else {
        return error_page::page(&state.site, StatusCode::NOT_FOUND);
    };
    let transport = state.transport();
    let begun = async {
        let token = new_secret()?;
        if let Some(before) = cookie::read(headers, Name::Session, transport) {
            end_session(&state.postern, &before).await?;
        }
        begin_session(&state.postern, &token, vouched, rules, limits).await?;
        Ok::<_, anyhow::Error>(token)
    };
    match begun.await {
        Ok(token) => {
            let session = cookie::set(Name::Session, transport, token, limits.longest);
            let cookies = [session, cookie::forget(Name::SignIn, transport)];
            with_cookies(Redirect::to(to).into_response(), cookies)
        }
        Err(error) => failed(state, to, &ProviderError::Ours(error)),
    }
}

/// Ends the session, here and, where somebody follows the link, at the provider.
pub(super) async fn leave(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let transport = state.transport();
    let Some(token) = cookie::read(&headers, Name::Session, transport) else {
        return page(&state, None, Some(SignInNotice::SignedOut));
    };
    if let Err(error) = end_session(&state.postern, &token).await {
        return failed(&state, "/", &ProviderError::Ours(error.into()));
    }
    let elsewhere = match &state.sign_in {
        SignIn::Provider(provider) => provider.sign_out_url().await,
        SignIn::SingleUser | SignIn::Demo(_) => None,
    };
    let notice = elsewhere
        .map_or(SignInNotice::SignedOut, |url| SignInNotice::SignedOutHere(url.to_string()));
    with_cookies(page(&state, None, Some(notice)), [cookie::forget(Name::Session, transport)])
}

fn unknown_sign_in(state: &AppState) -> Response {
    tracing::warn!("somebody came back from the identity provider who had not left from here");
    let sentence = "This sign-in was begun in another browser, was used already, or took more than ten minutes.";
    page(state, None, Some(SignInNotice::Failed(sentence.to_owned())))
}

/// What went wrong, in words for people; the cause is for the log.
fn failed(state: &AppState, to: &str, error: &ProviderError) -> Response {
    tracing::warn!(error = error as &dyn std::error::Error, "somebody could not sign in");
    let sentence = match error {
        ProviderError::Unreachable(_) => {
            "The identity provider does not answer. Try again in a minute."
        }
        ProviderError::Refused(_) => "The identity provider did not sign you in.",
        ProviderError::Unbelievable(_) | ProviderError::NoIdToken => {
            "What the identity provider said could not be verified, so nobody was signed in."
        }
        ProviderError::Ours(_) => "Postern could not sign you in. The log holds the cause.",
    };
    page(state, Some(to), Some(SignInNotice::Failed(sentence.to_owned())))
}

fn with_cookies<const N: usize>(
    mut response: Response,
    cookies: [Option<HeaderValue>; N],
) -> Response {
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// A path of ours, whatever the address says: nobody is sent elsewhere after signing in.
fn return_to(asked: Option<&str>) -> String {
    let is_ours = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains('\\')
            && !path.chars().any(char::is_control)
            && path.len() <= 2_000
            && !path.starts_with("/sign-in")
            && !path.starts_with("/sign-out")
    };
    asked.filter(is_ours).unwrap_or("/overview").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        let check = |asked, expected: &str| assert_eq!(return_to(asked), expected, "{asked:?}");
        check(Some("/findings?sev=critical"), "/findings?sev=critical");
        for elsewhere in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "evil.example",
            "/\t/evil.example",
            "/a\r\nSet-Cookie: x",
            "",
            "javascript:alert(1)",
            "/sign-in?to=/sign-in",
        ] {
            check(Some(elsewhere), "/overview");
        }
        check(None, "/overview");
    }
}
