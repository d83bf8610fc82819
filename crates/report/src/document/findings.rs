//! Findings with their evidence, by severity and rule; the resolved ones; the register of resources.

use std::collections::BTreeMap;

use postern_domain::finding::FindingState;
use postern_domain::pack::PackOrigin;
use postern_domain::verdict::{Evidence, Severity};
use serde::Serialize;

use super::words::{counted, day, last_moment, list, number};
use crate::counts::FindingCounts;
use crate::model::{ReportAsset, ReportException, ReportFinding, ReportModel};
use crate::printable::Printed;
use crate::spreadsheet::actual;

/// Longer observed values are cut in the PDF, in the open: the CSV has them whole.
const LONGEST_VALUE: usize = 240;
/// Longer names of resources, groups and owners than Azure has are cut as well.
const LONGEST_NAME: usize = 300;
/// More pieces of evidence are counted in the PDF; the CSV has them all.
const MOST_EVIDENCE: usize = 6;

/// Evidence of more characters than this may run over the end of a page: about half a page high.
const LONGEST_TOGETHER: usize = 900;

/// All findings.
#[derive(Debug, Serialize)]
pub(super) struct FindingsPart {
    exceptions: Vec<ExceptionLine>,
    severities: Vec<SeverityGroup>,
    resolved: Vec<ResolvedLine>,
    /// How many observed values or pieces of evidence were cut; their places say so too.
    cut_note: Option<String>,
}

/// An exception in force.
#[derive(Debug, Serialize)]
struct ExceptionLine {
    id: String,
    findings: String,
    approvers: Printed,
    conditions: Printed,
    until: String,
}

/// The findings of a severity that have not ended.
#[derive(Debug, Serialize)]
struct SeverityGroup {
    severity: Severity,
    label: &'static str,
    count: String,
    rules: Vec<RuleGroup>,
}

/// The findings of a rule, with the rule said once.
#[derive(Debug, Serialize)]
struct RuleGroup {
    rule: Printed,
    title: Printed,
    topic: &'static str,
    severity_reason: Printed,
    rationale: Printed,
    fix: Printed,
    az: Option<Printed>,
    pack: Printed,
    count: String,
    rows: Vec<FindingLine>,
}

/// A finding.
#[derive(Debug, Serialize)]
struct FindingLine {
    id: String,
    name: Printed,
    place: Printed,
    reference: String,
    owner: Option<Printed>,
    evidence: Vec<EvidenceLine>,
    /// Too high to keep its rows together on one page.
    is_tall: bool,
    more: Option<String>,
    read_at: String,
    first_seen_at: String,
    state: FindingState,
    state_label: String,
}

/// A property that was observed.
#[derive(Debug, Serialize)]
struct EvidenceLine {
    path: Printed,
    actual: Printed,
    expected: Printed,
    note: Option<Printed>,
}

impl EvidenceLine {
    fn length(&self) -> usize {
        let note = self.note.as_ref().map_or(0, Printed::length);
        self.path.length() + self.actual.length() + self.expected.length() + note
    }
}

/// A finding that has ended.
#[derive(Debug, Serialize)]
struct ResolvedLine {
    id: String,
    severity_label: &'static str,
    rule: Printed,
    title: Printed,
    name: Printed,
    reference: String,
    opened_at: String,
    resolved_at: String,
    how: String,
}

/// A resource that findings name, with its whole id.
#[derive(Debug, Serialize)]
pub(super) struct ResourceLine {
    reference: String,
    name: Printed,
    what: Printed,
    arm_id: Printed,
}

/// The resources that findings name, numbered by name.
pub(super) struct Register<'a>(BTreeMap<(String, &'a str), &'a ReportAsset>);

impl<'a> Register<'a> {
    pub(super) fn of(findings: &'a [ReportFinding]) -> Self {
        let key = |asset: &'a ReportAsset| (asset.name.to_lowercase(), asset.arm_id.as_str());
        Self(findings.iter().map(|finding| (key(&finding.asset), &finding.asset)).collect())
    }

    pub(super) fn lines(&self) -> Vec<ResourceLine> {
        let what = |asset: &ReportAsset| {
            let parts =
                [Some(asset.asset_type.label()), asset.kind.as_deref(), asset.location.as_deref()];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
        };
        self.0
            .values()
            .zip(1..)
            .map(|(asset, position)| ResourceLine {
                reference: reference(position),
                name: shortened(&asset.name),
                what: shortened(&what(asset)),
                arm_id: Printed::breakable(&asset.arm_id),
            })
            .collect()
    }

    fn references(&self) -> BTreeMap<&'a str, String> {
        self.0
            .values()
            .zip(1..)
            .map(|(asset, position)| (asset.arm_id.as_str(), reference(position)))
            .collect()
    }
}

fn reference(position: usize) -> String {
    format!("R-{position}")
}

impl FindingsPart {
    pub(super) fn of(model: &ReportModel, register: &Register<'_>) -> Self {
        let references = register.references();
        let reference_of = |finding: &ReportFinding| {
            references.get(finding.asset.arm_id.as_str()).cloned().unwrap_or_default()
        };
        let (ended, standing): (Vec<_>, Vec<_>) =
            model.findings.iter().partition(|finding| finding.state == FindingState::Resolved);
        let severities = standing
            .chunk_by(|left, right| left.severity == right.severity)
            .filter_map(|group| {
                let severity = group.first()?.severity;
                let rules = group
                    .chunk_by(|left, right| left.rule.id == right.rule.id)
                    .filter_map(|of_rule| rule_group(model, of_rule, &reference_of))
                    .collect();
                let count = count(group);
                Some(SeverityGroup { severity, label: severity.label(), count, rules })
            })
            .collect();
        let cut = standing.iter().filter(|finding| is_cut(finding)).count();
        let cut_note = (cut > 0).then(|| {
            format!(
                "{} with long evidence show the beginning of it here and say so in place; the CSV of this report has it whole.",
                counted(cut, "finding", "findings")
            )
        });
        let resolved = ended
            .iter()
            .map(|finding| ResolvedLine {
                id: finding.id.to_string(),
                severity_label: finding.severity.label(),
                rule: Printed::breakable(finding.rule.id.as_str()),
                title: Printed::new(&finding.rule.title),
                name: shortened(&finding.asset.name),
                reference: reference_of(finding),
                opened_at: day(finding.opened_at),
                resolved_at: day(finding.resolution.map_or(finding.changed_at, |ended| ended.at)),
                how: finding
                    .resolution
                    .map_or_else(|| "not recorded".to_owned(), |ended| how(ended.event.label())),
            })
            .collect();
        Self { exceptions: exception_lines(model), severities, resolved, cut_note }
    }
}

/// How many findings there are, and how many of them are not counted as open because they are accepted.
fn count(findings: &[&ReportFinding]) -> String {
    let all = counted(findings.len(), "finding", "findings");
    match findings.iter().filter(|finding| finding.exception.is_some()).count() {
        0 => all,
        excepted => format!("{all}, {} excepted", number(excepted as u64)),
    }
}

/// The exceptions in force, each with how many findings it accepts.
fn exception_lines(model: &ReportModel) -> Vec<ExceptionLine> {
    let mut counts = FindingCounts::default();
    model.findings.iter().for_each(|finding| counts.add(finding));
    let none_or = |texts: &[String], joined: String| match texts {
        [] => Printed::new("none"),
        _ => Printed::breakable(&joined),
    };
    model
        .head
        .exceptions
        .iter()
        .map(|exception| ExceptionLine {
            id: exception.id.to_string(),
            findings: number(counts.excepted_by(exception.id)),
            approvers: none_or(&exception.approvers, list(&exception.approvers)),
            conditions: none_or(&exception.conditions, exception.conditions.join(" · ")),
            until: last_moment(exception.until),
        })
        .collect()
}

/// How the finding stands: as what it was accepted, or as its rule judged.
fn state_label(state: FindingState, exception: Option<&ReportException>) -> String {
    let Some(ReportException { id, until, .. }) = exception else {
        return state.label().to_owned();
    };
    let excepted = format!("Excepted until {} ({id})", last_moment(*until));
    match state {
        FindingState::NotRechecked => format!("{excepted}, not re-checked"),
        _ => excepted,
    }
}

/// The event without its "Resolved: ", which the column's head says.
fn how(label: &str) -> String {
    let rest = label.strip_prefix("Resolved: ").unwrap_or(label);
    let mut letters = rest.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn rule_group(
    model: &ReportModel,
    of_rule: &[&ReportFinding],
    reference_of: &impl Fn(&ReportFinding) -> String,
) -> Option<RuleGroup> {
    let first = &of_rule.first()?.rule;
    let pack = model.head.packs.iter().find(|pack| pack.digest == first.pack);
    let pack_name =
        pack.map_or_else(String::new, |pack| format!("{} {}, ", pack.name, pack.version));
    Some(RuleGroup {
        rule: Printed::breakable(first.id.as_str()),
        title: Printed::new(&first.title),
        topic: first.topic.label(),
        severity_reason: Printed::breakable(&first.severity_reason),
        rationale: Printed::breakable(&first.rationale),
        fix: Printed::breakable(&first.remediation.summary),
        az: first.remediation.az.as_deref().map(Printed::breakable),
        pack: Printed::breakable(&format!(
            "{pack_name}SHA-256 {}, {}",
            first.pack.short(),
            PackOrigin::in_words(first.pack_origin.as_ref())
        )),
        count: count(of_rule),
        rows: of_rule.iter().map(|finding| finding_line(finding, reference_of(finding))).collect(),
    })
}

fn finding_line(finding: &ReportFinding, reference: String) -> FindingLine {
    let evidence: Vec<_> = finding.evidence.iter().take(MOST_EVIDENCE).map(evidence_line).collect();
    let length: usize = evidence.iter().map(EvidenceLine::length).sum();
    let left_out = finding.evidence.len().saturating_sub(MOST_EVIDENCE);
    FindingLine {
        id: finding.id.to_string(),
        name: shortened(&finding.asset.name),
        place: shortened(finding.asset.resource_group.as_deref().unwrap_or("no resource group")),
        reference,
        owner: finding.owner.as_deref().or(finding.team.as_deref()).map(shortened),
        evidence,
        is_tall: length > LONGEST_TOGETHER,
        more: if finding.evidence.is_empty() {
            Some("no evidence is kept: the resource or the rule is gone".to_owned())
        } else {
            (left_out > 0).then(|| {
                format!("and {} in the CSV", counted(left_out, "more property", "more properties"))
            })
        },
        read_at: finding.read_at.map_or_else(|| "not known".to_owned(), day),
        first_seen_at: day(finding.first_seen_at),
        state: finding.state,
        state_label: state_label(finding.state, finding.exception.as_deref()),
    }
}

/// Text that stands beside others: where that is higher than pages are, Typst gives up.
fn shortened(text: &str) -> Printed {
    Printed::shortened(text, LONGEST_NAME)
}

fn evidence_line(evidence: &Evidence) -> EvidenceLine {
    let shortened = |text: &str| Printed::shortened(text, LONGEST_VALUE);
    EvidenceLine {
        path: shortened(&evidence.path),
        actual: shortened(&actual(evidence.actual.as_ref())),
        expected: shortened(&evidence.expected),
        note: evidence.note.as_deref().map(shortened),
    }
}

/// Whether the PDF has to cut some of the evidence.
fn is_cut(finding: &ReportFinding) -> bool {
    let fits = |evidence: &Evidence| {
        let actual = actual(evidence.actual.as_ref());
        let note = evidence.note.as_deref().unwrap_or_default();
        [evidence.path.as_str(), &evidence.expected, &actual, note]
            .iter()
            .all(|text| Printed::fits(text, LONGEST_VALUE))
    };
    finding.evidence.len() > MOST_EVIDENCE || !finding.evidence.iter().all(fits)
}

#[cfg(test)]
mod tests {
    use postern_domain::exception::request::ReasonCategory;
    use postern_domain::id::{ExceptionId, PersonId};
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_excepted_finding_says_until_when() {
        let exception = ReportException {
            id: ExceptionId::from_number(3),
            reason: ReasonCategory::RiskAccepted,
            justification: "Known.".to_owned(),
            compensating_control: None,
            requested_by: PersonId::from_number(4),
            requested_at: datetime!(2026-05-01 0:00 UTC),
            approved_at: datetime!(2026-05-02 0:00 UTC),
            until: datetime!(2026-08-13 0:00 UTC),
            approvers: Vec::new(),
            conditions: Vec::new(),
        };
        for (state, exception, expected) in [
            (FindingState::Open, None, "Open"),
            (FindingState::Open, Some(&exception), "Excepted until the end of 12 Aug 2026 (X-3)"),
            (
                FindingState::NotRechecked,
                Some(&exception),
                "Excepted until the end of 12 Aug 2026 (X-3), not re-checked",
            ),
        ] {
            assert_eq!(state_label(state, exception), expected);
        }
    }

    #[test]
    fn how_it_ended_reads_without_its_prefix() {
        assert_eq!(how("Resolved: asset deleted"), "Asset deleted");
        assert_eq!(how("Reopened"), "Reopened");
    }
}
