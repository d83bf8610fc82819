//! Bodies of `Microsoft.MachineLearningServices/workspaces`, shaped like Azure's answers.

mod children;
mod dependencies;

use serde_json::{Value, json};

use super::Territory;
use super::blueprint::Blueprint;
use super::drift::Opening;
use super::landscape::OWN_KEY;
use super::shape::{name_of, with};
use crate::random::{pick, uuid};

const TYPE: &str = "Microsoft.MachineLearningServices/workspaces";
const KINDS: [&str; 5] = ["Default", "Default", "Hub", "Project", "Hub"];

/// What the workspace of this key would be: only hubs have projects.
pub(super) fn kind(seed: u64, key: &str) -> &'static str {
    pick::<&str>(seed, &["kind", key], &KINDS)
}

/// Adds the workspace with what is below it and what it depends on; its id.
pub(super) fn place(territory: &mut Territory, blueprint: &Blueprint<'_>, key: &str) -> String {
    let kind = kind(blueprint.seed, key);
    let connections = blueprint.private_endpoints(territory, TYPE, "amlworkspace");
    let workspace = body(blueprint, kind, &connections);
    dependencies::place(territory, blueprint, &workspace);
    let id = blueprint.id(TYPE);
    children::place(territory, blueprint, kind, &id);
    blueprint.place(territory, workspace, "audit");
    id
}

fn body(blueprint: &Blueprint<'_>, kind: &str, connections: &[Value]) -> Value {
    let mut properties = properties(blueprint, kind, connections);
    // A workspace always has an identity; a hardened one has its own, made and granted by the team.
    let identity = if blueprint.is_open(Opening::NoIdentity) {
        json!({
            "type": "SystemAssigned",
            "principalId": blueprint.principal(),
            "tenantId": blueprint.landscape.tenant,
        })
    } else {
        let own = blueprint.sibling(
            "Microsoft.ManagedIdentity/userAssignedIdentities",
            &format!("id-{}", blueprint.name),
        );
        properties["primaryUserAssignedIdentity"] = json!(own);
        let principal = blueprint.principal();
        let client = uuid(blueprint.seed, &[&blueprint.name, "client"]);
        json!({
            "type": "UserAssigned",
            "tenantId": blueprint.landscape.tenant,
            "userAssignedIdentities": {own: {"principalId": principal, "clientId": client}},
        })
    };
    with(
        json!({
            "id": blueprint.id(TYPE),
            "name": blueprint.name,
            "type": TYPE,
            "location": blueprint.landscape.region,
            "tags": blueprint.tags(),
            "kind": kind,
            "sku": {"name": "Basic", "tier": "Basic"},
            "identity": identity,
            "systemData": blueprint.stamp().system_data()
        }),
        "properties",
        properties,
    )
}

fn properties(blueprint: &Blueprint<'_>, kind: &str, connections: &[Value]) -> Value {
    let mut properties = json!({
        "friendlyName": blueprint.name,
        "description": "",
        "storageAccount": blueprint.sibling("Microsoft.Storage/storageAccounts", &blueprint.compact_name("st")),
        "keyVault": blueprint.sibling("Microsoft.KeyVault/vaults", &blueprint.compact_name("kv-")),
        "containerRegistry": blueprint.sibling("Microsoft.ContainerRegistry/registries", &blueprint.compact_name("cr")),
        "applicationInsights": blueprint.sibling("Microsoft.Insights/components", &format!("appi-{}", blueprint.name)),
        "hbiWorkspace": false,
        "provisioningState": "Succeeded",
        "v1LegacyMode": false,
        "workspaceId": uuid(blueprint.seed, &[&blueprint.name, "workspace"]),
        "discoveryUrl": format!("https://{}.api.azureml.ms/discovery", blueprint.landscape.region),
        "mlFlowTrackingUri": format!("azureml://{}.api.azureml.ms/mlflow/v1.0{}", blueprint.landscape.region, blueprint.id(TYPE)),
        "allowPublicAccessWhenBehindVnet": false,
        "publicNetworkAccess": blueprint.access(Opening::PublicAccess),
        "privateEndpointConnections": connections,
        "systemDatastoresAuthMode":
            if blueprint.is_open(Opening::KeyAuthentication) { "accesskey" } else { "identity" },
        "tenantId": blueprint.landscape.tenant,
        "enableDataIsolation": kind != "Default"
    });
    if blueprint.happens("no insights", 12)
        && let Some(properties) = properties.as_object_mut()
    {
        properties.remove("applicationInsights");
    }
    if kind == "Project" {
        // A hub that the credential does not see, where the subscription has none.
        let hub = blueprint
            .hub
            .clone()
            .unwrap_or_else(|| blueprint.sibling(TYPE, &format!("hub-{}", blueprint.team.name)));
        properties["hubResourceId"] = json!(hub);
    } else if !blueprint.is_open(Opening::OpenOutbound) {
        properties["managedNetwork"] = json!({
            "isolationMode": "AllowOnlyApprovedOutbound",
            "status": {"status": "Active", "sparkReady": false}
        });
    }
    if !blueprint.is_open(Opening::MicrosoftManagedKey) {
        properties["encryption"] = encryption(blueprint);
    }
    properties
}

fn encryption(blueprint: &Blueprint<'_>) -> Value {
    let vault = blueprint.landscape.vault();
    let version = blueprint.key_version();
    let key = format!("https://{}.vault.azure.net/keys/{OWN_KEY}/{version}", name_of(&vault));
    json!({
        "status": "Enabled",
        "keyVaultProperties": {
            "keyVaultArmId": vault, "keyIdentifier": key, "identityClientId": null
        }
    })
}
