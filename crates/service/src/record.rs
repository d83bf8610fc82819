//! Writing a snapshot: its row, what it changes, and the inventory after it.

use std::collections::BTreeMap;

use postern_domain::arm::AssetId;
use postern_domain::asset::AssetDocument;
use postern_domain::digest::Digest;
use postern_domain::gap::GapReason;
use postern_domain::id::{ConnectionId, ScanId};
use postern_domain::inventory::{AssetChange, KnownAsset, changes};
use postern_domain::snapshot::{Absence, Snapshot};
use postern_store::snapshot::SnapshotHead;
use postern_store::{StoreError, inventory, snapshot as snapshots};
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
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes the snapshot in one transaction. The caller holds the connection's lease.
pub(crate) async fn record_snapshot(
    postern: &Postern,
    of: ConnectionId,
    scan: ScanId,
    snapshot: &Snapshot,
) -> Result<SnapshotHead, RecordError> {
    let mut transaction = postern.pool.begin().await.map_err(StoreError::from)?;
    if let Some(latest) = snapshots::find_latest(&mut transaction, of).await?
        && snapshot.finished_at < latest.finished_at
    {
        let found = snapshot.finished_at;
        return Err(RecordError::OlderThanLatest { found, latest: latest.finished_at });
    }
    snapshots::ensure_month(&mut transaction, snapshot.finished_at).await?;
    let known = inventory::known(&mut transaction, of).await?;
    let changes = changes(&known, snapshot);
    let id = snapshots::insert(&mut transaction, of, scan, snapshot).await?;
    let at = inventory::At { connection: of, snapshot: id, at: snapshot.finished_at };
    inventory::insert_bodies(&mut transaction, &new_bodies(snapshot, &changes)).await?;
    inventory::insert_changes(&mut transaction, at, &changes, &snapshot.assets).await?;
    let hashes = content_hashes(&known, &changes);
    inventory::project_read(&mut transaction, at, &snapshot.assets, &hashes).await?;
    inventory::project_unread(&mut transaction, of, &unread(&known, snapshot)).await?;
    inventory::project_gone(&mut transaction, of, &gone(&changes)).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    tracing::info!(
        scan.id = %scan,
        snapshot.id = %id,
        assets = snapshot.assets.len(),
        changes = changes.len(),
        gaps = snapshot.gaps.len(),
        "snapshot stored"
    );
    Ok(SnapshotHead {
        id,
        connection: of,
        scan,
        finished_at: snapshot.finished_at,
        gaps: u32::try_from(snapshot.gaps.len()).unwrap_or(u32::MAX),
        is_evaluated: false,
    })
}

fn new_bodies<'a>(
    snapshot: &'a Snapshot,
    changes: &BTreeMap<AssetId, AssetChange>,
) -> BTreeMap<Digest, &'a AssetDocument> {
    changes
        .iter()
        .filter_map(|(id, change)| match change {
            AssetChange::Appeared { content_hash } | AssetChange::Changed { content_hash } => {
                snapshot.assets.get(id).map(|asset| (*content_hash, &asset.document))
            }
            _ => None,
        })
        .collect()
}

/// The content hashes after the snapshot; hashing again would cost as much as reading.
fn content_hashes(
    known: &BTreeMap<AssetId, KnownAsset>,
    changes: &BTreeMap<AssetId, AssetChange>,
) -> BTreeMap<AssetId, Digest> {
    let mut hashes: BTreeMap<_, _> =
        known.iter().map(|(id, known)| (id.clone(), known.content_hash)).collect();
    for (id, change) in changes {
        if let AssetChange::Appeared { content_hash } | AssetChange::Changed { content_hash } =
            change
        {
            hashes.insert(id.clone(), *content_hash);
        }
    }
    hashes
}

fn unread(
    known: &BTreeMap<AssetId, KnownAsset>,
    snapshot: &Snapshot,
) -> BTreeMap<AssetId, GapReason> {
    known
        .iter()
        .filter(|(id, _)| !snapshot.assets.contains_key(*id))
        .filter_map(|(id, known)| match snapshot.absence(id, &known.asset_type) {
            Absence::NotRead(reason) => Some((id.clone(), reason)),
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
