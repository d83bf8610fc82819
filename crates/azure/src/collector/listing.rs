//! The assets of a few subscriptions: from Resource Graph, checked against ARM.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};
use postern_domain::arm::{ArmId, AssetId, SCANNED_TYPES};
use postern_domain::gap::{Gap, GapKind};
use postern_domain::snapshot::SnapshotBuilder;
use serde_json::Value;

use super::add_listing;
use super::listed::Listed;
use super::permissions::Permissions;
use crate::client::{ArmClient, ArmList, Failure, malformed};
use crate::graph::Query;
use crate::operation::{Operation, RESOURCE_IDS, RESOURCES, asset_list, asset_read};

/// What was found in some subscriptions.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub assets: BTreeMap<AssetId, Listed>,
    /// What the credential may read, by subscription.
    pub permissions: BTreeMap<String, Permissions>,
    /// Subscriptions and types whose lists were read to their end.
    pub complete: BTreeSet<(String, &'static str)>,
}

/// Lists the assets of the subscriptions; what could not be listed becomes gaps.
pub(super) async fn read(
    arm: &ArmClient,
    subscriptions: &[String],
    snapshot: &mut SnapshotBuilder,
) -> Listing {
    let mut graph = arm.rows(&Query::assets(), subscriptions).await;
    let mut rows: BTreeMap<String, BTreeMap<AssetId, Listed>> = BTreeMap::new();
    let mut odd = Vec::new();
    for row in std::mem::take(&mut graph.entries) {
        let described = OddRow::of(&row);
        match scanned(row, &RESOURCES.label()) {
            Some(listed) => {
                let of_subscription = rows.entry(listed.subscription().to_owned()).or_default();
                of_subscription.insert(listed.id.clone(), listed);
            }
            None => odd.push(described),
        }
    }
    let asked: Vec<_> = subscriptions
        .iter()
        .map(|id| {
            let odd: Vec<OddRow> = odd.iter().filter(|row| row.may_be_of(id)).cloned().collect();
            (id.clone(), rows.remove(id).unwrap_or_default(), odd)
        })
        .collect();
    let failure = graph.failure;
    let answers = stream::iter(asked)
        .map(|(subscription, rows, odd)| {
            one_subscription(arm.clone(), subscription, rows, odd, failure.clone())
        })
        .buffered(arm.concurrency());
    let mut listing = Listing::default();
    let mut answers = Box::pin(answers);
    while let Some(read) = answers.next().await {
        for part in read.lists {
            let (operation, asset_type) = (part.operation, part.asset_type);
            if part.failure.is_none() {
                listing.complete.insert((read.subscription.clone(), asset_type));
            }
            add_listing(
                snapshot,
                operation,
                &format!("/subscriptions/{}", read.subscription),
                Some(asset_type),
                part.items,
                part.failure.as_ref(),
            );
        }
        read.gaps.into_iter().for_each(|gap| snapshot.add_gap(gap));
        listing.permissions.insert(read.subscription, read.permissions);
        listing.assets.extend(read.assets);
    }
    listing
}

/// What was found in one subscription.
struct OfSubscription {
    subscription: String,
    permissions: Permissions,
    assets: BTreeMap<AssetId, Listed>,
    /// Types of which ARM lists an asset that could not be read.
    unread: BTreeMap<&'static str, Failure>,
    lists: Vec<ListOf>,
    gaps: Vec<Gap>,
}

/// How the list of one type was read.
struct ListOf {
    operation: &'static Operation,
    asset_type: &'static str,
    items: usize,
    failure: Option<Failure>,
}

async fn one_subscription(
    arm: ArmClient,
    subscription: String,
    rows: BTreeMap<AssetId, Listed>,
    odd: Vec<OddRow>,
    graph_failure: Option<Failure>,
) -> OfSubscription {
    let permissions = Permissions::read(&arm, &subscription).await;
    let mut read = OfSubscription {
        subscription,
        permissions,
        assets: rows,
        unread: BTreeMap::new(),
        lists: Vec::new(),
        gaps: Vec::new(),
    };
    if graph_failure.is_some() || read.permissions.unknown().is_some() {
        read.lists_of_arm(&arm).await;
    } else {
        for row in &odd {
            read.note_odd(row);
        }
        if !read.check_against_arm(&arm).await {
            // Nobody knows which assets Resource Graph does not show yet.
            read.lists_of_arm(&arm).await;
            return read;
        }
        for asset_type in SCANNED_TYPES {
            let Some(list) = asset_list(asset_type) else { continue };
            let refused = read.permissions.check(list.action).err().map(Failure);
            let failure = refused.or_else(|| read.unread.remove(asset_type));
            let items =
                read.assets.values().filter(|listed| listed.asset_type.as_str() == asset_type);
            let items = items.count();
            read.lists.push(ListOf { operation: &RESOURCES, asset_type, items, failure });
        }
    }
    read
}

impl OfSubscription {
    /// Where Resource Graph does not answer, or nobody knows what it leaves out: the list of each type.
    async fn lists_of_arm(&mut self, arm: &ArmClient) {
        for asset_type in SCANNED_TYPES {
            let Some(operation) = asset_list(asset_type) else { continue };
            let mut list = arm.list(operation, &self.scope()).await;
            let mut items = BTreeSet::new();
            for entry in std::mem::take(&mut list.entries) {
                let listed = Listed::new(entry, &operation.label());
                match listed.filter(|listed| listed.asset_type.as_str() == asset_type) {
                    Some(listed) => {
                        // What moved between pages while they were read is listed twice.
                        items.insert(listed.id.clone());
                        self.assets.insert(listed.id.clone(), listed);
                    }
                    None => note_malformed(&mut list, operation),
                }
            }
            // What ARM says is gone is gone, even if Resource Graph has shown some of it.
            if list.failure.is_none() {
                self.assets.retain(|id, listed| {
                    listed.asset_type.as_str() != asset_type || items.contains(id)
                });
            }
            // Where only a group may be read, the list has only that group's assets, without saying so.
            let refused = self.permissions.check(operation.action).err();
            let is_unknown = self.permissions.unknown().is_some();
            let refused = refused.filter(|_| !is_unknown).map(Failure);
            let failure = list.failure.or(refused).or_else(|| self.unread.remove(asset_type));
            let items = items.len();
            self.lists.push(ListOf { operation, asset_type, items, failure });
        }
    }

    /// Resource Graph lags behind: asks for the assets that only one of the two knows.
    /// Whether ARM told all that it knows.
    async fn check_against_arm(&mut self, arm: &ArmClient) -> bool {
        let types: Vec<String> =
            SCANNED_TYPES.iter().map(|kind| format!("resourceType eq '{kind}'")).collect();
        let filter = types.join(" or ");
        let list =
            arm.list_where(&RESOURCE_IDS, &self.scope(), &[("$filter", &filter)], |_| true).await;
        let mut ids: BTreeMap<AssetId, ArmId> = BTreeMap::new();
        for entry in &list.entries {
            let text = entry.get("id").and_then(Value::as_str).unwrap_or_default();
            match ArmId::parse(text) {
                Ok(id) if asset_list(id.asset_type().as_str()).is_some() => {
                    ids.insert(id.asset_id(), id);
                }
                Ok(_) => {}
                Err(_) => self.note_odd(&OddRow::of(entry)),
            }
        }
        if let Some(Failure(reason)) = list.failure {
            self.gaps.push(Gap {
                operation: RESOURCE_IDS.label(),
                scope: format!("{}/resources", self.scope()),
                asset_type: None,
                asset: None,
                assets: 0,
                reason,
            });
            return false;
        }
        let gone: Vec<AssetId> =
            self.assets.keys().filter(|id| !ids.contains_key(*id)).cloned().collect();
        for id in gone {
            self.ask_again(arm, &id).await;
        }
        for (id, arm_id) in ids {
            if !self.assets.contains_key(&id) {
                self.read_one(arm, &arm_id).await;
            }
        }
        true
    }

    /// Some asset is there whose id nobody knows: its list is not known to its end.
    fn note_odd(&mut self, row: &OddRow) {
        for asset_type in SCANNED_TYPES {
            if row.asset_type.is_none_or(|known| known == asset_type) {
                let failure = malformed(row.message.clone());
                self.unread.entry(asset_type).or_insert(failure);
            }
        }
    }

    /// An asset that Resource Graph shows and ARM does not list: deleted, if ARM says so.
    async fn ask_again(&mut self, arm: &ArmClient, id: &AssetId) {
        let Some(listed) = self.assets.get(id) else { return };
        let Some(list) = asset_list(listed.asset_type.as_str()) else { return };
        let get = asset_read(list);
        match arm.object(&get, &listed.arm_id).await {
            Ok(resource) => {
                if let Ok(arm_id) = ArmId::parse(&listed.arm_id) {
                    let listed = Listed::with_id(&arm_id, &resource, &get.label());
                    self.assets.insert(id.clone(), listed);
                }
            }
            Err(Failure(reason)) if reason.kind == GapKind::NotFound => {
                self.assets.remove(id);
            }
            Err(Failure(reason)) => {
                self.gaps.push(Gap {
                    operation: get.label(),
                    scope: self.scope(),
                    asset_type: None,
                    asset: Some(id.clone()),
                    assets: 0,
                    reason,
                });
            }
        }
    }

    /// An asset that ARM lists and Resource Graph does not show yet.
    async fn read_one(&mut self, arm: &ArmClient, arm_id: &ArmId) {
        let Some(list) = asset_list(arm_id.asset_type().as_str()) else { return };
        let get = asset_read(list);
        match arm.object(&get, arm_id.as_written()).await {
            Ok(resource) => {
                let listed = Listed::with_id(arm_id, &resource, &get.label());
                self.assets.insert(listed.id.clone(), listed);
            }
            // Deleted since it was listed.
            Err(Failure(reason)) if reason.kind == GapKind::NotFound => {}
            Err(failure) => {
                if let Some(asset_type) = list.asset_type {
                    self.unread.entry(asset_type).or_insert(failure);
                }
            }
        }
    }

    fn scope(&self) -> String {
        format!("/subscriptions/{}", self.subscription)
    }
}

fn scanned(row: Value, source: &str) -> Option<Listed> {
    let listed = Listed::new(row, source)?;
    asset_list(listed.asset_type.as_str()).is_some().then_some(listed)
}

/// An entry that names no asset: what is known of which one it should be.
#[derive(Clone, Debug)]
struct OddRow {
    subscription: Option<String>,
    asset_type: Option<&'static str>,
    message: String,
}

impl OddRow {
    fn of(row: &Value) -> Self {
        let text = |key: &str| row.get(key).and_then(Value::as_str);
        let kind = text("type").map(str::to_ascii_lowercase);
        let message = format!(
            "there is an entry without a usable id ({})",
            text("name").unwrap_or("no name")
        );
        Self {
            subscription: text("subscriptionId").map(str::to_ascii_lowercase),
            asset_type: kind
                .and_then(|kind| SCANNED_TYPES.into_iter().find(|scanned| *scanned == kind)),
            message,
        }
    }

    fn may_be_of(&self, subscription: &str) -> bool {
        self.subscription.as_ref().is_none_or(|known| known == subscription)
    }
}

fn note_malformed(list: &mut ArmList, operation: &Operation) {
    list.failure.get_or_insert_with(|| {
        malformed(format!("{} holds an entry without a usable id", operation.name))
    });
}
