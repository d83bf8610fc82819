//! Verdicts for people: by asset, the failures first.

use std::collections::BTreeMap;

use postern_domain::verdict::{Evidence, Severity, Verdict};
use postern_service::check::{CheckOutcome, CheckRow};

/// Writes all assets and a summary.
pub(super) fn write(outcome: &CheckOutcome) -> String {
    let mut assets: BTreeMap<&str, Vec<&CheckRow>> = BTreeMap::new();
    for row in &outcome.rows {
        assets.entry(row.asset.as_str()).or_default().push(row);
    }
    let count = assets.len();
    let about: String = assets.into_values().map(about_asset).collect();
    about + &summary(outcome, count)
}

fn about_asset(mut rows: Vec<&CheckRow>) -> String {
    rows.sort_by_key(|row| (urgency(row.verdict), row.severity, row.rule.clone()));
    let Some(first) = rows.first() else { return String::new() };
    let mut text = format!(
        "{} ({})\n  {}\n  from {}\n",
        first.name,
        first.asset_type.label(),
        first.asset,
        first.source
    );
    for row in rows {
        let verdict = row.verdict.label().to_uppercase();
        let line = format!("  {verdict:<14} {:<8} {}  {}\n", severity(row), row.rule, row.summary);
        text.push_str(&line);
        if is_shown_with_evidence(row.verdict) {
            text.extend(row.evidence.iter().map(evidence_line));
        }
    }
    text.push('\n');
    text
}

/// Failures come first, then what is unknown, then what is fine.
fn urgency(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Unknown => 1,
        Verdict::Pass => 2,
        Verdict::NotApplicable => 3,
    }
}

fn is_shown_with_evidence(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fail | Verdict::Unknown)
}

/// How bad a failure is matters only where there may be one.
fn severity(row: &CheckRow) -> &'static str {
    if is_shown_with_evidence(row.verdict) { row.severity.as_str() } else { "" }
}

fn evidence_line(evidence: &Evidence) -> String {
    let actual = match &evidence.actual {
        Some(value) => format!("is {value}"),
        None => "is not there".to_owned(),
    };
    let note = evidence.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    format!(
        "      {} {actual}, expected {}{note}
",
        evidence.path, evidence.expected
    )
}

fn summary(outcome: &CheckOutcome, assets: usize) -> String {
    let mut failures: BTreeMap<Severity, usize> = BTreeMap::new();
    for row in outcome.rows.iter().filter(|row| row.verdict == Verdict::Fail) {
        *failures.entry(row.severity).or_default() += 1;
    }
    let by_severity: Vec<String> =
        failures.iter().map(|(severity, count)| format!("{count} {}", severity.as_str())).collect();
    let by_severity = if by_severity.is_empty() {
        String::new()
    } else {
        format!(" ({})", by_severity.join(", "))
    };
    let noun = if assets == 1 { "asset" } else { "assets" };
    format!(
        "{assets} {noun}: {} fail{by_severity}, {} unknown, {} pass, {} not applicable\n",
        outcome.count(Verdict::Fail),
        outcome.count(Verdict::Unknown),
        outcome.count(Verdict::Pass),
        outcome.count(Verdict::NotApplicable),
    )
}
