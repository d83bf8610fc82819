//! The arguments of `postern audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use postern_domain::decision::Head;

use super::DatabaseArguments;

#[derive(Args, Debug)]
#[command(after_help = "\
Every decision and every change of configuration is an entry: who, when, from where, what held before and after. Each
entry holds the hash of the one before, so that one that is changed, left out or put in between is found and named.
Who rewrites the whole end of the log is found only by a head that you wrote down before: `postern audit head`, the last
line of an export, the page of the decision log and each report say it.

Examples:
  postern audit head                                    where the log ends, to be written down
  postern audit verify --head 812:9f3c…                 recompute every hash, and look for that head
  postern audit export --out decisions.jsonl            an entry a line
  postern audit verify decisions.jsonl                  the same without a database

Exit codes: 0 where nothing was found, 3 where something was changed.")]
pub(crate) struct AuditArguments {
    #[command(subcommand)]
    pub command: AuditCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Recompute the hash of every entry, and name what was changed, left out or put in between.
    Verify(VerifyArguments),
    /// Say where the log ends.
    Head(HeadArguments),
    /// Write every entry as a line of JSON.
    Export(ExportLogArguments),
}

#[derive(Args, Debug)]
pub(crate) struct VerifyArguments {
    /// An export to verify; the database where none is named.
    pub file: Option<PathBuf>,
    /// A head that was written down before, as NUMBER:HASH; may be given again.
    #[arg(long = "head", value_name = "HEAD")]
    pub heads: Vec<Head>,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct HeadArguments {
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ExportLogArguments {
    /// The file to write; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    #[command(flatten)]
    pub database: DatabaseArguments,
}
