//! Private endpoints of assets with the DNS zones that make them work.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};
use postern_domain::arm::AssetId;
use postern_domain::fact;
use postern_domain::gap::{GapKind, GapReason};
use serde_json::Value;

use super::resources::Named;
use crate::client::{ArmClient, ArmList};
use crate::collector::listed::Listed;
use crate::collector::tally::{FactsOf, Gathered};
use crate::operation::{DNS_ZONE_GROUPS, NETWORK_LINKS, Operation, RESOURCES};

/// The zone groups of private endpoints, and the zones that these name.
#[derive(Debug, Default)]
pub(in crate::collector) struct Endpoints {
    /// By the endpoint's lower-case id.
    groups: BTreeMap<AssetId, Gathered>,
    /// By the zone's lower-case id.
    zones: BTreeMap<AssetId, Value>,
    links: BTreeMap<AssetId, Gathered>,
}

/// The private DNS zones of all visible subscriptions: they often lie in a hub, away from the assets.
#[derive(Debug, Default)]
pub(in crate::collector) struct Zones(pub BTreeMap<AssetId, Value>);

impl Zones {
    pub fn new(list: ArmList) -> Self {
        let zones = list.entries.into_iter().filter_map(|zone| {
            let id = zone.get("id")?.as_str()?.parse().ok()?;
            Some((id, zone))
        });
        Self(zones.collect())
    }
}

impl Endpoints {
    pub async fn read(
        arm: &ArmClient,
        assets: &[Listed],
        named: &Named,
        zones: &Zones,
        known_links: &mut BTreeMap<AssetId, Gathered>,
    ) -> Self {
        let endpoints: BTreeSet<&String> = assets
            .iter()
            .flat_map(|listed| &listed.endpoints)
            .filter(|id| named.find(id).is_ok())
            .collect();
        let groups = lists(arm, &DNS_ZONE_GROUPS, endpoints.into_iter().cloned()).await;
        let wanted: BTreeSet<AssetId> = groups
            .values()
            .flat_map(|group| group.entries.iter().flat_map(zones_of))
            .filter_map(|id| id.parse().ok())
            .collect();
        let zones: BTreeMap<AssetId, Value> = wanted
            .iter()
            .filter_map(|id| zones.0.get(id).map(|zone| (id.clone(), zone.clone())))
            .collect();
        let unknown: Vec<String> = zones
            .iter()
            .filter(|(id, _)| !known_links.contains_key(*id))
            .filter_map(|(_, zone)| Some(zone.get("id")?.as_str()?.to_owned()))
            .collect();
        known_links.extend(lists(arm, &NETWORK_LINKS, unknown.into_iter()).await);
        let links = zones
            .keys()
            .filter_map(|id| known_links.get(id).map(|links| (id.clone(), links.clone())))
            .collect();
        Self { groups, zones, links }
    }

    pub fn add(&self, facts: &mut FactsOf, listed: &Listed, named: &Named) {
        let endpoints = named.gather(&listed.endpoints);
        facts.add_labelled(fact::PRIVATE_ENDPOINTS, &RESOURCES.label(), endpoints);
        if listed.endpoints.is_empty() {
            return;
        }
        let mut groups = Gathered::complete(Vec::new());
        for id in &listed.endpoints {
            let group = id.parse().ok().and_then(|id: AssetId| self.groups.get(&id));
            if let Some(group) = group {
                extend(&mut groups, group);
            } else {
                groups.reason = groups.reason.or(named.find(id).err());
            }
        }
        let (mut zones, mut links) =
            (Gathered::new(Vec::new(), groups.reason.clone()), Gathered::complete(Vec::new()));
        links.reason.clone_from(&groups.reason);
        let ids: BTreeSet<AssetId> =
            groups.entries.iter().flat_map(zones_of).filter_map(|id| id.parse().ok()).collect();
        for id in ids {
            let Some(zone) = self.zones.get(&id) else {
                let message = "a private DNS zone of the endpoint is not shown to the credential";
                let reason = GapReason::new(GapKind::NotFound, message);
                zones.reason.get_or_insert(reason.clone());
                links.reason.get_or_insert(reason);
                continue;
            };
            zones.entries.push(zone.clone());
            if let Some(found) = self.links.get(&id) {
                extend(&mut links, found);
            }
        }
        facts.add(fact::PRIVATE_DNS_ZONE_GROUPS, &DNS_ZONE_GROUPS, groups);
        facts.add_labelled(fact::PRIVATE_DNS_ZONES, &RESOURCES.label(), zones);
        facts.add(fact::VIRTUAL_NETWORK_LINKS, &NETWORK_LINKS, links);
    }
}

fn extend(gathered: &mut Gathered, part: &Gathered) {
    gathered.entries.extend(part.entries.iter().cloned());
    if gathered.reason.is_none() {
        gathered.reason.clone_from(&part.reason);
    }
}

/// The ids of the zones that a zone group names.
fn zones_of(group: &Value) -> Vec<String> {
    let configs = group.pointer("/properties/privateDnsZoneConfigs").and_then(Value::as_array);
    configs
        .into_iter()
        .flatten()
        .filter_map(|config| config.pointer("/properties/privateDnsZoneId")?.as_str())
        .map(str::to_owned)
        .collect()
}

async fn lists(
    arm: &ArmClient,
    operation: &'static Operation,
    ids: impl Iterator<Item = String>,
) -> BTreeMap<AssetId, Gathered> {
    let questions: Vec<_> = ids
        .filter_map(|id| {
            let key: AssetId = id.parse().ok()?;
            let arm = arm.clone();
            Some(async move { (key, Gathered::from(arm.list(operation, &id).await)) })
        })
        .collect();
    let mut answers = stream::iter(questions).buffer_unordered(arm.concurrency());
    let mut lists = BTreeMap::new();
    while let Some((key, gathered)) = answers.next().await {
        lists.insert(key, gathered);
    }
    lists
}
