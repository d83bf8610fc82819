//! The contract of `rules-wasm/wit`, as wasmtime sees it.

use postern_domain::verdict::{Severity, Verdict};

/// The version of the contract that this engine speaks.
pub const CONTRACT: &str = "postern:rules@1.0.0";

/// The worlds that this engine can host: what a pack may be built for.
pub const WORLDS: [&str; 1] = ["postern:rules/pack@1.0.0"];

wasmtime::component::bindgen!({
    path: "../../rules-wasm/wit",
    world: "pack",
});

pub use exports::postern::rules::rule_pack as wire;

impl From<wire::Verdict> for Verdict {
    fn from(verdict: wire::Verdict) -> Self {
        match verdict {
            wire::Verdict::Pass => Self::Pass,
            wire::Verdict::Fail => Self::Fail,
            wire::Verdict::Unknown => Self::Unknown,
            wire::Verdict::NotApplicable => Self::NotApplicable,
        }
    }
}

impl From<wire::Severity> for Severity {
    fn from(severity: wire::Severity) -> Self {
        match severity {
            wire::Severity::Critical => Self::Critical,
            wire::Severity::High => Self::High,
            wire::Severity::Medium => Self::Medium,
            wire::Severity::Low => Self::Low,
        }
    }
}
