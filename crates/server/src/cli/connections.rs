//! The arguments of `postern connections`.

use clap::{Args, Subcommand};

use super::DatabaseArguments;

#[derive(Args, Debug)]
#[command(after_help = "\
A connection is made by the process that is given its settings: `postern serve --azure-credential …` or `postern import`.
Its schedule is set there too, by --azure-scan-every or --azure-schedule.

Examples:
  postern connections list
  postern connections pause production
  postern connections resume production
  postern connections remove old-tenant")]
pub(crate) struct ConnectionsArguments {
    #[command(subcommand)]
    pub command: ConnectionsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionsCommand {
    /// List the connections with their schedules and next scans.
    List(ListConnectionsArguments),
    /// Pause a connection's schedule: nothing is scanned but what somebody asks for.
    Pause(OneConnectionArguments),
    /// Let a paused schedule go on.
    Resume(OneConnectionArguments),
    /// Remove a connection: it is not scanned and not shown any more, and its history stays in the database.
    ///
    /// A scan that runs is told to end. Whatever starts with the connection's settings later brings it back.
    Remove(OneConnectionArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ListConnectionsArguments {
    /// Print them as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct OneConnectionArguments {
    /// What addresses and other commands call the connection.
    #[arg(value_name = "CONNECTION")]
    pub connection: String,
    #[command(flatten)]
    pub database: DatabaseArguments,
}
