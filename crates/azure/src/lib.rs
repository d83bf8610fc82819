//! Reads Azure, or files of Azure's answers, into a [`Snapshot`](postern_domain::snapshot::Snapshot).
//!
//! [`Collector`] asks Azure Resource Manager with a credential of `azure_identity`;
//! [`import`] takes the JSON that people already have.
//! What cannot be read becomes a gap in the snapshot; only where nothing at all can be read is there an error.
//!
//! This crate deliberately knows no database and no rule: it neither remembers nor judges.
//!
//! ```no_run
//! # async fn read(clock: &postern_domain::clock::Clock) -> Result<(), postern_azure::CollectError> {
//! use postern_azure::{AzureSettings, Collector, Credential, NoProgress};
//! use tokio_util::sync::CancellationToken;
//!
//! let collector = Collector::new(AzureSettings::public_cloud(Credential::AzureCli))?;
//! let snapshot = collector.collect(clock, &NoProgress, &CancellationToken::new()).await?;
//! println!("{} assets, {} gaps", snapshot.assets.len(), snapshot.gaps.len());
//! # Ok(())
//! # }
//! ```

mod arm;
mod collector;
mod credential;
mod failure;
pub mod import;
mod operation;
mod progress;
mod retry;
mod settings;
mod transport;

pub use collector::Collector;
pub use failure::CollectError;
pub use progress::{NoProgress, Progress, ProgressSink};
pub use settings::{AzureSettings, CollectLimits, Credential, Secret};
