//! Bodies of `Microsoft.CognitiveServices/accounts`, shaped like Azure's recorded answers.

use serde_json::{Value, json};

use super::drift::Opening;
use super::seeded::Blueprint;
use crate::random::{happens, hash, pick};

const TYPE: &str = "Microsoft.CognitiveServices/accounts";
/// Weighted by repetition.
const KINDS: [&str; 12] = [
    "OpenAI",
    "OpenAI",
    "OpenAI",
    "OpenAI",
    "AIServices",
    "AIServices",
    "AIServices",
    "FormRecognizer",
    "SpeechServices",
    "TextAnalytics",
    "ComputerVision",
    "ContentSafety",
];

/// The resource and the log category that its diagnostic settings use.
pub(super) fn body(blueprint: &Blueprint<'_>, key: &str) -> (Value, &'static str) {
    let kind = *pick(blueprint.seed, &["kind", key], &KINDS);
    let host = format!("{}.cognitiveservices.azure.com", blueprint.name);
    let mut properties = json!({
        "endpoint": format!("https://{host}/"),
        "provisioningState": "Succeeded",
        "internalId": format!("{:032x}", hash(blueprint.seed, &[&blueprint.name, "internal"])),
        "dateCreated": blueprint.created,
        "callRateLimit": {"rules": [{
            "key": "default", "renewalPeriod": 1, "count": 10,
            "matchPatterns": [{"path": "*", "method": "*"}]
        }]},
        "isMigrated": false,
        "customSubDomainName": blueprint.name,
        "privateEndpointConnections": blueprint.private_endpoints(TYPE, "account"),
        "publicNetworkAccess": if blueprint.is_open(Opening::PublicAccess) { "Enabled" } else { "Disabled" },
        "capabilities": [{"name": "VirtualNetworks"}, {"name": "CustomerManagedKey"}],
        "endpoints": {kind: format!("https://{host}/")}
    });
    // Azure leaves these out until someone sets them.
    if let Some(acls) = network_acls(blueprint) {
        properties["networkAcls"] = acls;
    }
    if !blueprint.is_open(Opening::KeyAuthentication) {
        properties["disableLocalAuth"] = json!(true);
    } else if happens(blueprint.seed, &[&blueprint.name, "explicit keys"], 15) {
        properties["disableLocalAuth"] = json!(false);
    }
    if !blueprint.is_open(Opening::OpenOutbound) {
        properties["restrictOutboundNetworkAccess"] = json!(true);
        properties["allowedFqdnList"] = json!(["contoso.example", "login.microsoftonline.com"]);
    }
    if !blueprint.is_open(Opening::MicrosoftManagedKey) {
        properties["encryption"] = json!({
            "keySource": "Microsoft.KeyVault",
            "keyVaultProperties": {
                "keyName": "cmk-ai",
                "keyVersion": format!("{:032x}", hash(blueprint.seed, &[&blueprint.name, "key"])),
                "keyVaultUri": "https://kv-contoso-ai.vault.azure.net"
            }
        });
    }
    let mut resource = json!({
        "id": blueprint.id(TYPE),
        "name": blueprint.name,
        "type": TYPE,
        "etag": format!("\"{:08x}-0000-0500-0000-000000000000\"", hash(blueprint.seed, &[&blueprint.name, "etag"]) >> 32),
        "location": blueprint.site.region,
        "sku": {"name": "S0"},
        "kind": kind,
        "tags": blueprint.tags(),
        "properties": properties,
        "systemData": blueprint.system_data(),
    });
    if let Some(identity) = blueprint.identity() {
        resource["identity"] = identity;
    }
    (resource, "audit")
}

/// Absent until set; 0.0.0.0/0 is what people add when "Deny" broke something.
fn network_acls(blueprint: &Blueprint<'_>) -> Option<Value> {
    let is_allow_all = blueprint.is_open(Opening::AllowAllRule);
    if blueprint.is_open(Opening::AllNetworks) {
        return (is_allow_all && happens(blueprint.seed, &[&blueprint.name, "explicit allow"], 50))
            .then(|| json!({"defaultAction": "Allow", "virtualNetworkRules": [], "ipRules": []}));
    }
    let rules = if is_allow_all {
        json!([{"value": "0.0.0.0/0"}])
    } else {
        json!([{"value": "198.51.100.0/28"}])
    };
    Some(json!({"defaultAction": "Deny", "virtualNetworkRules": [], "ipRules": rules}))
}
