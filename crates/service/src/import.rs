//! Imports: files written by others, made into a snapshot and judged like a scan.

use std::path::PathBuf;

use postern_azure::import::{FileReport, ImportCompleteness, Imported, read_files};
use postern_domain::id::{ConnectionId, ScanId};
use postern_domain::snapshot::Snapshot;
use postern_store::lease::Lease;
use postern_store::{StoreError, scan};

use crate::Postern;
use crate::connection::{ConnectionError, ConnectionKind, NewConnection, ensure_connection};
use crate::evaluate::{EvaluateError, EvaluationSummary, Subject, evaluate_snapshot};
use crate::record::{RecordError, record_snapshot};
use crate::scan::{explain, settle_running};
use crate::storable::make_snapshot_storable;

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
    /// The snapshot could not be written.
    #[error("the snapshot could not be stored")]
    Record(#[from] RecordError),
    /// The snapshot could not be judged.
    #[error("the snapshot was stored and could not be judged")]
    Evaluate(#[from] EvaluateError),
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
    let Imported { mut snapshot, files } = imported;
    make_snapshot_storable(&mut snapshot);
    if snapshot.assets.is_empty() {
        return Err(ImportError::Nothing { files });
    }
    let new = NewConnection {
        slug,
        name,
        kind: ConnectionKind::Import,
        settings: serde_json::json!({}),
        scan_every_seconds: None,
    };
    let connection = ensure_connection(postern, new).await?;
    let assets = snapshot.assets.len();
    let (scan, evaluation) = import_snapshot(postern, connection, snapshot).await?;
    Ok(ImportSummary { connection, scan, assets, files, evaluation })
}

/// Stores a snapshot that was read by others and judges it, in a scan of its own.
pub async fn import_snapshot(
    postern: &Postern,
    of: ConnectionId,
    mut snapshot: Snapshot,
) -> Result<(ScanId, EvaluationSummary), ImportError> {
    make_snapshot_storable(&mut snapshot);
    let mut lease = Lease::try_take(&postern.pool, of).await?.ok_or(ImportError::Busy)?;
    settle_running(postern, &lease).await?;
    let begun = postern.clock.now();
    let scan = scan::insert_running(lease.session(), of, "import", begun).await?;
    let result = store_and_judge(postern, of, scan, snapshot).await;
    if let Err(error) = &result {
        scan::fail(lease.session(), scan, &explain(error), postern.clock.now()).await?;
    }
    lease.release().await?;
    Ok((scan, result?))
}

async fn store_and_judge(
    postern: &Postern,
    of: ConnectionId,
    scan: ScanId,
    snapshot: Snapshot,
) -> Result<EvaluationSummary, ImportError> {
    let head = record_snapshot(postern, of, scan, &snapshot).await?;
    let assets = snapshot.assets.into_values().collect();
    Ok(evaluate_snapshot(postern, Subject { head, assets, scan: Some(scan) }).await?)
}
