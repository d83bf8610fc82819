//! The Search services, the bots and the private endpoints.

use serde_json::{Value, json};

use super::{Ground, OWNER, STAMP, merged};
use crate::estate::Territory;
use crate::estate::landscape::Landscape;
use crate::estate::shape::monitor::{Destination, diagnostic_setting};
use crate::estate::shape::network::{
    PrivateEndpoint, channel, perimeter_configuration, shared_private_link, zone_group, zones_of,
};
use crate::estate::shape::{name_of, with};
use crate::random::uuid;

const SEARCH: &str = "Microsoft.Search/searchServices";
const BOT: &str = "Microsoft.BotService/botServices";

/// `srch-handbook` and `bot-claims`.
pub(super) fn live(territory: &mut Territory, ground: &Ground) {
    let name = "srch-handbook";
    let id = ground.id(SEARCH, name);
    let endpoint = (id.as_str(), SEARCH, "searchService");
    let pending = private_endpoint(territory, ground, endpoint, ("Pending", false));
    let storage = ground.id("Microsoft.Storage/storageAccounts", "sthub");
    let link = shared_private_link(&id, "documents", (&storage, "blob"), "Approved");
    let properties = json!({
        "replicaCount": 3,
        "publicNetworkAccess": "Disabled",
        "networkRuleSet": {"ipRules": [], "bypass": "AzureServices"},
        "privateEndpointConnections": [pending],
        "sharedPrivateLinkResources": [link],
        "encryptionWithCmk": {"enforcement": "Enabled", "encryptionComplianceStatus": "Compliant"},
        "disableLocalAuth": true,
        "authOptions": null,
        "dataExfiltrationProtections": ["BlockAll"]
    });
    let service = search(ground, name, "standard", properties);
    territory.add(with(service, "identity", ground.identity(name)));
    territory.append(&format!("{id}/sharedPrivateLinkResources"), [link]);
    territory.append(
        &format!("{id}/networkSecurityPerimeterConfigurations"),
        [perimeter_configuration(&id, SEARCH, &ground.landscape.perimeter(), "Enforced")],
    );
    territory.append(
        &format!("{id}/providers/Microsoft.Insights/diagnosticSettings"),
        [diagnostic_setting(
            &id,
            "logs",
            "OperationLogs",
            Destination::Workspace(Landscape::logs()),
        )],
    );

    let identity = ground.id("Microsoft.ManagedIdentity/userAssignedIdentities", "id-bot-claims");
    let properties = json!({
        "msaAppType": "UserAssignedMSI",
        "msaAppTenantId": ground.landscape.tenant,
        "msaAppMSIResourceId": identity,
        "publicNetworkAccess": "Disabled",
        "disableLocalAuth": true
    });
    let channels =
        [("WebChatChannel", true), ("DirectLineChannel", true), ("MsTeamsChannel", true)];
    bot(territory, ground, "bot-claims", properties, &channels);
}

/// `srch-sandbox` and `bot-demo`.
pub(super) fn lab(territory: &mut Territory, ground: &Ground) {
    let name = "srch-sandbox";
    let id = ground.id(SEARCH, name);
    let storage = ground.id("Microsoft.Storage/storageAccounts", "stlab");
    let link = shared_private_link(&id, "documents", (&storage, "blob"), "Pending");
    let properties = json!({"sharedPrivateLinkResources": [link]});
    territory.add(search(ground, name, "free", properties));
    territory.append(&format!("{id}/sharedPrivateLinkResources"), [link]);
    let properties = json!({"msaAppType": "MultiTenant"});
    let channels = [("WebChatChannel", false), ("DirectLineChannel", false)];
    bot(territory, ground, "bot-demo", properties, &channels);
}

/// A private endpoint of (target, its type, group) with (state, whether it has DNS zones);
/// the target's side of the connection.
pub(super) fn private_endpoint(
    territory: &mut Territory,
    ground: &Ground,
    (target, target_type, group): (&str, &str, &str),
    (status, has_dns): (&str, bool),
) -> Value {
    let id = ground.id("Microsoft.Network/privateEndpoints", &format!("pe-{}", name_of(target)));
    let endpoint = PrivateEndpoint {
        id: &id,
        location: &ground.landscape.region,
        subnet: &ground.landscape.subnet("private-endpoints"),
        target,
        group,
        status,
    };
    territory.add(endpoint.body());
    if has_dns {
        let zones: Vec<String> =
            zones_of(group).iter().map(|zone| ground.landscape.zone(zone)).collect();
        territory.append(&format!("{id}/privateDnsZoneGroups"), [zone_group(&id, &zones)]);
    }
    endpoint.connection(target_type)
}

/// A Search service as Azure makes it, with these properties over it.
fn search(ground: &Ground, name: &str, sku: &str, properties: Value) -> Value {
    let made = json!({
        "replicaCount": 1,
        "partitionCount": 1,
        "endpoint": format!("https://{name}.search.windows.net/"),
        "status": "running",
        "statusDetails": "",
        "provisioningState": "succeeded",
        "hostingMode": "default",
        "computeType": "default",
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": {"ipRules": [], "bypass": "None"},
        "privateEndpointConnections": [],
        "sharedPrivateLinkResources": [],
        "encryptionWithCmk": {"enforcement": "Unspecified", "encryptionComplianceStatus": "Compliant"},
        "disableLocalAuth": false,
        "authOptions": {"apiKeyOnly": {}},
        "dataExfiltrationProtections": [],
        "semanticSearch": "free",
        "upgradeAvailable": "notAvailable",
        "serviceUpgradedAt": null
    });
    let body = json!({
        "id": ground.id(SEARCH, name),
        "name": name,
        "type": SEARCH,
        "location": ground.landscape.region,
        "tags": {"owner": OWNER},
        "sku": {"name": sku},
        "systemData": STAMP.system_data()
    });
    with(body, "properties", merged(made, properties))
}

/// A bot as Azure makes it, with these properties over it; of each channel, whether it is secure.
fn bot(
    territory: &mut Territory,
    ground: &Ground,
    name: &str,
    properties: Value,
    channels: &[(&str, bool)],
) {
    let id = ground.id(BOT, name);
    let names: Vec<String> = channels
        .iter()
        .map(|(channel, _)| channel.trim_end_matches("Channel").to_ascii_lowercase())
        .collect();
    let made = json!({
        "displayName": name,
        "description": "",
        "iconUrl": "https://docs.botframework.com/static/devportal/client/images/bot-framework-default.png",
        "endpoint": format!("https://{name}.azurewebsites.net/api/messages"),
        "endpointVersion": "3.0",
        "msaAppId": uuid(0, &[name, "client"]),
        "msaAppTenantId": null,
        "msaAppMSIResourceId": null,
        "developerAppInsightKey": null,
        "luisAppIds": [],
        "configuredChannels": names,
        "enabledChannels": names,
        "isStreamingSupported": false,
        "schemaTransformationVersion": "1.3",
        "tenantId": ground.landscape.tenant,
        "isCmekEnabled": false,
        "cmekKeyVaultUrl": null,
        "cmekEncryptionStatus": "Off",
        "publicNetworkAccess": "Enabled",
        "disableLocalAuth": false,
        "privateEndpointConnections": [],
        "provisioningState": "Succeeded"
    });
    let body = json!({
        "id": id,
        "name": name,
        "type": BOT,
        "etag": format!("\"{}\"", uuid(0, &[name, "etag"])),
        "location": "global",
        "sku": {"name": "F0"},
        "kind": "azurebot",
        "tags": {"owner": OWNER},
        "zones": []
    });
    territory.add(with(body, "properties", merged(made, properties)));
    let entries = channels.iter().map(|(name, is_secure)| channel(&id, name, *is_secure));
    territory.append(&format!("{id}/channels"), entries);
}
