//! How much a pack may take.

use std::time::Duration;

use wasmtime::{ResourceLimiter, StoreLimits};

use crate::problem::PackProblem;

/// Bounds on one call of a pack: one batch of assets, or its description of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory, and likewise what the pack may hand back, and what that may come to once each judgement
    /// has its own copy of its texts, in bytes.
    pub memory_bytes: usize,
    /// Computation in wasmtime's fuel, about one unit an instruction; the same on any machine.
    pub fuel: u64,
    /// Time by the clock: a net below the fuel, for a machine so slow that fuel lasts too long.
    pub wall_clock: Duration,
    /// Assets in one call; at least one.
    pub batch: usize,
    /// Batches that are judged at the same time; at least one.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // 50 documents of 64 KB, parsed, take less than an eighth of it.
            memory_bytes: 128 << 20,
            // A batch takes the shipped pack less than a twentieth.
            fuel: 5_000_000_000,
            wall_clock: Duration::from_mins(1),
            // Measured: batches of one cost two to three times as much; from twenty on the size no longer shows.
            batch: 50,
            threads: std::thread::available_parallelism().map_or(1, usize::from).min(8),
        }
    }
}

/// Counts what an instance asks for, and stops it at the limit.
pub struct Meter {
    memory_bytes: usize,
    memory_left: usize,
    others: StoreLimits,
}

/// The pack asked for more memory than it may have.
#[derive(Debug, thiserror::Error)]
#[error("more than {limit} bytes of memory were asked for")]
pub struct MemoryRefused {
    limit: usize,
}

impl Meter {
    /// A fresh meter for an instance that may take `memory_bytes` in all its memories together.
    pub fn new(memory_bytes: usize) -> Self {
        // A component of `wit-component` has a module and two shims, one of componentize-py 38 instances;
        // more is no rule pack.
        let others = wasmtime::StoreLimitsBuilder::new()
            .instances(64)
            .tables(16)
            .table_elements(100_000)
            .memories(4)
            .trap_on_grow_failure(true)
            .build();
        Self { memory_bytes, memory_left: memory_bytes, others }
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        match self.memory_left.checked_sub(desired.saturating_sub(current)) {
            Some(left) => {
                self.memory_left = left;
                Ok(true)
            }
            // An error ends the pack at once; refusing would leave it to trap somewhere later, for no clear reason.
            None => Err(wasmtime::Error::new(MemoryRefused { limit: self.memory_bytes })),
        }
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.others.table_growing(current, desired, maximum)
    }

    fn instances(&self) -> usize {
        self.others.instances()
    }

    fn tables(&self) -> usize {
        self.others.tables()
    }

    fn memories(&self) -> usize {
        self.others.memories()
    }
}

/// What ended a call of a pack.
pub fn problem_of(error: &wasmtime::Error, limits: &Limits) -> PackProblem {
    if error.downcast_ref::<MemoryRefused>().is_some() {
        return PackProblem::OutOfMemory { limit: limits.memory_bytes };
    }
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(wasmtime::Trap::OutOfFuel) => PackProblem::OutOfFuel { limit: limits.fuel },
        Some(wasmtime::Trap::Interrupt) => PackProblem::TimedOut { limit: limits.wall_clock },
        Some(trap) => PackProblem::Trapped { what: trap.to_string() },
        // wasmtime's type for it is private, so it is known by its sentence; a test sees when that changes.
        None if error.root_cause().to_string().starts_with("too much data is being copied") => {
            PackProblem::TooMuch { limit: limits.memory_bytes }
        }
        // The root cause reads best; the outer layers are addresses in WASM that mean nothing to people.
        None => PackProblem::Trapped { what: error.root_cause().to_string() },
    }
}
