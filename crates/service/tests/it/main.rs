//! The use cases on a real Postgres, with the built packs and a simulated Azure.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod checking;
mod faulty_azure;
mod history;
mod hostile;
mod interrupted;
mod read_estate;
mod read_finding;
mod read_overview;
mod read_report;
mod scanning;
mod world;
