//! What the template prints: every word and number ready, and every text visible.

use askama::Template;
use postern_domain::finding::FindingState;
use postern_domain::pack::PackOrigin;
use postern_domain::snapshot::Completeness;
use postern_domain::verdict::{Evidence, Severity};

use crate::chart::TrendPart;
use crate::counts::FindingCounts;
use crate::document::{Said, Tile};
use crate::document::{counted, day, last_moment, moment, number, said_first, tiles_of};
use crate::model::{ReportException, ReportFinding, ReportModel};
use crate::spreadsheet::{actual, csv_digest};
use crate::visible::visible;

/// The whole file.
#[derive(Template)]
#[template(path = "html/report.html")]
pub(super) struct WebPage {
    title: String,
    organisation: String,
    connection: String,
    as_of: String,
    is_demo: bool,
    filters: Option<String>,
    scan: String,
    evaluation: String,
    engine: String,
    said: Vec<Said>,
    tiles: Vec<Tile>,
    trend: TrendPart,
    counts: Vec<CountRow>,
    severities: Vec<SeverityView>,
    resolved: Vec<ResolvedView>,
    checks: Vec<(&'static str, String)>,
    gaps: Vec<GapView>,
    listings: Vec<ListingView>,
    frameworks: Vec<FrameworkView>,
    exceptions: Vec<ExceptionView>,
    packs: Vec<PackView>,
    decisions: String,
    csv_digest: String,
}

/// Findings of a severity by how they stand.
struct CountRow {
    label: &'static str,
    open: String,
    excepted: String,
    unknown: String,
    resolved: String,
    all: String,
}

struct SeverityView {
    label: &'static str,
    word: &'static str,
    count: String,
    rules: Vec<RuleView>,
}

struct RuleView {
    id: String,
    title: String,
    severity_reason: String,
    rationale: String,
    fix: String,
    az: Option<String>,
    count: String,
    findings: Vec<FindingView>,
}

struct FindingView {
    id: String,
    name: String,
    place: String,
    arm_id: String,
    owner: String,
    state: String,
    summary: String,
    evidence: Vec<EvidenceView>,
    read_at: String,
    first_seen_at: String,
}

struct EvidenceView {
    path: String,
    actual: String,
    expected: String,
    note: String,
}

struct ResolvedView {
    id: String,
    severity: &'static str,
    rule: String,
    title: String,
    name: String,
    opened_at: String,
    resolved_at: String,
    how: &'static str,
}

struct GapView {
    operation: String,
    scope: String,
    reason: String,
    mend: String,
}

struct ListingView {
    operation: String,
    scope: String,
    result: &'static str,
    items: String,
}

struct FrameworkView {
    name: String,
    controls: Vec<ControlView>,
}

struct ControlView {
    id: String,
    title: String,
    kind: &'static str,
    status: &'static str,
    failed: String,
    judged: String,
    excepted: String,
    reason: String,
}

struct ExceptionView {
    id: String,
    findings: String,
    reason: &'static str,
    justification: String,
    control: String,
    approvers: String,
    conditions: String,
    until: String,
}

struct PackView {
    name: String,
    digest: String,
    origin: String,
    problem: String,
}

fn shown(text: &str) -> String {
    visible(text).into_owned()
}

fn or(text: Option<&str>, instead: &str) -> String {
    text.map_or_else(|| instead.to_owned(), shown)
}

fn joined(texts: &[String], joint: &str) -> String {
    if texts.is_empty() { "none".to_owned() } else { shown(&texts.join(joint)) }
}

impl WebPage {
    pub(super) fn of(model: &ReportModel) -> Result<Self, crate::ReportError> {
        let head = &model.head;
        let mut counts = FindingCounts::default();
        model.findings.iter().for_each(|finding| counts.add(finding));
        let (ended, standing): (Vec<_>, Vec<_>) =
            model.findings.iter().partition(|finding| finding.state == FindingState::Resolved);
        let severities = standing
            .chunk_by(|left, right| left.severity == right.severity)
            .filter_map(severity_view)
            .collect();
        let none = || "none".to_owned();
        Ok(Self {
            title: shown(&format!(
                "{}: findings with evidence, as of {}",
                head.organisation,
                moment(head.as_of)
            )),
            organisation: shown(&head.organisation),
            connection: shown(&head.connection),
            as_of: moment(head.as_of),
            is_demo: head.is_demo,
            filters: head.filters_in_words().as_deref().map(shown),
            scan: head.scan.map_or_else(none, |id| id.to_string()),
            evaluation: head.evaluation.map_or_else(none, |id| id.to_string()),
            engine: shown(&head.engine),
            said: said_first(model)
                .into_iter()
                .map(|said| Said { text: shown(&said.text), ..said })
                .collect(),
            tiles: tiles_of(model),
            trend: TrendPart::of(head),
            counts: count_rows(&counts),
            severities,
            resolved: ended.into_iter().map(resolved_view).collect(),
            checks: checks(model),
            gaps: gaps(model),
            listings: listings(model),
            frameworks: frameworks(model),
            exceptions: head.exceptions.iter().map(|it| exception_view(it, &counts)).collect(),
            packs: packs(model),
            decisions: format!("{}: {}", head.decisions.number, head.decisions.hash),
            csv_digest: csv_digest(model)?.to_string(),
        })
    }
}

fn count_rows(counts: &FindingCounts) -> Vec<CountRow> {
    let rows = Severity::ALL.iter().map(|severity| (severity.label(), counts.of(*severity)));
    rows.chain([("All", counts.total())])
        .map(|(label, of)| CountRow {
            label,
            open: number(of.open),
            excepted: number(of.excepted),
            unknown: number(of.unknown),
            resolved: number(of.resolved),
            all: number(of.total()),
        })
        .collect()
}

fn severity_view(group: &[&ReportFinding]) -> Option<SeverityView> {
    let severity = group.first()?.severity;
    let rules = group.chunk_by(|left, right| left.rule.id == right.rule.id).filter_map(rule_view);
    Some(SeverityView {
        label: severity.label(),
        word: severity.as_str(),
        count: counted(group.len(), "finding", "findings"),
        rules: rules.collect(),
    })
}

fn rule_view(group: &[&ReportFinding]) -> Option<RuleView> {
    let rule = &group.first()?.rule;
    Some(RuleView {
        id: rule.id.to_string(),
        title: shown(&rule.title),
        severity_reason: shown(&rule.severity_reason),
        rationale: shown(&rule.rationale),
        fix: shown(&rule.remediation.summary),
        az: rule.remediation.az.as_deref().map(shown),
        count: counted(group.len(), "finding", "findings"),
        findings: group.iter().map(|finding| finding_view(finding)).collect(),
    })
}

fn finding_view(finding: &ReportFinding) -> FindingView {
    let asset = &finding.asset;
    FindingView {
        id: finding.id.to_string(),
        name: shown(&asset.name),
        place: or(asset.resource_group.as_deref(), "no resource group"),
        arm_id: shown(&asset.arm_id),
        owner: or(finding.owner.as_deref().or(finding.team.as_deref()), "none known"),
        state: state(finding),
        summary: shown(&finding.summary),
        evidence: finding.evidence.iter().map(evidence_view).collect(),
        read_at: finding.read_at.map_or_else(|| "not known".to_owned(), moment),
        first_seen_at: day(finding.first_seen_at),
    }
}

fn state(finding: &ReportFinding) -> String {
    match finding.exception.as_deref() {
        Some(ReportException { id, until, .. }) => {
            format!("Excepted until {} ({id})", last_moment(*until))
        }
        None => finding.state.label().to_owned(),
    }
}

fn evidence_view(evidence: &Evidence) -> EvidenceView {
    EvidenceView {
        path: shown(&evidence.path),
        actual: shown(&actual(evidence.actual.as_ref())),
        expected: shown(&evidence.expected),
        note: or(evidence.note.as_deref(), ""),
    }
}

fn resolved_view(finding: &ReportFinding) -> ResolvedView {
    ResolvedView {
        id: finding.id.to_string(),
        severity: finding.severity.label(),
        rule: finding.rule.id.to_string(),
        title: shown(&finding.rule.title),
        name: shown(&finding.asset.name),
        opened_at: day(finding.opened_at),
        resolved_at: day(finding.resolution.map_or(finding.changed_at, |ended| ended.at)),
        how: finding.resolution.map_or("Not recorded", |ended| ended.event.label()),
    }
}

fn checks(model: &ReportModel) -> Vec<(&'static str, String)> {
    let coverage = &model.head.coverage;
    let checks = coverage.checks;
    [
        ("Planned: every rule on every resource that it concerns", checks.planned()),
        ("Answered: passed or failed", checks.answered()),
        ("Passed", checks.pass),
        ("Failed", checks.fail),
        ("Unknown: never counted as passed", checks.unknown),
        ("Not applicable: not among the planned", checks.not_applicable),
        ("Resources", coverage.assets),
        ("Resources that could not be read", coverage.assets_unread),
    ]
    .map(|(label, count)| (label, number(count.into())))
    .to_vec()
}

fn gaps(model: &ReportModel) -> Vec<GapView> {
    let gap = |gap: &postern_domain::gap::Gap| {
        let scope = gap.asset.as_ref().map_or_else(|| gap.scope.clone(), ToString::to_string);
        let status = gap.reason.status.map(|it| format!(" (HTTP {it})")).unwrap_or_default();
        GapView {
            operation: shown(&gap.operation),
            scope: shown(&scope),
            reason: shown(&format!("{}{status}", gap.reason.message)),
            mend: gap
                .reason
                .action
                .as_ref()
                .map_or_else(|| "none named".to_owned(), |it| shown(&format!("grant {it}"))),
        }
    };
    model.head.gaps.iter().map(gap).collect()
}

fn listings(model: &ReportModel) -> Vec<ListingView> {
    let listing = |listing: &postern_domain::snapshot::Listing| ListingView {
        operation: shown(&listing.operation),
        scope: shown(&listing.scope),
        result: match listing.completeness {
            Completeness::Complete => "Complete",
            Completeness::Partial => "Partial",
            Completeness::Failed => "Failed",
        },
        items: number(listing.items),
    };
    model.head.coverage.listings.iter().map(listing).collect()
}

fn frameworks(model: &ReportModel) -> Vec<FrameworkView> {
    let frameworks = model.head.frameworks.iter().map(|framework| FrameworkView {
        name: shown(&framework.name),
        controls: framework
            .controls
            .iter()
            .map(|control| ControlView {
                id: shown(control.id.as_str()),
                title: or(control.title.as_deref(), ""),
                kind: control.kind.label(),
                status: control.status.label(),
                failed: number(control.tally.fail),
                judged: number(control.tally.pass.saturating_add(control.tally.fail)),
                excepted: number(control.tally.excepted),
                reason: or(control.reason.as_deref(), ""),
            })
            .collect(),
    });
    frameworks.collect()
}

fn exception_view(exception: &ReportException, counts: &FindingCounts) -> ExceptionView {
    ExceptionView {
        id: exception.id.to_string(),
        findings: number(counts.excepted_by(exception.id)),
        reason: exception.reason.label(),
        justification: shown(&exception.justification),
        control: or(exception.compensating_control.as_deref(), "none"),
        approvers: joined(&exception.approvers, ", "),
        conditions: joined(&exception.conditions, " · "),
        until: last_moment(exception.until),
    }
}

fn packs(model: &ReportModel) -> Vec<PackView> {
    let packs = model.head.packs.iter().map(|pack| PackView {
        name: shown(&format!("{} {}", pack.name, pack.version)),
        digest: pack.digest.to_string(),
        origin: shown(&PackOrigin::in_words(pack.origin.as_ref())),
        problem: or(pack.problem.as_deref(), "none"),
    });
    packs.collect()
}
