//! Private endpoints and their name resolution; perimeters.

use serde_json::{Value, json};

use super::{name_of, with};
use crate::random::uuid;

/// A private endpoint and what it leads to.
pub(in crate::estate) struct PrivateEndpoint<'a> {
    pub id: &'a str,
    pub location: &'a str,
    pub subnet: &'a str,
    pub target: &'a str,
    /// `account`, `searchService`, `amlworkspace`, `Bot`…
    pub group: &'a str,
    /// `Approved`, `Pending`, `Rejected` or `Disconnected`.
    pub status: &'a str,
}

impl PrivateEndpoint<'_> {
    /// `Microsoft.Network/privateEndpoints` (2024-10-01).
    pub(in crate::estate) fn body(&self) -> Value {
        let name = name_of(self.id);
        let etag = uuid(0, &[self.id, "etag"]);
        let connections = json!([{
            "name": name,
            "id": format!("{}/privateLinkServiceConnections/{name}", self.id),
            "etag": format!("W/\"{etag}\""),
            "type": "Microsoft.Network/privateEndpoints/privateLinkServiceConnections",
            "properties": {
                "provisioningState": "Succeeded",
                "privateLinkServiceId": self.target,
                "groupIds": [self.group],
                "requestMessage": "",
                "privateLinkServiceConnectionState": self.state()
            }
        }]);
        // One that somebody else has to approve is a manual one.
        let is_manual = self.status != "Approved";
        let (own, manual) =
            if is_manual { (json!([]), connections) } else { (connections, json!([])) };
        json!({
            "name": name,
            "id": self.id,
            "etag": format!("W/\"{etag}\""),
            "type": "Microsoft.Network/privateEndpoints",
            "location": self.location,
            "tags": {},
            "properties": {
                "provisioningState": "Succeeded",
                "resourceGuid": uuid(0, &[self.id, "guid"]),
                "privateLinkServiceConnections": own,
                "manualPrivateLinkServiceConnections": manual,
                "subnet": {"id": self.subnet},
                "ipConfigurations": [],
                "networkInterfaces": [{"id": format!("{}.nic", self.id.replace("/privateEndpoints/", "/networkInterfaces/"))}],
                "customDnsConfigs": [],
                "customNetworkInterfaceName": ""
            }
        })
    }

    fn state(&self) -> Value {
        let said = match self.status {
            "Approved" => "Auto-approved",
            "Pending" => "Please approve",
            _ => "",
        };
        json!({"status": self.status, "description": said, "actionsRequired": "None"})
    }

    /// The other side: an entry of the target's `privateEndpointConnections`.
    pub(in crate::estate) fn connection(&self, target_type: &str) -> Value {
        let name = name_of(self.id);
        let mut properties = json!({
            "privateEndpoint": {"id": self.id},
            "provisioningState": "Succeeded",
            "privateLinkServiceConnectionState": self.state()
        });
        // Each provider has its own idea of the rest.
        let says_groups =
            ["Microsoft.CognitiveServices/accounts", "Microsoft.BotService/botServices"];
        if says_groups.contains(&target_type) {
            properties["groupIds"] = json!([self.group]);
        }
        let mut connection = json!({
            "id": format!("{}/privateEndpointConnections/{name}", self.target),
            "name": name,
            "type": format!("{target_type}/privateEndpointConnections")
        });
        if target_type == "Microsoft.CognitiveServices/accounts" {
            connection["location"] = json!(self.location);
        }
        with(connection, "properties", properties)
    }
}

/// The private DNS zones that a private endpoint of this group needs.
pub(in crate::estate) fn zones_of(group: &str) -> &'static [&'static str] {
    match group {
        "account" => &[
            "privatelink.cognitiveservices.azure.com",
            "privatelink.openai.azure.com",
            "privatelink.services.ai.azure.com",
        ],
        "searchService" => &["privatelink.search.windows.net"],
        "amlworkspace" => &["privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"],
        "Bot" => &["privatelink.directline.botframework.com"],
        _ => &[],
    }
}

/// The zones of a private endpoint (2024-10-01); `zones` are ids.
pub(in crate::estate) fn zone_group(endpoint: &str, zones: &[String]) -> Value {
    const TYPE: &str = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups";
    let id = format!("{endpoint}/privateDnsZoneGroups/default");
    let etag = format!("W/\"{}\"", uuid(0, &[&id, "etag"]));
    let configs: Vec<Value> = zones
        .iter()
        .map(|zone| {
            let name = name_of(zone).replace('.', "-");
            json!({
                "name": name,
                "id": format!("{id}/privateDnsZoneConfigs/{name}"),
                "etag": etag,
                "type": format!("{TYPE}/privateDnsZoneConfigs"),
                "properties": {
                    "provisioningState": "Succeeded",
                    "privateDnsZoneId": zone,
                    "recordSets": [{
                        "recordType": "A",
                        "recordSetName": name_of(endpoint),
                        "fqdn": format!("{}.{}", name_of(endpoint), name_of(zone)),
                        "ipAddresses": ["10.20.0.5"]
                    }]
                }
            })
        })
        .collect();
    json!({
        "name": "default",
        "id": id,
        "etag": etag,
        "type": TYPE,
        "properties": {"provisioningState": "Succeeded", "privateDnsZoneConfigs": configs}
    })
}

/// A private DNS zone (2024-06-01).
pub(in crate::estate) fn zone(id: &str, links: usize) -> Value {
    json!({
        "id": id,
        "name": name_of(id),
        "type": "Microsoft.Network/privateDnsZones",
        "etag": uuid(0, &[id, "etag"]),
        "location": "global",
        "tags": {},
        "properties": {
            "maxNumberOfRecordSets": 25000,
            "maxNumberOfVirtualNetworkLinks": 1000,
            "maxNumberOfVirtualNetworkLinksWithRegistration": 100,
            "numberOfRecordSets": 4,
            "numberOfVirtualNetworkLinks": links,
            "numberOfVirtualNetworkLinksWithRegistration": 0,
            "provisioningState": "Succeeded"
        }
    })
}

/// A zone's link to a virtual network (2024-06-01).
pub(in crate::estate) fn link(zone: &str, network: &str) -> Value {
    let name = format!("link-{}", name_of(network));
    json!({
        "id": format!("{zone}/virtualNetworkLinks/{name}"),
        "name": name,
        "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        "etag": format!("\"{}\"", uuid(0, &[zone, network])),
        "location": "global",
        "tags": {},
        "properties": {
            "provisioningState": "Succeeded",
            "registrationEnabled": false,
            "resolutionPolicy": "Default",
            "virtualNetwork": {"id": network},
            "virtualNetworkLinkState": "Completed"
        }
    })
}

/// What a perimeter means for a resource: `mode` is `Enforced`, `Learning` or `Audit`.
pub(in crate::estate) fn perimeter_configuration(
    resource: &str,
    resource_type: &str,
    perimeter: &str,
    mode: &str,
) -> Value {
    let guid = uuid(0, &[perimeter, "guid"]);
    let name = format!("{guid}.{}", name_of(resource));
    json!({
        "id": format!("{resource}/networkSecurityPerimeterConfigurations/{name}"),
        "name": name,
        "type": format!("{resource_type}/networkSecurityPerimeterConfigurations"),
        "properties": {
            "provisioningState": "Succeeded",
            "networkSecurityPerimeter": {"id": perimeter, "perimeterGuid": guid, "location": "westeurope"},
            "resourceAssociation": {"name": name_of(resource), "accessMode": mode},
            "profile": {
                "name": "defaultProfile",
                "accessRulesVersion": 1,
                "accessRules": [{
                    "name": "offices",
                    "properties": {"direction": "Inbound", "addressPrefixes": ["198.51.100.0/24"]}
                }]
            }
        }
    })
}

/// A Search service's own private endpoint to what it indexes (2025-05-01).
pub(in crate::estate) fn shared_private_link(
    service: &str,
    name: &str,
    (target, group): (&str, &str),
    status: &str,
) -> Value {
    json!({
        "id": format!("{service}/sharedPrivateLinkResources/{name}"),
        "name": name,
        "type": "Microsoft.Search/searchServices/sharedPrivateLinkResources",
        "properties": {
            "privateLinkResourceId": target,
            "groupId": group,
            "requestMessage": "Indexing",
            "resourceRegion": null,
            "status": status,
            "provisioningState": "Succeeded"
        }
    })
}

/// A bot's channel (2022-09-15).
pub(in crate::estate) fn channel(bot: &str, name: &str, is_secure: bool) -> Value {
    let etag = "W/\"04ab29bc60ddde403d7c60858e84e4de\"";
    let inner = if name == "DirectLineChannel" {
        json!({
            "DirectLineEmbedCode": null,
            "sites": [{
                "siteId": "Ab3dEf6hIjk", "siteName": "Default Site", "key": null, "key2": null,
                "isEnabled": true, "isV1Enabled": !is_secure, "isV3Enabled": true,
                "isSecureSiteEnabled": is_secure, "isBlockUserUploadEnabled": false,
                "trustedOrigins": if is_secure { json!(["https://www.contoso.example"]) } else { Value::Null },
                "appId": null, "tenantId": null, "isTokenEnabled": false
            }]
        })
    } else {
        json!({"isEnabled": true})
    };
    json!({
        "id": format!("{bot}/channels/{name}"),
        "name": format!("{}/{name}", name_of(bot)),
        "type": "Microsoft.BotService/botServices/channels",
        "etag": etag,
        "location": "global",
        "properties": {
            "properties": inner,
            "etag": etag,
            "channelName": name,
            "location": "global",
            "provisioningState": "Succeeded"
        },
        "zones": []
    })
}
