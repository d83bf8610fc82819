//! Where a scan keeps what it has read: in the database, so that a scan of any size needs little memory, and one whose
//! process died goes on where it was.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use postern_azure::{Journal, JournalError, Kept, ReadAsset};
use postern_domain::arm::AssetId;
use postern_domain::gap::Gap;
use postern_store::scan::Attempt;
use postern_store::{PgPool, StoreError, scan_asset};

use crate::storable::{refusal, scan_asset as storable};

/// The journal of an attempt at a scan.
pub(crate) struct ScanJournal {
    pool: PgPool,
    attempt: Attempt,
    /// Of assets that cannot be stored, by id, because a list may be read twice.
    refused: Mutex<BTreeMap<AssetId, Gap>>,
}

/// What was read could not be kept.
#[derive(Debug, thiserror::Error)]
enum KeepError {
    #[error("another process has gone on with the scan")]
    Over,
    #[error("an asset that was read cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ScanJournal {
    /// The journal of an attempt that runs.
    pub(crate) fn new(pool: PgPool, attempt: Attempt) -> Self {
        Self { pool, attempt, refused: Mutex::default() }
    }

    /// What assets left that cannot be stored.
    pub(crate) fn into_refused(self) -> Vec<Gap> {
        let refused = self.refused.into_inner().unwrap_or_else(PoisonError::into_inner);
        refused.into_values().collect()
    }

    async fn write(&self, assets: Vec<ReadAsset>) -> Result<(), KeepError> {
        // By id, because one statement cannot write the same row twice; the last one counts.
        let mut rows = BTreeMap::new();
        for read in assets {
            if let Some(gap) = refusal(&read.asset) {
                let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
                refused.insert(read.asset.id, gap);
                continue;
            }
            let row = storable(read)?;
            rows.insert(row.id.clone(), row);
        }
        if rows.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = rows.into_values().collect();
        // Together, so that what is kept is whole whenever the process dies.
        let mut transaction = self.pool.begin().await.map_err(StoreError::from)?;
        if !scan_asset::keep(&mut transaction, self.attempt, &rows).await? {
            return Err(KeepError::Over);
        }
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(())
    }
}

#[async_trait::async_trait]
impl Journal for ScanJournal {
    async fn kept(&self, after: Option<&AssetId>, limit: usize) -> Result<Vec<Kept>, JournalError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let mut session = self.pool.acquire().await?;
        let kept = scan_asset::list_kept(&mut session, self.attempt.scan, after, limit).await?;
        Ok(kept
            .into_iter()
            .map(|kept| Kept { asset: kept.id, gaps: kept.gaps, coverage: kept.coverage })
            .collect())
    }

    async fn keep(&self, assets: Vec<ReadAsset>) -> Result<(), JournalError> {
        Ok(self.write(assets).await?)
    }

    async fn forget(&self, assets: Vec<AssetId>) -> Result<(), JournalError> {
        let mut session = self.pool.acquire().await?;
        Ok(scan_asset::forget(&mut session, self.attempt, &assets).await?)
    }
}
