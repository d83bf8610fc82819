//! A private Postgres cluster for a first look, for tests and for development.
//!
//! Finds Postgres' server programs (or downloads them), initialises a cluster in a directory of its own with a random
//! password, starts it on a free loopback port and stops it again.
//! It deliberately knows no SQL and nothing of what is stored: it hands out an address, and that is all.
//!
//! Several processes may use one directory at once: the first one starts the server, the others adopt it, and the last
//! one to leave stops it.
//! A process killed with `kill -9` leaves the server running; the next one adopts it.
//! A server killed with `kill -9` is started again and recovers by itself.
//!
//! ```no_run
//! # async fn example() -> Result<(), postern_local_postgres::ClusterError> {
//! use postern_local_postgres::{Cluster, ClusterOptions};
//!
//! let cluster = Cluster::start(ClusterOptions { data_dir: "/var/lib/postern/demo".into() }).await?;
//! println!("{} is ready", cluster.url());
//! cluster.stop().await?;
//! # Ok(())
//! # }
//! ```

mod account;
mod cluster;
mod directory;
mod download;
mod error;
mod postmaster;
mod programs;

pub use account::runs_as_root;
pub use cluster::{Cluster, ClusterOptions};
pub use error::ClusterError;
