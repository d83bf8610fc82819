//! Pages for what went wrong: plain title, what happened, a reference, one way on. No script, readable without styles.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use postern_frontend::SiteAssets;

use super::State as AppState;
use super::request_id::RequestId;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    explanation: &'a str,
    css: &'a str,
    reference: &'a str,
}

/// Takes the place of the reference, which only the outermost layer knows.
const REFERENCE: &str = "none";

/// Title and explanation of a status, in words that need no knowledge of HTTP.
fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => (
            "Page not found",
            "There is nothing at this address. It may have been mistyped, or what it showed is gone.",
        ),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => (
            "Address not understood",
            "A part of the address has a value that Postern does not understand. Nothing was changed.",
        ),
        StatusCode::UNAUTHORIZED => (
            "Not signed in",
            "You are not signed in, or were for too long. Nothing was changed. Sign in and try again.",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "Too many attempts",
            "Somebody at your address tried to sign in very often. Wait a minute and try again.",
        ),
        StatusCode::FORBIDDEN => (
            "Request refused",
            "The request was begun by a page of another site, so nothing was done. Open Postern and try again there.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("Request refused", "This address cannot be used in this way. Nothing was changed.")
        }
        StatusCode::MISDIRECTED_REQUEST => (
            "Unknown host name",
            "Postern answers under 127.0.0.1 and localhost, and under the public address of its settings.",
        ),
        StatusCode::GATEWAY_TIMEOUT => {
            ("This took too long", "The answer was not ready in time. Try again in a minute.")
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            ("Not available now", "The database does not answer. Try again in a minute.")
        }
        _ => (
            "Something went wrong",
            "Postern could not answer. Nothing that was stored is lost. The log holds the cause under the reference.",
        ),
    }
}

/// The page of a status.
pub(super) fn page(site: &SiteAssets, status: StatusCode) -> Response {
    let (title, explanation) = words(status);
    page_saying(site, status, (title, explanation), REFERENCE)
}

fn page_saying(
    site: &SiteAssets,
    status: StatusCode,
    (title, explanation): (&str, &str),
    reference: &str,
) -> Response {
    let page = ErrorPage { title, explanation, css: &site.css, reference };
    match page.render() {
        Ok(html) => {
            (status, [(ERROR_PAGE, HeaderValue::from_static("yes"))], Html(html)).into_response()
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the error page failed");
            (status, title.to_owned()).into_response()
        }
    }
}

/// Marks, within the process, an answer that [`complete`] shall give its reference.
const ERROR_PAGE: &str = "x-postern-error-page";

/// Gives error pages their reference, and makes a page of errors that have none.
pub(super) async fn complete(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let reference = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    let is_health = matches!(request.uri().path(), "/healthz" | "/readyz");
    let mut response = next.run(request).await;
    let status = response.status();
    let marked = response.headers_mut().remove(ERROR_PAGE).is_some();
    let is_html = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let is_error = status.is_client_error() || status.is_server_error();
    if is_health || !is_error || (is_html && !marked) {
        return response;
    }
    let mut page =
        page_saying(&state.site, status, words(status), reference.as_deref().unwrap_or(REFERENCE));
    page.headers_mut().remove(ERROR_PAGE);
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = response.headers_mut().remove(&name) {
            page.headers_mut().insert(name, value);
        }
    }
    page
}
