//! The CSV: one row for each finding, everything that the report knows of it.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;
use std::io::Write;

use postern_domain::canonical;
use postern_domain::digest::{Digest, DigestWriter};
use postern_domain::pack::PackOrigin;
use postern_domain::verdict::Evidence;
use serde_json::Value;
use time::OffsetDateTime;

use crate::ReportError;
use crate::instant::{InstantText, instant};
use crate::model::{InOrder, ReportFinding, ReportHead, ReportModel};

/// Rows leave in pieces of this size, so that what takes them is called seldom.
const BUFFER: usize = 64 * 1024;

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
/// - `filters`: in a file of some findings, what they had to be, such as `severity: critical, high; owner: NLP Platform`.
/// - Times are RFC 3339 in UTC; what is not known or does not apply is empty.
pub const COLUMNS: [&str; 42] = [
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
    "filters",
];

/// Between the entries of a column that holds one for each piece of evidence.
const JOINT: &str = " | ";

/// Writes the findings as CSV, as they come: RFC 4180, UTF-8 without a byte order mark, a header row, [`COLUMNS`].
///
/// Rows are [ordered](ReportFinding::order) by severity (the worst first), rule, opening time and id.
///
/// A cell that begins with `=`, `+`, `-`, `@`, a tab or a line break gets a leading apostrophe,
/// because a spreadsheet would take it for a formula; programs that need the exact value of an
/// evidence read `evidence_json`, which always begins with `[`.
pub fn write_csv(
    head: &ReportHead,
    findings: impl IntoIterator<Item = Result<ReportFinding, ReportError>>,
    out: impl Write,
) -> Result<(), ReportError> {
    let mut row = Row {
        writer: csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .buffer_capacity(BUFFER)
            .from_writer(out),
        cell: String::new(),
        times: InstantText::default(),
    };
    row.writer.write_record(COLUMNS)?;
    let of_report = [
        head.evaluation.map(|id| id.to_string()).unwrap_or_default(),
        head.scan.map(|id| id.to_string()).unwrap_or_default(),
        instant(head.as_of),
        head.organisation.clone(),
        head.connection.clone(),
        head.is_demo.to_string(),
        head.filters_in_words().unwrap_or_default(),
    ];
    for finding in InOrder::new(findings) {
        row.write(&finding?, &of_report)?;
    }
    row.writer.flush().map_err(ReportError::Write)
}

/// The digest of the CSV of the same report, and nothing kept of it.
pub(crate) fn csv_digest(model: &ReportModel) -> Result<Digest, ReportError> {
    let mut digest = DigestWriter::default();
    write_csv(&model.head, model.rows(), &mut digest)?;
    Ok(digest.digest())
}

/// Writes rows, with room for a cell at a time: a report may have a million.
struct Row<W: Write> {
    writer: csv::Writer<W>,
    cell: String,
    times: InstantText,
}

impl<W: Write> Row<W> {
    fn write(&mut self, finding: &ReportFinding, of_report: &[String]) -> Result<(), ReportError> {
        let rule = &*finding.rule;
        let asset = &finding.asset;
        let exception = finding.exception.as_deref();
        self.shown(finding.id)?;
        self.text(finding.severity.as_str())?;
        self.text(finding.state.as_str())?;
        self.text(rule.id.as_str())?;
        self.text(&rule.title)?;
        self.text(rule.topic.as_str())?;
        self.text(&finding.summary)?;
        self.text(&asset.name)?;
        self.shown(&asset.asset_type)?;
        self.optional(asset.kind.as_deref())?;
        self.optional(asset.location.as_deref())?;
        self.text(&asset.subscription)?;
        self.optional(asset.resource_group.as_deref())?;
        self.text(&asset.arm_id)?;
        self.optional(finding.owner.as_deref())?;
        self.optional(finding.team.as_deref())?;
        self.instant(finding.read_at)?;
        self.instant(Some(finding.first_seen_at))?;
        self.instant(Some(finding.opened_at))?;
        self.instant(Some(finding.changed_at))?;
        self.instant(finding.resolution.map(|resolution| resolution.at))?;
        self.optional(finding.resolution.map(|resolution| resolution.event.as_str()))?;
        match exception {
            Some(exception) => self.shown(exception.id)?,
            None => self.text("")?,
        }
        self.instant(exception.map(|exception| exception.until))?;
        self.evidence(&finding.evidence)?;
        self.text(&rule.severity_reason)?;
        self.text(&rule.rationale)?;
        self.text(&rule.remediation.summary)?;
        self.optional(rule.remediation.az.as_deref())?;
        self.shown(rule.pack)?;
        self.text(&rule.pack_origin.as_ref().map(origin).unwrap_or_default())?;
        for cell in of_report {
            self.text(cell)?;
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    fn evidence(&mut self, evidence: &[Evidence]) -> Result<(), ReportError> {
        self.joined(evidence, |piece, cell| cell.push_str(&piece.path))?;
        self.joined(evidence, |piece, cell| cell.push_str(&actual(piece.actual.as_ref())))?;
        self.joined(evidence, |piece, cell| cell.push_str(&piece.expected))?;
        self.joined(evidence, |piece, cell| {
            cell.push_str(piece.note.as_deref().unwrap_or_default());
        })?;
        self.text(&canonical::text(&serde_json::to_value(evidence)?))
    }

    fn joined(
        &mut self,
        evidence: &[Evidence],
        write: impl Fn(&Evidence, &mut String),
    ) -> Result<(), ReportError> {
        self.cell.clear();
        for (position, piece) in evidence.iter().enumerate() {
            if position > 0 {
                self.cell.push_str(JOINT);
            }
            write(piece, &mut self.cell);
        }
        self.written()
    }

    fn shown(&mut self, value: impl fmt::Display) -> Result<(), ReportError> {
        self.cell.clear();
        write!(self.cell, "{value}").expect("a string takes any text");
        self.written()
    }

    fn instant(&mut self, at: Option<OffsetDateTime>) -> Result<(), ReportError> {
        let text = at.map(|at| self.times.of(at));
        Ok(self.writer.write_field(text.unwrap_or_default())?)
    }

    fn optional(&mut self, text: Option<&str>) -> Result<(), ReportError> {
        self.text(text.unwrap_or_default())
    }

    fn text(&mut self, text: &str) -> Result<(), ReportError> {
        Ok(self.writer.write_field(&*harmless(text))?)
    }

    fn written(&mut self) -> Result<(), ReportError> {
        Ok(self.writer.write_field(&*harmless(&self.cell))?)
    }
}

/// An observed value as text: canonical JSON, or `absent`.
pub(crate) fn actual(value: Option<&Value>) -> String {
    value.map_or_else(|| "absent".to_owned(), canonical::text)
}

/// What vouched for a pack, as a word.
pub(crate) fn origin(origin: &PackOrigin) -> String {
    match origin {
        PackOrigin::BuiltIn => "built_in".to_owned(),
        PackOrigin::Signed(signer) => format!("signed:{signer}"),
        PackOrigin::Unsigned => "unsigned".to_owned(),
    }
}

/// The cell, unable to be taken for a formula.
fn harmless(cell: &str) -> Cow<'_, str> {
    match cell.as_bytes().first() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n') => format!("'{cell}").into(),
        _ => cell.into(),
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
