//! `postern rules list` and `postern rules show`.

use std::fmt::Write as _;

use anyhow::Context as _;
use postern_domain::rule::RuleManifest;
use postern_service::engine::Pack;
use postern_service::rules::{PackOrigin, active_view};
use serde_json::{Value, json};

use super::packs;
use crate::cli::{ListRulesArguments, ShowRuleArguments};
use crate::command::table::Table;
use crate::{Environment, database, output};

pub(super) async fn list(
    arguments: ListRulesArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let wants_database = arguments.packs.pack.is_empty()
        && (arguments.database.data_dir.is_some() || arguments.database.database_url.is_some());
    let packs: Vec<(Pack, Option<PackOrigin>)> = if wants_database {
        let database = database::open(&arguments.database, &environment.clock).await?;
        let view = active_view(&database.postern).await;
        database.close().await?;
        view?.packs.into_iter().map(|(pack, origin)| (pack, Some(origin))).collect()
    } else {
        let (_, packs) = packs::load(&arguments.packs.pack).await?;
        packs.into_iter().map(|pack| (pack, None)).collect()
    };
    if arguments.json {
        let rules = packs.iter().flat_map(|(pack, _)| {
            pack.manifest().rules.iter().map(move |rule| as_json(pack, rule))
        });
        return output::print_json(&rules.collect());
    }
    let mut text = String::new();
    for (pack, origin) in &packs {
        let manifest = pack.manifest();
        let origin = origin.as_ref().map(|origin| format!(", {}", vouched(origin)));
        write!(
            text,
            "{} {} ({} rules, digest {}{})\n\n",
            manifest.name,
            manifest.version,
            manifest.rules.len(),
            packs::short(pack),
            origin.unwrap_or_default()
        )?;
        let mut table = Table::new(["Rule", "Severity", "Topic", "What is so when it passes"]);
        for rule in &manifest.rules {
            table.row([
                rule.id.to_string(),
                rule.severity.label().to_owned(),
                rule.topic.label().to_owned(),
                rule.title.clone(),
            ]);
        }
        text += &table.text(&[]);
        text.push('\n');
    }
    output::print(&text)
}

/// The keys are a promise to programs.
fn as_json(pack: &Pack, rule: &RuleManifest) -> Value {
    let manifest = pack.manifest();
    json!({
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "topic": rule.topic,
        "asset_types": rule.asset_types,
        "reads": rule.reads,
        "azure_policies": rule.policies,
        "controls": rule.controls,
        "settings": rule.settings,
        "pack": manifest.name,
        "pack_version": manifest.version,
        "pack_digest": pack.digest(),
    })
}

/// What vouches for a pack, for people.
pub(super) fn vouched(origin: &PackOrigin) -> String {
    match origin {
        PackOrigin::BuiltIn => "built in".to_owned(),
        PackOrigin::Signed(signer) => format!("signed by {signer}"),
        PackOrigin::Unsigned => "unsigned".to_owned(),
    }
}

pub(super) async fn show(arguments: ShowRuleArguments) -> anyhow::Result<()> {
    let (_, packs) = packs::load(&arguments.packs.pack).await?;
    let found = packs.iter().find_map(|pack| {
        let rules = &pack.manifest().rules;
        let is_it = |rule: &&RuleManifest| rule.id.as_str().eq_ignore_ascii_case(&arguments.rule);
        rules.iter().find(is_it).map(|rule| (pack, rule))
    });
    let (pack, rule) = found.with_context(|| {
        format!("there is no rule {}; `postern rules list` lists them", arguments.rule)
    })?;
    if arguments.json {
        let mut value = serde_json::to_value(rule)?;
        value["pack"] = json!(pack.manifest().name);
        value["pack_version"] = json!(pack.manifest().version);
        value["pack_digest"] = json!(pack.digest());
        return output::print_json(&value);
    }
    output::print(&as_text(pack, rule))
}

fn as_text(pack: &Pack, rule: &RuleManifest) -> String {
    let mut text = format!("{}  {}\n\n{}\n", rule.id, rule.title, rule.rationale);
    let mut part = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.extend(["\n", title, "\n"]);
            for line in lines.iter().flat_map(|lines| lines.lines()) {
                text.extend(["  ", line, "\n"]);
            }
        }
    };
    part("Severity", vec![format!("{} ({})", rule.severity.label(), rule.severity_reason)]);
    part("Topic", vec![rule.topic.label().to_owned()]);
    part("About", rule.asset_types.iter().map(ToString::to_string).collect());
    part("Not about", rule.exceptions.clone());
    let reads = rule
        .reads
        .iter()
        .map(|read| format!("{}\n    {}; absent means {}", read.path, read.source, read.absent));
    part("Reads", reads.collect());
    part("Settings", rule.settings.clone());
    part("How to fix it", vec![rule.remediation.summary.clone()]);
    part("Azure CLI", rule.remediation.az.iter().cloned().collect());
    part("Bicep", rule.remediation.bicep.iter().cloned().collect());
    part("Terraform", rule.remediation.terraform.iter().cloned().collect());
    part("Azure portal", rule.remediation.portal.iter().cloned().collect());
    part("Azure Policy", rule.policies.clone());
    part("Judges otherwise than Azure Policy", rule.policy_difference.iter().cloned().collect());
    part("Controls", rule.controls.clone());
    part("Read on", rule.references.clone());
    let manifest = pack.manifest();
    part("Pack", vec![format!("{} {} ({})", manifest.name, manifest.version, pack.digest())]);
    text
}
