//! `postern rules settings`.

use std::path::Path;

use anyhow::Context as _;
use postern_domain::settings::PackSettings;
use postern_service::rules::{set_settings, settings};

use super::packs;
use crate::cli::{
    SchemaArguments, SetSettingsArguments, SettingsArguments, SettingsCommand,
    ShowSettingsArguments,
};
use crate::command::json_file;
use crate::{Environment, database, output};

pub(super) async fn run(
    arguments: SettingsArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    match arguments.command {
        SettingsCommand::Show(arguments) => show(arguments, environment).await,
        SettingsCommand::Schema(arguments) => schema(arguments).await,
        SettingsCommand::Set(arguments) => set(arguments, environment).await,
    }
}

async fn show(arguments: ShowSettingsArguments, environment: &Environment) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let found = settings(&database.postern).await;
    database.close().await?;
    output::print_json(&serde_json::to_value(found?)?)
}

async fn schema(arguments: SchemaArguments) -> anyhow::Result<()> {
    let (_, loaded) = packs::load(&arguments.packs.pack).await?;
    let pack = loaded.iter().find(|pack| pack.manifest().name == arguments.pack);
    let pack = pack.with_context(|| format!("there is no pack named {}", arguments.pack))?;
    output::print_json(&pack.settings_schema())
}

async fn set(arguments: SetSettingsArguments, environment: &Environment) -> anyhow::Result<()> {
    anyhow::ensure!(
        !arguments.reason.trim().is_empty(),
        "--reason is empty; say why, for whoever reads the history"
    );
    let settings = read(&arguments.file)?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    let done = set_settings(&database.postern, &arguments.pack, &settings, &arguments.reason).await;
    database.close().await?;
    done?;
    output::print(&format!(
        "The settings of {} hold from the next evaluation on.\n",
        arguments.pack
    ))
}

/// Reads settings from a file, or from the standard input stream (`-`).
pub(super) fn read(file: &Path) -> anyhow::Result<PackSettings> {
    json_file::read(file, "holds no settings")
}
