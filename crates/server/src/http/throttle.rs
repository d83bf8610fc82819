//! Slowing down who tries to sign in again and again.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use postern_frontend::SiteAssets;

use super::State as AppState;
use super::error_page;

/// What somebody who mistypes and tries again needs is far less; who guesses needs far more.
const PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("it is not 0");

/// Addresses that are remembered at most, before those are forgotten that did nothing lately.
const REMEMBERED: usize = 10_000;

/// How often each address came lately.
#[derive(Debug)]
pub(super) struct Throttle(DefaultKeyedRateLimiter<IpAddr>);

impl Throttle {
    pub(super) fn new() -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(PER_MINUTE)))
    }

    pub(super) fn lets_through(&self, address: IpAddr) -> bool {
        if self.0.len() > REMEMBERED {
            self.0.retain_recent();
        }
        self.0.check_key(&neighbourhood(address)).is_ok()
    }
}

/// Refuses an address that came too often.
pub(super) async fn slow_down(
    State((state, throttle)): State<(AppState, Arc<Throttle>)>,
    request: Request,
    next: Next,
) -> Response {
    // Without an address, as in a test of a single handler, there is nobody to count.
    if let Some(address) = who_asks(&request, &state)
        && !throttle.lets_through(address)
    {
        return wait(&state.site);
    }
    next.run(request).await
}

/// What an address gets that came too often.
pub(super) fn wait(site: &SiteAssets) -> Response {
    tracing::warn!("an address tries to get in too often");
    let mut response = error_page::page(site, StatusCode::TOO_MANY_REQUESTS);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}

/// The address of who asks.
pub(super) fn who_asks(request: &Request, state: &AppState) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    client(peer, request.headers(), state.sign_in.proxies())
}

/// The peer's, or what the first of so many trusted proxies in front saw.
fn client(peer: Option<IpAddr>, headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    let seen = proxies.checked_sub(1).and_then(|before| {
        // Each proxy adds what it saw at the end; whatever stands before was said by who asks, and can be anything.
        let lines: Vec<&[u8]> =
            headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes).collect();
        let mut parts = lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
        address(str::from_utf8(parts.nth(before)?).ok()?.trim())
    });
    seen.or(peer)
}

/// An address as proxies write it: alone, or with the port.
fn address(text: &str) -> Option<IpAddr> {
    let alone = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    alone.parse().ok().or_else(with_port)
}

/// What is counted as one: of IPv6 a network of 64 bits, which is what one customer has.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [one, two, three, four, ..] = address.segments();
            Ipv6Addr::new(one, two, three, four, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let check = |lines: &[&'static [u8]], proxies, expected: &str| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_bytes(line).unwrap());
            }
            let peer = Some("10.0.0.1".parse().unwrap());
            let found = client(peer, &headers, proxies).map(|address| address.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{lines:?} {proxies}");
        };
        let two: &[&[u8]] = &[b"6.6.6.6, 192.0.2.7", b"10.0.0.9"];
        check(two, 0, "10.0.0.1");
        check(two, 1, "10.0.0.9");
        check(two, 2, "192.0.2.7");
        check(two, 9, "10.0.0.1");
        // What who asks wrote before cannot hide what the proxy adds.
        check(&[b"6.6.6.6, x, 203.0.113.9"], 1, "203.0.113.9");
        check(&[b"6.6.6.6, \xff", b"203.0.113.9"], 1, "203.0.113.9");
        check(&[b"\xff, 203.0.113.9"], 1, "203.0.113.9");
        check(&[b"x"], 1, "10.0.0.1");
        check(&[b"6.6.6.6, 203.0.113.9:4711"], 1, "203.0.113.9");
        check(&[b"[2001:db8::1]:4711"], 1, "2001:db8::1");
        check(&[b"[2001:db8::1]"], 1, "2001:db8::1");
    }

    #[test]
    fn who_has_a_network_of_addresses_counts_once() {
        let check = |one: &str, other: &str, expected| {
            let of = |text: &str| neighbourhood(text.parse().unwrap());
            assert_eq!(of(one) == of(other), expected, "{one} {other}");
        };
        check("2001:db8::1", "2001:db8::ffff:1", true);
        check("2001:db8::1", "2001:db8:0:1::1", false);
        check("192.0.2.1", "::ffff:192.0.2.1", true);
        check("192.0.2.1", "192.0.2.2", false);
    }

    #[test]
    fn an_address_that_comes_too_often_waits_and_others_do_not() {
        let throttle = Throttle::new();
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let let_through = (0..100).filter(|_| throttle.lets_through(one)).count();
        assert!((60..=62).contains(&let_through), "{let_through}");
        assert!(throttle.lets_through(other));
    }
}
