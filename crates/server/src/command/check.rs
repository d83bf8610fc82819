//! `postern check`.

mod text;

use anyhow::Context as _;
use postern_domain::arm::AssetType;
use postern_domain::id::RuleId;
use postern_domain::settings::Settings;
use postern_domain::verdict::{Evidence, Severity, Verdict};
use postern_service::check::{CheckOutcome, CheckRow, check_files};
use postern_service::engine::{Engine, Limits};
use serde::Serialize;
use time::OffsetDateTime;

use super::import;
use crate::cli::{CheckArguments, CheckFormat};
use crate::{Environment, Outcome, embedded, output};

pub(super) async fn run(
    arguments: CheckArguments,
    environment: &Environment,
) -> anyhow::Result<Outcome> {
    let components = embedded::packs()?;
    let paths = arguments.paths.clone();
    let now = environment.clock.now();
    let judging = tokio::task::spawn_blocking(move || judge(&components, &paths, now));
    let outcome = judging.await.context("the check ended without an answer")??;
    for problem in &outcome.pack_problems {
        eprintln!("postern: rule pack {} could not judge: {}", problem.pack.name, problem.problem);
    }
    import::report_problems(&outcome.files);
    output::print(&match arguments.format {
        CheckFormat::Jsonl => outcome.rows.iter().map(line).collect::<anyhow::Result<_>>()?,
        CheckFormat::Text => text::write(&outcome),
    })?;
    import::refuse_named_problems(&outcome.files, &arguments.paths)?;
    let is_found = |row: &CheckRow| {
        row.verdict == Verdict::Fail
            && arguments.fail_on.is_some_and(|at_least| row.severity <= at_least)
    };
    Ok(if outcome.rows.iter().any(is_found) { Outcome::Found } else { Outcome::Done })
}

fn judge(
    components: &[Vec<u8>],
    paths: &[std::path::PathBuf],
    now: OffsetDateTime,
) -> anyhow::Result<CheckOutcome> {
    let engine = Engine::new(Limits::default())?;
    let packs = components
        .iter()
        .map(|component| engine.load(component))
        .collect::<Result<Vec<_>, _>>()
        .context("a rule pack of this build was refused")?;
    Ok(check_files(&engine, &packs, &Settings::default(), paths, now))
}

/// A row as a line of JSON; the keys and their order are a promise to programs.
#[derive(Serialize)]
struct Line<'a> {
    asset: &'a str,
    asset_type: &'a AssetType,
    rule: &'a RuleId,
    verdict: Verdict,
    severity: Severity,
    summary: &'a str,
    evidence: &'a [Evidence],
    source: &'a str,
}

fn line(row: &CheckRow) -> anyhow::Result<String> {
    let line = Line {
        asset: &row.asset,
        asset_type: &row.asset_type,
        rule: &row.rule,
        verdict: row.verdict,
        severity: row.severity,
        summary: &row.summary,
        evidence: &row.evidence,
        source: &row.source,
    };
    Ok(serde_json::to_string(&line)? + "\n")
}
