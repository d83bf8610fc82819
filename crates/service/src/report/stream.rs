//! A report on its way: who reads, who writes, and who takes the bytes wait for each other.

use std::io::{self, Write};
use std::time::Duration;

use postern_report::manifest::Subject;
use postern_report::model::{ReportFinding, ReportHead};
use postern_report::{ReportError as RenderError, ReportFormat};
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::ReportError;
use super::findings::Batch;

#[cfg(test)]
mod tests;

/// How many reports are written at a time in a process. Each holds a session of the database, of which there are 16, and
/// keeps a core busy; the next one waits.
const AT_A_TIME: usize = 4;
static TURNS: Semaphore = Semaphore::const_new(AT_A_TIME);

/// Bytes leave in pieces of about this size.
const PIECE: usize = 64 * 1024;
/// So many pieces, and so many batches of findings, wait for whoever is slower.
const WAITING: usize = 4;

/// How long a piece waits to be taken. Whoever takes nothing for so long is gone, or holds up the database on purpose.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until a report may be written.
pub(super) async fn take_turn() -> SemaphorePermit<'static> {
    TURNS.acquire().await.expect("the semaphore is never closed")
}

/// A report whose bytes come piece by piece.
///
/// It is whole once [`next`](Self::next) says that there is no more; where it says that something failed, what came before
/// is no report. Dropped earlier, it is read and written no further.
#[derive(Debug)]
pub struct ReportStream {
    /// A name for the file, such as `postern-findings-production-2026-11-23.pdf`; `-DEMO` in it where the data is simulated.
    pub file_name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What it is of, as a manifest says it.
    pub subject: Subject,
    /// The moment that it looks at.
    pub as_of: OffsetDateTime,
    first: Option<Vec<u8>>,
    pieces: mpsc::Receiver<Vec<u8>>,
    /// What wrote them, until it was asked how it ended.
    writer: Option<JoinHandle<Result<(), RenderError>>>,
    _reader: AbortOnDropHandle<()>,
    _turn: SemaphorePermit<'static>,
}

impl ReportStream {
    /// Begins to write, and waits for the first piece.
    ///
    /// `read` hands over the findings as fast as they are taken.
    pub(super) async fn begin<Reading>(
        file_name: String,
        format: ReportFormat,
        head: ReportHead,
        read: impl FnOnce(mpsc::Sender<Batch>) -> Reading,
        turn: SemaphorePermit<'static>,
    ) -> Result<Self, ReportError>
    where
        Reading: Future<Output = ()> + Send + 'static,
    {
        let (subject, as_of) = (Subject::of(&head), head.as_of);
        let (given, batches) = mpsc::channel(WAITING);
        let (written, pieces) = mpsc::channel(WAITING);
        let reader = AbortOnDropHandle::new(tokio::spawn(read(given)));
        let runtime = Handle::current();
        // Typesetting thousands of rows takes seconds of one core.
        let writer = tokio::task::spawn_blocking(move || {
            let mut out = Pieces { written, filling: Vec::with_capacity(PIECE), runtime };
            let mut rows = Rows { batches, batch: Vec::new().into_iter(), is_over: false };
            format.write(head, &mut rows, &mut out)?;
            out.send().map_err(RenderError::Write)
        });
        let mut begun = Self {
            file_name,
            media_type: format.media_type(),
            subject,
            as_of,
            first: None,
            pieces,
            writer: Some(writer),
            _reader: reader,
            _turn: turn,
        };
        begun.first = begun.next().await.transpose()?;
        Ok(begun)
    }

    /// The next bytes; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, ReportError>> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first));
        }
        if let Some(piece) = self.pieces.recv().await {
            return Some(Ok(piece));
        }
        // That no more comes may be the end, a failure or a panic, and only the first makes a report of what came.
        match self.writer.take()?.await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Err(said(error))),
            Err(_) => Some(Err(ReportError::Stopped)),
        }
    }
}

/// The error of whoever read, where it was that.
fn said(error: RenderError) -> ReportError {
    match error {
        RenderError::Findings(cause) => match cause.downcast::<ReportError>() {
            Ok(error) => *error,
            Err(cause) => RenderError::Findings(cause).into(),
        },
        RenderError::Write(cause) if cause.kind() == io::ErrorKind::TimedOut => {
            ReportError::NotTaken
        }
        error => error.into(),
    }
}

/// The findings, for the writer.
struct Rows {
    batches: mpsc::Receiver<Batch>,
    batch: std::vec::IntoIter<ReportFinding>,
    is_over: bool,
}

impl Iterator for Rows {
    type Item = Result<ReportFinding, RenderError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(finding) = self.batch.next() {
                return Some(Ok(finding));
            }
            if self.is_over {
                return None;
            }
            match self.batches.blocking_recv() {
                Some(Batch::Some(findings)) => self.batch = findings.into_iter(),
                Some(Batch::End) => self.is_over = true,
                Some(Batch::Failed(error)) => {
                    self.is_over = true;
                    return Some(Err(RenderError::Findings(error.into())));
                }
                // The reader went away without a word, so that this is not the end.
                None => {
                    self.is_over = true;
                    return Some(Err(RenderError::Findings(ReportError::Stopped.into())));
                }
            }
        }
    }
}

/// Where the writer writes to.
struct Pieces {
    written: mpsc::Sender<Vec<u8>>,
    filling: Vec<u8>,
    runtime: Handle,
}

impl Pieces {
    fn send(&mut self) -> io::Result<()> {
        if self.filling.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.filling, Vec::with_capacity(PIECE));
        match self.runtime.block_on(timeout(PATIENCE, self.written.send(piece))) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.filling.len());
        self.filling.extend_from_slice(&bytes[..taken]);
        if self.filling.len() == PIECE {
            self.send()?;
        }
        Ok(taken)
    }

    /// What is not a whole piece yet waits for more: a writer that flushes often would make many small ones.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
