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
//! use postern_azure::{AzureSettings, Collector, Credential, MemoryJournal, NoProgress};
//! use tokio_util::sync::CancellationToken;
//!
//! let collector = Collector::new(AzureSettings::public_cloud(Credential::DeveloperTools))?;
//! let (journal, cancel) = (MemoryJournal::default(), CancellationToken::new());
//! let snapshot = collector.collect(clock, &journal, &NoProgress, &cancel).await?;
//! println!("{} assets, {} gaps", journal.len(), snapshot.gaps.len());
//! # Ok(())
//! # }
//! ```

mod budget;
mod certificate;
mod client;
mod cloud;
mod collector;
mod credential;
mod doctor;
mod failure;
mod graph;
pub mod import;
mod journal;
mod operation;
mod plan;
mod probe;
mod progress;
mod redact;
mod retry;
mod scope;
mod secret;
mod settings;
mod transport;

pub use certificate::{CertificateError, ClientCertificate};
pub use cloud::Cloud;
pub use collector::Collector;
pub use credential::{Credential, Identity};
pub use doctor::{Diagnosis, MissingAction, SubscriptionAccess};
pub use failure::CollectError;
pub use journal::{Journal, JournalError, Kept, MemoryJournal, ReadAsset};
pub use operation::required_actions;
pub use plan::{PlannedCalls, ScanPlan};
pub use probe::{ArmAnswer, Probe, probe};
pub use progress::{NoProgress, Progress, ProgressSink};
pub use scope::{Scope, ScopeError};
pub use secret::Secret;
pub use settings::{AzureSettings, CollectLimits, Proxy};
