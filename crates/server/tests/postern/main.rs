//! The built `postern` program, as people and other programs use it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod archive;
mod audit;
mod cancelling;
mod checking;
mod connections;
mod demo;
mod doctor;
mod errors;
mod evidence;
mod growing;
mod help;
mod importing;
mod killing;
mod notifications;
mod plan;
mod program;
mod proxy;
mod retention;
mod rules_project;
mod serving;
mod storm;
mod teams;
