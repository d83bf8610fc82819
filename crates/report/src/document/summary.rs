//! The first page: the state, the direction and the coverage, in sentences made from data.

use std::collections::BTreeMap;

use postern_domain::finding::FindingState;
use postern_domain::id::RuleId;
use postern_domain::verdict::Severity;
use serde::Serialize;
use time::OffsetDateTime;

use super::words::{counted, day, list, moment, number, share};
use crate::chart::{compared, excepted_of, open_total};
use crate::model::{ReportFinding, ReportModel};
use crate::printable::Printed;

/// How many rules the first page names; all are in the findings.
const RULES_ON_FIRST_PAGE: usize = 8;

/// The executive summary.
#[derive(Debug, Serialize)]
pub(super) struct SummaryPart {
    sentences: Vec<Sentence>,
    tiles: Vec<Tile>,
    rules: Vec<RuleLine>,
    rules_note: String,
}

/// A sentence as it is said, for any medium; a strong one warns.
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) is_strong: bool,
}

/// A sentence that is printed.
#[derive(Debug, Serialize)]
struct Sentence {
    text: Printed,
    is_strong: bool,
}

/// A number that the reader looks for first.
#[derive(Debug, Serialize)]
pub(crate) struct Tile {
    pub(crate) label: &'static str,
    pub(crate) value: String,
    pub(crate) note: String,
}

/// A rule with open findings.
#[derive(Debug, Serialize)]
struct RuleLine {
    severity: Severity,
    severity_label: &'static str,
    rule: Printed,
    title: Printed,
    open: String,
    oldest: String,
}

impl SummaryPart {
    pub(super) fn of(model: &ReportModel) -> Self {
        let open = open_of(model);
        let (rules, rules_note) = rule_lines(&open);
        let sentences = said(model, &open)
            .into_iter()
            .map(|said| Sentence { text: Printed::new(&said.text), is_strong: said.is_strong });
        Self { sentences: sentences.collect(), tiles: tiles(model, &open), rules, rules_note }
    }
}

/// What is said first: the state, the direction and the coverage.
pub(crate) fn said_first(model: &ReportModel) -> Vec<Said> {
    said(model, &open_of(model))
}

/// The numbers that the reader looks for first.
pub(crate) fn tiles_of(model: &ReportModel) -> Vec<Tile> {
    tiles(model, &open_of(model))
}

fn open_of(model: &ReportModel) -> Vec<&ReportFinding> {
    model.findings.iter().filter(|finding| finding.is_open()).collect()
}

fn said(model: &ReportModel, open: &[&ReportFinding]) -> Vec<Said> {
    let plain = |text: &str| Said { text: text.to_owned(), is_strong: false };
    let strong = |text: &str| Said { text: text.to_owned(), is_strong: true };
    if model.head.evaluation.is_none() {
        return vec![strong(&format!(
            "Nothing has been judged in {} yet, so this report says nothing about its security.",
            model.head.connection
        ))];
    }
    let mut sentences = Vec::new();
    if let Some(filters) = model.head.filters_in_words() {
        sentences.push(strong(&format!(
            "This report is of some findings only, {} with {filters}. What it says of coverage, exceptions and frameworks is of the whole connection.",
            number(model.findings.len() as u64),
        )));
    }
    sentences.push(plain(&state_sentence(model, open)));
    sentences.extend(direction_sentence(model, open).as_deref().map(plain));
    let coverage = coverage_sentence(model);
    let checks = model.head.coverage.checks;
    let is_complete =
        checks.unknown == 0 && model.head.coverage.assets_unread == 0 && model.head.gaps.is_empty();
    sentences.push(if is_complete { plain(&coverage) } else { strong(&coverage) });
    let silent = model.head.packs.iter().filter(|pack| pack.problem.is_some()).count();
    if silent > 0 {
        sentences.push(strong(&format!(
            "{} could not judge; what that leaves unknown is in section 5.",
            counted(silent, "rule pack", "rule packs")
        )));
    }
    sentences
}

fn state_sentence(model: &ReportModel, open: &[&ReportFinding]) -> String {
    let by_severity: Vec<String> = Severity::ALL
        .iter()
        .map(|severity| {
            (severity, open.iter().filter(|finding| finding.severity == *severity).count())
        })
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{} {severity}", number(count as u64)))
        .collect();
    let at = moment(model.head.as_of);
    let connection = &model.head.connection;
    let (none, one, many) = if model.head.filters.is_empty() {
        ("no finding", "one finding", "findings")
    } else {
        ("none of them", "one of them", "of them")
    };
    let are_open = match open.len() {
        0 => format!("{none} is open in {connection}"),
        1 => format!("{one} is open in {connection}: {}", list(&by_severity)),
        count => format!(
            "{} {many} are open in {connection}: {}",
            number(count as u64),
            list(&by_severity)
        ),
    };
    let mut sentences = vec![format!("As of {at}, {are_open}.")];
    let stale = open.iter().filter(|it| it.state == FindingState::NotRechecked).count();
    if stale > 0 {
        sentences.push(format!(
            "{} of them could not be checked again and stand until they can be.",
            number(stale as u64)
        ));
    }
    match excepted(model) {
        0 => {}
        1 => sentences.push(
            "One more finding fails and is accepted until a date; it is not counted as open."
                .to_owned(),
        ),
        more => sentences.push(format!(
            "{} more findings fail and are accepted until a date; they are not counted as open.",
            number(more as u64)
        )),
    }
    let unknown = model.findings.iter().filter(|it| it.state == FindingState::Unknown).count();
    if unknown > 0 {
        let could = counted(unknown, "check could", "checks could");
        sentences.push(format!("{could} not be judged: unknown, which is never a pass."));
    }
    sentences.join(" ")
}

/// How the open findings moved since the point compared with, and by what; `None` without two points.
fn direction_sentence(model: &ReportModel, open: &[&ReportFinding]) -> Option<String> {
    let trend = &model.head.trend;
    let earlier = compared(trend)?;
    let after = trend.iter().filter(|point| point.at > earlier.at);
    let (mut opened, mut fixed, mut left) = (0, 0, 0);
    for counts in after.flat_map(|point| &point.severities) {
        opened += u64::from(counts.opened);
        fixed += u64::from(counts.fixed);
        left += u64::from(counts.left_otherwise);
    }
    // What is accepted changes between scans too, so that the latest one's point may not be how it stands.
    let (before, now) = (open_total(earlier), open.len() as u64);
    let (accepted_before, accepted) = (u64::from(excepted_of(earlier)), excepted(model) as u64);
    let accepted = match accepted.cmp(&accepted_before) {
        std::cmp::Ordering::Less => {
            format!(", {} no longer accepted", number(accepted_before - accepted))
        }
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Greater => {
            format!(", {} more accepted until a date", number(accepted - accepted_before))
        }
    };
    let moved = match now.cmp(&before) {
        std::cmp::Ordering::Less => format!("fell from {} to {}", number(before), number(now)),
        std::cmp::Ordering::Equal => format!("stayed at {}", number(now)),
        std::cmp::Ordering::Greater => format!("rose from {} to {}", number(before), number(now)),
    };
    Some(format!(
        "Since {}, open findings {moved}: {} opened, {} fixed, {} ended for another reason (deleted, out of scope, no longer applicable){accepted}.",
        day(earlier.at),
        number(opened),
        number(fixed),
        number(left)
    ))
}

fn coverage_sentence(model: &ReportModel) -> String {
    let coverage = &model.head.coverage;
    let checks = coverage.checks;
    let read = coverage.assets.saturating_sub(coverage.assets_unread);
    let answered = match share(checks.answered(), checks.planned()) {
        Some(share) => format!(
            "{} of {} checks had an answer ({share})",
            number(checks.answered().into()),
            number(checks.planned().into())
        ),
        None => "No check applied to any resource".to_owned(),
    };
    let gaps = match model.head.gaps.len() {
        0 => "nothing that was asked for was refused".to_owned(),
        count => format!("{} could not be read (section 5)", counted(count, "thing", "things")),
    };
    format!(
        "{answered}; {} of {} resources were read; {gaps}.",
        number(read.into()),
        number(coverage.assets.into())
    )
}

fn tiles(model: &ReportModel, open: &[&ReportFinding]) -> Vec<Tile> {
    let checks = model.head.coverage.checks;
    let coverage = &model.head.coverage;
    let worst = open.iter().filter(|finding| finding.severity <= Severity::High).count();
    let none = || "none".to_owned();
    let mut tiles = vec![
        Tile {
            label: "Open findings",
            value: number(open.len() as u64),
            note: if model.head.filters.is_empty() {
                format!("{} resolved so far", number(resolved(model) as u64))
            } else {
                format!("of {} in this report", number(model.findings.len() as u64))
            },
        },
        Tile {
            label: "Critical and high",
            value: number(worst as u64),
            note: format!("of {} open", number(open.len() as u64)),
        },
        Tile {
            label: "Checks passed",
            value: share(checks.pass, checks.answered()).unwrap_or_else(none),
            note: format!(
                "{} of {} judged",
                number(checks.pass.into()),
                number(checks.answered().into())
            ),
        },
        Tile {
            label: "Checks answered",
            value: share(checks.answered(), checks.planned()).unwrap_or_else(none),
            note: format!("{} unknown", number(checks.unknown.into())),
        },
        Tile {
            label: "Resources",
            value: number(coverage.assets.into()),
            note: format!("{} not read", number(coverage.assets_unread.into())),
        },
    ];
    let excepted = excepted(model);
    if excepted > 0 {
        let tile = Tile {
            label: "Excepted",
            value: number(excepted as u64),
            note: "not counted as open".to_owned(),
        };
        tiles.insert(2, tile);
    }
    tiles
}

/// Findings that fail and are accepted.
fn excepted(model: &ReportModel) -> usize {
    model.findings.iter().filter(|finding| finding.exception.is_some()).count()
}

fn resolved(model: &ReportModel) -> usize {
    model.findings.iter().filter(|finding| finding.state == FindingState::Resolved).count()
}

/// The rules with open findings, the worst first, then those with the most.
fn rule_lines(open: &[&ReportFinding]) -> (Vec<RuleLine>, String) {
    struct Tally<'a> {
        title: &'a str,
        count: usize,
        oldest: OffsetDateTime,
    }
    let mut tallies: BTreeMap<(Severity, &RuleId), Tally<'_>> = BTreeMap::new();
    for finding in open {
        let tally = tallies.entry((finding.severity, &finding.rule.id)).or_insert(Tally {
            title: &finding.rule.title,
            count: 0,
            oldest: finding.opened_at,
        });
        tally.count += 1;
        tally.oldest = tally.oldest.min(finding.opened_at);
    }
    let total = tallies.len();
    let mut ordered: Vec<_> = tallies.into_iter().collect();
    ordered.sort_by(|left, right| left.0.0.cmp(&right.0.0).then(right.1.count.cmp(&left.1.count)));
    let lines: Vec<_> = ordered
        .into_iter()
        .take(RULES_ON_FIRST_PAGE)
        .map(|((severity, rule), tally)| RuleLine {
            severity,
            severity_label: severity.label(),
            rule: Printed::breakable(rule.as_str()),
            title: Printed::new(tally.title),
            open: number(tally.count as u64),
            oldest: day(tally.oldest),
        })
        .collect();
    let note = if total > lines.len() {
        format!(
            "{} of {} rules with open findings; section 3 has them all.",
            number(lines.len() as u64),
            number(total as u64)
        )
    } else {
        String::new()
    };
    (lines, note)
}
