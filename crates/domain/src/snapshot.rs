//! Snapshots: the immutable result of a scan or an import.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::arm::{AssetId, AssetType};
use crate::gap::{Gap, GapReason};

/// What one scan or import found out as a whole, and what it could not read.
///
/// The assets are kept apart, because there may be hundreds of thousands of them.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When reading began.
    pub started_at: OffsetDateTime,
    /// When reading ended; the time that trends and "as of" use.
    pub finished_at: OffsetDateTime,
    /// The subscriptions that were found.
    pub subscriptions: Vec<Subscription>,
    /// Every list of assets, and of what holds for a subscription, with how completely it was answered.
    pub listings: Vec<Listing>,
    /// How completely the related facts of the assets were read.
    pub fact_coverage: Vec<FactCoverage>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// How many requests to Azure it took in this attempt, those included that were refused or sent again.
    pub requests: u64,
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
    /// The Azure operation and API version, such as `Accounts_List 2026-07-01`; `import` for files.
    pub operation: String,
    /// The ARM scope, such as `/subscriptions/{id}`; `/` for the list of subscriptions and for imports.
    pub scope: String,
    /// The type of the assets in the list; `None` for an import of any type, for the list of subscriptions,
    /// and for a list that gives related facts and no assets.
    pub asset_type: Option<AssetType>,
    /// How completely it was answered.
    pub completeness: Completeness,
    /// How many entries were read.
    pub items: u64,
}

/// How completely one kind of related fact was read, over the assets of one type in one subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactCoverage {
    /// The fact's name, such as `deployments`; see [`crate::fact`].
    pub fact: String,
    /// The type of the assets.
    pub asset_type: AssetType,
    /// The subscription's id, lower case.
    pub subscription: String,
    /// Of how many assets it was read to its end.
    pub complete: u64,
    /// Of how many assets it was read in part.
    pub partial: u64,
    /// Of how many assets nothing of it was read.
    pub failed: u64,
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
        let concerns = |listing: &&Listing| match &listing.asset_type {
            Some(listed) => listed == asset_type && listing.scope == scope,
            None => listing.scope == "/" && listing.operation == IMPORT,
        };
        if let Some(listing) = self.listings.iter().find(concerns) {
            return match listing.completeness {
                Completeness::Complete => Absence::Deleted,
                Completeness::Partial | Completeness::Failed => {
                    Absence::NotRead(self.reason_for(listing))
                }
            };
        }
        // The lists that say which subscriptions there are: of the tenant, and of management groups.
        let mut is_listed = false;
        for listing in &self.listings {
            let is_of_assets = listing.asset_type.is_some() || listing.operation == IMPORT;
            if is_of_assets || listing.scope.starts_with("/subscriptions/") {
                continue;
            }
            is_listed = true;
            if listing.completeness != Completeness::Complete {
                return Absence::NotRead(self.reason_for(listing));
            }
        }
        // A subscription that the connection names, or its management group, and that is not shown.
        let scope_gap = self.gaps.iter().find(|gap| {
            gap.scope == scope && gap.asset.is_none() && gap.asset_type.is_none() && gap.assets == 0
        });
        if let Some(gap) = scope_gap {
            return Absence::NotRead(gap.reason.clone());
        }
        let is_visible = self.subscriptions.iter().any(|known| known.id == asset.subscription());
        if is_listed && !is_visible {
            Absence::OutOfScope
        } else {
            // Nobody asked for this type here: silence is not an answer.
            Absence::NotRead(not_asked())
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
    listings: Vec<Listing>,
    fact_coverage: Vec<FactCoverage>,
    gaps: Vec<Gap>,
    requests: u64,
}

impl SnapshotBuilder {
    /// An empty snapshot, begun at `started_at`.
    pub fn new(started_at: OffsetDateTime) -> Self {
        Self {
            started_at,
            subscriptions: Vec::new(),
            listings: Vec::new(),
            fact_coverage: Vec::new(),
            gaps: Vec::new(),
            requests: 0,
        }
    }

    /// Notes a subscription.
    pub fn add_subscription(&mut self, subscription: Subscription) {
        self.subscriptions.push(subscription);
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
            assets: 0,
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

    /// Notes how completely a related fact was read.
    pub fn add_fact_coverage(&mut self, coverage: FactCoverage) {
        self.fact_coverage.push(coverage);
    }

    /// Notes how many requests it took.
    pub fn set_requests(&mut self, requests: u64) {
        self.requests = requests;
    }

    /// Ends the snapshot.
    pub fn finish(self, finished_at: OffsetDateTime) -> Snapshot {
        Snapshot {
            started_at: self.started_at,
            finished_at,
            subscriptions: self.subscriptions,
            listings: self.listings,
            fact_coverage: self.fact_coverage,
            gaps: self.gaps,
            requests: self.requests,
        }
    }
}
