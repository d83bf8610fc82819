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
//! use postern_engine::{Engine, Limits};
//!
//! let engine = Engine::new(Limits::default())?;
//! let pack = engine.load(&std::fs::read("dist/packs/azure-ai-baseline.wasm")?)?;
//! let evaluation = engine.evaluate(&pack, &[], &serde_json::json!({}));
//! assert!(evaluation.problem.is_none());
//! # Ok(())
//! # }
//! ```

mod contract;
mod engine;
mod evaluate;
mod limits;
mod manifest;
mod pack;
mod problem;

pub use engine::{Engine, EngineError};
pub use evaluate::{PackEvaluation, applicable, unjudged};
pub use limits::Limits;
pub use pack::{LoadError, Pack};
pub use problem::PackProblem;
