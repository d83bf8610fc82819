//! `postern frameworks`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use postern_domain::framework::{
    Assessment, Catalogue, Control, ControlStatus, Framework, StatusCounts,
};
use postern_domain::moment;
use postern_domain::rule::RuleManifest;
use postern_service::framework::{RuleStates, catalogue, rule_states};
use postern_service::rules::active_view;
use serde_json::{Value, json};

use super::rules::packs;
use super::table::Table;
use crate::cli::{
    AssessFrameworkArguments, CheckFrameworkArguments, FrameworksArguments, FrameworksCommand,
    OwnFrameworks, ShowFrameworkArguments,
};
use crate::{Environment, database, output};

pub(super) async fn run(
    arguments: FrameworksArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    match arguments.command {
        FrameworksCommand::List(own) => list(&own).await,
        FrameworksCommand::Show(arguments) => show(arguments).await,
        FrameworksCommand::Check(arguments) => check(&arguments).await,
        FrameworksCommand::Assess(arguments) => assess(arguments, environment).await,
    }
}

/// The frameworks with the rules of the packs that this build carries.
async fn of_build(own: &[PathBuf]) -> anyhow::Result<Catalogue> {
    let (_, loaded) = packs::load(&[]).await?;
    let rules = loaded.iter().flat_map(|pack| &pack.manifest().rules);
    together(own, rules)
}

fn together<'a>(
    own: &[PathBuf],
    rules: impl IntoIterator<Item = &'a RuleManifest>,
) -> anyhow::Result<Catalogue> {
    let own = own.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(catalogue(own, rules)?)
}

fn read(file: &PathBuf) -> anyhow::Result<Framework> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    Framework::parse(&text).with_context(|| format!("{} is no framework", file.display()))
}

fn find<'a>(catalogue: &'a Catalogue, id: &str) -> anyhow::Result<&'a Framework> {
    let found = catalogue.frameworks().iter().find(|one| one.id().to_string() == id);
    found.with_context(|| {
        let known: Vec<String> =
            catalogue.frameworks().iter().map(|one| one.id().to_string()).collect();
        format!("there is no framework {id}; there is {}", known.join(", "))
    })
}

async fn list(own: &OwnFrameworks) -> anyhow::Result<()> {
    let catalogue = of_build(&own.own).await?;
    let titles = ["Framework", "Title", "Controls", "Automated", "Partly", "Manual", "Not here"];
    let mut table = Table::new(titles);
    for framework in catalogue.frameworks() {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for control in framework.controls() {
            *counts.entry(control.assessment().as_str()).or_default() += 1;
        }
        let of = |word: &str| counts.get(word).copied().unwrap_or_default().to_string();
        table.row([
            framework.id().to_string(),
            framework.title().to_owned(),
            framework.controls().len().to_string(),
            of("automated"),
            of("partly"),
            of("manual"),
            of("not_assessable"),
        ]);
    }
    output::print(&table.text(&[2, 3, 4, 5, 6]))
}

async fn show(arguments: ShowFrameworkArguments) -> anyhow::Result<()> {
    let catalogue = of_build(&arguments.own.own).await?;
    let framework = find(&catalogue, &arguments.framework)?;
    let mut text = format!(
        "{} {} ({})\n{}\nLicence: {}\nMapping: {}\n",
        framework.title(),
        framework.version(),
        framework.publisher(),
        framework.source(),
        framework.licence(),
        framework.mapping(),
    );
    let mut hidden = 0;
    for control in framework.controls() {
        let is_out_of_reach = matches!(control.assessment(), Assessment::NotAssessable { .. });
        if is_out_of_reach && !arguments.all {
            hidden += 1;
            continue;
        }
        writeln!(text, "\n{}  {}", control.id(), control.title().unwrap_or_default())?;
        writeln!(text, "  {}", how(control))?;
        let rules: Vec<String> =
            control.rules().iter().map(|mapped| mapped.rule.to_string()).collect();
        if !rules.is_empty() {
            writeln!(text, "  Rules: {}", rules.join(", "))?;
        }
    }
    if hidden > 0 {
        writeln!(text, "\n{hidden} controls cannot be assessed here; --all shows them.")?;
    }
    output::print(&text)
}

/// How a control is assessed, as a sentence.
fn how(control: &Control) -> String {
    match control.assessment() {
        Assessment::Automated => "Automated".to_owned(),
        Assessment::Partly { reason } => format!("Partly: {reason}"),
        Assessment::Manual { reason } => format!("Manual: {reason}"),
        Assessment::NotAssessable { reason } => format!("Not assessable here: {reason}"),
    }
}

async fn check(arguments: &CheckFrameworkArguments) -> anyhow::Result<()> {
    let framework = read(&arguments.file)?;
    let (_, loaded) = packs::load(&[]).await?;
    let rules: Vec<&RuleManifest> = loaded.iter().flat_map(|pack| &pack.manifest().rules).collect();
    let mut unknown: Vec<String> = framework
        .controls()
        .iter()
        .flat_map(Control::rules)
        .filter(|mapped| rules.iter().all(|rule| rule.id != mapped.rule))
        .map(|mapped| mapped.rule.to_string())
        .collect();
    unknown.sort();
    unknown.dedup();
    let (id, count) = (framework.id().clone(), framework.controls().len());
    catalogue(vec![framework], rules)?;
    if !unknown.is_empty() {
        anyhow::bail!("{id} names rules that no pack of this build has: {}", unknown.join(", "));
    }
    output::print(&format!("{id} is a framework of {count} controls.\n"))
}

async fn assess(
    arguments: AssessFrameworkArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let view = active_view(&database.postern).await;
    let states = rule_states(&database.postern, arguments.as_of).await;
    database.close().await?;
    let (view, states) = (view?, states?);
    if let Some(as_of) = arguments.as_of.filter(|_| states.is_empty()) {
        anyhow::bail!(
            "nothing is known of {}: no scan had been judged by then",
            moment::text(as_of)
        );
    }
    let rules = view.packs.iter().flat_map(|(pack, _)| &pack.manifest().rules);
    let catalogue = together(&arguments.own.own, rules)?;
    let framework = find(&catalogue, &arguments.framework)?;
    if arguments.json {
        return output::print_json(&as_json(framework, &states));
    }
    output::print(&as_text(framework, &states))
}

fn as_json(framework: &Framework, states: &RuleStates) -> Value {
    let controls: Vec<Value> = framework
        .assess(|rule| states.of(rule))
        .into_iter()
        .map(|assessed| {
            let tally = assessed.tally;
            json!({
                "control": assessed.control.id().to_string(),
                "title": assessed.control.title(),
                "status": assessed.status.as_str(),
                "how": how(assessed.control),
                "rules": assessed.control.rules().iter().map(|mapped| mapped.rule.to_string()).collect::<Vec<_>>(),
                "not_run": assessed.not_run,
                "pass": tally.pass,
                "fail": tally.fail,
                "excepted": tally.excepted,
                "unknown": tally.unknown,
                "not_applicable": tally.not_applicable,
                "unread_lists": tally.unread,
            })
        })
        .collect();
    json!({
        "framework": framework.id().to_string(),
        "title": framework.title(),
        "version": framework.version(),
        "controls": controls,
    })
}

fn as_text(framework: &Framework, states: &RuleStates) -> String {
    let assessed = framework.assess(|rule| states.of(rule));
    let mut text = format!("{} {}\n\n", framework.title(), framework.version());
    let mut summary = Table::new(["Status", "Controls"]);
    let counts: StatusCounts = assessed.iter().map(|one| one.status).collect();
    for status in ControlStatus::ALL {
        summary.row([status.label().to_owned(), counts.of(status).to_string()]);
    }
    text += &summary.text(&[1]);
    let mut table =
        Table::new(["Control", "Status", "Fail", "Excepted", "Unknown", "Pass", "Title"]);
    let mut listed: Vec<_> = assessed
        .iter()
        .filter(|one| !matches!(one.status, ControlStatus::Manual | ControlStatus::NotAssessable))
        .collect();
    listed.sort_by_key(|one| one.status);
    for one in listed {
        table.row([
            one.control.id().to_string(),
            one.status.label().to_owned(),
            one.tally.fail.to_string(),
            one.tally.excepted.to_string(),
            one.tally.unknown.to_string(),
            one.tally.pass.to_string(),
            one.control.title().unwrap_or_default().to_owned(),
        ]);
    }
    text + "\n" + &table.text(&[2, 3, 4, 5])
}
