//! The built `postern` program, as people and other programs use it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod checking;
mod demo;
mod errors;
mod help;
mod importing;
mod killing;
mod program;
mod serving;
