//! Bodies of `Microsoft.CognitiveServices/accounts`, shaped like Azure's recorded answers.

mod children;

use serde_json::{Value, json};

use super::Territory;
use super::blueprint::Blueprint;
use super::drift::Opening;
use super::landscape::OWN_KEY;
use super::shape::{name_of, with};
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

/// Adds the account with what is below it; its id.
pub(super) fn place(territory: &mut Territory, blueprint: &Blueprint<'_>, key: &str) -> String {
    let kind = *pick(blueprint.seed, &["kind", key], &KINDS);
    let connections = blueprint.private_endpoints(territory, TYPE, "account");
    let account = body(blueprint, kind, &connections);
    let id = blueprint.id(TYPE);
    children::place(territory, blueprint, kind, &id);
    blueprint.place(territory, account, "audit");
    id
}

fn body(blueprint: &Blueprint<'_>, kind: &str, connections: &[Value]) -> Value {
    let mut resource = with(
        json!({
            "id": blueprint.id(TYPE),
            "name": blueprint.name,
            "type": TYPE,
            "etag": format!("\"{:08x}-0000-0500-0000-000000000000\"", hash(blueprint.seed, &[&blueprint.name, "etag"]) >> 32),
            "location": blueprint.landscape.region,
            "sku": {"name": "S0"},
            "kind": kind,
            "tags": blueprint.tags(),
            "systemData": blueprint.stamp().system_data()
        }),
        "properties",
        properties(blueprint, kind, connections),
    );
    if let Some(identity) = blueprint.identity() {
        resource["identity"] = identity;
    }
    resource
}

fn properties(blueprint: &Blueprint<'_>, kind: &str, connections: &[Value]) -> Value {
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
        "privateEndpointConnections": connections,
        "publicNetworkAccess": blueprint.access(Opening::PublicAccess),
        "capabilities": [{"name": "VirtualNetworks"}, {"name": "CustomerManagedKey"}],
        "endpoints": {kind: format!("https://{host}/")}
    });
    if kind == "AIServices" {
        properties["allowProjectManagement"] = json!(true);
        if !blueprint.is_open(Opening::OpenOutbound) {
            properties["networkInjections"] = json!([{
                "scenario": "agent",
                "subnetArmId": blueprint.landscape.subnet("agents"),
                "useMicrosoftManagedNetwork": false
            }]);
        }
    }
    // Azure leaves these out until someone sets them.
    if let Some(acls) = network_acls(blueprint) {
        properties["networkAcls"] = acls;
    }
    if !blueprint.is_open(Opening::KeyAuthentication) {
        properties["disableLocalAuth"] = json!(true);
    } else if happens(blueprint.seed, &[&blueprint.name, "explicit keys"], 15) {
        properties["disableLocalAuth"] = json!(false);
    }
    if (kind == "OpenAI" || kind == "AIServices")
        && let Some(disabled) = stored_completions_disabled(blueprint)
    {
        properties["storedCompletionsDisabled"] = json!(disabled);
    }
    if !blueprint.is_open(Opening::OpenOutbound) {
        properties["restrictOutboundNetworkAccess"] = json!(true);
        properties["allowedFqdnList"] = json!(["contoso.example", "login.microsoftonline.com"]);
    }
    if !blueprint.is_open(Opening::MicrosoftManagedKey) {
        properties["encryption"] = json!({
            "keySource": "Microsoft.KeyVault",
            "keyVaultProperties": {
                "keyName": OWN_KEY,
                "keyVersion": blueprint.key_version(),
                "keyVaultUri": format!("https://{}.vault.azure.net", name_of(&blueprint.landscape.vault()))
            }
        });
    }
    properties
}

/// Most teams never decide whether prompts may be kept.
fn stored_completions_disabled(blueprint: &Blueprint<'_>) -> Option<bool> {
    match blueprint.below("stored completions", 100) {
        0..30 => Some(true),
        30..45 => Some(false),
        _ => None,
    }
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
    let mut acls = json!({"defaultAction": "Deny", "virtualNetworkRules": [], "ipRules": rules});
    if blueprint.happens("trusted services", 30) {
        acls["bypass"] = json!("AzureServices");
    }
    Some(acls)
}
