//! The simulated Azure answers as Azure does, seen by a plain HTTPS client.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

mod client;
mod entra;
mod everything;
mod faults;
mod graph;
mod permissions;
mod quotas;
mod reads;
mod starting;
