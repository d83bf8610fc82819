//! What is judged: assets of two kilobytes made up here, and payloads of Azure where they are at hand.

use std::path::{Path, PathBuf};

use postern_domain::arm::{
    COGNITIVE_SERVICES_ACCOUNT, JUDGED_TYPES, MACHINE_LEARNING_WORKSPACE, SEARCH_SERVICE,
};
use postern_domain::asset::Asset;
use postern_domain::fact::{self, Fact};
use serde_json::{Value, json};

/// About how long a document is to be, in bytes.
const SIZE: usize = 2048;

const OF_ANY: [&str; 5] = [
    fact::DIAGNOSTIC_SETTINGS,
    fact::LOCKS,
    fact::ROLE_ASSIGNMENTS,
    fact::PRIVATE_ENDPOINTS,
    fact::METRIC_ALERTS,
];

/// The sets of assets that the whole pack is measured on; those that are not at hand are left out, with a message.
pub fn sets() -> Vec<(&'static str, Vec<Asset>)> {
    let mut sets = vec![("synthetic 2 KB", synthetic(400))];
    for (name, folder) in [("recordings", "azure/recordings"), ("examples", "azure/examples")] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(folder);
        let found = payloads(&folder);
        if found.is_empty() {
            println!("left out: no payloads of Azure in {}", folder.display());
        } else {
            sets.push((name, found));
        }
    }
    sets
}

/// An estate: three accounts in five, one search service, one workspace.
pub fn synthetic(count: usize) -> Vec<Asset> {
    (0..count)
        .map(|number| match number % 5 {
            0 => made(SEARCH_SERVICE, number, &[fact::SHARED_PRIVATE_LINK_RESOURCES]),
            1 => made(MACHINE_LEARNING_WORKSPACE, number, &[fact::COMPUTES, fact::DATASTORES]),
            _ => made(COGNITIVE_SERVICES_ACCOUNT, number, &[fact::DEPLOYMENTS, fact::RAI_POLICIES]),
        })
        .collect()
}

/// The accounts of each set.
pub fn accounts() -> Vec<(&'static str, Vec<Asset>)> {
    let of_set = |(name, mut assets): (&'static str, Vec<Asset>)| {
        assets.retain(|asset| asset.asset_type.as_str() == COGNITIVE_SERVICES_ACCOUNT);
        (name, assets)
    };
    sets().into_iter().map(of_set).collect()
}

fn made(asset_type: &str, number: usize, facts: &[&str]) -> Asset {
    let (namespace, kind) = asset_type.split_once('/').unwrap();
    let group =
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ai/providers";
    let id = format!("{group}/{namespace}/{kind}/asset-{number:04}");
    let of = |words: &[&str]| json!(words[number / 5 % words.len()]);
    let state = json!({"status": of(&["Approved", "Pending"]), "actionsRequired": "None"});
    let connection = json!({
        "id": format!("{id}/privateEndpointConnections/pe-1"), "name": "pe-1",
        "properties": {
            "privateEndpoint": {"id": format!("{group}/Microsoft.Network/privateEndpoints/pe-1")},
            "privateLinkServiceConnectionState": state, "provisioningState": "Succeeded",
        },
    });
    let resource = json!({
        "id": id, "name": format!("asset-{number:04}"), "type": asset_type, "location": "westeurope",
        "kind": if asset_type == COGNITIVE_SERVICES_ACCOUNT { of(&["OpenAI", "AIServices"]) } else { json!("Default") },
        "sku": {"name": of(&["S0", "standard"])},
        "identity": {"type": of(&["SystemAssigned", "None"]), "tenantId": "0", "principalId": "1"},
        "tags": {"environment": of(&["production", "test"]), "owner": "platform"},
        "properties": {
            "provisioningState": "Succeeded",
            "publicNetworkAccess": of(&["Enabled", "Disabled"]),
            "disableLocalAuth": number.is_multiple_of(4),
            "networkAcls": {"defaultAction": of(&["Allow", "Deny"]), "ipRules": [{"value": "203.0.113.7"}], "virtualNetworkRules": []},
            "privateEndpointConnections": [connection],
            "endpoint": format!("https://asset-{number:04}.example.com/"),
            "customSubDomainName": format!("asset-{number:04}"),
        },
    });
    let mut asset = Asset::from_resource(resource, "made up").unwrap();
    for name in OF_ANY.iter().chain(facts) {
        asset.document.related.insert((*name).to_owned(), Fact::Read { value: json!([]) });
    }
    let short = SIZE.saturating_sub(asset.document.canonical_text().len());
    if short > 0 {
        // Azure returns much that no rule reads.
        asset.document.resource["properties"]["capabilities"] = filler(short);
    }
    asset
}

fn filler(bytes: usize) -> Value {
    let entry = json!({"name": "VirtualNetworks", "value": "true"});
    Value::Array(vec![entry.clone(); bytes / (entry.to_string().len() + 1)])
}

/// Every resource of a judged type with properties, wherever it stands in a payload.
fn payloads(folder: &Path) -> Vec<Asset> {
    let mut found = Vec::new();
    for file in files(folder) {
        let Ok(text) = std::fs::read(&file) else { continue };
        if let Ok(value) = serde_json::from_slice::<Value>(&text) {
            collect(&value, &mut found);
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .flat_map(
            |entry| if entry.path().is_dir() { files(&entry.path()) } else { vec![entry.path()] },
        )
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    files
}

fn collect(value: &Value, found: &mut Vec<Asset>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => {
            let whole = fields.get("properties").is_some_and(Value::is_object);
            match Asset::from_resource(value.clone(), "a payload") {
                Ok(mut asset) if whole && JUDGED_TYPES.contains(&asset.asset_type.as_str()) => {
                    // The same resource returns in many payloads; each is an asset of its own here.
                    asset.id = format!("{}-{}", asset.id, found.len()).parse().unwrap();
                    found.push(asset);
                }
                _ => fields.values().for_each(|field| collect(field, found)),
            }
        }
        _ => {}
    }
}
