//! `postern rules test`.

use anyhow::Context as _;
use postern_domain::verdict::Verdict;
use postern_service::rules::cases::{CaseReport, read_cases, run_cases};

use super::packs;
use crate::cli::TestRulesArguments;
use crate::command::table::Table;
use crate::output;

pub(super) async fn run(arguments: TestRulesArguments) -> anyhow::Result<()> {
    let files = read_cases(&arguments.cases)?;
    let (engine, loaded) = packs::load(std::slice::from_ref(&arguments.pack)).await?;
    let pack = loaded.into_iter().next().context("one file gives one pack")?;
    let running = tokio::task::spawn_blocking(move || run_cases(&engine, &pack, &files));
    let report = running.await.context("the cases ended without an answer")??;
    if arguments.json {
        output::print_json(&serde_json::to_value(&report)?)?;
    } else {
        output::print(&as_text(&report))?;
    }
    let CaseReport { failures, not_covered, .. } = &report;
    if failures.is_empty() && not_covered.is_empty() {
        return Ok(());
    }
    anyhow::bail!(
        "{} of {} cases are judged otherwise than expected, {} verdicts are not covered",
        failures.len(),
        report.cases,
        not_covered.len()
    )
}

fn as_text(report: &CaseReport) -> String {
    let mut table = Table::new(["Rule", "Pass", "Fail", "Unknown", "Not applicable", "Cases"]);
    let mut total = [0; 4];
    for (rule, counts) in &report.rules {
        let of = |verdict: Verdict| counts.get(&verdict).copied().unwrap_or_default();
        let each = [Verdict::Pass, Verdict::Fail, Verdict::Unknown, Verdict::NotApplicable].map(of);
        total.iter_mut().zip(each).for_each(|(total, count)| *total += count);
        let [pass, fail, unknown, other] = each.map(|count| count.to_string());
        let cases = each.iter().sum::<usize>().to_string();
        table.row([rule.to_string(), pass, fail, unknown, other, cases]);
    }
    let [pass, fail, unknown, other] = total.map(|count| count.to_string());
    let rules = format!("{} rules", report.rules.len());
    table.row([rules, pass, fail, unknown, other, report.cases.to_string()]);
    let mut text = table.text(&[1, 2, 3, 4, 5]);
    for (title, lines) in
        [("Judged otherwise", &report.failures), ("Not covered", &report.not_covered)]
    {
        if !lines.is_empty() {
            text.extend(["\n", title, "\n"]);
            text.extend(lines.iter().map(|line| format!("  {line}\n")));
        }
    }
    text
}
