//! `postern rules compare`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use postern_domain::id::RuleId;
use postern_domain::settings::PackSettings;
use postern_domain::verdict::{Severity, Verdict};
use postern_service::Postern;
use postern_service::azure::NoProgress;
use postern_service::rules::{
    Comparison, Difference, RuleSet, compare, find_pack, read_pack, settings,
};

use crate::cli::CompareRulesArguments;
use crate::command::table::Table;
use crate::{Environment, database, output};
use postern_domain::moment;

/// Assets that are named for each rule; --json names all.
const NAMED: usize = 3;

pub(super) async fn run(
    arguments: CompareRulesArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let compared = comparison(&database.postern, &arguments).await;
    database.close().await?;
    let comparison = compared?;
    if arguments.json {
        return output::print_json(&serde_json::to_value(&comparison)?);
    }
    output::print(&as_text(&comparison)?)
}

async fn comparison(
    postern: &Postern,
    arguments: &CompareRulesArguments,
) -> anyhow::Result<Comparison> {
    let old = rule_set(postern, &arguments.old, arguments.old_settings.as_deref()).await?;
    let new = rule_set(postern, &arguments.new, arguments.new_settings.as_deref()).await?;
    Ok(compare(postern, &old, &new, arguments.since, &NoProgress).await?)
}

async fn rule_set(postern: &Postern, text: &str, file: Option<&Path>) -> anyhow::Result<RuleSet> {
    let path = Path::new(text);
    let pack = if path.is_file() {
        // By the engine of the comparison: a pack that another engine compiled cannot run in it.
        let component = std::fs::read(path).with_context(|| format!("{text} cannot be read"))?;
        read_pack(postern, component).await.with_context(|| format!("{text} cannot be used"))?
    } else {
        find_pack(postern, text).await?
    };
    let settings: PackSettings = match file {
        Some(file) => super::settings::read(file)?,
        None => settings(postern).await?.of(&pack.manifest().name).clone(),
    };
    if let Some(problem) = pack.check_settings(&settings).into_iter().next() {
        anyhow::bail!("the settings do not fit {text}: {problem}");
    }
    Ok(RuleSet { pack, settings })
}

fn as_text(comparison: &Comparison) -> Result<String, std::fmt::Error> {
    let mut text = format!(
        "{} snapshots, {} assets judged by both: {} verdicts are the same, {} differ in the latest snapshots.\n",
        comparison.snapshots,
        comparison.assets,
        comparison.same,
        comparison.differences.len()
    );
    if comparison.over_time.len() > 1 {
        let mut table = Table::new(["Snapshot", "Failures appear", "Failures vanish"]);
        for here in &comparison.over_time {
            let numbers = [here.appear, here.vanish].map(|count| count.to_string());
            let [appear, vanish] = numbers;
            table.row([moment::text(here.at), appear, vanish]);
        }
        write!(text, "\n{}", table.text(&[1, 2]))?;
    }
    let mut rules: BTreeMap<&RuleId, Vec<&Difference>> = BTreeMap::new();
    for difference in &comparison.differences {
        rules.entry(&difference.rule).or_default().push(difference);
    }
    for (rule, differences) in rules {
        writeln!(text, "\n{rule}")?;
        let mut kinds: BTreeMap<String, Vec<&Difference>> = BTreeMap::new();
        for difference in differences {
            let kind = format!("{} -> {}", side(difference.before), side(difference.after));
            kinds.entry(kind).or_default().push(difference);
        }
        for (kind, differences) in kinds {
            writeln!(text, "  {kind}: {}", differences.len())?;
            for difference in differences.iter().take(NAMED) {
                writeln!(text, "    {}\n      {}", difference.asset, difference.summary)?;
            }
            let more = differences.len().saturating_sub(NAMED);
            if more > 0 {
                writeln!(text, "    and {more} more (--json names all)")?;
            }
        }
    }
    Ok(text)
}

fn side(said: Option<(Verdict, Severity)>) -> String {
    said.map_or_else(
        || "no such rule".to_owned(),
        |(verdict, severity)| match verdict {
            Verdict::Fail => format!("{verdict} ({severity})"),
            other => other.to_string(),
        },
    )
}
