//! The XLSX: a workbook for people who sort, filter and count.

mod sheet;

use std::io::Write;

use postern_domain::id::RuleId;
use postern_domain::snapshot::Completeness;
use postern_domain::verdict::{Evidence, Severity};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use self::sheet::{Cell, Column, Sheet};
use crate::ReportError;
use crate::counts::FindingCounts;
use crate::document::number;
use crate::model::{InOrder, ReportControl, ReportFinding, ReportFramework, ReportHead};
use crate::spreadsheet::{actual, origin};

/// Findings that a sheet can hold: Excel's rows, but for the header and the row that says that there are more.
const MOST_FINDINGS: u64 = 1_048_576 - 2;

const SUMMARY: usize = 0;
const FINDINGS: usize = 1;
const EXCEPTIONS: usize = 2;
const COVERAGE: usize = 3;
const CONTROLS: usize = 4;

const FINDING_COLUMNS: [Column; 28] = [
    Column("Id", 10.0),
    Column("Severity", 10.0),
    Column("State", 16.0),
    Column("Rule", 14.0),
    Column("Title", 44.0),
    Column("Topic", 18.0),
    Column("What was found", 50.0),
    Column("Resource", 34.0),
    Column("Type", 40.0),
    Column("Kind", 14.0),
    Column("Region", 14.0),
    Column("Subscription", 38.0),
    Column("Resource group", 26.0),
    Column("ARM id", 60.0),
    Column("Owner", 20.0),
    Column("Team", 20.0),
    Column("Read (UTC)", 18.0),
    Column("First seen (UTC)", 18.0),
    Column("Opened (UTC)", 18.0),
    Column("Changed (UTC)", 18.0),
    Column("Resolved (UTC)", 18.0),
    Column("Resolved by", 24.0),
    Column("Exception", 10.0),
    Column("Excepted until (UTC)", 20.0),
    Column("Evidence", 60.0),
    Column("Why it matters", 60.0),
    Column("Fix", 60.0),
    Column("Pack (SHA-256)", 20.0),
];

const EXCEPTION_COLUMNS: [Column; 11] = [
    Column("Id", 10.0),
    Column("Findings", 10.0),
    Column("Reason", 22.0),
    Column("Justification", 60.0),
    Column("Compensating control", 40.0),
    Column("Requested by", 14.0),
    Column("Requested (UTC)", 18.0),
    Column("Approved by", 30.0),
    Column("Approved (UTC)", 18.0),
    Column("Conditions", 50.0),
    Column("Until (UTC)", 18.0),
];

const COVERAGE_COLUMNS: [Column; 6] = [
    Column("What", 14.0),
    Column("Operation", 44.0),
    Column("Scope", 60.0),
    Column("Result", 16.0),
    Column("Number", 10.0),
    Column("Reason, and what would mend it", 80.0),
];

const CONTROL_COLUMNS: [Column; 14] = [
    Column("Framework", 34.0),
    Column("Control", 14.0),
    Column("Title", 50.0),
    Column("Assessed", 20.0),
    Column("Result", 26.0),
    Column("Pass", 8.0),
    Column("Fail", 8.0),
    Column("Of these excepted", 16.0),
    Column("Unknown", 10.0),
    Column("Not applicable", 14.0),
    Column("Lists not read", 14.0),
    Column("Rules", 40.0),
    Column("Did not run", 20.0),
    Column("What is not covered", 60.0),
];

/// Writes the report as a workbook of five sheets: Summary, Findings, Exceptions, Coverage, Controls.
///
/// Rows are written as they come, and wait in temporary files of the system until the workbook is put together: memory
/// stays the same however many there are. What stands in a cell is text, a number or a time, and never a formula.
/// Where there are more findings than a sheet can hold, the sheet's last row and the summary say so and name the CSV.
pub fn write_xlsx(
    head: &ReportHead,
    findings: impl IntoIterator<Item = Result<ReportFinding, ReportError>>,
    out: impl Write + Send,
) -> Result<(), ReportError> {
    write_xlsx_at_most(MOST_FINDINGS, head, findings, out)
}

/// [`write_xlsx`] with fewer rows, so that a test needs no million of them.
#[doc(hidden)]
pub fn write_xlsx_at_most(
    most: u64,
    head: &ReportHead,
    findings: impl IntoIterator<Item = Result<ReportFinding, ReportError>>,
    out: impl Write + Send,
) -> Result<(), ReportError> {
    let mut workbook = Workbook::new();
    let at = ExcelDateTime::from_timestamp(head.as_of.unix_timestamp())?;
    let properties = DocProperties::new()
        .set_title("Findings with evidence")
        .set_author("Postern")
        .set_creation_datetime(&at);
    workbook.set_properties(&properties);
    for name in ["Summary", "Findings", "Exceptions", "Coverage", "Controls"] {
        workbook.add_worksheet_with_constant_memory()?.set_name(name)?;
    }
    let mut counts = FindingCounts::default();
    let mut sheet = Sheet::table(workbook.worksheet_from_index(FINDINGS)?, &FINDING_COLUMNS)?;
    for finding in InOrder::new(findings) {
        let finding = finding?;
        if counts.total().total() < most {
            sheet.row(&finding_cells(&finding))?;
        }
        counts.add(&finding);
    }
    let left_out = counts.total().total().saturating_sub(most);
    sheet.end()?;
    if left_out > 0 {
        sheet.note(&format!(
            "{} more findings do not fit in a sheet. The CSV of this report has all {}.",
            number(left_out),
            number(counts.total().total())
        ))?;
    }
    exceptions(&mut workbook, head, &counts)?;
    coverage(&mut workbook, head)?;
    controls(&mut workbook, head)?;
    summary(&mut workbook, head, &counts, left_out)?;
    Ok(workbook.save_to_writer(out)?)
}

fn finding_cells(finding: &ReportFinding) -> [Cell<'_>; FINDING_COLUMNS.len()] {
    let rule = &*finding.rule;
    let asset = &finding.asset;
    let exception = finding.exception.as_deref();
    [
        Cell::Own(finding.id.to_string()),
        Cell::Text(finding.severity.label()),
        Cell::Text(if exception.is_some() { "Excepted" } else { finding.state.label() }),
        Cell::Text(rule.id.as_str()),
        Cell::Text(&rule.title),
        Cell::Text(rule.topic.label()),
        Cell::Text(&finding.summary),
        Cell::Text(&asset.name),
        Cell::Text(asset.asset_type.as_str()),
        Cell::optional(asset.kind.as_deref()),
        Cell::optional(asset.location.as_deref()),
        Cell::Text(&asset.subscription),
        Cell::optional(asset.resource_group.as_deref()),
        Cell::Text(&asset.arm_id),
        Cell::optional(finding.owner.as_deref()),
        Cell::optional(finding.team.as_deref()),
        Cell::at(finding.read_at),
        Cell::Time(finding.first_seen_at),
        Cell::Time(finding.opened_at),
        Cell::Time(finding.changed_at),
        Cell::at(finding.resolution.map(|resolution| resolution.at)),
        Cell::optional(finding.resolution.map(|resolution| resolution.event.label())),
        exception.map_or(Cell::None, |exception| Cell::Own(exception.id.to_string())),
        Cell::at(exception.map(|exception| exception.until)),
        Cell::Own(evidence(&finding.evidence)),
        Cell::Text(&rule.rationale),
        Cell::Text(&rule.remediation.summary),
        Cell::Own(rule.pack.to_string()),
    ]
}

/// A line for each property.
fn evidence(evidence: &[Evidence]) -> String {
    let line = |piece: &Evidence| {
        let note = piece.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
        format!(
            "{}: {}, expected {}{note}",
            piece.path,
            actual(piece.actual.as_ref()),
            piece.expected
        )
    };
    evidence.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn exceptions(
    workbook: &mut Workbook,
    head: &ReportHead,
    counts: &FindingCounts,
) -> Result<(), ReportError> {
    let mut sheet = Sheet::table(workbook.worksheet_from_index(EXCEPTIONS)?, &EXCEPTION_COLUMNS)?;
    for exception in &head.exceptions {
        sheet.row(&[
            Cell::Own(exception.id.to_string()),
            Cell::Number(counts.excepted_by(exception.id)),
            Cell::Text(exception.reason.label()),
            Cell::Text(&exception.justification),
            Cell::optional(exception.compensating_control.as_deref()),
            Cell::Own(exception.requested_by.to_string()),
            Cell::Time(exception.requested_at),
            Cell::Own(exception.approvers.join("\n")),
            Cell::Time(exception.approved_at),
            Cell::Own(exception.conditions.join("\n")),
            Cell::Time(exception.until),
        ])?;
    }
    sheet.end()?;
    if head.exceptions.is_empty() {
        sheet.note("No exception was in force.")?;
    }
    Ok(())
}

fn coverage(workbook: &mut Workbook, head: &ReportHead) -> Result<(), ReportError> {
    let mut sheet = Sheet::table(workbook.worksheet_from_index(COVERAGE)?, &COVERAGE_COLUMNS)?;
    for gap in &head.gaps {
        let scope = gap.asset.as_ref().map_or_else(|| gap.scope.clone(), ToString::to_string);
        let status = gap.reason.status.map(|it| format!(" (HTTP {it})")).unwrap_or_default();
        let mend = gap.reason.action.as_ref().map(|it| format!(" Grant {it}.")).unwrap_or_default();
        sheet.row(&[
            Cell::Text("Not read"),
            Cell::Text(&gap.operation),
            Cell::Own(scope),
            Cell::Text("Unknown"),
            if gap.assets > 0 { Cell::Number(gap.assets) } else { Cell::None },
            Cell::Own(format!("{}{status}.{mend}", gap.reason.message)),
        ])?;
    }
    for pack in head.packs.iter().filter(|pack| pack.problem.is_some()) {
        sheet.row(&[
            Cell::Text("Pack problem"),
            Cell::Text(&pack.name),
            Cell::None,
            Cell::Text("Unknown"),
            Cell::None,
            Cell::optional(pack.problem.as_deref()),
        ])?;
    }
    for listing in &head.coverage.listings {
        sheet.row(&[
            Cell::Text("List"),
            Cell::Text(&listing.operation),
            Cell::Text(&listing.scope),
            Cell::Text(match listing.completeness {
                Completeness::Complete => "Complete",
                Completeness::Partial => "Partial",
                Completeness::Failed => "Failed",
            }),
            Cell::Number(listing.items),
            Cell::None,
        ])?;
    }
    sheet.end()
}

fn controls(workbook: &mut Workbook, head: &ReportHead) -> Result<(), ReportError> {
    let mut sheet = Sheet::table(workbook.worksheet_from_index(CONTROLS)?, &CONTROL_COLUMNS)?;
    for framework in &head.frameworks {
        for control in &framework.controls {
            sheet.row(&control_cells(framework, control))?;
        }
    }
    sheet.end()
}

fn control_cells<'a>(
    framework: &'a ReportFramework,
    control: &'a ReportControl,
) -> [Cell<'a>; CONTROL_COLUMNS.len()] {
    let list = |rules: &[RuleId]| {
        let rules: Vec<&str> = rules.iter().map(RuleId::as_str).collect();
        Cell::Own(rules.join(", "))
    };
    let tally = control.tally;
    [
        Cell::Text(&framework.name),
        Cell::Text(control.id.as_str()),
        Cell::optional(control.title.as_deref()),
        Cell::Text(control.kind.label()),
        Cell::Text(control.status.label()),
        Cell::Number(tally.pass),
        Cell::Number(tally.fail),
        Cell::Number(tally.excepted),
        Cell::Number(tally.unknown),
        Cell::Number(tally.not_applicable),
        Cell::Number(tally.unread),
        list(&control.rules),
        list(&control.not_run),
        Cell::optional(control.reason.as_deref()),
    ]
}

fn summary(
    workbook: &mut Workbook,
    head: &ReportHead,
    counts: &FindingCounts,
    left_out: u64,
) -> Result<(), ReportError> {
    let widths = [32.0, 22.0, 12.0, 12.0, 12.0, 12.0];
    let mut sheet = Sheet::plain(workbook.worksheet_from_index(SUMMARY)?, &widths)?;
    let none = || "none".to_owned();
    sheet.heading("Findings with evidence")?;
    if head.is_demo {
        sheet.heading("DEMO: simulated data")?;
    }
    let mut pair = |name: &'static str, value: Cell<'_>| sheet.row(&[Cell::Text(name), value]);
    pair("Organisation", Cell::Text(&head.organisation))?;
    pair("Connection", Cell::Text(&head.connection))?;
    pair("As of (UTC)", Cell::Time(head.as_of))?;
    if let Some(filters) = head.filters_in_words() {
        pair("Only findings with", Cell::Own(filters))?;
    }
    pair("Scan", Cell::Own(head.scan.map_or_else(none, |id| id.to_string())))?;
    pair("Evaluation", Cell::Own(head.evaluation.map_or_else(none, |id| id.to_string())))?;
    pair("Engine", Cell::Text(&head.engine))?;
    pair("Decision log, entries", Cell::Number(head.decisions.number.unsigned_abs()))?;
    pair("Decision log, last hash", Cell::Own(head.decisions.hash.to_string()))?;
    sheet.space();
    sheet.head(&["Findings", "Open", "Excepted", "Unknown", "Resolved", "All"])?;
    let rows = Severity::ALL.iter().map(|severity| (severity.label(), counts.of(*severity)));
    for (label, of) in rows.chain([("All", counts.total())]) {
        sheet.row(&[
            Cell::Text(label),
            Cell::Number(of.open),
            Cell::Number(of.excepted),
            Cell::Number(of.unknown),
            Cell::Number(of.resolved),
            Cell::Number(of.total()),
        ])?;
    }
    if left_out > 0 {
        sheet.note(&format!(
            "The sheet of findings lacks {} of them, because a sheet holds no more rows. The CSV of this report has all.",
            number(left_out)
        ))?;
    }
    sheet.space();
    let checks = head.coverage.checks;
    sheet.head(&["Checks (a rule on a resource)", "Number"])?;
    for (label, count) in [
        ("Planned", checks.planned()),
        ("Answered: passed or failed", checks.answered()),
        ("Passed", checks.pass),
        ("Failed", checks.fail),
        ("Unknown, never counted as passed", checks.unknown),
        ("Not applicable, not among the planned", checks.not_applicable),
        ("Resources", head.coverage.assets),
        ("Resources not read", head.coverage.assets_unread),
    ] {
        sheet.row(&[Cell::Text(label), Cell::Number(count.into())])?;
    }
    sheet.space();
    sheet.head(&["Pack", "Version", "Origin", "SHA-256"])?;
    for pack in &head.packs {
        sheet.row(&[
            Cell::Text(&pack.name),
            Cell::Text(&pack.version),
            Cell::Own(pack.origin.as_ref().map_or_else(|| "not recorded".to_owned(), origin)),
            Cell::Own(pack.digest.to_string()),
        ])?;
    }
    Ok(())
}
