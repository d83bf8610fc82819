//! The routes: read, decide the status code, render.

mod admin;
mod decisions;
mod diff;
mod exceptions;
mod findings;
mod frameworks;
mod overview;
mod reports;
mod resources;
mod routes;
mod rules;
mod saved_views;
mod scans;
mod search;
mod sign_in;
mod trend;
mod visit;
mod welcome;

use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use postern_service::live::LiveScans;

use crate::frame::SiteAssets;
use crate::installation::Installation;

pub use findings::list_asked_for;
pub use routes::{Route, Routes};
pub use sign_in::{show_denied, show_no_role, show_sign_in};
use visit::Site;
pub use visit::Visitor;

/// What pages may load: their own files, the island module among them; nothing inline, nothing from elsewhere.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// The pages; no fallback, which is the server's.
///
/// They rely on the server to find out who asks, as a [`Visitor`] among the request's extensions, and to refuse requests
/// that other sites began.
pub fn router(
    live: LiveScans,
    site: SiteAssets,
    installation: Arc<Installation>,
) -> (Router, Vec<Route>) {
    let routes = Routes::new().get("/", async || Redirect::to("/overview"));
    let adds = [
        overview::add,
        findings::add,
        saved_views::add,
        resources::add,
        exceptions::add,
        trend::add,
        diff::add,
        reports::add,
        scans::add,
        search::add,
        decisions::add,
        admin::add,
        frameworks::add,
        rules::add,
        welcome::add,
    ];
    let routes = adds.into_iter().fold(routes, |routes, add| add(routes));
    routes.with_state(Site { live, assets: site, installation })
}
