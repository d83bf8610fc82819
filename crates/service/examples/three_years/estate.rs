//! The estate: what Azure would have answered on a day.

use postern_domain::arm::{
    AssetType, BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE, SCANNED_TYPES,
    SEARCH_SERVICE,
};
use postern_domain::asset::Asset;
use postern_domain::fact::{
    BUDGETS, CHANNELS, COMPUTES, DATASTORES, DEPLOYMENTS, DIAGNOSTIC_SETTINGS, Fact, LOCKS,
    METRIC_ALERTS, PRIVATE_ENDPOINTS, RAI_POLICIES, ROLE_ASSIGNMENTS,
    SHARED_PRIVATE_LINK_RESOURCES,
};
use postern_domain::snapshot::{Snapshot, SnapshotBuilder, Subscription};
use serde_json::{Value, json};
use time::OffsetDateTime;

/// Subscriptions of the estate.
const SUBSCRIPTIONS: u32 = 20;

/// Assets with the number of times that each has changed.
pub struct Estate {
    assets: Vec<(u32, u32)>,
    /// The number of the next asset that appears.
    next: u32,
    seed: u64,
}

impl Estate {
    /// As it is on the first day.
    pub fn new(assets: u32) -> Self {
        Self { assets: (0..assets).map(|number| (number, 0)).collect(), next: assets, seed: 7 }
    }

    /// Lets a day pass, on which one asset in a hundred changes; of these, one in twenty goes and another comes.
    pub fn pass_day(&mut self) {
        for _ in 0..self.assets.len() / 100 {
            let place = usize::try_from(self.random() % self.assets.len() as u64).unwrap();
            if self.random().is_multiple_of(20) {
                self.assets[place] = (self.next, 0);
                self.next += 1;
            } else {
                self.assets[place].1 += 1;
            }
        }
    }

    /// What is read of each asset.
    pub fn read(&self) -> impl Iterator<Item = Asset> + Send + '_ {
        self.assets
            .iter()
            .map(|(number, changes)| asset(*number, *changes))
            .chain((0..SUBSCRIPTIONS).map(subscription_asset))
    }

    /// What the scan says beside its assets: each subscription's lists were read to their ends.
    pub fn snapshot(at: OffsetDateTime) -> Snapshot {
        let mut builder = SnapshotBuilder::new(at - time::Duration::minutes(9));
        builder.add_complete_listing(
            "Subscriptions_List 2022-12-01",
            "/",
            None,
            SUBSCRIPTIONS.into(),
        );
        for number in 0..SUBSCRIPTIONS {
            let id = subscription(number);
            let scope = format!("/subscriptions/{id}");
            for asset_type in SCANNED_TYPES {
                let asset_type = Some(AssetType::new(asset_type));
                builder.add_complete_listing("Resources_List 2021-04-01", &scope, asset_type, 100);
            }
            builder.add_subscription(Subscription { id, name: format!("Subscription {number}") });
        }
        builder.finish(at)
    }

    /// Numbers that look random and are the same each time (a step of `splitmix64`).
    fn random(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scatter(self.seed)
    }
}

fn scatter(seed: u64) -> u64 {
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn subscription(number: u32) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000")
}

/// An asset after so many changes, each of which set one property or another to what it becomes with time: safer.
fn asset(number: u32, changes: u32) -> Asset {
    let asset_type = match number % 20 {
        0..10 => COGNITIVE_SERVICES_ACCOUNT,
        10..14 => SEARCH_SERVICE,
        14..19 => MACHINE_LEARNING_WORKSPACE,
        _ => BOT_SERVICE,
    };
    // A bit for each property: whether it has its safe value.
    let mut safe = scatter(u64::from(number)) & scatter(u64::from(number) + 1) & 0xff;
    let mut touched = 0;
    for change in 1..=changes {
        let random = scatter(u64::from(number) << 20 | u64::from(change));
        let bit = 1 << (random % 9);
        // Two changes in three are for the better; the ninth property is no rule's.
        if random.is_multiple_of(3) {
            safe &= !bit;
        } else {
            safe |= bit;
        }
        touched = change;
    }
    let is_safe = |bit: u32| safe & (1 << bit) != 0;
    let (namespace, kind) = asset_type.split_once('/').unwrap();
    let scope = format!(
        "/subscriptions/{}/resourceGroups/rg-{:03}/providers",
        subscription(number % SUBSCRIPTIONS),
        number % 400
    );
    let id = format!("{scope}/{namespace}/{kind}/ai-{number:06}");
    let word = |bit, safe: &'static str, open: &'static str| if is_safe(bit) { safe } else { open };
    let resource = json!({
        "id": id, "name": format!("ai-{number:06}"), "type": asset_type, "location": "westeurope",
        "kind": match asset_type { COGNITIVE_SERVICES_ACCOUNT => "OpenAI", MACHINE_LEARNING_WORKSPACE => "Default", _ => "azurebot" },
        "sku": {"name": if asset_type == SEARCH_SERVICE { "standard" } else { "S0" }},
        "identity": {"type": word(0, "SystemAssigned", "None"), "principalId": format!("{number:08x}")},
        "tags": {"owner": format!("team-{}", number % 30), "environment": if number.is_multiple_of(3) { "production" } else { "development" }, "revision": touched.to_string()},
        "properties": {
            "provisioningState": "Succeeded",
            "publicNetworkAccess": word(1, "Disabled", "Enabled"),
            "disableLocalAuth": is_safe(2),
            "restrictOutboundNetworkAccess": is_safe(3),
            "allowedFqdnList": ["storage.example.com"],
            "networkAcls": {"defaultAction": word(4, "Deny", "Allow"), "ipRules": [], "virtualNetworkRules": []},
            "privateEndpointConnections": [{
                "id": format!("{id}/privateEndpointConnections/pe-1"), "name": "pe-1",
                "properties": {
                    "privateEndpoint": {"id": format!("{scope}/Microsoft.Network/privateEndpoints/pe-{number}")},
                    "privateLinkServiceConnectionState": {"status": word(5, "Approved", "Pending"), "actionsRequired": "None"},
                },
            }],
            "customSubDomainName": format!("ai-{number:06}"),
            "endpoint": format!("https://ai-{number:06}.example.com/"),
            "dateCreated": "2022-11-01T00:00:00Z",
        },
    });
    let mut asset = Asset::from_resource(resource, "made up").unwrap();
    let mut fact = |name: &str, value: Value| {
        asset.document.related.insert(name.to_owned(), Fact::Read { value });
    };
    let logs = json!([{"categoryGroup": word(6, "allLogs", "none"), "enabled": is_safe(6)}]);
    fact(
        DIAGNOSTIC_SETTINGS,
        json!([{"name": "to-logs", "properties": {"workspaceId": "/w", "logs": logs}}]),
    );
    fact(
        LOCKS,
        if is_safe(7) {
            json!([{"name": "keep", "properties": {"level": "CanNotDelete"}}])
        } else {
            json!([])
        },
    );
    fact(PRIVATE_ENDPOINTS, json!([]));
    fact(METRIC_ALERTS, json!([]));
    fact(ROLE_ASSIGNMENTS, json!([]));
    for name in facts_of(asset_type) {
        fact(name, json!([]));
    }
    if asset_type == COGNITIVE_SERVICES_ACCOUNT {
        fact(
            DEPLOYMENTS,
            json!([{
                "id": format!("{id}/deployments/gpt"), "name": "gpt", "sku": {"name": "Standard", "capacity": 10 + touched},
                "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}, "raiPolicyName": "Microsoft.DefaultV2", "versionUpgradeOption": "OnceNewDefaultVersionAvailable"},
            }]),
        );
    }
    asset
}

fn facts_of(asset_type: &str) -> &'static [&'static str] {
    match asset_type {
        COGNITIVE_SERVICES_ACCOUNT => &[RAI_POLICIES],
        SEARCH_SERVICE => &[SHARED_PRIVATE_LINK_RESOURCES],
        MACHINE_LEARNING_WORKSPACE => &[COMPUTES, DATASTORES],
        _ => &[CHANNELS],
    }
}

fn subscription_asset(number: u32) -> Asset {
    let id = format!("/subscriptions/{}", subscription(number));
    let resource = json!({"id": id, "name": format!("Subscription {number}"), "properties": {"state": "Enabled"}});
    let mut asset = Asset::from_resource(resource, "made up").unwrap();
    asset.document.related.insert(BUDGETS.to_owned(), Fact::Read { value: json!([]) });
    asset
}
