//! The store on a real Postgres.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod connecting;
mod facts;
mod journal;
mod rules;
mod scans;
mod schedules;
mod upgrading;
