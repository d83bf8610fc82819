//! A simulated Azure on loopback, for the demo and for tests.
//!
//! It answers over HTTPS with a certificate of its own: Entra ID's token end point for client secrets,
//! and of Azure Resource Manager the reads that a scanner makes: lists with their pages, single resources,
//! generic resources, management groups' descendants, the activity log, an account's metrics, Cost Management's
//! query, the caller's permissions, and Resource Graph with a strict part of the Kusto query language.
//! Errors, headers, API versions, quotas and role-based access control are Azure's.
//! What it holds is an estate made from a seed, which may drift from day to day, or a folder of ARM JSON.
//! [`Fault`]s make it fail on demand, and [`Quotas`] make it refuse who asks too much.
//! [`AzureSim::resources`], [`AzureSim::list`], [`AzureSim::object`], [`AzureSim::rows`] and [`AzureSim::events`]
//! are its own list of what it holds, for tests to compare with what was read.
//!
//! It deliberately knows nothing of Postern's collector or rules: it is built from Azure's recorded answers alone,
//! so that a wrong assumption of the collector does not hide behind the same assumption here.
//! There is no clock in the estate: the day is set by its user. Quotas and tokens pass with real time.
//!
//! ```no_run
//! # async fn start() -> Result<(), postern_azure_sim::SimError> {
//! use postern_azure_sim::{AzureSim, EstateSource, Quotas, SimOptions};
//!
//! let first_day = time::macros::date!(2026-01-05);
//! let sim = AzureSim::start(SimOptions {
//!     listen: ([127, 0, 0, 1], 0).into(),
//!     seed: 7,
//!     day: first_day,
//!     estate: EstateSource::Company { assets: 70 },
//!     host_names: Vec::new(),
//!     quotas: Quotas::Off,
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
mod graph;
mod options;
mod quota;
mod random;
mod rbac;
mod replay;
mod server;
mod view;

pub use certificate::CertificateKind;
pub use fault::Fault;
pub use options::{EstateSource, Quotas, SimError, SimOptions};
pub use replay::{RecordedAnswer, Replay};
pub use server::{AzureSim, RecordedRequest};
