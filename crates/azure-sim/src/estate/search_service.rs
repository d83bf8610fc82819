//! Bodies of `Microsoft.Search/searchServices`, shaped like Azure's recorded answers.

use serde_json::{Value, json};

use super::drift::Opening;
use super::seeded::Blueprint;

const TYPE: &str = "Microsoft.Search/searchServices";

/// The resource and the log category that its diagnostic settings use.
pub(super) fn body(blueprint: &Blueprint<'_>) -> (Value, &'static str) {
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
        "publicNetworkAccess": if blueprint.is_open(Opening::PublicAccess) { "Enabled" } else { "Disabled" },
        "networkRuleSet": {"ipRules": rules, "bypass": "None"},
        "privateEndpointConnections": blueprint.private_endpoints(TYPE, "searchService"),
        "sharedPrivateLinkResources": [],
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
        properties["authOptions"] = json!({"apiKeyOnly": {}});
    } else {
        properties["disableLocalAuth"] = json!(true);
        properties["authOptions"] = Value::Null;
    }
    let mut resource = json!({
        "id": blueprint.id(TYPE),
        "name": blueprint.name,
        "type": TYPE,
        "location": blueprint.site.region,
        "tags": blueprint.tags(),
        "sku": {"name": "standard"},
        "properties": properties,
        "systemData": blueprint.system_data(),
    });
    if let Some(identity) = blueprint.identity() {
        resource["identity"] = identity;
    }
    (resource, "OperationLogs")
}
