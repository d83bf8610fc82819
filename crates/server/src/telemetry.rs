//! Log messages to the standard error stream: no secrets, no bodies.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command, LogFormat};

/// Starts logging as the command line and `RUST_LOG` ask for.
pub(crate) fn start(cli: &Cli, log_filter: Option<&str>) -> anyhow::Result<()> {
    let default = match (&cli.command, cli.verbose) {
        (_, true) => "info,postern=debug",
        (Command::Serve(_) | Command::Worker(_) | Command::SimulateAzure(_), false) => {
            "warn,postern=info"
        }
        // These speak for themselves.
        _ => "error,postern=warn",
    };
    let filter = EnvFilter::try_new(log_filter.unwrap_or(default))
        .context("RUST_LOG is not a log filter such as info or postern=debug")?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match cli.log_format {
        LogFormat::Json => builder.json().flatten_event(true).init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).init(),
    }
    Ok(())
}
