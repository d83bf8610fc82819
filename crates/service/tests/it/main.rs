//! The use cases on a real Postgres, with the built packs and a simulated Azure.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod activating;
mod archive;
mod as_of;
mod azures_answers;
mod backup;
mod casework;
mod causes;
mod checking;
mod comparing;
mod decisions;
mod differing;
mod example_packs;
mod faulty_azure;
mod frameworks;
mod history;
mod hostile;
mod interrupted;
mod judged_otherwise;
mod live;
mod plans;
mod read_estate;
mod read_finding;
mod read_overview;
mod read_report;
mod removing;
mod retention;
mod scanning;
mod schedules;
mod sessions;
mod setting;
mod sight;
mod storage;
mod teams;
mod trend;
mod world;
