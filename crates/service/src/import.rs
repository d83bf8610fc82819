//! Imports: files written by others, made into a snapshot and judged like a scan.

use std::collections::BTreeMap;
use std::path::PathBuf;

use postern_azure::import::{FileReport, ImportCompleteness, Imported, read_files};
use postern_azure::{Journal as _, JournalError, NoProgress, ReadAsset};
use postern_domain::asset::Asset;
use postern_domain::id::{ConnectionId, ScanId};
use postern_domain::person::{Denied, Permission};
use postern_domain::snapshot::Snapshot;
use postern_store::lease::Lease;
use postern_store::scan::Attempt;
use postern_store::{StoreError, scan};

use crate::Postern;
use crate::connection::{ConnectionError, ConnectionKind, NewConnection, ensure_connection};
use crate::evaluate::{EvaluateError, EvaluationSummary, Subject, evaluate_snapshot};
use crate::journal::ScanJournal;
use crate::record::{RecordError, record_snapshot};
use crate::scan::{explain, fail_attempt, settle_running};
use crate::storable::{make_snapshot_storable, refusal};

/// Assets that are put into the journal at a time.
const AT_A_TIME: usize = 200;

/// Files to be imported.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The connection's slug; it is made where there is none.
    pub slug: String,
    /// The connection's name.
    pub name: String,
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Whether what is not in the files is not there.
    pub completeness: ImportCompleteness,
}

/// What an import did.
#[derive(Debug)]
pub struct ImportSummary {
    /// The connection.
    pub connection: ConnectionId,
    /// The import as a scan.
    pub scan: ScanId,
    /// Assets read.
    pub assets: usize,
    /// What each file gave: assets, entries passed over by type, and problems.
    pub files: Vec<FileReport>,
    /// What the evaluation found.
    pub evaluation: EvaluationSummary,
}

/// The import was not done; nothing was written but, at most, the connection and a failed scan.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// No file had an asset.
    #[error("none of the {} files holds a resource that Postern judges", files.len())]
    Nothing {
        /// What each file gave.
        files: Vec<FileReport>,
    },
    /// The connection cannot be used.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// Another import of the connection is being run.
    #[error("another import of the same connection is running")]
    Busy,
    /// Reading ended without an answer: a defect of Postern.
    #[error("reading the files ended without an answer")]
    Reading(#[source] tokio::task::JoinError),
    /// What was read could not be kept.
    #[error("what was read could not be kept")]
    Keep(#[source] JournalError),
    /// The snapshot could not be written.
    #[error("the snapshot could not be stored")]
    Record(#[from] RecordError),
    /// The snapshot could not be judged.
    #[error("the snapshot was stored and could not be judged")]
    Evaluate(#[from] EvaluateError),
    /// Whoever asked may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads the files, stores what they hold as a snapshot and judges it.
pub async fn import_files(
    postern: &Postern,
    request: ImportRequest,
) -> Result<ImportSummary, ImportError> {
    let ImportRequest { slug, name, paths, completeness } = request;
    let now = postern.clock.now();
    let imported = tokio::task::spawn_blocking(move || read_files(&paths, now, completeness))
        .await
        .map_err(ImportError::Reading)?;
    let Imported { snapshot, assets, files } = imported;
    let count = assets.values().filter(|asset| refusal(asset).is_none()).count();
    if count == 0 {
        return Err(ImportError::Nothing { files });
    }
    let new = NewConnection {
        slug,
        name,
        kind: ConnectionKind::Import,
        settings: serde_json::json!({}),
        schedule: None,
    };
    let connection = ensure_connection(postern, new).await?;
    let (scan, evaluation) =
        import_snapshot(postern, connection, snapshot, assets.into_values()).await?;
    Ok(ImportSummary { connection, scan, assets: count, files, evaluation })
}

/// Stores what was read by others and judges it, in a scan of its own.
///
/// Assets are taken as they come, so that there may be more of them than fit in memory.
pub async fn import_snapshot(
    postern: &Postern,
    of: ConnectionId,
    snapshot: Snapshot,
    assets: impl IntoIterator<Item = Asset, IntoIter: Send>,
) -> Result<(ScanId, EvaluationSummary), ImportError> {
    postern.require(Permission::RunScans)?;
    let mut lease = Lease::try_take(&postern.pool, of).await?.ok_or(ImportError::Busy)?;
    settle_running(postern, &lease).await?;
    let begun = postern.clock.now();
    let attempt = scan::insert_running(lease.session(), of, "import", begun).await?;
    let result = store_and_judge(postern, of, attempt, snapshot, assets.into_iter()).await;
    if let Err(error) = &result {
        fail_attempt(postern, attempt, &explain(error)).await?;
    }
    lease.release().await?;
    Ok((attempt.scan, result?))
}

async fn store_and_judge(
    postern: &Postern,
    of: ConnectionId,
    attempt: Attempt,
    mut snapshot: Snapshot,
    assets: impl Iterator<Item = Asset> + Send,
) -> Result<EvaluationSummary, ImportError> {
    let journal = ScanJournal::new(postern.pool.clone(), attempt);
    let mut rest =
        assets.map(|asset| ReadAsset { asset, gaps: Vec::new(), coverage: BTreeMap::new() });
    loop {
        let some: Vec<ReadAsset> = rest.by_ref().take(AT_A_TIME).collect();
        if some.is_empty() {
            break;
        }
        journal.keep(some).await.map_err(ImportError::Keep)?;
    }
    snapshot.gaps.extend(journal.into_refused());
    make_snapshot_storable(&mut snapshot);
    let head = record_snapshot(postern, of, attempt, &snapshot).await?;
    drop(snapshot);
    let subject = Subject { head, finishes: Some(attempt), progress: &NoProgress };
    Ok(evaluate_snapshot(postern, subject).await?)
}
