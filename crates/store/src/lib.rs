//! What Postern remembers: the only crate that contains SQL.
//!
//! One module a noun; functions take `&mut PgConnection` and never begin or commit, so that the caller decides
//! what belongs together. Writing lives in the noun modules, reading for pages and reports in [`read`].
//! This crate deliberately decides nothing: it knows no Azure, no rules and no clock.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let pool = postern_store::PgPool::connect("postgres://localhost/postern").await?;
//! let mut connection = pool.acquire().await?;
//! let known = postern_store::connection::find(&mut connection, "production").await?;
//! # Ok(())
//! # }
//! ```

pub mod archive;
pub mod connection;
pub mod decision;
pub mod delivery;
pub mod evaluation;
pub mod exception;
pub mod exception_thread;
pub mod finding;
pub mod inventory;
pub mod lease;
pub mod notice;
pub mod notification_preference;
pub mod outbox;
pub mod pack;
pub mod person;
pub mod read;
pub mod retention;
pub mod rules;
pub mod saved_view;
pub mod scan;
pub mod scan_asset;
pub mod schedule;
pub mod server;
pub mod session;
pub mod sign_in;
pub mod snapshot;
pub mod storage;
pub mod tally;
pub mod team;
pub mod token;
pub mod trend;
pub mod verdict;

mod column;
mod error;

pub use error::{StoreError, is_database_lost};
pub use sqlx::pool::PoolConnection;
pub use sqlx::{PgConnection, PgPool, Postgres, Transaction};

/// The migrations, embedded.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
