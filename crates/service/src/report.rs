//! Building reports: everything that was known of a connection at a moment.
//!
//! What a report says of a moment is read from what is never changed, so the same moment gives the same bytes later. Only
//! what was accepted at each point of its trend is counted from a projection, which says of the past what it said then.

mod exceptions;
mod model;

use std::fmt;
use std::str::FromStr;

use postern_domain::person::Permission;
use postern_store::{StoreError, read};
use time::OffsetDateTime;

use crate::Postern;
use crate::exception::now;
use crate::moment::shown;
use crate::read::{ReadError, choose};

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportFormat {
    /// Comma-separated values: a line a finding.
    Csv,
    /// PDF/A-2a and PDF/UA-1.
    Pdf,
}

impl ReportFormat {
    /// Every format.
    pub const ALL: &'static [Self] = &[Self::Csv, Self::Pdf];

    /// The word in addresses, on the command line and at the end of file names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Pdf => "pdf",
        }
    }

    /// The media type, as HTTP writes it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Pdf => "application/pdf",
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
#[error("\"{0}\" is not one of csv, pdf")]
pub struct FormatError(String);

impl FromStr for ReportFormat {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let found = Self::ALL.iter().copied().find(|format| format.as_str() == text);
        found.ok_or_else(|| FormatError(text.to_owned()))
    }
}

/// A report asked for.
#[derive(Clone, Debug)]
pub struct ReportRequest {
    /// The connection's slug; `None` for the one shown by default.
    pub connection: Option<String>,
    /// The format.
    pub format: ReportFormat,
    /// The moment to look at; `None` for the last at which anything changed: the latest evaluation, or the beginning or the
    /// end of an exception after it.
    ///
    /// A moment in the future is taken for now, because nothing is known of later.
    pub as_of: Option<OffsetDateTime>,
}

/// A report as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// A name for it, such as `postern-findings-production-2026-11-23.pdf`; `-DEMO` in it where the data is simulated.
    pub file_name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A report could not be built.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// There is no connection, so there is nothing to report.
    #[error("there is no connection yet: scan or import something first")]
    NoConnection,
    /// The data could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file could not be made.
    #[error("the report could not be made")]
    Render(#[from] postern_report::ReportError),
}

impl From<StoreError> for ReportError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

/// Builds a report of a connection's findings, all of them, with their evidence.
pub async fn build_report(
    postern: &Postern,
    request: ReportRequest,
) -> Result<ReportFile, ReportError> {
    // A report is of the whole connection, its coverage included.
    postern.require(Permission::ReadEverything).map_err(ReadError::from)?;
    let mut transaction = read::begin(&postern.pool).await?;
    let chosen = choose(&mut transaction, request.connection.as_deref()).await?;
    let Some(chosen) = chosen else {
        return Err(request
            .connection
            .map_or(ReportError::NoConnection, |slug| ReadError::UnknownConnection(slug).into()));
    };
    let slug = chosen.choice.selected.slug.clone();
    let latest = read::evaluation::latest(&mut transaction, chosen.id, None).await?;
    let latest = latest.ok_or_else(|| ReadError::NothingEvaluated(slug.clone()))?;
    let known = now(postern).max(latest.at);
    let as_of = if let Some(asked) = request.as_of {
        asked.min(known)
    } else {
        let decided = read::exception::changed_at(&mut transaction, chosen.id, known).await?;
        decided.map_or(latest.at, |decided| decided.max(latest.at))
    };
    let shown = shown(postern, &mut transaction, &chosen, Some(as_of)).await?;
    let evaluation = shown.evaluation.expect("a moment that can be shown has an evaluation");
    let model = model::read(&mut transaction, &chosen, &evaluation, as_of).await?;
    drop(transaction);

    let format = request.format;
    let demo = if model.is_demo { "-DEMO" } else { "" };
    // `time` writes a date as year, month and day with dashes.
    let file_name = format!(
        "postern-findings-{slug}-{}{demo}.{format}",
        as_of.to_offset(time::UtcOffset::UTC).date()
    );
    // Typesetting thousands of rows takes seconds of one core.
    let bytes = tokio::task::spawn_blocking(move || match format {
        ReportFormat::Csv => postern_report::render_csv(&model),
        ReportFormat::Pdf => postern_report::render_pdf(&model),
    })
    .await
    .expect("rendering does not panic and is not cancelled")?;
    Ok(ReportFile { file_name, media_type: format.media_type(), bytes })
}
