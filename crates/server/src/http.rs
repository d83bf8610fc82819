//! The HTTP server: the pages, the reports, the files that pages load, and what watches over all of them.

mod asset;
mod download;
mod error_page;
mod guard;
mod header;
mod health;
mod request_id;

use std::time::Duration;

use anyhow::Context as _;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Router, middleware};
use postern_frontend::SiteAssets;
use postern_service::Postern;
use postern_service::live::LiveScans;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

/// The largest report takes seconds; what takes longer than this hangs.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How long answers under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// What handlers need.
#[derive(Clone)]
pub(crate) struct State {
    pub postern: Postern,
    pub site: SiteAssets,
}

/// All routes, with everything around them.
pub(crate) fn router(state: State, live: LiveScans) -> Router {
    let own = Router::new()
        .route("/assets/{name}", get(asset::show_asset))
        .route("/reports/findings.csv", get(download::download_csv))
        .route("/reports/findings.pdf", get(download::download_pdf))
        .with_state(state.clone());
    let guarded = postern_frontend::router(state.postern.clone(), live, state.site.clone())
        .merge(own)
        .layer(middleware::from_fn_with_state(state.clone(), guard::refuse_foreign));
    // Health checks come from outside with whatever host name, and tell nothing.
    let health = Router::new()
        .route("/healthz", get(health::show_alive))
        .route("/readyz", get(health::show_ready))
        .with_state(state.clone());
    guarded
        .merge(health)
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIMEOUT))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(state, error_page::complete))
        .layer(middleware::from_fn(header::add_security))
        .layer(middleware::from_fn(request_id::follow))
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
    let server = axum::serve(listener, router(state, live))
        .with_graceful_shutdown(async move { told.cancelled().await });
    tokio::select! {
        result = server => result.context("the dashboard could not be served"),
        () = async { shutdown.cancelled().await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}
