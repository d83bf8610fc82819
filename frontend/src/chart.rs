//! Charts: pictures of a table that is on the same page.

mod annotation;
mod columns;
mod compliance;
mod coverage;
mod drawing;
mod exception_ends;
mod framework_bar;
mod geometry;
mod open_findings;
mod time_to_fix;
mod twin;
mod work;

pub use compliance::ComplianceChart;
pub use coverage::{CoverageChart, has_coverage};
pub use exception_ends::ExceptionEndsChart;
pub use framework_bar::{BAR_ORDER, BarPatterns, BarSwatch, FrameworkBar, statuses_in_words};
pub use open_findings::OpenFindingsChart;
pub use time_to_fix::TimeToFixChart;
pub use work::WorkChart;
