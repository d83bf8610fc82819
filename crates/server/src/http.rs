//! The HTTP server: the pages, the reports, the files that pages load, and what watches over all of them.

mod asset;
mod cookie;
mod download;
mod error_page;
mod guard;
mod header;
mod health;
mod identify;
mod request_id;
mod sign_in;
mod throttle;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::http::StatusCode;
use axum::{Router, middleware};
use postern_frontend::{Installation, Route, Routes, SiteAssets};
use postern_service::Postern;
use postern_service::live::LiveScans;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use self::cookie::Transport;
use self::throttle::Throttle;
use crate::sign_in::SignIn;

/// The largest report takes seconds until its first bytes; what takes longer than this hangs.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How long answers under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// What handlers need.
#[derive(Clone)]
pub(crate) struct State {
    /// On behalf of nobody in particular: handlers get one that acts for who asks.
    pub postern: Postern,
    pub site: SiteAssets,
    pub sign_in: SignIn,
    pub installation: Arc<Installation>,
}

impl State {
    fn transport(&self) -> Transport {
        match self.sign_in.public_url() {
            Some(url) if url.scheme() == "https" => Transport::Https,
            _ => Transport::Loopback,
        }
    }
}

/// Who may use which routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// Whoever is known, as far as their roles reach.
    ToKnown,
    /// Everybody: they show nothing of what is stored.
    ToAll,
}

/// All routes, with everything around them, and a list of them.
pub(crate) fn router(state: State, live: LiveScans) -> (Router, Vec<(Route, Open)>) {
    let (pages, page_list) =
        postern_frontend::router(live, state.site.clone(), state.installation.clone());
    let (own, own_list) = download::add(Routes::new()).with_state(state.clone());
    // A program that goes on with a token that ended locks nobody out who signs in from the same address.
    let tokens = Arc::new(Throttle::new());
    let identified = middleware::from_fn_with_state((state.clone(), tokens), identify::identify);
    let known = pages.merge(own).layer(identified);
    let (entrance, entrance_list) = Routes::new()
        .get("/sign-in", sign_in::show)
        .get("/sign-in/start", sign_in::start)
        .get("/sign-in/callback", sign_in::arrive)
        .post("/sign-in/demo", sign_in::enter_demo)
        .with_state(state.clone());
    let entering = Arc::new(Throttle::new());
    let throttled = middleware::from_fn_with_state((state.clone(), entering), throttle::slow_down);
    let (exit, exit_list) =
        Routes::new().post("/sign-out", sign_in::leave).with_state(state.clone());
    let (assets, asset_list) =
        Routes::new().get("/assets/{name}", asset::show_asset).with_state(state.clone());
    let guarded = known
        .merge(entrance.layer(throttled))
        .merge(exit)
        .merge(assets)
        .layer(middleware::from_fn_with_state(state.clone(), guard::refuse_foreign));
    // Health checks come from outside with whatever host name, and tell nothing.
    let (health, health_list) = Routes::new()
        .get("/healthz", health::show_alive)
        .get("/readyz", health::show_ready)
        .with_state(state.clone());
    let open = [entrance_list, exit_list, asset_list, health_list].concat();
    let list = [page_list, own_list].concat().into_iter().map(|route| (route, Open::ToKnown));
    let list = list.chain(open.into_iter().map(|route| (route, Open::ToAll))).collect();
    let transport = state.transport();
    let router = guarded
        .merge(health)
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIMEOUT))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(state, error_page::complete))
        .layer(middleware::from_fn_with_state(transport, header::add_security))
        .layer(middleware::from_fn(request_id::follow));
    (router, list)
}

/// Serves until `shutdown`, then lets answers under way end.
pub(crate) async fn serve(
    listener: TcpListener,
    state: State,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let told = shutdown.clone();
    // Ends with the server, so that pages that are open do not hold it up.
    let live = LiveScans::start(&state.postern, shutdown.clone());
    let (router, _) = router(state, live);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service)
        .with_graceful_shutdown(async move { told.cancelled().await });
    tokio::select! {
        result = server => result.context("the dashboard could not be served"),
        () = async { shutdown.cancelled().await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}
