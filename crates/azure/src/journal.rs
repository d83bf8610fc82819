//! Where a scan keeps what it has read.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Mutex, PoisonError};

use postern_domain::arm::AssetId;
use postern_domain::asset::Asset;
use postern_domain::gap::Gap;
use postern_domain::snapshot::Completeness;

/// Why a journal could not keep something or give it back.
pub type JournalError = Box<dyn Error + Send + Sync>;

/// Keeps the assets that a scan has read, so that a scan of a hundred thousand needs little memory,
/// and so that one whose process died can go on where it was.
#[async_trait::async_trait]
pub trait Journal: Send + Sync {
    /// What earlier attempts at the same scan kept, in the order of ids: at most `limit` after `after`.
    async fn kept(&self, after: Option<&AssetId>, limit: usize) -> Result<Vec<Kept>, JournalError>;

    /// Keeps assets, a few hundred at most; one that is kept already is replaced.
    async fn keep(&self, assets: Vec<ReadAsset>) -> Result<(), JournalError>;

    /// Takes out assets that this attempt no longer finds.
    async fn forget(&self, assets: Vec<AssetId>) -> Result<(), JournalError>;
}

/// An asset whose related facts have been read, as far as they could be.
#[derive(Clone, Debug)]
pub struct ReadAsset {
    /// The asset.
    pub asset: Asset,
    /// What of it could not be read.
    pub gaps: Vec<Gap>,
    /// How completely each of its facts was read, by the fact's name.
    pub coverage: BTreeMap<String, Completeness>,
}

/// What a journal says of an asset that it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The asset.
    pub asset: AssetId,
    /// What of it could not be read.
    pub gaps: Vec<Gap>,
    /// How completely each of its facts was read, by the fact's name.
    pub coverage: BTreeMap<String, Completeness>,
}

/// A journal in memory, for tests and for small tools.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    assets: Mutex<BTreeMap<AssetId, ReadAsset>>,
}

impl MemoryJournal {
    /// The assets that it holds.
    pub fn into_assets(self) -> BTreeMap<AssetId, Asset> {
        let assets = self.assets.into_inner().unwrap_or_else(PoisonError::into_inner);
        assets.into_iter().map(|(id, read)| (id, read.asset)).collect()
    }

    /// How many assets it holds.
    pub fn len(&self) -> usize {
        self.locked().len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.locked().is_empty()
    }

    /// Each change of the map is one call, so it is whole whoever panicked.
    fn locked(&self) -> std::sync::MutexGuard<'_, BTreeMap<AssetId, ReadAsset>> {
        self.assets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Journal for MemoryJournal {
    async fn kept(&self, after: Option<&AssetId>, limit: usize) -> Result<Vec<Kept>, JournalError> {
        let assets = self.locked();
        let rest = assets.iter().filter(|(id, _)| after.is_none_or(|after| *id > after));
        let kept = rest.take(limit).map(|(id, read)| Kept {
            asset: id.clone(),
            gaps: read.gaps.clone(),
            coverage: read.coverage.clone(),
        });
        Ok(kept.collect())
    }

    async fn keep(&self, assets: Vec<ReadAsset>) -> Result<(), JournalError> {
        self.locked().extend(assets.into_iter().map(|read| (read.asset.id.clone(), read)));
        Ok(())
    }

    async fn forget(&self, assets: Vec<AssetId>) -> Result<(), JournalError> {
        self.locked().retain(|id, _| !assets.contains(id));
        Ok(())
    }
}
