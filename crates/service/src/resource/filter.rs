//! Which resources a list holds, in which order, and the counts beside it: each filter's choices, counted under the others.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use postern_domain::arm::{AssetType, JUDGED_TYPES};
use postern_domain::team::TeamId;
use postern_domain::verdict::Severity;
use postern_store::read::resource::ListedAsset;

use crate::view::{ResourceOrder, ResourceQuery, ResourceStatus};

/// A filter that can be left out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Facet {
    Status,
    Type,
    Owner,
    Subscription,
    Region,
}

/// Every count of a list.
pub(super) struct Counts {
    pub(super) statuses: Vec<(ResourceStatus, u64)>,
    pub(super) types: Vec<(AssetType, u64)>,
    pub(super) owners: Vec<(Option<TeamId>, u64)>,
    pub(super) subscriptions: Vec<(String, u64)>,
    pub(super) regions: Vec<(String, u64)>,
}

/// A place in an order: nothing else of two assets is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// 0 critical … 3 low, 4 without an open finding; 0 for all in the order of names.
    pub(super) rank: u8,
    /// The name in lower case.
    pub(super) name: String,
    /// The number.
    pub(super) number: i64,
}

/// The region as filters compare it: Azure writes `westeurope` and `West Europe`.
pub(super) fn region(location: Option<&str>) -> String {
    let letters = location.unwrap_or_default().chars().filter(|letter| !letter.is_whitespace());
    letters.flat_map(char::to_lowercase).collect()
}

/// Those that the query lets through, in its order.
pub(super) fn listed<'a>(assets: &'a [ListedAsset], query: &ResourceQuery) -> Vec<&'a ListedAsset> {
    let filter = Filter::new(query);
    let mut listed: Vec<(Place, &ListedAsset)> = assets
        .iter()
        .filter(|asset| filter.misses(asset).is_empty())
        .map(|asset| (place(asset, query.order), asset))
        .collect();
    listed.sort_by(|(one, _), (other, _)| one.cmp(other));
    listed.into_iter().map(|(_, asset)| asset).collect()
}

/// Where an asset stands in an order.
pub(super) fn place(asset: &ListedAsset, order: ResourceOrder) -> Place {
    let rank = match order {
        ResourceOrder::Severity => asset.worst.map_or(4, rank),
        ResourceOrder::Name => 0,
    };
    Place { rank, name: asset.name.to_lowercase(), number: asset.number.number() }
}

fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 0,
        Severity::High => 1,
        Severity::Medium => 2,
        Severity::Low => 3,
    }
}

struct Filter<'a> {
    query: &'a ResourceQuery,
    text: Option<String>,
}

impl<'a> Filter<'a> {
    fn new(query: &'a ResourceQuery) -> Self {
        Self { query, text: query.text.as_ref().map(|text| text.to_lowercase()) }
    }

    /// The facets that do not let an asset through; all of them where the text does not.
    fn misses(&self, asset: &ListedAsset) -> Vec<Facet> {
        let query = self.query;
        if self.text.as_ref().is_some_and(|text| !asset.name.to_lowercase().contains(text)) {
            return vec![Facet::Status, Facet::Type];
        }
        let any = |statuses: &[ResourceStatus]| {
            statuses.is_empty() || statuses.iter().any(|status| stands(*status, asset))
        };
        let holds = [
            (Facet::Status, any(&query.statuses)),
            (Facet::Type, passes(&query.asset_types, &asset.asset_type)),
            (Facet::Owner, passes(&query.owners, &asset.owner)),
            (Facet::Subscription, passes(&query.subscriptions, &asset.subscription)),
            (
                Facet::Region,
                query.regions.is_empty()
                    || query.regions.contains(&region(asset.location.as_deref())),
            ),
        ];
        holds.into_iter().filter(|(_, holds)| !holds).map(|(facet, _)| facet).collect()
    }
}

fn passes<T: PartialEq>(allowed: &[T], value: &T) -> bool {
    allowed.is_empty() || allowed.contains(value)
}

fn stands(status: ResourceStatus, asset: &ListedAsset) -> bool {
    match status {
        ResourceStatus::Failing => asset.worst.is_some(),
        ResourceStatus::Clear => asset.worst.is_none(),
        ResourceStatus::Unread => asset.is_unread,
    }
}

/// Counts the choices of each filter.
pub(super) fn count(assets: &[ListedAsset], query: &ResourceQuery) -> Counts {
    let filter = Filter::new(query);
    let mut statuses: Vec<(ResourceStatus, u64)> =
        ResourceStatus::ALL.iter().map(|status| (*status, 0)).collect();
    let mut types: BTreeMap<AssetType, u64> = BTreeMap::new();
    let mut owners: BTreeMap<Option<TeamId>, u64> = BTreeMap::new();
    let mut subscriptions: BTreeMap<String, u64> = BTreeMap::new();
    let mut regions: BTreeMap<String, u64> = BTreeMap::new();
    types.extend(query.asset_types.iter().map(|it| (it.clone(), 0)));
    owners.extend(query.owners.iter().map(|it| (it.clone(), 0)));
    subscriptions.extend(query.subscriptions.iter().map(|it| (it.clone(), 0)));
    regions.extend(query.regions.iter().map(|it| (it.clone(), 0)));
    for asset in assets {
        let misses = filter.misses(asset);
        let counts = |facet| misses.is_empty() || misses == [facet];
        if counts(Facet::Status) {
            for (status, number) in &mut statuses {
                *number += u64::from(stands(*status, asset));
            }
        }
        if counts(Facet::Type) {
            add(&mut types, &asset.asset_type);
        }
        if counts(Facet::Owner) {
            add(&mut owners, &asset.owner);
        }
        if counts(Facet::Subscription) {
            add(&mut subscriptions, &asset.subscription);
        }
        if counts(Facet::Region) {
            *regions.entry(region(asset.location.as_deref())).or_default() += 1;
        }
    }
    Counts {
        statuses,
        types: in_order(types),
        owners: without_nobody_alone(owners, query),
        subscriptions: subscriptions.into_iter().collect(),
        regions: regions.into_iter().collect(),
    }
}

/// Adds one, without a copy of what is counted already.
fn add<K: Ord + Clone>(counts: &mut BTreeMap<K, u64>, key: &K) {
    match counts.get_mut(key) {
        Some(number) => *number += 1,
        None => {
            counts.insert(key.clone(), 1);
        }
    }
}

/// Those that Postern judges first, in their order.
fn in_order(types: BTreeMap<AssetType, u64>) -> Vec<(AssetType, u64)> {
    let place = |asset_type: &AssetType| {
        let found = JUDGED_TYPES.iter().position(|judged| *judged == asset_type.as_str());
        found.unwrap_or(JUDGED_TYPES.len())
    };
    let mut types: Vec<_> = types.into_iter().collect();
    types.sort_by(|(one, _), (other, _)| match place(one).cmp(&place(other)) {
        Ordering::Equal => one.cmp(other),
        order => order,
    });
    types
}

/// What is nobody's last; none where all is nobody's, because then there are no teams.
fn without_nobody_alone(
    mut owners: BTreeMap<Option<TeamId>, u64>,
    query: &ResourceQuery,
) -> Vec<(Option<TeamId>, u64)> {
    let nobodys = owners.remove(&None);
    if owners.is_empty() && query.owners.is_empty() {
        return Vec::new();
    }
    owners.into_iter().chain(nobodys.map(|number| (None, number))).collect()
}

/// The subscriptions of these assets.
pub(super) fn subscriptions(assets: &[ListedAsset]) -> BTreeSet<&str> {
    assets.iter().map(|asset| asset.subscription.as_str()).collect()
}
