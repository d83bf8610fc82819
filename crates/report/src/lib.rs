//! Reports: all findings of a connection with their evidence, as CSV and as PDF.
//!
//! Both are made of one [`ReportModel`], which the caller fills.
//! The PDF is typeset by Typst from templates and JSON data, conforms to PDF/A-2a and PDF/UA-1,
//! and uses only the fonts that this crate carries.
//!
//! This crate deliberately knows no database, no clock, no network and no file system: the same model
//! makes the same bytes, today and on another machine.
//!
//! ```
//! use postern_domain::decision::Head;
//! use postern_report::model::{Coverage, ReportModel};
//! use postern_report::render_csv;
//! use time::macros::datetime;
//!
//! let model = ReportModel {
//!     organisation: "Contoso".to_owned(),
//!     connection: "Production".to_owned(),
//!     is_demo: false,
//!     as_of: datetime!(2026-05-12 04:31 UTC),
//!     scan: None,
//!     evaluation: None,
//!     engine: "wasmtime".to_owned(),
//!     decisions: Head::genesis(),
//!     packs: Vec::new(),
//!     coverage: Coverage::default(),
//!     gaps: Vec::new(),
//!     trend: Vec::new(),
//!     findings: Vec::new(),
//! };
//! let csv = render_csv(&model)?;
//! assert!(csv.starts_with(b"id,severity,state,rule,title,"));
//! # Ok::<(), postern_report::ReportError>(())
//! ```

mod chart;
mod document;
pub mod model;
mod pdf;
mod printable;
mod spreadsheet;

pub use model::ReportModel;
pub use pdf::render_pdf;
pub use spreadsheet::{COLUMNS, render_csv};

/// A report could not be made.
///
/// None of these comes from the data: each is a fault of the templates, the fonts or the machine.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The rows could not be written.
    #[error("failed to write the CSV rows")]
    Csv(#[from] csv::Error),
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
