//! `postern rules activate`, `deactivate` and `history`.

use std::path::Path;

use anyhow::Context as _;
use postern_service::rules::{
    RuleChange, RuleChangeKind, activate as take_into_use, changes, deactivate as take_out_of_use,
    signature_beside,
};
use serde_json::json;

use super::list::vouched;
use crate::cli::{ActivateRulesArguments, DeactivateRulesArguments, HistoryArguments};
use crate::command::table::Table;
use crate::{Environment, database, output, trust};
use postern_domain::moment;

/// Changes that `history` prints.
const CHANGES: u32 = 200;

pub(super) async fn activate(
    arguments: ActivateRulesArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    refuse_blank(&arguments.reason)?;
    let file = &arguments.file;
    let component =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let signature = signature_of(file, arguments.signature.as_deref())?;
    let trust = trust::trust(&arguments.trust)?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    let activated = take_into_use(
        &database.postern,
        &component,
        signature.as_deref(),
        &trust,
        &arguments.reason,
    )
    .await;
    database.close().await?;
    let activated = activated?;
    let before = activated
        .before
        .map(|(version, digest)| format!("; before it was {version} ({digest})"))
        .unwrap_or_default();
    output::print(&format!(
        "{} {} ({}, {}) judges from the next evaluation on{before}.\n",
        activated.name,
        activated.version,
        activated.digest,
        vouched(&activated.origin)
    ))
}

pub(super) async fn deactivate(
    arguments: DeactivateRulesArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    refuse_blank(&arguments.reason)?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    let done = take_out_of_use(&database.postern, &arguments.pack, &arguments.reason).await;
    database.close().await?;
    done?;
    output::print(&format!(
        "{} is the build's own again from the next evaluation on.\n",
        arguments.pack
    ))
}

pub(super) async fn history(
    arguments: HistoryArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let found = changes(&database.postern, CHANGES).await;
    database.close().await?;
    let found = found?;
    if arguments.json {
        let rows = found.iter().map(|change| {
            json!({
                "at": moment::text(change.at),
                "pack": change.pack,
                "change": what(change),
                "reason": change.reason,
            })
        });
        return output::print_json(&rows.collect());
    }
    if found.is_empty() {
        return output::print(
            "Nothing was activated or set: the build's own packs judge, by their defaults.\n",
        );
    }
    let mut table = Table::new(["When", "Pack", "What", "Why"]);
    for change in &found {
        table.row([
            moment::text(change.at),
            change.pack.clone(),
            what(change),
            change.reason.clone(),
        ]);
    }
    output::print(&table.text(&[]))
}

fn what(change: &RuleChange) -> String {
    match &change.kind {
        RuleChangeKind::Activated { version: Some((digest, version)) } => {
            let digest: String = digest.to_string().chars().take(12).collect();
            format!("version {version} ({digest}) activated")
        }
        RuleChangeKind::Activated { version: None } => "the build's own activated".to_owned(),
        RuleChangeKind::Settings => "settings changed".to_owned(),
    }
}

fn refuse_blank(reason: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        !reason.trim().is_empty(),
        "--reason is empty; say why, for whoever reads the history"
    );
    Ok(())
}

/// The signature that was named, or the one beside the pack.
fn signature_of(pack: &Path, named: Option<&Path>) -> anyhow::Result<Option<String>> {
    let beside = signature_beside(pack);
    let file = match named {
        Some(file) => file,
        None if beside.is_file() => beside.as_path(),
        None => return Ok(None),
    };
    let text = std::fs::read_to_string(file);
    Ok(Some(text.with_context(|| format!("{} cannot be read", file.display()))?))
}
