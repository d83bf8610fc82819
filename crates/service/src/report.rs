//! Building reports: everything that was known of a connection at a moment.
//!
//! What a report says of a moment is read from what is never changed, so the same moment gives the same bytes later. Only
//! what was accepted at each point of its trend is counted from a projection, which says of the past what it said then.
//!
//! Findings go one after another from the database by way of the writer to whoever takes the bytes, and none of the three
//! goes on while the next is busy: a report of a million findings takes no more memory than one of a thousand, and one
//! that nobody takes any more is written no further.

mod exceptions;
mod findings;
mod model;
mod stream;

use postern_domain::person::Permission;
pub use postern_report::{FormatError, ReportFormat, manifest};
use postern_store::read::LongRead;
use postern_store::{StoreError, read};
use time::OffsetDateTime;

pub use self::stream::ReportStream;
use crate::moment::shown;
use crate::read::{ReadError, choose};
use crate::view::FindingQuery;
use crate::{Postern, finding};

/// A report asked for.
#[derive(Clone, Debug)]
pub struct ReportRequest {
    /// The connection's slug; `None` for the one shown by default.
    pub connection: Option<String>,
    /// The format.
    pub format: ReportFormat,
    /// The list whose findings it is of, whatever its page, its groups, its connection and its moment; `None` for all findings.
    ///
    /// A CSV of a list may be had by whoever sees the list; in every other report there is something of all that is known.
    pub list: Option<FindingQuery>,
    /// The moment to look at; `None` for the last at which anything changed: the latest evaluation, or the beginning or the
    /// end of an exception after it.
    ///
    /// A moment in the future is taken for now, because nothing is known of later.
    pub as_of: Option<OffsetDateTime>,
}

/// A report as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// A name for it, such as `postern-findings-production-2026-11-23.pdf`, or `postern-some-findings-…` of a list; `-DEMO` in it where the data is simulated.
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
    /// The bytes were not taken in time.
    #[error("the report was given up, because nobody took it any further")]
    NotTaken,
    /// Whatever wrote it stopped half way, which is our own fault.
    #[error("the report stopped half way")]
    Stopped,
}

impl From<StoreError> for ReportError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

/// Builds a report of a connection's findings, all of them, with their evidence, and keeps it in memory.
pub async fn build_report(
    postern: &Postern,
    request: ReportRequest,
) -> Result<ReportFile, ReportError> {
    let mut stream = open_report(postern, request).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = stream.next().await {
        bytes.extend(piece?);
    }
    Ok(ReportFile { file_name: stream.file_name, media_type: stream.media_type, bytes })
}

/// Begins a report of a connection's findings, all of them, with their evidence.
///
/// Once this returns, its first bytes are there: what can be refused was refused.
pub async fn open_report(
    postern: &Postern,
    request: ReportRequest,
) -> Result<ReportStream, ReportError> {
    // A report is of the whole connection, its coverage included; the rows of a list are of what the list shows.
    if request.list.is_none() || request.format != ReportFormat::Csv {
        postern.require(Permission::ReadEverything).map_err(ReadError::from)?;
    }
    let turn = stream::take_turn().await;
    let mut reading = LongRead::begin(&postern.pool).await?;
    let session = reading.session();
    let chosen = choose(session, request.connection.as_deref()).await?;
    let Some(chosen) = chosen else {
        return Err(request
            .connection
            .map_or(ReportError::NoConnection, |slug| ReadError::UnknownConnection(slug).into()));
    };
    let slug = chosen.choice.selected.slug.clone();
    let latest = read::evaluation::latest(session, chosen.id, None).await?;
    let latest = latest.ok_or_else(|| ReadError::NothingEvaluated(slug.clone()))?;
    let known = postern.now().max(latest.at);
    let as_of = if let Some(asked) = request.as_of {
        asked.min(known)
    } else {
        let decided = read::exception::changed_at(session, chosen.id, known).await?;
        decided.map_or(latest.at, |decided| decided.max(latest.at))
    };
    let shown = shown(postern, session, &chosen, Some(as_of)).await?;
    let evaluation = shown.evaluation.expect("a moment that can be shown has an evaluation");
    let listed = match request.list {
        Some(list) => {
            let list = FindingQuery { connection: Some(slug.clone()), ..list };
            Some(finding::list_all(postern, session, list, as_of).await?)
        }
        None => None,
    };
    let (only, filters) = match listed {
        Some(listed) => (Some(listed.findings), listed.filters),
        None => (None, Vec::new()),
    };
    let some = if filters.is_empty() { "" } else { "some-" };
    let (head, describing) =
        model::read(postern, session, &chosen, &evaluation, as_of, filters).await?;

    let format = request.format;
    let demo = if head.is_demo { "-DEMO" } else { "" };
    // `time` writes a date as year, month and day with dashes.
    let file_name = format!(
        "postern-{some}findings-{slug}-{}{demo}.{}",
        as_of.to_offset(time::UtcOffset::UTC).date(),
        format.ending()
    );
    let findings = findings::Findings { reading, connection: chosen.id, as_of, only, describing };
    ReportStream::begin(file_name, format, head, |to| findings.read(to), turn).await
}
