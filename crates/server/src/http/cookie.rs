//! The two cookies: the session, and a sign-in under way.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite};
use time::Duration;

/// A cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// What proves who somebody is.
    Session,
    /// What proves that the browser that comes back from the provider is the one that left.
    SignIn,
}

/// Cookies are bound to the host by their name where pages come over https; browsers keep no such cookie otherwise, which
/// is the case on loopback alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    Https,
    Loopback,
}

fn name(name: Name, transport: Transport) -> &'static str {
    match (name, transport) {
        (Name::Session, Transport::Https) => "__Host-postern",
        (Name::Session, Transport::Loopback) => "postern",
        (Name::SignIn, Transport::Https) => "__Host-postern-sign-in",
        (Name::SignIn, Transport::Loopback) => "postern-sign-in",
    }
}

/// The cookie's value, where the browser sent it once; twice means that somebody else set one of them.
pub(super) fn read(headers: &HeaderMap, which: Name, transport: Transport) -> Option<String> {
    let wanted = name(which, transport);
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| Cookie::split_parse(text.to_owned()))
        .filter_map(Result::ok)
        .filter(|cookie| cookie.name() == wanted);
    let cookie = found.next()?;
    found.next().is_none().then(|| cookie.value().to_owned())
}

/// Has the browser keep a cookie for so long; one that is empty is forgotten at once.
pub(super) fn set(
    which: Name,
    transport: Transport,
    value: String,
    kept: Duration,
) -> Option<HeaderValue> {
    let cookie = Cookie::build((name(which, transport), value))
        .path("/")
        .http_only(true)
        // The way back from the provider is a link from another site, which `Strict` would leave without cookies.
        .same_site(SameSite::Lax)
        .secure(transport == Transport::Https)
        .max_age(kept)
        .build();
    HeaderValue::from_str(&cookie.to_string()).ok()
}

/// Has the browser forget a cookie.
pub(super) fn forget(which: Name, transport: Transport) -> Option<HeaderValue> {
    set(which, transport, String::new(), Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_bound_to_its_host() {
        let said = set(Name::Session, Transport::Https, "abc".to_owned(), Duration::hours(1));
        let said = said.unwrap();
        assert_eq!(
            said,
            "__Host-postern=abc; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=3600"
        );
        let said = forget(Name::SignIn, Transport::Loopback).unwrap();
        assert_eq!(said, "postern-sign-in=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0");
    }

    #[test]
    fn a_cookie_that_is_there_twice_is_none() {
        let mut headers = HeaderMap::new();
        let read = |headers: &HeaderMap| read(headers, Name::Session, Transport::Https);
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; __Host-postern=x; b=2"));
        assert_eq!(read(&headers).as_deref(), Some("x"));
        headers.append(header::COOKIE, HeaderValue::from_static("__Host-postern=y"));
        assert_eq!(read(&headers), None);
        headers.clear();
        headers.append(header::COOKIE, HeaderValue::from_static("postern=x"));
        assert_eq!(read(&headers), None, "a neighbour on the same domain can set such a one");
    }
}
