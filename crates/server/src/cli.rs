//! The command line, as a newcomer reads it in `--help`.

mod archive;
mod audit;
mod azure;
mod connections;
mod evidence;
mod exceptions;
mod fault;
mod frameworks;
mod notifications;
mod packs;
mod people;
mod retention;
mod rules;
mod rules_project;
mod simulation;
mod teams;
mod tokens;
mod trend;
mod work;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use archive::{ExportArguments, ImportArchiveArguments};
pub(crate) use audit::{
    AuditArguments, AuditCommand, ExportLogArguments, HeadArguments, VerifyArguments,
};
pub(crate) use azure::{
    AzureArguments, CloudKind, CredentialKind, NetworkArguments, ScopeArguments,
};
pub(crate) use connections::{
    ConnectionsArguments, ConnectionsCommand, ListConnectionsArguments, OneConnectionArguments,
};
pub(crate) use evidence::{EvidenceArguments, SigningKeyArguments, VerifyEvidenceArguments};
pub(crate) use exceptions::{
    ExceptionsArguments, ExceptionsCommand, ListExceptionsArguments, SetPolicyArguments,
    ShowPolicyArguments,
};
pub(crate) use frameworks::{
    AssessFrameworkArguments, CheckFrameworkArguments, FrameworksArguments, FrameworksCommand,
    OwnFrameworks, ShowFrameworkArguments,
};
pub(crate) use notifications::{
    ListNotificationsArguments, NotificationsArguments, NotificationsCommand, NotifyArguments,
    PreferArguments, RetryNotificationArguments,
};
pub(crate) use packs::{PackFolderArguments, TrustArguments};
pub(crate) use people::{ListPeopleArguments, PeopleArguments, PeopleCommand, SignOutArguments};
pub(crate) use retention::{
    ApplyRetentionArguments, Keep, KeepArguments, PreviewRetentionArguments, RetentionArguments,
    RetentionCommand, SetRetentionArguments, ShowRetentionArguments,
};
pub(crate) use rules::{
    ActivateRulesArguments, BenchRulesArguments, CompareRulesArguments, DeactivateRulesArguments,
    HistoryArguments, ListRulesArguments, RulesArguments, RulesCommand, SchemaArguments,
    SetSettingsArguments, SettingsArguments, SettingsCommand, ShowRuleArguments,
    ShowSettingsArguments, TestRulesArguments,
};
pub(crate) use rules_project::{BuildRulesArguments, NewRulesArguments, PackName};
pub(crate) use simulation::{EstateKind, SimulateAzureArguments};
pub(crate) use teams::{
    ListTeamsArguments, PreviewRoutingArguments, SetRoutingArguments, ShowRoutingArguments,
    TeamsArguments, TeamsCommand,
};
pub(crate) use tokens::{
    CreateTokenArguments, ListTokensArguments, RevokeTokenArguments, TokensArguments, TokensCommand,
};
pub(crate) use trend::TrendArguments;
pub(crate) use work::{
    CheckArguments, CheckFormat, DiffArguments, DoctorArguments, ImportArguments, ReportArguments,
    ReportOf, ScanArguments, StorageArguments,
};

/// Finds the gates left open around your Azure AI services.
#[derive(Debug, Parser)]
#[command(
    name = "postern",
    version,
    about = "Finds the gates left open around your Azure AI services, and shows whether they are being closed.",
    after_help = AFTER_HELP,
    arg_required_else_help = true,
    subcommand_required = true
)]
pub(crate) struct Cli {
    /// Say more: the causes of an error, and debug messages.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// How log messages are written to the standard error stream.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  postern demo                                     look around with a simulated Azure; needs nothing
  az resource list > mine.json && postern check mine.json
                                                   judge resources you can list; needs no database
  postern import mine.json --data-dir ~/postern    the same, kept and shown by `postern serve`
  postern report --format pdf --out findings.pdf   evidence for an auditor
  postern doctor azure                             what a connection to Azure lacks

Exit codes:
  0  done
  1  failed; the reason is one sentence on the standard error stream
  2  the command line is wrong
  3  `check --fail-on` found a failure at least that severe, `audit verify` a change, or `verify` something
     that is not proven";

/// How log messages look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object a line, for log collectors.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show Postern with a simulated Azure, a database of its own and weeks of history.
    Demo(DemoArguments),
    /// Serve the dashboard, and scan on schedule.
    Serve(ServeArguments),
    /// Scan on schedule without serving the dashboard: run it beside `serve --no-worker`.
    Worker(WorkerArguments),
    /// Scan a connection now.
    Scan(ScanArguments),
    /// Check a connection to Azure, and say what it lacks.
    Doctor(DoctorArguments),
    /// List the connections and their schedules; pause, resume or remove one.
    Connections(ConnectionsArguments),
    /// Take Azure resources from JSON files as a snapshot.
    Import(ImportArguments),
    /// Judge Azure resources in JSON files at once, without a database.
    Check(CheckArguments),
    /// Write all findings with their evidence to a file.
    Report(ReportArguments),
    /// Write a set of reports of one moment with a signed manifest, which anyone can check.
    Evidence(EvidenceArguments),
    /// Check a set that `evidence` wrote, without a database.
    Verify(VerifyEvidenceArguments),
    /// Make the key that signs sets of evidence.
    SigningKey(SigningKeyArguments),
    /// See, test, compare and activate the rules, and set what they allow.
    Rules(RulesArguments),
    /// Say which teams there are and whose each asset is; see what is open of theirs.
    Teams(TeamsArguments),
    /// Show how open findings went from scan to scan: of a team, a subscription, a topic, a rule or a control.
    Trend(TrendArguments),
    /// See what the rules mean for the controls of frameworks such as MCSB, NIST CSF or the EU AI Act.
    Frameworks(FrameworksArguments),
    /// Compare two snapshots: resources property by property, findings opened and resolved.
    Diff(DiffArguments),
    /// Show how much room the database takes, how fast it grows, and where that leads in a year.
    Storage(StorageArguments),
    /// Say how long history is kept; see what that removes, and remove it.
    Retention(RetentionArguments),
    /// List exceptions, and say what is allowed of them.
    Exceptions(ExceptionsArguments),
    /// List who signed in, and sign somebody out everywhere.
    People(PeopleArguments),
    /// Make, list and revoke the tokens with which programs ask.
    Tokens(TokensArguments),
    /// List what people are told of exceptions, try again what failed, and say how often somebody gets mail.
    Notifications(NotificationsArguments),
    /// Verify, export and date the log of decisions and of changes of configuration.
    Audit(AuditArguments),
    /// Write a connection's history of a period to files that anyone can read and check.
    Export(ExportArguments),
    /// Take in what `export` wrote, as a connection of its own.
    ImportArchive(ImportArchiveArguments),
    /// Create the database's tables, or bring them up to date.
    Migrate(MigrateArguments),
    /// Serve a simulated Azure, for trying out `serve` without a tenant.
    SimulateAzure(SimulateAzureArguments),
}

/// Which database.
#[derive(Args, Clone, Debug)]
pub(crate) struct DatabaseArguments {
    /// The Postgres database to use (version 15 or newer): `postgres://user:password@host:5432/database`.
    ///
    /// Better given as the environment variable, because other users can see a process's arguments.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Use Postern's own Postgres in this directory, as `postern demo` does; it is started if it is not running.
    ///
    /// Takes precedence over a `DATABASE_URL` in the environment.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Keep compiled rule packs in this directory, so that the next start does not compile them again.
    ///
    /// They are kept by digest and engine version. Whoever can write there can run code as Postern: keep others out.
    #[arg(long, env = "POSTERN_PACK_CACHE", value_name = "DIR")]
    pub pack_cache: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Everything is started by the command itself and stopped by Ctrl-C.
A second start goes on with the data of the first and scans only the days that are missing.")]
pub(crate) struct DemoArguments {
    /// How many past days to simulate and scan, today included.
    #[arg(long, value_name = "DAYS", default_value_t = 45, value_parser = clap::value_parser!(u16).range(1..=400))]
    pub days: u16,
    /// How many Azure resources the simulated estate has.
    #[arg(long, value_name = "COUNT", default_value_t = 70, value_parser = clap::value_parser!(u16).range(1..=5000))]
    pub assets: u16,
    /// Another number gives another estate; use it with --reset.
    #[arg(long, value_name = "NUMBER", default_value_t = 7)]
    pub seed: u64,
    /// Where to serve the dashboard; loopback only.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7878")]
    pub listen: SocketAddr,
    /// Where to keep the data [default: postern/demo in your data directory, /var/lib/postern/demo for root].
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Throw away the data of earlier demos first.
    #[arg(long)]
    pub reset: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The database's tables are created and brought up to date at the start.

People sign in with an OpenID provider, such as Entra ID; --sign-in names a file like this:
  {
    \"public_url\": \"https://postern.contoso.example\",
    \"provider\": {
      \"name\": \"Microsoft Entra ID\",
      \"issuer\": \"https://login.microsoftonline.com/TENANT_ID/v2.0\",
      \"client_id\": \"APPLICATION_ID\",
      \"client_secret\": {\"environment\": \"POSTERN_SIGN_IN_SECRET\"}
    },
    \"grants\": [
      {\"claim\": \"roles\", \"value\": \"Postern.Auditor\", \"role\": \"auditor\"},
      {\"claim\": \"groups\", \"value\": \"GROUP_ID\", \"role\": \"contributor\", \"team\": \"nlp-platform\"}
    ],
    \"proxies\": 1
  }
Register the address of public_url followed by /sign-in/callback there.
Roles: viewer, contributor (of a team), approver (of a scope), auditor, engineer, administrator; all that hold add up.
Postern itself speaks HTTP: put what ends TLS in front of it; \"proxies\" is how many of these add to X-Forwarded-For.
Optional: \"session\": {\"idle_minutes\": 60, \"longest_minutes\": 480}, otherwise 21 and 24 hours.

Health: GET /healthz says that the process lives, GET /readyz that the database answers.

Examples:
  DATABASE_URL=postgres://postern@localhost/postern postern serve --single-user --azure-credential azure-cli
  DATABASE_URL=postgres://postern@db/postern postern serve --sign-in sign-in.json --listen 0.0.0.0:7878")]
pub(crate) struct ServeArguments {
    /// Where to serve the dashboard; loopback only, unless people sign in.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7878")]
    pub listen: SocketAddr,
    /// Let people sign in, as this JSON file says; see below.
    #[arg(long, env = "POSTERN_SIGN_IN", value_name = "FILE")]
    pub sign_in: Option<PathBuf>,
    /// Serve without sign-in: whoever uses this machine may do everything.
    #[arg(long, conflicts_with = "sign_in")]
    pub single_user: bool,
    /// Do not scan in this process; `postern worker` does.
    #[arg(long)]
    pub no_worker: bool,
    /// Show it as it will be in as many days if nothing happens: for trying out what ends. What is decided there is
    /// decided in the future, so that it is no option for a database that is worked with.
    #[arg(
        long,
        value_name = "DAYS",
        hide = true,
        requires = "no_worker",
        conflicts_with = "notify",
        value_parser = clap::value_parser!(u16).range(1..=4000)
    )]
    pub days_ahead: Option<u16>,
    #[command(flatten)]
    pub notify: NotifyArguments,
    #[command(flatten)]
    pub packs: PackFolderArguments,
    #[command(flatten)]
    pub database: DatabaseArguments,
    #[command(flatten)]
    pub azure: AzureArguments,
}

#[derive(Args, Debug)]
pub(crate) struct WorkerArguments {
    #[command(flatten)]
    pub notify: NotifyArguments,
    #[command(flatten)]
    pub packs: PackFolderArguments,
    #[command(flatten)]
    pub database: DatabaseArguments,
    #[command(flatten)]
    pub azure: AzureArguments,
}

#[derive(Args, Debug)]
pub(crate) struct MigrateArguments {
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}
