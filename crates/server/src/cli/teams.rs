//! The arguments of `postern teams`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use postern_domain::moment;
use time::OffsetDateTime;

use super::DatabaseArguments;

#[derive(Args, Debug)]
#[command(after_help = "\
Which assets are whose is said by rules in a JSON file. Of those that catch an asset, the first holds.
A rule goes by a tag, a resource group's ARM id, a subscription's id, or the id of a management group above it:

  {\"teams\": [{\"id\": \"nlp\", \"name\": \"NLP Platform\"}, {\"id\": \"it\", \"name\": \"Central IT\"}],
   \"rules\": [{\"scope\": {\"tag\": \"team=nlp\"}, \"team\": \"nlp\"},
             {\"scope\": {\"resource_group\": \"/subscriptions/…/resourceGroups/rg-nlp\"}, \"team\": \"nlp\"},
             {\"scope\": {\"subscription\": \"…\"}, \"team\": \"it\"},
             {\"scope\": {\"management_group\": \"contoso-ai\"}, \"team\": \"it\"}],
   \"otherwise\": \"it\"}

Without \"otherwise\", what no rule catches is nobody's.
An asset that cannot be read stays whose it was, and so does one of which the rules cannot tell.

Examples:
  postern teams routing > teams.json
  postern teams preview teams.json
  postern teams set teams.json --reason 'NLP took over the search services'
  postern teams list")]
pub(crate) struct TeamsArguments {
    #[command(subcommand)]
    pub command: TeamsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TeamsCommand {
    /// List the teams with what is open of theirs.
    List(ListTeamsArguments),
    /// Print the teams and rules that hold, as JSON: what `set` takes.
    Routing(ShowRoutingArguments),
    /// Say what each rule of a file would catch, and what would change hands; changes nothing.
    Preview(PreviewRoutingArguments),
    /// Say which teams there are and what is whose, from each connection's next evaluation on.
    Set(SetRoutingArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ListTeamsArguments {
    /// The connection; without it, the one that the dashboard shows first.
    #[arg(long, value_name = "CONNECTION")]
    pub connection: Option<String>,
    /// What was known then: a date (its end, in UTC) or a time such as 2026-06-30T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub as_of: Option<OffsetDateTime>,
    /// Print them as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ShowRoutingArguments {
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct PreviewRoutingArguments {
    /// Teams and rules (JSON); `-` for the standard input stream.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print what each rule catches as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct SetRoutingArguments {
    /// Teams and rules (JSON); `-` for the standard input stream.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Why, for whoever reads the history.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub database: DatabaseArguments,
}
