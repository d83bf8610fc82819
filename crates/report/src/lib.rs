//! Reports: all findings of a connection with their evidence, in each [`ReportFormat`].
//!
//! All are made of one [`ReportHead`] and of findings that come one after another, in one order, which the caller gives:
//! formats of rows are written as they come, however many there are.
//! The PDF is typeset by Typst from templates and JSON data, conforms to PDF/A-2a and PDF/UA-1,
//! and uses only the fonts that this crate carries.
//!
//! This crate deliberately knows no database, no clock, no network and no file system, but for temporary files that rows
//! of a workbook wait in: the same model makes the same bytes, today and on another machine.
//!
//! ```
//! use postern_domain::decision::Head;
//! use postern_report::model::{Coverage, ReportHead};
//! use postern_report::write_csv;
//! use time::macros::datetime;
//!
//! let head = ReportHead {
//!     organisation: "Contoso".to_owned(),
//!     connection: "Production".to_owned(),
//!     is_demo: false,
//!     filters: Vec::new(),
//!     as_of: datetime!(2026-05-12 04:31 UTC),
//!     scan: None,
//!     evaluation: None,
//!     engine: "wasmtime".to_owned(),
//!     decisions: Head::genesis(),
//!     packs: Vec::new(),
//!     coverage: Coverage::default(),
//!     gaps: Vec::new(),
//!     trend: Vec::new(),
//!     exceptions: Vec::new(),
//!     frameworks: Vec::new(),
//! };
//! let mut csv = Vec::new();
//! write_csv(&head, [], &mut csv)?;
//! assert!(csv.starts_with(b"id,severity,state,rule,title,"));
//! # Ok::<(), postern_report::ReportError>(())
//! ```

mod canonical;
mod chart;
mod counts;
mod document;
mod format;
mod instant;
mod json;
pub mod manifest;
pub mod model;
mod ocsf;
mod oscal;
mod pdf;
mod printable;
mod sarif;
mod spreadsheet;
mod visible;
mod webpage;
mod workbook;
mod written;

pub use counts::{FindingCounts, StateCounts};
pub use format::{FormatError, ReportFormat};
pub use json::{JSON_SCHEMA, json_schema, write_json};
pub use model::{ReportHead, ReportModel};
pub use ocsf::write_ocsf;
pub use oscal::write_oscal;
pub use pdf::render_pdf;
pub use sarif::write_sarif;
pub use spreadsheet::{COLUMNS, write_csv};
pub use webpage::write_html;
pub use workbook::{write_xlsx, write_xlsx_at_most};

use postern_domain::id::FindingId;

/// A report could not be made.
///
/// None of these comes from what findings say: each is a fault of the templates, the fonts, the machine, or of what gives
/// the findings and takes the bytes.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The rows could not be written.
    #[error("failed to write the CSV rows")]
    Csv(#[from] csv::Error),
    /// The workbook could not be written.
    #[error("failed to write the workbook")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// What takes the bytes took no more.
    #[error("failed to write the report")]
    Write(#[source] std::io::Error),
    /// A finding could not be had.
    #[error("failed to read the findings")]
    Findings(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A finding came after one that it should come before, which is a fault of what sorts them.
    #[error("the finding {0} came out of order")]
    OutOfOrder(FindingId),
    /// The data could not be turned into JSON.
    #[error("failed to turn the report's data into JSON")]
    Json(#[from] serde_json::Error),
    /// A font that the crate carries could not be read.
    #[error("failed to read the font {0}")]
    Font(&'static str),
    /// The templates did not compile.
    #[error("failed to typeset the report: {0}")]
    Typeset(String),
    /// The typeset pages could not be written as PDF/A-2a and PDF/UA-1.
    #[error("failed to write the PDF: {0}")]
    Pdf(String),
}
