//! The CSV: one row for each finding, everything that the report knows of it.

use postern_domain::canonical;
use postern_domain::pack::PackOrigin;
use postern_domain::verdict::Evidence;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::ReportError;
use crate::model::{ReportException, ReportFinding, ReportModel};

/// The columns, in order.
///
/// - `id` to `title`: the finding, its severity (`critical`, `high`, `medium`, `low`), its state (`open`,
///   `not_rechecked`, `unknown`, `resolved`) and its rule.
/// - `exception` and `excepted_until`: by which exception a failure is accepted, and when that ends; such a finding is
///   not counted as open, and its `state` is still that of its rule.
/// - `evidence_properties` to `evidence_notes`: one entry for each piece of evidence, joined by ` | `;
///   an `evidence_actual` entry is JSON, or `absent`.
/// - `pack_origin`: `built_in`, `signed:` with the key's id, or `unsigned`.
/// - `evidence_json`: the whole evidence, as JSON with keys in byte order.
/// - Times are RFC 3339 in UTC; what is not known or does not apply is empty.
pub const COLUMNS: [&str; 41] = [
    "id",
    "severity",
    "state",
    "rule",
    "title",
    "topic",
    "summary",
    "asset_name",
    "asset_type",
    "asset_kind",
    "location",
    "subscription",
    "resource_group",
    "arm_id",
    "owner",
    "team",
    "read_at",
    "first_seen_at",
    "opened_at",
    "changed_at",
    "resolved_at",
    "resolved_by",
    "exception",
    "excepted_until",
    "evidence_properties",
    "evidence_actual",
    "evidence_expected",
    "evidence_notes",
    "evidence_json",
    "severity_reason",
    "rationale",
    "remediation",
    "remediation_az",
    "pack_digest",
    "pack_origin",
    "evaluation",
    "scan",
    "as_of",
    "organisation",
    "connection",
    "is_demo",
];

/// Between the entries of a column that holds one for each piece of evidence.
const JOINT: &str = " | ";

/// Writes the findings as CSV: RFC 4180, UTF-8 without a byte order mark, a header row, [`COLUMNS`].
///
/// Rows are ordered by severity (the worst first), rule, opening time and id.
///
/// A cell that begins with `=`, `+`, `-`, `@`, a tab or a line break gets a leading apostrophe,
/// because a spreadsheet would take it for a formula; programs that need the exact value of an
/// evidence read `evidence_json`, which always begins with `[`.
pub fn render_csv(model: &ReportModel) -> Result<Vec<u8>, ReportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::with_capacity(1024 * (1 + model.findings.len())));
    writer.write_record(COLUMNS)?;
    for finding in in_order(&model.findings) {
        writer.write_record(cells(model, finding)?.iter().map(|cell| harmless(cell)))?;
    }
    writer.into_inner().map_err(|error| ReportError::Csv(error.into_error().into()))
}

/// The findings as both formats list them: the worst first, then by rule, opening time and id.
pub(crate) fn in_order(findings: &[ReportFinding]) -> Vec<&ReportFinding> {
    let mut ordered: Vec<_> = findings.iter().collect();
    ordered.sort_by(|left, right| {
        let worst = left.severity.cmp(&right.severity);
        let oldest = (left.opened_at, left.id).cmp(&(right.opened_at, right.id));
        worst.then_with(|| left.rule.cmp(&right.rule)).then(oldest)
    });
    ordered
}

fn cells(
    model: &ReportModel,
    finding: &ReportFinding,
) -> Result<[String; COLUMNS.len()], ReportError> {
    let asset = &finding.asset;
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let joined = |entry: fn(&Evidence) -> String| {
        finding.evidence.iter().map(entry).collect::<Vec<_>>().join(JOINT)
    };
    let excepted = |part: fn(&ReportException) -> String| {
        finding.exception.as_ref().map(part).unwrap_or_default()
    };
    Ok([
        finding.id.to_string(),
        finding.severity.to_string(),
        finding.state.as_str().to_owned(),
        finding.rule.to_string(),
        finding.title.clone(),
        finding.topic.to_string(),
        finding.summary.clone(),
        asset.name.clone(),
        asset.asset_type.to_string(),
        or_empty(&asset.kind),
        or_empty(&asset.location),
        asset.subscription.clone(),
        or_empty(&asset.resource_group),
        asset.arm_id.clone(),
        or_empty(&finding.owner),
        or_empty(&finding.team),
        finding.read_at.map(instant).unwrap_or_default(),
        instant(finding.first_seen_at),
        instant(finding.opened_at),
        instant(finding.changed_at),
        finding.resolution.map(|resolution| instant(resolution.at)).unwrap_or_default(),
        finding
            .resolution
            .map(|resolution| resolution.event.as_str())
            .unwrap_or_default()
            .to_owned(),
        excepted(|exception| exception.id.to_string()),
        excepted(|exception| instant(exception.until)),
        joined(|evidence| evidence.path.to_string()),
        joined(|evidence| actual(evidence.actual.as_ref())),
        joined(|evidence| evidence.expected.to_string()),
        joined(|evidence| evidence.note.as_ref().map(ToString::to_string).unwrap_or_default()),
        canonical::text(&serde_json::to_value(&finding.evidence)?),
        finding.severity_reason.clone(),
        finding.rationale.clone(),
        finding.remediation.summary.clone(),
        or_empty(&finding.remediation.az),
        finding.pack.to_string(),
        finding.pack_origin.as_ref().map(origin).unwrap_or_default(),
        model.evaluation.map(|id| id.to_string()).unwrap_or_default(),
        model.scan.map(|id| id.to_string()).unwrap_or_default(),
        instant(model.as_of),
        model.organisation.clone(),
        model.connection.clone(),
        model.is_demo.to_string(),
    ])
}

/// An observed value as text: canonical JSON, or `absent`.
pub(crate) fn actual(value: Option<&Value>) -> String {
    value.map_or_else(|| "absent".to_owned(), canonical::text)
}

fn origin(origin: &PackOrigin) -> String {
    match origin {
        PackOrigin::BuiltIn => "built_in".to_owned(),
        PackOrigin::Signed(signer) => format!("signed:{signer}"),
        PackOrigin::Unsigned => "unsigned".to_owned(),
    }
}

fn instant(at: OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC)
        .format(&Rfc3339)
        .expect("a time read from a database or a clock is within RFC 3339's years")
}

/// The cell, unable to be taken for a formula.
fn harmless(cell: &str) -> String {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n') => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_cannot_be_a_formula() {
        for (cell, expected) in [
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("a=1", "a=1"),
            ("'=1", "'=1"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), expected);
        }
    }
}
