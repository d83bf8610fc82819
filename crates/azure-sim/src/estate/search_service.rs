//! Bodies of `Microsoft.Search/searchServices`, shaped like Azure's recorded answers.

use serde_json::{Value, json};

use super::Territory;
use super::blueprint::Blueprint;
use super::drift::Opening;
use super::shape::network::{perimeter_configuration, shared_private_link};
use super::shape::with;

const TYPE: &str = "Microsoft.Search/searchServices";

/// Adds the service with what is below it; its id.
pub(super) fn place(territory: &mut Territory, blueprint: &Blueprint<'_>) -> String {
    let connections = blueprint.private_endpoints(territory, TYPE, "searchService");
    let id = blueprint.id(TYPE);
    let mut links = Vec::new();
    if blueprint.happens("indexes storage", 45) {
        let storage = blueprint.sibling(
            "Microsoft.Storage/storageAccounts",
            &format!("stdocs{}", blueprint.team.name),
        );
        let status =
            if blueprint.is_open(Opening::NoPrivateEndpoint) { "Pending" } else { "Approved" };
        links.push(shared_private_link(&id, "documents", (&storage, "blob"), status));
    }
    territory.append(&format!("{id}/sharedPrivateLinkResources"), links.clone());
    if blueprint.happens("perimeter", 25) {
        let mode = if blueprint.is_open(Opening::NoPerimeter) { "Learning" } else { "Enforced" };
        let perimeter = blueprint.landscape.perimeter();
        territory.append(
            &format!("{id}/networkSecurityPerimeterConfigurations"),
            [perimeter_configuration(&id, TYPE, &perimeter, mode)],
        );
    }
    blueprint.place(territory, body(blueprint, &connections, &links), "OperationLogs");
    id
}

fn body(blueprint: &Blueprint<'_>, connections: &[Value], links: &[Value]) -> Value {
    let mut resource = with(
        json!({
            "id": blueprint.id(TYPE),
            "name": blueprint.name,
            "type": TYPE,
            "location": blueprint.landscape.region,
            "tags": blueprint.tags(),
            "sku": {"name": "standard"},
            "systemData": blueprint.stamp().system_data()
        }),
        "properties",
        properties(blueprint, connections, links),
    );
    if let Some(identity) = blueprint.identity() {
        resource["identity"] = identity;
    }
    resource
}

fn properties(blueprint: &Blueprint<'_>, connections: &[Value], links: &[Value]) -> Value {
    let rules =
        match (blueprint.is_open(Opening::AllNetworks), blueprint.is_open(Opening::AllowAllRule)) {
            (true, _) => json!([]),
            (false, true) => json!([{"value": "0.0.0.0/0"}]),
            (false, false) => json!([{"value": "203.0.113.16/28"}]),
        };
    let is_protected = !blueprint.is_open(Opening::OpenOutbound);
    let is_enforced = !blueprint.is_open(Opening::MicrosoftManagedKey);
    let mut properties = json!({
        "replicaCount": 1,
        "partitionCount": 1,
        "endpoint": format!("https://{}.search.windows.net/", blueprint.name),
        "status": "running",
        "statusDetails": "",
        "provisioningState": "succeeded",
        "hostingMode": "default",
        "computeType": "default",
        "publicNetworkAccess": blueprint.access(Opening::PublicAccess),
        "networkRuleSet": {"ipRules": rules, "bypass": "None"},
        "privateEndpointConnections": connections,
        "sharedPrivateLinkResources": links,
        "encryptionWithCmk": {
            "enforcement": if is_enforced { "Enabled" } else { "Unspecified" },
            "encryptionComplianceStatus": "Compliant"
        },
        "disableLocalAuth": false,
        "dataExfiltrationProtections": if is_protected { json!(["BlockAll"]) } else { json!([]) },
        "semanticSearch": "free",
        "upgradeAvailable": "notAvailable",
        "serviceUpgradedAt": null
    });
    // Azure refuses `authOptions` together with disabled keys.
    if blueprint.is_open(Opening::KeyAuthentication) {
        properties["authOptions"] = if blueprint.happens("entra too", 40) {
            json!({"aadOrApiKey": {"aadAuthFailureMode": "http401WithBearerChallenge"}})
        } else {
            json!({"apiKeyOnly": {}})
        };
    } else {
        properties["disableLocalAuth"] = json!(true);
        properties["authOptions"] = Value::Null;
    }
    properties
}
