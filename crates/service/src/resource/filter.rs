//! Which resources a list holds, in which order, and the counts beside it: each filter's choices, counted under the others.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use postern_domain::arm::{AssetType, JUDGED_TYPES};
use postern_domain::person::Sight;
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

/// An asset with what filters and orders compare of it.
pub(crate) struct Asset {
    pub(super) listed: ListedAsset,
    /// The name in lower case.
    name: Box<str>,
    /// The region as filters compare it; empty where there is none.
    region: Box<str>,
}

/// The assets of an inventory, in the order of names.
pub(crate) struct Assets(Box<[Asset]>);

impl Assets {
    pub(crate) fn new(listed: Vec<ListedAsset>) -> Self {
        let asset = |listed: ListedAsset| Asset {
            name: listed.name.to_lowercase().into(),
            region: region(listed.location.as_deref()).into(),
            listed,
        };
        let mut assets: Box<[Asset]> = listed.into_iter().map(asset).collect();
        assets.sort_unstable_by(|one, other| {
            (&one.name, one.listed.number).cmp(&(&other.name, other.listed.number))
        });
        Self(assets)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Those that somebody sees, in the order of names.
    pub(super) fn seen(&self, sight: &Sight) -> Vec<&Asset> {
        self.0.iter().filter(|asset| sight.holds(asset.listed.owner.as_ref())).collect()
    }
}

/// Of assets in the order of names those that the query lets through, in its order.
pub(super) fn listed<'a>(assets: &[&'a Asset], query: &ResourceQuery) -> Vec<&'a Asset> {
    let filter = Filter::new(query);
    let passes = |asset: &&&Asset| filter.misses(asset).is_empty();
    let mut listed: Vec<&Asset> = assets.iter().filter(passes).copied().collect();
    // Of the same rank they stay in the order of names.
    listed.sort_by_key(|asset| place_rank(asset, query.order));
    listed
}

/// Where an asset stands in an order.
pub(super) fn place(asset: &Asset, order: ResourceOrder) -> Place {
    Place {
        rank: place_rank(asset, order),
        name: asset.name.to_string(),
        number: asset.listed.number.number(),
    }
}

/// Whether an asset stands at a place or before it.
pub(super) fn is_up_to(asset: &Asset, place: &Place, order: ResourceOrder) -> bool {
    let stands = (place_rank(asset, order), &*asset.name, asset.listed.number.number());
    stands <= (place.rank, place.name.as_str(), place.number)
}

fn place_rank(asset: &Asset, order: ResourceOrder) -> u8 {
    match order {
        ResourceOrder::Severity => asset.listed.worst.map_or(4, rank),
        ResourceOrder::Name => 0,
    }
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
    fn misses(&self, asset: &Asset) -> Vec<Facet> {
        let query = self.query;
        if self.text.as_ref().is_some_and(|text| !asset.name.contains(text)) {
            return vec![Facet::Status, Facet::Type];
        }
        let Asset { listed: asset, region, .. } = asset;
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
                query.regions.is_empty() || query.regions.iter().any(|it| **it == **region),
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
pub(super) fn count(assets: &[&Asset], query: &ResourceQuery) -> Counts {
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
        let Asset { listed: asset, region, .. } = *asset;
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
            add(&mut subscriptions, asset.subscription.as_str());
        }
        if counts(Facet::Region) {
            add(&mut regions, region.as_ref());
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
fn add<K, Q>(counts: &mut BTreeMap<K, u64>, key: &Q)
where
    K: Ord + Borrow<Q>,
    Q: Ord + ToOwned<Owned = K> + ?Sized,
{
    match counts.get_mut(key) {
        Some(number) => *number += 1,
        None => {
            counts.insert(key.to_owned(), 1);
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
pub(super) fn subscriptions<'a>(assets: &[&'a Asset]) -> HashSet<&'a str> {
    assets.iter().map(|asset| asset.listed.subscription.as_str()).collect()
}
