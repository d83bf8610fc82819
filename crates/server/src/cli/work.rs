//! The arguments of the commands that do one thing and end.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use postern_domain::verdict::Severity;
use time::{Date, OffsetDateTime};

use super::{AzureArguments, DatabaseArguments};
use crate::moment;

#[derive(Args, Debug)]
#[command(after_help = "\
Runs the scan in this process and shows how far it is; prints what it read.
Settings are those stored for the connection; a client secret is never stored and has to be given again.

Example:
  postern scan --connection azure --json")]
pub(crate) struct ScanArguments {
    /// The connection's slug.
    #[arg(long, value_name = "SLUG")]
    pub connection: String,
    /// When another process is already scanning it, wait for that scan instead of failing.
    #[arg(long)]
    pub wait: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
    #[command(flatten)]
    pub azure: AzureArguments,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Understands what people already have: `az resource list`, `az graph query`, ARM list responses, single
resources. Folders are searched for .json files.
Resources that are no Azure AI assets are counted and passed over.
A file that cannot be used is named with the reason, and the rest goes on; the exit code is 1 if you named
that very file, or if nothing at all could be read.

Examples:
  az resource list > mine.json && postern import mine.json --data-dir ~/postern
  postern import exports/ --connection plant-7 --name \"Plant 7\" --complete --json")]
pub(crate) struct ImportArguments {
    /// Files and folders.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The connection that gets the snapshot; made if it is not there.
    #[arg(long, value_name = "SLUG", default_value = "import")]
    pub connection: String,
    /// What people call the connection.
    #[arg(long, value_name = "NAME", default_value = "Imported files")]
    pub name: String,
    /// The files hold everything there is: assets that are missing from them were deleted.
    #[arg(long)]
    pub complete: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
#[command(after_help = "\
A jsonl line is a JSON object with the keys asset, asset_type, rule, verdict, severity, summary, evidence and
source. Files that cannot be used are named on the standard error stream; the exit code is 1 if you named that
very file, or if nothing at all could be read.

Examples:
  postern check main.json
  postern check exports/ --format jsonl --fail-on high")]
pub(crate) struct CheckArguments {
    /// Files and folders with Azure resources as JSON.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How to print the verdicts.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: CheckFormat,
    /// End with exit code 3 when a rule fails with this severity or a worse one: critical, high, medium, low.
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Severity>,
}

/// How verdicts are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people, by asset.
    Text,
    /// A JSON object a line, by asset and rule.
    Jsonl,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  postern report --format pdf --out findings.pdf
  postern report --format csv --out end-of-june.csv --as-of 2026-06-30")]
pub(crate) struct ReportArguments {
    /// What to write.
    #[arg(long, value_name = "FORMAT")]
    pub format: ReportFormatArgument,
    /// The file to write; an existing one is replaced once the new one is complete.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// The connection's slug [default: the one that the dashboard shows first].
    #[arg(long, value_name = "SLUG")]
    pub connection: Option<String>,
    /// The findings as they were then: a date (its end, in UTC) or a time such as 2026-06-30T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub as_of: Option<OffsetDateTime>,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

/// A report's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormatArgument {
    /// Comma-separated values with a header line, UTF-8.
    Csv,
    /// PDF/A-2a and PDF/UA-1.
    Pdf,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Writes ca.pem and azure.env to the directory; azure.env holds the settings that `postern serve` needs, with a
client secret that is worth nothing anywhere else.

Example:
  postern simulate-azure --listen 127.0.0.1:8443 --out-dir sim &
  set -a; . sim/azure.env; set +a; postern serve --data-dir ~/postern")]
pub(crate) struct SimulateAzureArguments {
    /// Where to serve.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    pub listen: SocketAddr,
    /// Where to write ca.pem and azure.env.
    #[arg(long, value_name = "DIR")]
    pub out_dir: PathBuf,
    /// Further names that the certificate is valid for, separated by commas; the first is used in azure.env.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub host_names: Vec<String>,
    /// Serve the ARM JSON files of this folder instead of an invented estate.
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// How many Azure resources the invented estate has.
    #[arg(long, value_name = "COUNT", default_value_t = 70, value_parser = clap::value_parser!(u16).range(1..=5000))]
    pub assets: u16,
    /// Another number gives another estate.
    #[arg(long, value_name = "NUMBER", default_value_t = 7)]
    pub seed: u64,
    /// The day on which the invented estate begins to drift; the same day gives the same estate again.
    #[arg(long, value_name = "DATE", default_value = "2026-01-01", value_parser = moment::parse_date)]
    pub first_day: Date,
}
