//! The `postern` program: its command line, its HTTP server and what it carries with it.
//!
//! Commands wire the parts together: a database, the rule packs, Azure or its simulation, the pages.
//! This crate deliberately decides nothing about scans, verdicts or findings: `postern-service` does.
//!
//! Only `main.rs` reads the clock and the environment; everything here gets them in [`Environment`].

mod azure_connection;
mod cli;
mod command;
mod data_dir;
mod database;
mod embedded;
mod http;
mod listen;
mod notify;
mod output;
mod progress;
mod shutdown;
mod sign_in;
mod telemetry;
mod trust;
mod variables;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;
use postern_domain::clock::Clock;

use crate::cli::Cli;
pub use crate::variables::Variables;

/// What a process is given by the system, apart from its arguments.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The clock.
    pub clock: Clock,
    /// The environment variables, for secrets, whose names the settings of connections say.
    pub variables: Variables,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `XDG_DATA_HOME`.
    pub data_home: Option<PathBuf>,
    /// `RUST_LOG`.
    pub log_filter: Option<String>,
}

/// How a command ended, when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// All is done.
    Done,
    /// All is done, and what the command looks for was found: by `check --fail-on` or `audit verify`.
    Found,
}

/// Exit code of a failure; clap itself uses 2 for a wrong command line.
const FAILED: u8 = 1;
/// Exit code where `check --fail-on` or `audit verify` found something.
const FOUND: u8 = 3;

/// Runs the command line `arguments` (the first is the program's name) and gives the exit code.
pub fn run(
    arguments: impl IntoIterator<Item = std::ffi::OsString>,
    environment: Environment,
) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        // Prints help to stdout and mistakes to stderr, and exits with 0 or 2.
        Err(error) => error.exit(),
    };
    let verbose = cli.verbose;
    if let Err(error) = telemetry::start(&cli, environment.log_filter.as_deref()) {
        return fail(&error, verbose);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::from(error), verbose),
    };
    match runtime.block_on(command::run(cli.command, environment)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(FOUND),
        Err(error) => fail(&error, verbose),
    }
}

/// One sentence for the person; the causes, in the words of libraries, only on request.
fn fail(error: &anyhow::Error, verbose: bool) -> ExitCode {
    eprintln!("postern: {error}");
    if verbose {
        for cause in error.chain().skip(1) {
            eprintln!("  because: {cause}");
        }
    }
    ExitCode::from(FAILED)
}
