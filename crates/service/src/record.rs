//! Writing a snapshot: its row, what it changes, and the inventory after it.

use std::collections::BTreeMap;

use postern_domain::arm::AssetId;
use postern_domain::digest::Digest;
use postern_domain::gap::GapReason;
use postern_domain::id::ConnectionId;
use postern_domain::inventory::{AssetChange, KnownAsset, changes};
use postern_domain::snapshot::{Absence, Snapshot};
use postern_store::scan::Attempt;
use postern_store::snapshot::SnapshotHead;
use postern_store::{StoreError, inventory, scan, scan_asset, snapshot as snapshots};
use time::OffsetDateTime;

use crate::Postern;

/// The snapshot was not written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// History is written forwards only.
    #[error("the snapshot is of {found}, older than the latest one of {latest}")]
    OlderThanLatest {
        /// When this one was finished.
        found: OffsetDateTime,
        /// When the latest one was.
        latest: OffsetDateTime,
    },
    /// The process lost its lease, and another has begun the scan again.
    #[error("another process has gone on with the scan")]
    Over,
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes the snapshot, with what the scan's journal holds, in one transaction that empties the journal.
///
/// The caller holds the connection's lease. Documents go from table to table and are never in this process.
pub(crate) async fn record_snapshot(
    postern: &Postern,
    of: ConnectionId,
    attempt: Attempt,
    snapshot: &Snapshot,
) -> Result<SnapshotHead, RecordError> {
    ensure_month(postern, snapshot.finished_at).await?;
    let mut transaction = postern.pool.begin().await.map_err(StoreError::from)?;
    if let Some(latest) = snapshots::find_latest(&mut transaction, of).await?
        && snapshot.finished_at < latest.finished_at
    {
        let found = snapshot.finished_at;
        return Err(RecordError::OlderThanLatest { found, latest: latest.finished_at });
    }
    let known = inventory::known(&mut transaction, of).await?;
    let read = scan_asset::content_hashes(&mut transaction, attempt.scan).await?;
    let changes = changes(&known, snapshot, &read);
    let id = snapshots::insert(&mut transaction, of, attempt.scan, snapshot, read.len()).await?;
    let at = inventory::At { connection: of, snapshot: id, at: snapshot.finished_at };
    inventory::insert_bodies(&mut transaction, attempt.scan).await?;
    inventory::insert_changes(&mut transaction, at, attempt.scan, &changes).await?;
    inventory::project_read(&mut transaction, at, attempt.scan).await?;
    inventory::project_unread(&mut transaction, at, &unread(&known, snapshot, &read)).await?;
    inventory::project_gone(&mut transaction, of, &gone(&changes)).await?;
    scan_asset::discard(&mut transaction, attempt.scan).await?;
    // Last, because signs of life wait for it.
    if !scan::hold(&mut transaction, attempt).await? {
        return Err(RecordError::Over);
    }
    transaction.commit().await.map_err(StoreError::from)?;
    tracing::info!(
        scan.id = %attempt.scan,
        snapshot.id = %id,
        assets = read.len(),
        changes = changes.len(),
        gaps = snapshot.gaps.len(),
        "snapshot stored"
    );
    Ok(SnapshotHead {
        id,
        connection: of,
        scan: attempt.scan,
        finished_at: snapshot.finished_at,
        gaps: u32::try_from(snapshot.gaps.len()).unwrap_or(u32::MAX),
        is_evaluated: false,
    })
}

/// Makes the partitions of the month in a transaction of its own: readers wait while it lasts.
pub(crate) async fn ensure_month(postern: &Postern, at: OffsetDateTime) -> Result<(), StoreError> {
    let mut session = postern.pool.acquire().await?;
    snapshots::ensure_month(&mut session, at).await
}

fn unread<'a>(
    known: &'a BTreeMap<AssetId, KnownAsset>,
    snapshot: &Snapshot,
    read: &BTreeMap<AssetId, Digest>,
) -> Vec<(&'a AssetId, GapReason)> {
    known
        .iter()
        .filter(|(id, _)| !read.contains_key(*id))
        .filter_map(|(id, known)| match snapshot.absence(id, &known.asset_type) {
            Absence::NotRead(reason) => Some((id, reason)),
            Absence::Deleted | Absence::OutOfScope => None,
        })
        .collect()
}

fn gone(changes: &BTreeMap<AssetId, AssetChange>) -> Vec<String> {
    changes
        .iter()
        .filter(|(_, change)| matches!(change, AssetChange::Deleted | AssetChange::OutOfScope))
        .map(|(id, _)| id.to_string())
        .collect()
}
