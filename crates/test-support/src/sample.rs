//! Sample resources and snapshots, as Azure's answers have them.

use std::collections::BTreeMap;

use postern_domain::arm::{AssetId, AssetType, COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE};
use postern_domain::asset::Asset;
use postern_domain::fact::{DIAGNOSTIC_SETTINGS, Fact};
use postern_domain::gap::{GapKind, GapReason};
use postern_domain::snapshot::{Snapshot, SnapshotBuilder, Subscription};
use serde_json::{Value, json};
use time::OffsetDateTime;

/// The subscription of the samples.
pub const SUBSCRIPTION: &str = "11111111-1111-4111-8111-111111111111";

/// An Azure OpenAI account with these `properties`.
pub fn account(name: &str, properties: &Value) -> Value {
    json!({
        "id": format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ai/providers/Microsoft.CognitiveServices/accounts/{name}"
        ),
        "name": name,
        "type": "Microsoft.CognitiveServices/accounts",
        "kind": "OpenAI",
        "location": "westeurope",
        "sku": {"name": "S0"},
        "properties": properties,
    })
}

/// An account that is open to every network and takes keys.
pub fn open_account(name: &str) -> Value {
    account(
        name,
        &json!({
            "publicNetworkAccess": "Enabled",
            "disableLocalAuth": false,
            "networkAcls": {"defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []},
        }),
    )
}

/// An account that is closed to public networks and takes no keys.
pub fn closed_account(name: &str) -> Value {
    account(
        name,
        &json!({
            "publicNetworkAccess": "Disabled",
            "disableLocalAuth": true,
            "networkAcls": {"defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []},
        }),
    )
}

/// A Search service with an open network.
pub fn search_service(name: &str) -> Value {
    json!({
        "id": format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ai/providers/Microsoft.Search/searchServices/{name}"
        ),
        "name": name,
        "type": "Microsoft.Search/searchServices",
        "location": "westeurope",
        "sku": {"name": "basic"},
        "properties": {"publicNetworkAccess": "enabled", "disableLocalAuth": false},
    })
}

/// What a scan or an import read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What it found out as a whole.
    pub snapshot: Snapshot,
    /// The assets.
    pub assets: BTreeMap<AssetId, Asset>,
}

/// A reading of accounts and Search services, whose lists were read to their ends. None has diagnostic settings.
pub fn snapshot(at: OffsetDateTime, resources: &[Value]) -> Reading {
    let mut builder = begin(at);
    builder.add_complete_listing(ACCOUNTS_LIST, &scope(), Some(accounts_type()), 0);
    Reading { snapshot: builder.finish(at), assets: assets(resources) }
}

/// A reading of Search services whose list of accounts was refused with a 403.
pub fn refused_snapshot(at: OffsetDateTime, resources: &[Value]) -> Reading {
    let mut builder = begin(at);
    let reason = GapReason {
        kind: GapKind::Forbidden,
        status: Some(403),
        action: Some("Microsoft.CognitiveServices/accounts/read".to_owned()),
        message: "the credential may not list the accounts".to_owned(),
    };
    builder.add_incomplete_listing(ACCOUNTS_LIST, &scope(), Some(accounts_type()), 0, reason);
    Reading { snapshot: builder.finish(at), assets: assets(resources) }
}

const ACCOUNTS_LIST: &str = "Accounts_List 2025-06-01";

fn assets(resources: &[Value]) -> BTreeMap<AssetId, Asset> {
    let asset = |resource: &Value| {
        let mut asset = Asset::from_resource(resource.clone(), "sample").expect("a resource");
        let none = Fact::Read { value: json!([]) };
        asset.document.related.insert(DIAGNOSTIC_SETTINGS.to_owned(), none);
        (asset.id.clone(), asset)
    };
    resources.iter().map(asset).collect()
}

fn scope() -> String {
    format!("/subscriptions/{SUBSCRIPTION}")
}

fn accounts_type() -> AssetType {
    AssetType::new(COGNITIVE_SERVICES_ACCOUNT)
}

fn begin(at: OffsetDateTime) -> SnapshotBuilder {
    let mut builder = SnapshotBuilder::new(at);
    builder.add_complete_listing("Subscriptions_List 2022-12-01", "/", None, 1);
    builder
        .add_subscription(Subscription { id: SUBSCRIPTION.to_owned(), name: "Sample".to_owned() });
    let searches = Some(AssetType::new(SEARCH_SERVICE));
    builder.add_complete_listing("Services_ListBySubscription 2025-05-01", &scope(), searches, 0);
    builder
}
