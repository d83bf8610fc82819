//! Headers that every answer has.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::cookie::Transport;

/// For answers that are no page of the front end, which sets its own.
const NOTHING_BUT_STYLES: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Half a year, as is usual; subdomains are somebody else's.
const HTTPS_ALWAYS: &str = "max-age=15552000";

/// Adds the security headers that a handler has not set itself.
pub(super) async fn add_security(
    State(transport): State<Transport>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    add(response.headers_mut());
    if transport == Transport::Https {
        let value = HeaderValue::from_static(HTTPS_ALWAYS);
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    response
}

fn add(headers: &mut HeaderMap) {
    let defaults: [(HeaderName, &str); 7] = [
        (header::CONTENT_SECURITY_POLICY, NOTHING_BUT_STYLES),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        // What pages and reports show is nobody else's to keep; files with hashed names say otherwise.
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
