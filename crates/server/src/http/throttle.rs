//! Slowing down who tries to sign in again and again.

use std::net::{IpAddr, SocketAddr};
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
        self.0.check_key(&address).is_ok()
    }
}

/// Refuses an address that came too often.
pub(super) async fn slow_down(
    State((state, throttle)): State<(AppState, Arc<Throttle>)>,
    request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    // Without an address, as in a test of a single handler, there is nobody to count.
    if let Some(address) = client(peer, request.headers(), state.sign_in.proxies())
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

/// The address of who asks: the peer's, or what the first of so many trusted proxies in front saw.
pub(super) fn client(peer: Option<IpAddr>, headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    let forwarded: Vec<IpAddr> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .map_while(|part| part.trim().parse().ok())
        .collect();
    // Each proxy adds what it saw at the end; whatever stands before was said by who asks.
    let seen = proxies.checked_sub(1).and_then(|before| forwarded.iter().rev().nth(before));
    seen.copied().or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let peer = Some("10.0.0.1".parse().unwrap());
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("6.6.6.6, 192.0.2.7"));
        headers.append("x-forwarded-for", HeaderValue::from_static("10.0.0.9"));
        let check = |proxies, expected: &str| {
            let found = client(peer, &headers, proxies).map(|address| address.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{proxies}");
        };
        check(0, "10.0.0.1");
        check(1, "10.0.0.9");
        check(2, "192.0.2.7");
        check(9, "10.0.0.1");
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
