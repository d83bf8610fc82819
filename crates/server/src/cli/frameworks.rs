//! The arguments of `postern frameworks`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use postern_domain::moment;
use time::OffsetDateTime;

use super::DatabaseArguments;

#[derive(Args, Debug)]
#[command(after_help = "\
A framework of one's own is a JSON file in the format of those that Postern brings: each control says whether it is
assessed automatically (by which rules), in part, by people, or not at all, and why.

Examples:
  postern frameworks list
  postern frameworks show mcsb-v2
  postern frameworks check house-rules.json
  postern frameworks assess nist-csf-2.0 --data-dir ~/postern
  postern frameworks assess house-rules --own house-rules.json --data-dir ~/postern --json")]
pub(crate) struct FrameworksArguments {
    #[command(subcommand)]
    pub command: FrameworksCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FrameworksCommand {
    /// List the frameworks, with how their controls are assessed.
    List(OwnFrameworks),
    /// Show a framework's controls, with the rules that are evidence for them.
    Show(ShowFrameworkArguments),
    /// Say what is wrong with a framework of one's own.
    Check(CheckFrameworkArguments),
    /// Say what the latest evaluations, or those of a time, mean for each control.
    Assess(AssessFrameworkArguments),
}

/// Frameworks of the organisation's own.
#[derive(Args, Clone, Debug)]
pub(crate) struct OwnFrameworks {
    /// A framework of one's own (JSON); can be given more than once.
    #[arg(long, value_name = "FILE")]
    pub own: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ShowFrameworkArguments {
    /// The framework's id, such as mcsb-v2.
    #[arg(value_name = "FRAMEWORK")]
    pub framework: String,
    /// Controls that cannot be assessed here as well.
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub own: OwnFrameworks,
}

#[derive(Args, Debug)]
pub(crate) struct CheckFrameworkArguments {
    /// The framework (JSON).
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "\
A control is failing where a rule of it fails on an asset, and not checked where a rule did not run or something
could not be read. It is passing only where everything was looked at and at least one asset passes.")]
pub(crate) struct AssessFrameworkArguments {
    /// The framework's id, such as mcsb-v2.
    #[arg(value_name = "FRAMEWORK")]
    pub framework: String,
    /// What was known then: a date (its end, in UTC) or a time such as 2026-06-30T12:00:00Z.
    ///
    /// Controls and rules are those of now; what the rules found, and what could not be read, is of then.
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub as_of: Option<OffsetDateTime>,
    /// Print every control as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub own: OwnFrameworks,
    #[command(flatten)]
    pub database: DatabaseArguments,
}
