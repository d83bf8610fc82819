//! Reading for pages and reports.
//!
//! Pages read the projections (`current_…`, `findings`); what a report says of findings is read from the insert-only tables alone
//! ([`history`]), so that the same moment gives the same answer later.

pub mod asset;
pub mod connection;
pub mod detail;
pub mod difference;
pub mod evaluation;
pub mod exception;
pub mod exemption;
pub mod failure;
pub mod finding;
pub mod history;
pub mod judged;
pub mod lasting;
mod long;
pub mod past;
pub mod resource;
pub mod rule;
pub mod scan;
pub mod subscription;
pub mod tally;
pub mod trend;

pub use long::LongRead;
use sqlx::{PgPool, Postgres, Transaction};

use crate::error::StoreError;

/// Begins a transaction that sees one state of the database however many queries it takes, and changes nothing.
///
/// Without it, a scan that ends between two queries would make a page whose counts and rows disagree.
pub async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    Ok(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?)
}
