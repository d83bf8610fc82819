//! What Postern does: the use cases that handlers, the command line and background jobs call.
//!
//! This crate begins and commits transactions, runs scans, judges snapshots and makes views.
//! It deliberately contains no SQL, no HTTP and no markup.
//!
//! ```no_run
//! use postern_domain::clock::Clock;
//! use postern_service::{Postern, connect};
//!
//! # async fn example(clock: Clock, pack: Vec<u8>) -> Result<(), Box<dyn std::error::Error>> {
//! let pool = connect::open_pool("postgres://localhost/postern").await?;
//! connect::migrate(&pool).await?;
//! let postern = Postern::open(pool, &[pack], clock).await?;
//! # Ok(())
//! # }
//! ```

pub mod access;
pub mod administration;
pub mod archive;
pub mod check;
pub mod connect;
pub mod connection;
pub mod decision;
pub mod difference;
pub mod evaluate;
pub mod exception;
pub mod finding;
pub mod framework;
pub mod import;
pub mod live;
pub mod notification;
pub mod overview;
pub mod person;
pub mod read;
pub mod report;
pub mod resource;
pub mod retention;
pub mod rules;
pub mod saved_view;
pub mod scan;
pub mod scans;
pub mod schedule;
pub mod session;
pub mod storage;
pub mod team;
pub mod token;
pub mod trend;
pub mod view;
pub mod worker;

mod journal;
mod kept;
mod moment;
mod postern;
mod record;
mod storable;

pub use postern::{OpenError, Postern};
/// Reaching Azure: what the server needs to make a collector.
pub use postern_azure as azure;
/// Running rule packs: what the server needs to judge without a database.
pub use postern_engine as engine;
