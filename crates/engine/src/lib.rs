//! Runs rule packs: components that judge assets and can do nothing else.
//!
//! A pack imports nothing, so it has no clock, no network and no file; what is left to bound is how long it
//! computes, how much memory it takes and whether it tells the truth about its output. All three are bounded here:
//! whatever a pack does, [`Engine::evaluate`] returns a verdict for every asset and applicable rule.
//!
//! This crate is the only one that knows wasmtime. It deliberately does not know where assets come from,
//! where verdicts go, or which packs are active.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use postern_domain::settings::PackSettings;
//! use postern_engine::{Circumstances, Engine, Limits};
//!
//! let engine = Engine::new(Limits::default())?;
//! let pack = engine.load(&std::fs::read("dist/packs/azure-ai-baseline.wasm")?)?;
//! let settings = PackSettings::default();
//! let taken_at = time::OffsetDateTime::UNIX_EPOCH;
//! let evaluation = engine.evaluate(&pack, &[], Circumstances { settings: &settings, taken_at });
//! assert!(evaluation.problem.is_none());
//! # Ok(())
//! # }
//! ```

mod accept;
mod contract;
mod engine;
mod evaluate;
#[doc(hidden)]
pub mod fuzzing;
mod limits;
mod manifest;
mod pack;
mod problem;
mod settings;

pub use engine::{Engine, EngineError};
pub use evaluate::{Circumstances, PackEvaluation, applicable, unjudged};
pub use limits::Limits;
pub use pack::{LoadError, Pack};
pub use problem::PackProblem;
pub use settings::SettingProblem;
