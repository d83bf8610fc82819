//! The arguments of `postern rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use time::OffsetDateTime;

use super::{BuildRulesArguments, DatabaseArguments, NewRulesArguments, TrustArguments};
use postern_domain::moment;

#[derive(Args, Debug)]
#[command(after_help = "\
Without --pack and without a database the packs are those that this build carries.

Examples:
  postern rules list
  postern rules show AUTH-01
  postern rules test --pack dist/packs/azure-ai-baseline.wasm --cases rules-wasm/azure-ai-baseline/cases
  postern rules settings schema azure-ai-baseline > settings.schema.json
  postern rules compare azure-ai-baseline new.wasm --since 2026-10-01 --data-dir ~/postern
  postern rules activate new.wasm --trusted-key RWQ... --reason \"rotation after 60 days\"")]
pub(crate) struct RulesArguments {
    #[command(subcommand)]
    pub command: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List rules.
    List(ListRulesArguments),
    /// Show all that a rule says of itself.
    Show(ShowRuleArguments),
    /// Start a pack of your own: a project that builds and passes its tests.
    New(NewRulesArguments),
    /// Make a component of a pack's project.
    Build(BuildRulesArguments),
    /// Run a pack's cases against the built component, and say what they cover.
    Test(TestRulesArguments),
    /// Measure how fast a pack judges the assets of its cases.
    Bench(BenchRulesArguments),
    /// Say what another version of a pack, or other settings, would change in the stored snapshots.
    Compare(CompareRulesArguments),
    /// Make a pack the one that judges from the next evaluation on, without a restart.
    Activate(ActivateRulesArguments),
    /// Go back to the pack of the same name that the build carries.
    Deactivate(DeactivateRulesArguments),
    /// Show, check and change the packs' settings.
    Settings(SettingsArguments),
    /// List what was activated and set, the youngest first.
    History(HistoryArguments),
}

/// Which packs.
#[derive(Args, Clone, Debug)]
pub(crate) struct PackArguments {
    /// A pack, as a component (.wasm); can be given more than once.
    #[arg(long, value_name = "FILE")]
    pub pack: Vec<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
As JSON each rule has: id, title, severity, topic, asset_types, reads, azure_policies (ids of definitions),
controls (framework:control), settings, pack, pack_version, pack_digest.")]
pub(crate) struct ListRulesArguments {
    /// Print the rules as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub packs: PackArguments,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ShowRuleArguments {
    /// The rule's id, such as AUTH-01.
    #[arg(value_name = "RULE")]
    pub rule: String,
    /// Print the rule as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub packs: PackArguments,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Each file of cases is JSON: {\"rule\": \"AUTH-01\", \"asset_type\": \"…\", \"cases\": [{\"name\": \"keys off\",
\"resource\": {…}, \"related\": {…}, \"settings\": {…}, \"verdict\": \"pass\", \"evidence_path\": \"properties.…\"}]}.
The exit code is 1 if a case is judged otherwise than it expects, or a rule never reaches a verdict that it can have.")]
pub(crate) struct TestRulesArguments {
    /// The component (.wasm).
    #[arg(long, value_name = "FILE")]
    pub pack: PathBuf,
    /// The folder with the files of cases.
    #[arg(long, value_name = "DIR", default_value = "cases")]
    pub cases: PathBuf,
    /// Print each case, and the result as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct BenchRulesArguments {
    /// The component (.wasm); without it the pack that this build carries.
    #[arg(long, value_name = "FILE")]
    pub pack: Option<PathBuf>,
    /// The folder with the files of cases, whose resources are judged.
    #[arg(long, value_name = "DIR", default_value = "cases")]
    pub cases: PathBuf,
    /// For how long.
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub seconds: u16,
}

#[derive(Args, Debug)]
#[command(after_help = "\
OLD and NEW are each the name of an active pack, NAME@VERSION or NAME@DIGEST of one that was ever used, or a file.
Each connection's latest snapshot is judged by both; with --since each of its snapshots since that day.
Nothing is written.

Example:
  postern rules compare azure-ai-baseline azure-ai-baseline --new-settings stricter.json --data-dir ~/postern")]
pub(crate) struct CompareRulesArguments {
    /// What judges now.
    #[arg(value_name = "OLD")]
    pub old: String,
    /// What may judge instead.
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Snapshots since this day or moment, such as 2026-10-01.
    #[arg(long, value_name = "DATE", value_parser = moment::parse_start)]
    pub since: Option<OffsetDateTime>,
    /// The settings of OLD (JSON); without it those that hold now.
    #[arg(long, value_name = "FILE")]
    pub old_settings: Option<PathBuf>,
    /// The settings of NEW (JSON); without it those that hold now.
    #[arg(long, value_name = "FILE")]
    pub new_settings: Option<PathBuf>,
    /// Print every difference as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The signature is a file of minisign beside the pack (new.wasm.minisig), or the one that --signature names:
  minisign -S -s minisign.key -m new.wasm")]
pub(crate) struct ActivateRulesArguments {
    /// The component (.wasm).
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The signature; without it FILE.minisig where that exists.
    #[arg(long, value_name = "FILE")]
    pub signature: Option<PathBuf>,
    #[command(flatten)]
    pub trust: TrustArguments,
    /// Why, for whoever reads the history.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct DeactivateRulesArguments {
    /// The pack's name.
    #[arg(value_name = "PACK")]
    pub pack: String,
    /// Why, for whoever reads the history.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct SettingsArguments {
    #[command(subcommand)]
    pub command: SettingsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Print what holds, as JSON.
    Show(ShowSettingsArguments),
    /// Print the JSON schema of a pack's settings, with the defaults.
    Schema(SchemaArguments),
    /// Set what holds for a pack from the next evaluation on.
    Set(SetSettingsArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ShowSettingsArguments {
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct SchemaArguments {
    /// The pack's name.
    #[arg(value_name = "PACK", default_value = "azure-ai-baseline")]
    pub pack: String,
    #[command(flatten)]
    pub packs: PackArguments,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The file is JSON; what is not in it has the pack's default. A tag beats a resource group, which beats a subscription:
  {
    \"values\": {\"keyRotationDays\": 60},
    \"overrides\": [
      {\"scope\": {\"tag\": \"environment=sandbox\"}, \"values\": {\"keyRotationDays\": 90}, \"reason\": \"short-lived\"},
      {\"scope\": {\"subscription\": \"ID\"}, \"values\": {\"approvedRegions\": [\"swedencentral\"]}},
      {\"scope\": {\"resource_group\": \"/subscriptions/ID/resourceGroups/NAME\"}, \"values\": {}}
    ]
  }")]
pub(crate) struct SetSettingsArguments {
    /// The pack's name.
    #[arg(value_name = "PACK")]
    pub pack: String,
    /// The settings (JSON); - reads the standard input stream.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Why, for whoever reads the history.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct HistoryArguments {
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}
