//! What reacts in the browser; every other part of a page is what the server wrote.
//!
//! Each works on what the page has already, so that the page says and does the same without a script, only slower.

#[cfg(feature = "hydrate")]
mod browser;
mod chart_readout;
mod facet_search;
mod palette;
mod scan_live;
mod selection_bar;

pub use chart_readout::ChartReadout;
pub use facet_search::FacetSearch;
pub use palette::Palette;
pub use scan_live::ScanLive;
pub use selection_bar::SelectionBar;
