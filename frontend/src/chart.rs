//! Charts: pictures of a table that is on the same page.

mod annotation;
mod drawing;
mod geometry;
mod open_findings;
mod twin;

pub use open_findings::OpenFindingsChart;
