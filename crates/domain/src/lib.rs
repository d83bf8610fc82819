//! What Postern knows and decides: ids, assets, snapshots, verdicts, findings, exceptions and trends.
//!
//! This crate is types and state machines only.
//! It deliberately knows no database, no network, no clock and no async runtime, and it builds for
//! `wasm32-unknown-unknown`, so that rules written with the SDK use the same asset types as the host.
//!
//! ```
//! use postern_domain::arm::ArmId;
//!
//! let id = ArmId::parse(
//!     "/subscriptions/0000/resourceGroups/rg-ai/providers/Microsoft.CognitiveServices/accounts/oai-1",
//! )?;
//! assert_eq!(id.asset_type().as_str(), "microsoft.cognitiveservices/accounts");
//! assert_eq!(id.name(), "oai-1");
//! # Ok::<(), postern_domain::arm::ArmIdError>(())
//! ```

pub mod arm;
pub mod asset;
pub mod canonical;
pub mod change;
pub mod clock;
pub mod decision;
pub mod digest;
pub mod exception;
pub mod exemption;
pub mod exposure;
pub mod fact;
pub mod finding;
pub mod framework;
pub mod gap;
pub mod id;
pub mod inventory;
pub mod moment;
pub mod notification;
pub mod pack;
pub mod person;
pub mod reads;
pub mod retention;
pub mod role;
pub mod rule;
pub mod saved_view;
pub mod schedule;
pub mod schema;
pub mod scope;
pub mod settings;
pub mod snapshot;
pub mod tally;
pub mod team;
pub mod text;
pub mod time_to_fix;
pub mod trend;
pub mod verdict;
