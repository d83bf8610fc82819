//! A simulated Azure on loopback, for the demo and for tests.
//!
//! It answers over HTTPS with a certificate of its own: Entra ID's token end point for client secrets,
//! and of Azure Resource Manager the lists of subscriptions, Cognitive Services accounts, Search services and
//! Machine Learning workspaces, and diagnostic settings, with ARM's paging, errors and headers.
//! What it holds is either a seeded estate, which drifts from day to day, or a folder of ARM JSON.
//! [`Fault`]s make it fail on demand.
//!
//! It deliberately knows nothing of Postern's collector or rules: it is built from Azure's recorded answers alone,
//! so that a wrong assumption of the collector does not hide behind the same assumption here.
//! There is no clock in it: the day is set by its user.
//!
//! ```no_run
//! # async fn start() -> Result<(), postern_azure_sim::SimError> {
//! use postern_azure_sim::{AzureSim, EstateSource, SimOptions};
//!
//! let first_day = time::macros::date!(2026-01-05);
//! let sim = AzureSim::start(SimOptions {
//!     listen: ([127, 0, 0, 1], 0).into(),
//!     seed: 7,
//!     day: first_day,
//!     estate: EstateSource::Seeded { assets: 70 },
//!     host_names: Vec::new(),
//! })
//! .await?;
//! sim.set_day(first_day + time::Duration::days(30));
//! println!("{} as {} in {}", sim.base_url(), sim.client_id(), sim.tenant_id());
//! sim.stop().await;
//! # Ok(())
//! # }
//! ```

mod arm;
mod certificate;
mod entra;
mod estate;
mod fault;
mod options;
mod random;
mod server;

pub use certificate::CertificateKind;
pub use fault::Fault;
pub use options::{EstateSource, SimError, SimOptions};
pub use server::{AzureSim, RecordedRequest};
