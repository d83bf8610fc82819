//! Bodies of `Microsoft.BotService/botServices` (2022-09-15) and their channels, shaped like Azure's answers.

use serde_json::{Value, json};

use super::Territory;
use super::blueprint::Blueprint;
use super::drift::Opening;
use super::landscape::OWN_KEY;
use super::shape::network::channel;
use super::shape::{name_of, with};
use crate::random::uuid;

const TYPE: &str = "Microsoft.BotService/botServices";

/// What Azure returns without a value.
const UNSET: [&str; 8] = [
    "publishingCredentials",
    "parameters",
    "allSettings",
    "manifestUrl",
    "storageResourceId",
    "migrationToken",
    "openWithHint",
    "appPasswordHint",
];

/// Adds the bot with its channels; its id.
pub(super) fn place(territory: &mut Territory, blueprint: &Blueprint<'_>) -> String {
    let connections = blueprint.private_endpoints(territory, TYPE, "Bot");
    let id = blueprint.id(TYPE);
    let mut channels = vec!["WebChatChannel", "DirectLineChannel"];
    for (name, percent) in [("MsTeamsChannel", 60), ("SlackChannel", 20), ("EmailChannel", 15)] {
        if blueprint.happens(name, percent) {
            channels.push(name);
        }
    }
    let is_secure =
        blueprint.happens("secure from the start", 45) || !blueprint.is_open(Opening::StoredKey);
    let entries = channels.iter().map(|name| channel(&id, name, is_secure));
    territory.append(&format!("{id}/channels"), entries);
    blueprint.place(territory, body(blueprint, &id, &channels, &connections), "audit");
    id
}

fn body(blueprint: &Blueprint<'_>, id: &str, channels: &[&str], connections: &[Value]) -> Value {
    let names: Vec<String> =
        channels.iter().map(|name| name.trim_end_matches("Channel").to_ascii_lowercase()).collect();
    let has_own_key = !blueprint.is_open(Opening::MicrosoftManagedKey);
    let vault = format!("https://{}.vault.azure.net", name_of(&blueprint.landscape.vault()));
    let identity = blueprint.sibling(
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        &format!("id-{}", blueprint.name),
    );
    let is_multi_tenant = blueprint.is_open(Opening::NoIdentity);
    let has_insights = !blueprint.is_open(Opening::NoDiagnostics);
    let scheme = if blueprint.happens("clear text", 8) { "http" } else { "https" };
    let mut properties = json!({
        "displayName": blueprint.name,
        "description": "",
        "iconUrl": "https://docs.botframework.com/static/devportal/client/images/bot-framework-default.png",
        "endpoint": format!("{scheme}://{}.azurewebsites.net/api/messages", blueprint.name),
        "endpointVersion": "3.0",
        "msaAppId": uuid(blueprint.seed, &[&blueprint.name, "client"]),
        "msaAppTenantId": if is_multi_tenant { Value::Null } else { json!(blueprint.landscape.tenant) },
        "msaAppType": if is_multi_tenant { "MultiTenant" } else { "UserAssignedMSI" },
        "msaAppMSIResourceId": if is_multi_tenant { Value::Null } else { json!(identity) },
        "developerAppInsightKey":
            if has_insights { json!(uuid(blueprint.seed, &[&blueprint.name, "insights"])) } else { Value::Null },
        "developerAppInsightsApplicationId": null,
        "luisAppIds": [],
        "configuredChannels": names,
        "enabledChannels": names,
        "isDeveloperAppInsightsApiKeySet": false,
        "isStreamingSupported": false,
        "schemaTransformationVersion": "1.3",
        "tenantId": blueprint.landscape.tenant,
        "isCmekEnabled": has_own_key,
        "cmekKeyVaultUrl": if has_own_key { json!(format!("{vault}/keys/{OWN_KEY}")) } else { Value::Null },
        "cmekEncryptionStatus": if has_own_key { "On" } else { "Off" },
        "publicNetworkAccess": blueprint.access(Opening::PublicAccess),
        "disableLocalAuth": !blueprint.is_open(Opening::KeyAuthentication),
        "privateEndpointConnections": connections,
        "provisioningState": "Succeeded"
    });
    for unset in UNSET {
        properties[unset] = Value::Null;
    }
    with(
        json!({
            "id": id,
            "name": blueprint.name,
            "type": TYPE,
            "etag": format!("\"{}\"", uuid(blueprint.seed, &[&blueprint.name, "etag"])),
            "location": "global",
            "sku": {"name": "S1"},
            "kind": "azurebot",
            "tags": blueprint.tags(),
            "zones": []
        }),
        "properties",
        properties,
    )
}
