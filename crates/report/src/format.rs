//! The formats of a report.

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use crate::ReportError;
use crate::json::write_json;
use crate::model::{ReportFinding, ReportHead, ReportModel};
use crate::pdf::render_pdf;
use crate::spreadsheet::write_csv;

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportFormat {
    /// PDF/A-2a and PDF/UA-1.
    Pdf,
    /// Comma-separated values: a line a finding.
    Csv,
    /// JSON of a documented schema.
    Json,
}

impl ReportFormat {
    /// Every format: those for people first.
    pub const ALL: &'static [Self] = &[Self::Pdf, Self::Csv, Self::Json];

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// The end of file names and addresses, without the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// The name as people write it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Csv => "CSV",
            Self::Json => "JSON",
        }
    }

    /// Whom it is for and what is in it, in one line.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Pdf => {
                "For people: summary, trend, every finding with its evidence (PDF/A-2a, accessible)"
            }
            Self::Csv => "For spreadsheets and scripts: every finding, a row each",
            Self::Json => "For programs: all that the report says, by a documented schema",
        }
    }

    /// The media type, as HTTP writes it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    /// Writes a report in this format.
    ///
    /// Findings come in [their order](ReportFinding::order). Where one cannot be had, what was written by then is not a
    /// report, and the error says so: the caller must not let it pass for one.
    /// Formats of rows are written as they come; the PDF, which tells of findings in several places, collects them.
    pub fn write(
        self,
        head: ReportHead,
        findings: &mut dyn Iterator<Item = Result<ReportFinding, ReportError>>,
        out: &mut dyn Write,
    ) -> Result<(), ReportError> {
        match self {
            Self::Pdf => {
                let bytes = render_pdf(&ReportModel::collect(head, findings)?)?;
                out.write_all(&bytes).map_err(ReportError::Write)
            }
            Self::Csv => write_csv(&head, findings, out),
            Self::Json => write_json(&head, findings, out),
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
