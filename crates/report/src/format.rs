//! The formats of a report.

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use crate::ReportError;
use crate::json::write_json;
use crate::model::{ReportFinding, ReportHead, ReportModel};
use crate::ocsf::write_ocsf;
use crate::oscal::write_oscal;
use crate::pdf::render_pdf;
use crate::sarif::write_sarif;
use crate::spreadsheet::write_csv;
use crate::webpage::write_html;
use crate::workbook::write_xlsx;

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportFormat {
    /// PDF/A-2a and PDF/UA-1.
    Pdf,
    /// Comma-separated values: a line a finding.
    Csv,
    /// JSON of a documented schema.
    Json,
    /// One file for a browser, with nothing outside it.
    Html,
    /// A workbook of five sheets.
    Xlsx,
    /// OSCAL assessment results 1.1.3.
    Oscal,
    /// SARIF 2.1.0.
    Sarif,
    /// OCSF 1.8.0 compliance findings, a JSON object a line.
    Ocsf,
}

impl ReportFormat {
    /// Every format: those for people first.
    pub const ALL: &'static [Self] = &[
        Self::Pdf,
        Self::Html,
        Self::Xlsx,
        Self::Csv,
        Self::Json,
        Self::Oscal,
        Self::Sarif,
        Self::Ocsf,
    ];

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Html => "html",
            Self::Xlsx => "xlsx",
            Self::Oscal => "oscal",
            Self::Sarif => "sarif",
            Self::Ocsf => "ocsf",
        }
    }

    /// The end of file names and addresses, without the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Html => "html",
            Self::Xlsx => "xlsx",
            Self::Oscal => "oscal.json",
            Self::Sarif => "sarif",
            Self::Ocsf => "ocsf.jsonl",
        }
    }

    /// The name as people write it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Html => "HTML",
            Self::Xlsx => "XLSX",
            Self::Oscal => "OSCAL",
            Self::Sarif => "SARIF",
            Self::Ocsf => "OCSF",
        }
    }

    /// Whom it is for and what is in it, in one line.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Pdf => {
                "For people: summary, trend, each finding with its evidence (PDF/A-2a, accessible)"
            }
            Self::Csv => "For spreadsheets and scripts: every finding, a row each",
            Self::Json => "For programs: all that the report says, by a documented schema",
            Self::Html => {
                "For people, in a browser: the whole report in one file, without a script"
            }
            Self::Xlsx => {
                "For people who sort and count: summary, findings, exceptions, coverage, controls"
            }
            Self::Oscal => {
                "For compliance tools: OSCAL assessment results 1.1.3, exceptions as deviations"
            }
            Self::Sarif => "For code scanning: SARIF 2.1.0, exceptions as suppressions",
            Self::Ocsf => "For a SIEM: OCSF 1.8.0 compliance findings, one a line",
        }
    }

    /// The media type, as HTTP writes it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Oscal => "application/oscal+json",
            Self::Sarif => "application/sarif+json",
            Self::Ocsf => "application/x-ndjson",
        }
    }

    /// Writes a report in this format.
    ///
    /// Findings come in [their order](ReportFinding::order). Where one cannot be had, what was written by then is not a
    /// report, and the error says so: the caller must not let it pass for one.
    /// Most formats are written as findings come; PDF, HTML and OSCAL, which tell of them in several places, collect them.
    pub fn write(
        self,
        head: ReportHead,
        findings: &mut dyn Iterator<Item = Result<ReportFinding, ReportError>>,
        out: &mut (dyn Write + Send),
    ) -> Result<(), ReportError> {
        match self {
            Self::Pdf => {
                let bytes = render_pdf(&ReportModel::collect(head, findings)?)?;
                out.write_all(&bytes).map_err(ReportError::Write)
            }
            Self::Csv => write_csv(&head, findings, out),
            Self::Json => write_json(&head, findings, out),
            Self::Html => write_html(&ReportModel::collect(head, findings)?, out),
            Self::Xlsx => write_xlsx(&head, findings, out),
            Self::Oscal => write_oscal(&ReportModel::collect(head, findings)?, out),
            Self::Sarif => write_sarif(&head, findings, out),
            Self::Ocsf => write_ocsf(&head, findings, out),
        }
    }
}

impl fmt::Display for ReportFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text names no format.
#[derive(Debug, thiserror::Error)]
#[error("\"{text}\" is not one of {}", words())]
pub struct FormatError {
    text: String,
}

fn words() -> String {
    let words: Vec<_> = ReportFormat::ALL.iter().map(|format| format.as_str()).collect();
    words.join(", ")
}

impl FromStr for ReportFormat {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let found = Self::ALL.iter().copied().find(|format| format.as_str() == text);
        found.ok_or_else(|| FormatError { text: text.to_owned() })
    }
}
