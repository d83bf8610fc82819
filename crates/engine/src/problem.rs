//! What can be wrong with a pack that was loaded.

use std::time::Duration;

/// A pack that could not judge; its rules are unknown, the other packs' verdicts stand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackProblem {
    /// It crashed.
    #[error("the pack crashed: {what}")]
    Trapped {
        /// What wasmtime says.
        what: String,
    },
    /// It computed for too long.
    #[error("the pack used up its {limit} units of computation without an answer")]
    OutOfFuel {
        /// The limit in wasmtime's fuel.
        limit: u64,
    },
    /// It wanted too much memory.
    #[error("the pack asked for more than {} MB of memory", .limit >> 20)]
    OutOfMemory {
        /// The limit in bytes.
        limit: usize,
    },
    /// It handed back too much.
    #[error("the pack answered with more than {} MB", .limit >> 20)]
    TooMuch {
        /// The limit in bytes.
        limit: usize,
    },
    /// It ran for too long by the clock.
    #[error("the pack gave no answer within {} seconds", .limit.as_secs_f32())]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// What it answered breaks the contract.
    #[error("the pack broke the contract: {what}")]
    Lied {
        /// How.
        what: String,
    },
}
