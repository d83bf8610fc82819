//! Key vaults and their keys, storage accounts and container registries.

use serde_json::{Value, json};

use super::{Stamp, name_of, with};
use crate::random::uuid;

/// A key vault (2025-05-01).
pub(in crate::estate) struct Vault<'a> {
    pub id: &'a str,
    pub location: &'a str,
    /// Azure leaves the property out of vaults without it.
    pub has_purge_protection: bool,
    pub is_public: bool,
    pub has_rbac: bool,
}

impl Vault<'_> {
    pub(in crate::estate) fn body(&self, tenant: &str, stamp: Stamp<'_>) -> Value {
        let policies = if self.has_rbac {
            json!([])
        } else {
            json!([{
                "tenantId": tenant,
                "objectId": uuid(0, &[self.id, "reader"]),
                "permissions": {
                    "keys": ["get", "wrapKey", "unwrapKey"], "secrets": [], "certificates": []
                }
            }])
        };
        let mut properties = json!({
            "sku": {"family": "A", "name": "premium"},
            "tenantId": tenant,
            "accessPolicies": policies,
            "enabledForDeployment": false,
            "enabledForDiskEncryption": false,
            "enabledForTemplateDeployment": false,
            "enableSoftDelete": true,
            "softDeleteRetentionInDays": 90,
            "enableRbacAuthorization": self.has_rbac,
            "vaultUri": format!("https://{}.vault.azure.net/", name_of(self.id)),
            "provisioningState": "Succeeded",
            "publicNetworkAccess": if self.is_public { "Enabled" } else { "Disabled" }
        });
        if self.has_purge_protection {
            properties["enablePurgeProtection"] = json!(true);
        }
        if !self.is_public {
            properties["networkAcls"] = json!({
                "bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []
            });
        }
        with(
            json!({
                "id": self.id,
                "name": name_of(self.id),
                "type": "Microsoft.KeyVault/vaults",
                "location": self.location,
                "tags": {},
                "systemData": stamp.system_data()
            }),
            "properties",
            properties,
        )
    }
}

/// The version of a key that its vault gives out today; `vault` is an id.
pub(in crate::estate) fn key_version(vault: &str, name: &str) -> String {
    uuid(0, &[vault, name, "version"]).replace('-', "")
}

/// The version before that: who still uses it has not followed a rotation.
pub(in crate::estate) fn previous_key_version(vault: &str, name: &str) -> String {
    uuid(0, &[vault, name, "previous version"]).replace('-', "")
}

/// A key as ARM shows it (2025-05-01); times are Unix seconds. `expires` is left out where it is `None`.
pub(in crate::estate) fn key(
    vault: &str,
    name: &str,
    location: &str,
    (created, expires): (i64, Option<i64>),
) -> Value {
    let uri = format!("https://{}.vault.azure.net/keys/{name}", name_of(vault));
    let mut attributes = json!({
        "enabled": true,
        "created": created,
        "updated": created,
        "recoveryLevel": "Recoverable+Purgeable"
    });
    let mut properties = json!({
        "kty": "RSA",
        "keyOps": ["wrapKey", "unwrapKey"],
        "keySize": 2048,
        "keyUri": uri,
        "keyUriWithVersion": format!("{uri}/{}", key_version(vault, name))
    });
    if let Some(expires) = expires {
        attributes["exp"] = json!(expires);
        properties["rotationPolicy"] = json!({
            "attributes": {"expiryTime": "P1Y"},
            "lifetimeActions": [{"action": {"type": "rotate"}, "trigger": {"timeBeforeExpiry": "P30D"}}]
        });
    }
    properties["attributes"] = attributes;
    with(
        json!({
            "id": format!("{vault}/keys/{name}"),
            "name": name,
            "type": "Microsoft.KeyVault/vaults/keys",
            "location": location,
            "tags": {}
        }),
        "properties",
        properties,
    )
}

/// A storage account (2025-01-01).
pub(in crate::estate) struct Storage<'a> {
    pub id: &'a str,
    pub location: &'a str,
    /// `None`: never set, which means that keys work.
    pub shared_key: Option<bool>,
    pub is_public: bool,
    pub has_public_blobs: bool,
    pub tls: &'a str,
}

impl Storage<'_> {
    pub(in crate::estate) fn body(&self, created: &str) -> Value {
        let name = name_of(self.id);
        let key = json!({"keyType": "Account", "enabled": true, "lastEnabledTime": created});
        let mut properties = json!({
            "provisioningState": "Succeeded",
            "creationTime": created,
            "keyCreationTime": {"key1": created, "key2": created},
            "accessTier": "Hot",
            "minimumTlsVersion": self.tls,
            "allowBlobPublicAccess": self.has_public_blobs,
            "supportsHttpsTrafficOnly": true,
            "publicNetworkAccess": if self.is_public { "Enabled" } else { "Disabled" },
            "networkAcls": {
                "bypass": "AzureServices",
                "virtualNetworkRules": [],
                "ipRules": [],
                "defaultAction": if self.is_public { "Allow" } else { "Deny" }
            },
            "encryption": {"services": {"file": key, "blob": key}, "keySource": "Microsoft.Storage"},
            "privateEndpointConnections": [],
            "primaryEndpoints": {
                "blob": format!("https://{name}.blob.core.windows.net/"),
                "file": format!("https://{name}.file.core.windows.net/")
            },
            "primaryLocation": self.location,
            "statusOfPrimary": "available"
        });
        if let Some(allowed) = self.shared_key {
            properties["allowSharedKeyAccess"] = json!(allowed);
        }
        with(
            json!({
                "id": self.id,
                "name": name,
                "type": "Microsoft.Storage/storageAccounts",
                "location": self.location,
                "tags": {},
                "sku": {"name": "Standard_LRS", "tier": "Standard"},
                "kind": "StorageV2"
            }),
            "properties",
            properties,
        )
    }
}

/// A container registry (2025-04-01).
pub(in crate::estate) fn registry(
    id: &str,
    location: &str,
    (has_admin, is_public): (bool, bool),
    stamp: Stamp<'_>,
) -> Value {
    let name = name_of(id);
    json!({
        "id": id,
        "name": name,
        "type": "Microsoft.ContainerRegistry/registries",
        "location": location,
        "tags": {},
        "sku": {"name": "Premium", "tier": "Premium"},
        "properties": {
            "loginServer": format!("{name}.azurecr.io"),
            "creationDate": stamp.at,
            "provisioningState": "Succeeded",
            "adminUserEnabled": has_admin,
            "anonymousPullEnabled": false,
            "publicNetworkAccess": if is_public { "Enabled" } else { "Disabled" },
            "networkRuleBypassOptions": "AzureServices",
            "networkRuleSet": {"defaultAction": if is_public { "Allow" } else { "Deny" }, "ipRules": []},
            "dataEndpointEnabled": false,
            "encryption": {"status": "disabled"},
            "privateEndpointConnections": [],
            "zoneRedundancy": "Disabled"
        },
        "systemData": stamp.system_data()
    })
}
