//! The arguments of `postern exceptions`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use postern_domain::moment;
use postern_service::view::ExceptionTab;
use time::OffsetDateTime;

use super::DatabaseArguments;

#[derive(Args, Debug)]
#[command(after_help = "\
An exception is a decision to accept findings until a moment: one person asks for it on the pages, another one decides.
What an organisation allows is said in a JSON file: for how many days at most, by severity, and whether two people have
to agree where something critical is to be accepted. What is left out has its default, which is:

  {\"most_days\": {\"critical\": 90, \"high\": 180, \"medium\": 365, \"low\": 365}, \"critical_approvers\": \"one\"}

What was approved before stays approved.

Examples:
  postern exceptions list
  postern exceptions list --tab ending
  postern exceptions policy > policy.json
  postern exceptions set-policy policy.json --reason 'Two people decide on what is critical'")]
pub(crate) struct ExceptionsArguments {
    #[command(subcommand)]
    pub command: ExceptionsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExceptionsCommand {
    /// List exceptions: what waits for a decision, what is in force, what ended.
    List(ListExceptionsArguments),
    /// Print what an organisation allows, as JSON.
    Policy(ShowPolicyArguments),
    /// Say what an organisation allows from now on.
    SetPolicy(SetPolicyArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ListExceptionsArguments {
    /// The connection; without it, the one that the dashboard shows first.
    #[arg(long, value_name = "CONNECTION")]
    pub connection: Option<String>,
    /// Which.
    #[arg(long, value_enum, default_value = "all")]
    pub tab: Tab,
    /// What was known then: a date (its end, in UTC) or a time such as 2026-06-30T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub as_of: Option<OffsetDateTime>,
    /// Print them as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

/// Which exceptions are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tab {
    /// They wait for a decision.
    Waiting,
    /// They are in force.
    Active,
    /// They are in force and end within 30 days.
    Ending,
    /// They ended, or were never in force.
    Ended,
    /// All of them.
    All,
}

impl From<Tab> for ExceptionTab {
    fn from(tab: Tab) -> Self {
        match tab {
            Tab::Waiting => Self::Waiting,
            Tab::Active => Self::Active,
            Tab::Ending => Self::Ending,
            Tab::Ended => Self::Ended,
            Tab::All => Self::All,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct ShowPolicyArguments {
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct SetPolicyArguments {
    /// The policy (JSON); `-` for the standard input stream.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Why, for whoever reads the decision log.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub database: DatabaseArguments,
}
