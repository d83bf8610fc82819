//! The pages: each a component that gets a view and shows it.

pub mod admin;
pub mod decisions;
pub mod diff;
pub mod exceptions;
pub mod finding;
pub mod findings;
pub mod frameworks;
pub mod overview;
pub mod packs;
pub mod problem;
pub mod reports;
pub mod resource;
pub mod resources;
pub mod rules;
pub mod scans;
pub mod search;
pub mod sign_in;
pub mod trend;
pub mod welcome;
