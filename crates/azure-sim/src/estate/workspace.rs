//! Bodies of `Microsoft.MachineLearningServices/workspaces`, shaped like Azure's answers.

use serde_json::{Value, json};

use super::drift::Opening;
use super::seeded::Blueprint;
use crate::random::{hash, pick, uuid};

const TYPE: &str = "Microsoft.MachineLearningServices/workspaces";
const KINDS: [&str; 5] = ["Default", "Default", "Hub", "Project", "Hub"];

/// The resource and the log category that its diagnostic settings use.
pub(super) fn body(blueprint: &Blueprint<'_>, key: &str) -> (Value, &'static str) {
    let kind = *pick(blueprint.seed, &["kind", key], &KINDS);
    let compact: String = blueprint.name.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut properties = json!({
        "friendlyName": blueprint.name,
        "description": "",
        "storageAccount": blueprint.sibling("Microsoft.Storage/storageAccounts", &format!("st{compact}")),
        "keyVault": blueprint.sibling("Microsoft.KeyVault/vaults", &format!("kv-{compact}")),
        "applicationInsights": blueprint.sibling("Microsoft.Insights/components", &format!("appi-{}", blueprint.name)),
        "hbiWorkspace": false,
        "provisioningState": "Succeeded",
        "v1LegacyMode": false,
        "creationTime": blueprint.created,
        "workspaceId": uuid(blueprint.seed, &[&blueprint.name, "workspace"]),
        "discoveryUrl": format!("https://{}.api.azureml.ms/discovery", blueprint.site.region),
        "mlFlowTrackingUri": format!("azureml://{}.api.azureml.ms/mlflow/v1.0{}", blueprint.site.region, blueprint.id(TYPE)),
        "allowPublicAccessWhenBehindVnet": false,
        "publicNetworkAccess": if blueprint.is_open(Opening::PublicAccess) { "Enabled" } else { "Disabled" },
        "privateEndpointConnections": blueprint.private_endpoints(TYPE, "amlworkspace"),
        "systemDatastoresAuthMode":
            if blueprint.is_open(Opening::KeyAuthentication) { "accesskey" } else { "identity" },
        "tenantId": uuid(blueprint.seed, &["tenant"]),
        "enableDataIsolation": kind != "Default"
    });
    if kind == "Project" {
        let hub = blueprint.sibling(TYPE, &format!("hub-{}", blueprint.team.name));
        properties["hubResourceId"] = json!(hub);
    } else if !blueprint.is_open(Opening::OpenOutbound) {
        properties["managedNetwork"] = json!({
            "isolationMode": "AllowOnlyApprovedOutbound",
            "status": {"status": "Active", "sparkReady": false}
        });
    }
    if !blueprint.is_open(Opening::MicrosoftManagedKey) {
        let version = format!("{:032x}", hash(blueprint.seed, &[&blueprint.name, "key"]));
        properties["encryption"] = json!({
            "status": "Enabled",
            "keyVaultProperties": {
                "keyVaultArmId": blueprint.sibling("Microsoft.KeyVault/vaults", "kv-contoso-ml"),
                "keyIdentifier": format!("https://kv-contoso-ml.vault.azure.net/keys/cmk-ml/{version}"),
                "identityClientId": null
            }
        });
    }
    // A workspace always has an identity; a hardened one has its own, made and granted by the team.
    let identity = if blueprint.is_open(Opening::NoIdentity) {
        json!({
            "type": "SystemAssigned",
            "principalId": uuid(blueprint.seed, &[&blueprint.name, "principal"]),
            "tenantId": uuid(blueprint.seed, &["tenant"]),
        })
    } else {
        let own = blueprint.sibling(
            "Microsoft.ManagedIdentity/userAssignedIdentities",
            &format!("id-{}", blueprint.name),
        );
        properties["primaryUserAssignedIdentity"] = json!(own);
        let principal = uuid(blueprint.seed, &[&blueprint.name, "principal"]);
        let client = uuid(blueprint.seed, &[&blueprint.name, "client"]);
        json!({
            "type": "UserAssigned",
            "tenantId": uuid(blueprint.seed, &["tenant"]),
            "userAssignedIdentities": {own: {"principalId": principal, "clientId": client}},
        })
    };
    let resource = json!({
        "id": blueprint.id(TYPE),
        "name": blueprint.name,
        "type": TYPE,
        "location": blueprint.site.region,
        "tags": blueprint.tags(),
        "etag": null,
        "kind": kind,
        "sku": {"name": "Basic", "tier": "Basic"},
        "identity": identity,
        "properties": properties,
        "systemData": blueprint.system_data(),
    });
    (resource, "audit")
}
