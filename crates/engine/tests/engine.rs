//! The engine with real components: the shipped pack, and packs that misbehave.
//!
//! The components are built by `cargo xtask build-packs`.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "engine/cache.rs"]
mod cache;
#[path = "engine/cases.rs"]
mod cases;
#[path = "engine/determinism.rs"]
mod determinism;
#[path = "engine/exposure.rs"]
mod exposure;
#[path = "engine/hostile.rs"]
mod hostile;
#[path = "engine/loading.rs"]
mod loading;
#[path = "engine/packs.rs"]
mod packs;
#[path = "engine/reading.rs"]
mod reading;
