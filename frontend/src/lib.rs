//! The pages of Postern: rendered on the server, readable and usable without a script.
//!
//! A page is a component that gets a view of `postern-service` and nothing else; the router reads, picks the
//! status code and renders the whole document, so that what a page shows can be tested without a database.
//! What must react in the browser is an island, compiled with the feature `hydrate`; a page without one loads
//! neither script nor WASM.
//! This crate deliberately knows no database, no clock and no Azure.
//!
//! ```ignore
//! let pages = postern_frontend::router(live_scans, site_assets, installation);
//! let app = axum::Router::new().merge(pages);
//! ```

#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::needless_pass_by_value,
        reason = "a component owns its props, whatever its body does with them"
    )
)]

mod island;
mod shape;

pub use island::{ChartReadout, FacetSearch, Palette, ScanLive, SelectionBar};

#[cfg(feature = "ssr")]
mod address;
#[cfg(feature = "ssr")]
mod chart;
#[cfg(feature = "ssr")]
mod frame;
#[cfg(feature = "ssr")]
mod installation;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod part;
#[cfg(feature = "ssr")]
mod router;

#[cfg(feature = "ssr")]
pub use address::{FindingsAddress, read_findings};
#[cfg(feature = "ssr")]
pub use frame::SiteAssets;
#[cfg(feature = "ssr")]
pub use installation::{AzureFact, DescribeAzure, Installation};
#[cfg(feature = "ssr")]
pub use page::sign_in::{DemoPerson, SignInNotice, SignInWay};
#[cfg(feature = "ssr")]
pub use router::{
    CONTENT_SECURITY_POLICY, Route, Routes, Visitor, list_asked_for, router, show_denied,
    show_no_role, show_sign_in,
};

/// Makes the islands of a page react; `boot.js` calls it once, then each island by its name.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
