//! The arguments of the commands that do one thing and end.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, ValueEnum};
use postern_domain::verdict::Severity;
use postern_frontend::{FindingsAddress, read_findings};
use postern_service::report::ReportFormat;
use postern_service::view::FindingQuery;
use time::OffsetDateTime;

use super::{AzureArguments, DatabaseArguments};
use postern_domain::moment;

#[derive(Args, Debug)]
#[command(after_help = "\
Runs the scan in this process and shows how far it is; prints what it read.
Settings are those stored for the connection. A secret is never stored, only the environment variable or the
file that holds it, which this process has to be given too.

With --plan nothing is scanned: the calls that a scan would make are printed by API and operation, after a few
calls that count what there is. With settings of a tenant and without --connection it needs no database.

Examples:
  postern scan --connection azure --json
  postern scan --plan --connection azure
  postern scan --plan --azure-credential azure-cli")]
pub(crate) struct ScanArguments {
    /// The connection's slug.
    #[arg(long, value_name = "SLUG", required_unless_present = "plan")]
    pub connection: Option<String>,
    /// Count what there is with a few calls, and print all the calls that a scan would then make, by API.
    #[arg(long)]
    pub plan: bool,
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
Checks step by step: settings, the place of the secret, sign-in, Azure Resource Manager, the clock, the
subscriptions in scope, Resource Graph, and for each subscription which actions are missing; says for each of
these which lists of assets and related facts become unreadable, and which rules turn unknown.
Nothing is changed, neither in Azure nor in the database. The exit code is 1 if something is missing.

Without CONNECTION it is the tenant that the settings describe, and no database is needed; without settings
it is the only connection of the database.

The role definition has exactly the actions that Postern uses, and the connection's scopes:
  postern doctor azure --role-definition role.json
  az role definition create --role-definition role.json
  az role assignment create --assignee CLIENT_ID --role \"Postern Reader\" --scope /subscriptions/ID

Examples:
  postern doctor azure
  postern doctor --azure-credential azure-cli --azure-subscriptions ID --json")]
pub(crate) struct DoctorArguments {
    /// The connection's slug.
    #[arg(value_name = "CONNECTION")]
    pub connection: Option<String>,
    /// Write a custom role definition with exactly the actions in use to this file; - prints it instead of the report.
    #[arg(long, value_name = "FILE")]
    pub role_definition: Option<PathBuf>,
    /// Print the result as JSON, the role definition included.
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
    #[arg(long, value_name = "FORMAT", value_parser = ReportFormatParser)]
    pub format: ReportFormat,
    /// The file to write; an existing one is replaced once the new one is complete.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    #[command(flatten)]
    pub of: ReportOf,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

/// What a report is of.
#[derive(Args, Debug)]
pub(crate) struct ReportOf {
    /// The connection's slug [default: the one that the dashboard shows first].
    #[arg(long, value_name = "SLUG")]
    pub connection: Option<String>,
    /// The findings as they were then: a date (its end, in UTC) or a time such as 2026-06-30T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub as_of: Option<OffsetDateTime>,
    /// Only the findings of a list, by the query string of its page, such as 'sev=critical&owner=nlp' or 'status=all&topic=data'.
    #[arg(long, value_name = "QUERY", value_parser = parse_list)]
    pub list: Option<FindingQuery>,
}

/// The list that a query string of the page of findings asks for, all of it understood.
fn parse_list(text: &str) -> Result<FindingQuery, String> {
    let FindingsAddress { query, ignored, .. } = read_findings(Some(text.trim_start_matches('?')));
    if !ignored.is_empty() {
        return Err(format!("not understood: {}", ignored.join(", ")));
    }
    if query.view.is_some() || query.connection.is_some() || query.as_of.is_some() {
        let said = "a view, a connection and a moment are not part of it: use --connection and --as-of, and the filters of the view";
        return Err(said.to_owned());
    }
    Ok(query)
}

#[derive(Args, Debug)]
#[command(after_help = "\
Growth is the average of the scans of the last 30 days; the first scan of a connection is the base and not counted.
The size of what a scan adds is the rows it added, times the average size of the table's rows with their indexes.
Rows are counted, so that it takes seconds on a large database.

Example:
  postern storage --data-dir ~/postern")]
pub(crate) struct StorageArguments {
    /// Print the figures as JSON, in bytes.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
#[command(after_help = "\
A moment is a date (its end, in UTC) or a time, and stands for the latest snapshot that was judged by then.
What came and went in between, or changed and changed back, is not named.

Examples:
  postern diff 2026-03-01 --data-dir ~/postern
  postern diff 2026-03-01 2026-04-01 --connection azure --json")]
pub(crate) struct DiffArguments {
    /// The earlier moment, such as 2026-03-01 or 2026-03-01T12:00:00Z.
    #[arg(value_name = "FROM", value_parser = moment::parse)]
    pub from: OffsetDateTime,
    /// The later moment [default: the latest snapshot].
    #[arg(value_name = "UNTIL", value_parser = moment::parse)]
    pub until: Option<OffsetDateTime>,
    /// The connection's slug [default: the first connection].
    #[arg(long, value_name = "SLUG")]
    pub connection: Option<String>,
    /// Print everything as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

/// Reads the words of the formats, which are told with what each is for.
#[derive(Clone, Copy)]
pub(super) struct ReportFormatParser;

impl TypedValueParser for ReportFormatParser {
    type Value = ReportFormat;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<ReportFormat, clap::Error> {
        let words = PossibleValuesParser::new(values());
        let word = words.parse_ref(command, argument, value)?;
        word.parse().map_err(|error| clap::Error::raw(ErrorKind::InvalidValue, error))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(values()))
    }
}

fn values() -> impl Iterator<Item = PossibleValue> {
    ReportFormat::ALL
        .iter()
        .map(|format| PossibleValue::new(format.as_str()).help(format.purpose()))
}
