//! Snapshots: the immutable result of a scan or an import.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::arm::{AssetId, AssetType};
use crate::asset::Asset;
use crate::gap::{Gap, GapReason};

/// What one scan or import found, and what it could not read.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When reading began.
    pub started_at: OffsetDateTime,
    /// When reading ended; the time that trends and "as of" use.
    pub finished_at: OffsetDateTime,
    /// The subscriptions that were found.
    pub subscriptions: Vec<Subscription>,
    /// The assets, by key.
    pub assets: BTreeMap<AssetId, Asset>,
    /// Every list that was asked for, with how completely it was answered.
    pub listings: Vec<Listing>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// An Azure subscription that a connection can see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The id, lower case.
    pub id: String,
    /// The display name.
    pub name: String,
}

/// One list that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The Azure operation and API version, such as `Accounts_List 2025-06-01`; `import` for files.
    pub operation: String,
    /// The ARM scope, such as `/subscriptions/{id}`; `/` for the list of subscriptions and for imports.
    pub scope: String,
    /// The type of the assets in the list; `None` for subscriptions and for imports of any type.
    pub asset_type: Option<AssetType>,
    /// How completely it was answered.
    pub completeness: Completeness,
    /// How many entries were read.
    pub items: u64,
}

/// How completely a list was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// To its end: what is not in it is not there.
    Complete,
    /// Some of it.
    Partial,
    /// Nothing of it.
    Failed,
}

/// Why an asset that was known before is not in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// A complete list does not hold it: it was deleted.
    Deleted,
    /// Its subscription is no longer visible to the connection.
    OutOfScope,
    /// Its list was not read to the end, so nothing is known.
    NotRead(GapReason),
}

impl Snapshot {
    /// Why the asset, known before, is not in this snapshot.
    pub fn absence(&self, asset: &AssetId, asset_type: &AssetType) -> Absence {
        let scope = format!("/subscriptions/{}", asset.subscription());
        let concerns = |listing: &&Listing| {
            let of_type = listing.asset_type.as_ref().is_none_or(|listed| listed == asset_type);
            of_type
                && (listing.scope == scope || (listing.scope == "/" && listing.operation == IMPORT))
        };
        if let Some(listing) = self.listings.iter().find(concerns) {
            return match listing.completeness {
                Completeness::Complete => Absence::Deleted,
                Completeness::Partial | Completeness::Failed => {
                    Absence::NotRead(self.reason_for(listing))
                }
            };
        }
        let subscriptions = self.listings.iter().find(|listing| {
            listing.scope == "/" && listing.asset_type.is_none() && listing.operation != IMPORT
        });
        match subscriptions {
            Some(listing) if listing.completeness == Completeness::Complete => {
                if self.subscriptions.iter().any(|known| known.id == asset.subscription()) {
                    // Visible, but nobody asked for this type: silence is not an answer.
                    Absence::NotRead(not_asked())
                } else {
                    Absence::OutOfScope
                }
            }
            Some(listing) => Absence::NotRead(self.reason_for(listing)),
            None => Absence::NotRead(not_asked()),
        }
    }

    fn reason_for(&self, listing: &Listing) -> GapReason {
        self.gaps
            .iter()
            .find(|gap| {
                gap.operation == listing.operation
                    && gap.scope == listing.scope
                    && gap.asset_type == listing.asset_type
            })
            .map_or_else(not_asked, |gap| gap.reason.clone())
    }
}

/// The operation of an import's listing.
pub const IMPORT: &str = "import";

fn not_asked() -> GapReason {
    GapReason::new(crate::gap::GapKind::NotInImport, "this snapshot did not read it")
}

/// Gathers a snapshot while it is being read.
#[derive(Debug)]
pub struct SnapshotBuilder {
    started_at: OffsetDateTime,
    subscriptions: Vec<Subscription>,
    assets: BTreeMap<AssetId, Asset>,
    listings: Vec<Listing>,
    gaps: Vec<Gap>,
}

impl SnapshotBuilder {
    /// An empty snapshot, begun at `started_at`.
    pub fn new(started_at: OffsetDateTime) -> Self {
        Self {
            started_at,
            subscriptions: Vec::new(),
            assets: BTreeMap::new(),
            listings: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// Notes a subscription.
    pub fn add_subscription(&mut self, subscription: Subscription) {
        self.subscriptions.push(subscription);
    }

    /// Adds an asset; gives back the one that it replaces.
    pub fn add_asset(&mut self, asset: Asset) -> Option<Asset> {
        self.assets.insert(asset.id.clone(), asset)
    }

    /// Notes a list that was read to its end.
    pub fn add_complete_listing(
        &mut self,
        operation: &str,
        scope: &str,
        asset_type: Option<AssetType>,
        items: u64,
    ) {
        self.listings.push(Listing {
            operation: operation.to_owned(),
            scope: scope.to_owned(),
            asset_type,
            completeness: Completeness::Complete,
            items,
        });
    }

    /// Notes a list that was not read to its end, and the gap that this leaves.
    pub fn add_incomplete_listing(
        &mut self,
        operation: &str,
        scope: &str,
        asset_type: Option<AssetType>,
        items: u64,
        reason: GapReason,
    ) {
        let completeness = if items == 0 { Completeness::Failed } else { Completeness::Partial };
        self.gaps.push(Gap {
            operation: operation.to_owned(),
            scope: scope.to_owned(),
            asset_type: asset_type.clone(),
            asset: None,
            reason,
        });
        self.listings.push(Listing {
            operation: operation.to_owned(),
            scope: scope.to_owned(),
            asset_type,
            completeness,
            items,
        });
    }

    /// Notes a gap that is no listing: a related fact or a file.
    pub fn add_gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    /// Ends the snapshot.
    pub fn finish(self, finished_at: OffsetDateTime) -> Snapshot {
        Snapshot {
            started_at: self.started_at,
            finished_at,
            subscriptions: self.subscriptions,
            assets: self.assets,
            listings: self.listings,
            gaps: self.gaps,
        }
    }
}
