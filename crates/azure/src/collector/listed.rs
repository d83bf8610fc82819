//! An asset as a list shows it, small enough to wait for its related facts.

use postern_domain::arm::{ArmId, AssetId, AssetType};
use postern_domain::asset::Asset;
use serde_json::Value;

/// An asset of a list.
///
/// The resource is kept as text, which takes a quarter of the memory of its tree.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub id: AssetId,
    /// The id as Azure wrote it, for addresses.
    pub arm_id: String,
    pub asset_type: AssetType,
    pub kind: Option<String>,
    pub location: Option<String>,
    /// `properties.allowProjectManagement`: whether the account is Foundry's and has projects.
    pub manages_projects: bool,
    /// The keys that encrypt it.
    pub keys: Vec<KeyName>,
    /// Ids of the resources that it names, as written.
    pub linked: Vec<String>,
    /// Ids of its private endpoints, as written.
    pub endpoints: Vec<String>,
    /// Whether the resource does not look like one.
    pub is_odd: bool,
    resource: Box<str>,
    source: String,
}

/// A key by its vault's name, which is unique in a cloud, and its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct KeyName {
    pub vault: String,
    pub key: String,
}

impl Listed {
    /// Takes a resource as a list or a single read returned it; `None` where it has no usable id.
    pub fn new(mut resource: Value, source: &str) -> Option<Self> {
        drop_empty_columns(&mut resource);
        let id = ArmId::parse(resource.get("id")?.as_str()?).ok()?;
        Some(Self::with_id(&id, &resource, source))
    }

    /// Likewise for a resource whose id is known from elsewhere.
    pub fn with_id(id: &ArmId, resource: &Value, source: &str) -> Self {
        let text = |key: &str| resource.get(key).and_then(Value::as_str).map(str::to_owned);
        let properties = resource.get("properties");
        let flag = |key: &str| properties.and_then(|of| of.get(key)).and_then(Value::as_bool);
        Self {
            id: id.asset_id(),
            arm_id: id.as_written().to_owned(),
            asset_type: id.asset_type().clone(),
            kind: text("kind"),
            location: text("location").map(|location| location.to_ascii_lowercase()),
            manages_projects: flag("allowProjectManagement").unwrap_or(false),
            keys: properties.map(keys).unwrap_or_default(),
            linked: properties.map(linked).unwrap_or_default(),
            endpoints: properties.map(endpoints).unwrap_or_default(),
            is_odd: !properties.is_some_and(Value::is_object),
            resource: resource.to_string().into_boxed_str(),
            source: source.to_owned(),
        }
    }

    pub fn subscription(&self) -> &str {
        self.id.subscription()
    }

    /// The asset, without related facts yet.
    pub fn into_asset(self) -> Asset {
        let resource: Value = serde_json::from_str(&self.resource).expect("it was JSON before");
        // A body without its own id, or with another one, is kept as it is, under the id that it was asked for by.
        let parsed = Asset::from_resource(resource.clone(), self.source.clone()).ok();
        if let Some(asset) = parsed.filter(|asset| asset.id == self.id) {
            return asset;
        }
        let id = serde_json::json!({"id": self.arm_id});
        let mut asset = Asset::from_resource(id, self.source).expect("the id was parsed before");
        asset.kind = self.kind;
        asset.location = self.location;
        asset.document.resource = resource;
        asset
    }
}

/// Resource Graph has all columns in every row: null, or an empty text, where the resource has no such property.
fn drop_empty_columns(resource: &mut Value) {
    if let Value::Object(columns) = resource {
        columns.retain(|name, value| {
            let is_empty = value.is_null() || (name == "kind" && value.as_str() == Some(""));
            !is_empty || name == "properties"
        });
    }
}

fn keys(properties: &Value) -> Vec<KeyName> {
    let mut keys = Vec::new();
    if let Some(of) = properties.pointer("/encryption/keyVaultProperties") {
        let text = |name: &str| of.get(name).and_then(Value::as_str);
        // An account names vault and key apart, a workspace in one address.
        if let (Some(vault), Some(key)) = (text("keyVaultUri").and_then(vault_of), text("keyName"))
        {
            keys.push(KeyName { vault, key: key.to_owned() });
        } else if let Some(key) = text("keyIdentifier").and_then(key_of) {
            keys.push(key);
        }
    }
    // A bot.
    keys.extend(properties.get("cmekKeyVaultUrl").and_then(Value::as_str).and_then(key_of));
    keys
}

/// The vault's name in `https://{name}.vault.azure.net/…`, in any cloud.
fn vault_of(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    let name = url.host_str()?.split('.').next()?;
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

/// Vault and key in `https://{vault}.vault.azure.net/keys/{key}/{version}`.
fn key_of(address: &str) -> Option<KeyName> {
    let url = url::Url::parse(address).ok()?;
    let mut path = url.path_segments()?;
    let is_key = path.next()?.eq_ignore_ascii_case("keys");
    let key = path.next().filter(|key| is_key && !key.is_empty())?.to_owned();
    Some(KeyName { vault: vault_of(address)?, key })
}

fn linked(properties: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    // Of a workspace, then of an account.
    let mut linked: Vec<String> = ["storageAccount", "keyVault", "containerRegistry"]
        .iter()
        .filter_map(|name| properties.get(name).and_then(text))
        .collect();
    let owned = properties.get("userOwnedStorage").and_then(Value::as_array);
    linked.extend(
        owned.into_iter().flatten().filter_map(|storage| storage.get("resourceId").and_then(text)),
    );
    linked.retain(|id| ArmId::parse(id).is_ok());
    linked
}

fn endpoints(properties: &Value) -> Vec<String> {
    let connections = properties.get("privateEndpointConnections").and_then(Value::as_array);
    let mut ids: Vec<String> = connections
        .into_iter()
        .flatten()
        .filter_map(|connection| connection.pointer("/properties/privateEndpoint/id")?.as_str())
        .filter(|id| ArmId::parse(id).is_ok())
        .map(str::to_owned)
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str =
        "/subscriptions/S1/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a";

    #[test]
    fn what_an_asset_names_is_found() {
        let vault = "/subscriptions/s1/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv";
        let endpoint =
            "/subscriptions/s2/resourceGroups/n/providers/Microsoft.Network/privateEndpoints/pe";
        let listed = Listed::new(
            json!({"id": ID, "kind": "AIServices", "tags": null, "properties": {
                "allowProjectManagement": true,
                "keyVault": vault,
                "encryption": {"keyVaultProperties":
                    {"keyVaultUri": "https://KV-1.vault.azure.net", "keyName": "cmk"}},
                "privateEndpointConnections": [{"properties": {"privateEndpoint": {"id": endpoint}}}]
            }}),
            "a list",
        )
        .unwrap();
        assert_eq!(listed.keys, [KeyName { vault: "kv-1".into(), key: "cmk".into() }]);
        assert_eq!(listed.linked, [vault]);
        assert_eq!(listed.endpoints, [endpoint]);
        assert!(listed.manages_projects && !listed.is_odd);
        let asset = listed.into_asset();
        assert_eq!(asset.document.resource.get("tags"), None);
        assert_eq!(asset.subscription, "s1");
        let address = "https://kv.vault.azure.cn/keys/cmk-ml/0123";
        assert_eq!(key_of(address), Some(KeyName { vault: "kv".into(), key: "cmk-ml".into() }));
        assert_eq!(key_of("https://kv.vault.azure.net/secrets/s"), None);
    }

    #[test]
    fn an_odd_body_is_kept_under_the_id_that_it_was_asked_for_by() {
        assert!(Listed::new(json!({"name": "a"}), "a list").is_none());
        let listed =
            Listed::with_id(&ArmId::parse(ID).unwrap(), &json!({"properties": "odd"}), "a read");
        assert!(listed.is_odd);
        let asset = listed.into_asset();
        assert_eq!(asset.arm_id, ID);
        assert_eq!(asset.document.resource, json!({"properties": "odd"}));
    }
}
