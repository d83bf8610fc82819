//! Refusing what other sites make a browser send.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::State as AppState;
use super::cookie::Transport;
use super::error_page;

/// Refuses requests under another host name, and writes that another site's page began.
///
/// A page elsewhere can have a name of its own resolve to 127.0.0.1 (DNS rebinding) and can post a form here.
pub(super) async fn refuse_foreign(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // HTTP/2 has the host in the URI.
    let host = host.or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str));
    let is_ours = |host: &&str| is_loopback(host) || is_public(&state, host);
    let Some(host) = host.filter(is_ours) else {
        return error_page::page(&state.site, StatusCode::MISDIRECTED_REQUEST);
    };
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if writes && !is_same_origin(headers, host, state.transport()) {
        return error_page::page(&state.site, StatusCode::FORBIDDEN);
    }
    next.run(request).await
}

/// Whether it is the name, and the port where it has one, that people reach Postern at.
fn is_public(state: &AppState, host: &str) -> bool {
    let Some(url) = state.sign_in.public_url() else { return false };
    url.host_str().is_some_and(|name| match url.port() {
        Some(port) => host.eq_ignore_ascii_case(&format!("{name}:{port}")),
        None => host.eq_ignore_ascii_case(name),
    })
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = name.parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Whether a write comes from a page of ours, or from no browser at all.
fn is_same_origin(headers: &HeaderMap, host: &str, transport: Transport) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").is_some_and(|(scheme, name)| {
            let is_ours = scheme == "https" || transport == Transport::Loopback;
            is_ours && name.eq_ignore_ascii_case(host)
        }),
        // Every browser sends one of the two with a form.
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let check = |host, expected| assert_eq!(is_loopback(host), expected, "{host}");
        check("127.0.0.1:7878", true);
        check("127.0.0.1", true);
        check("LocalHost:7878", true);
        check("[::1]:7878", true);
        check("evil.example:7878", false);
        check("127.0.0.1.evil.example", false);
        check("localhost.evil.example", false);
        check("192.168.1.5:7878", false);
        check("", false);
    }

    #[test]
    fn only_our_own_pages_may_write() {
        let check = |headers: &[(&'static str, &'static str)], expected| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, HeaderValue::from_static(value));
            }
            let same = is_same_origin(&map, "127.0.0.1:7878", Transport::Loopback);
            assert_eq!(same, expected, "{headers:?}");
        };
        let mut plain = HeaderMap::new();
        plain.insert("origin", HeaderValue::from_static("http://postern.example"));
        assert!(!is_same_origin(&plain, "postern.example", Transport::Https));
        plain.insert("origin", HeaderValue::from_static("https://postern.example"));
        assert!(is_same_origin(&plain, "postern.example", Transport::Https));
        check(&[], true);
        check(&[("origin", "http://127.0.0.1:7878")], true);
        check(&[("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:7878")], true);
        check(&[("origin", "http://127.0.0.1:1234")], false);
        check(&[("origin", "null")], false);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:7878")], false);
    }
}
