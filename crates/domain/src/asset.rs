//! Assets: Azure resources with their related facts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arm::{ArmId, ArmIdError, AssetId, AssetType};
use crate::digest::Digest;
use crate::fact::Fact;

/// One Azure resource with its related facts, as a snapshot holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    /// The key: the ARM id in lower case.
    pub id: AssetId,
    /// The ARM id as Azure wrote it.
    pub arm_id: String,
    /// The resource type.
    pub asset_type: AssetType,
    /// The resource's name.
    pub name: String,
    /// Azure's `kind`, such as `OpenAI` or `Hub`, where the resource has one.
    pub kind: Option<String>,
    /// Azure's region name, where the resource has one.
    pub location: Option<String>,
    /// The subscription's id, lower case.
    pub subscription: String,
    /// The resource group's name as Azure wrote it.
    pub resource_group: Option<String>,
    /// What rules see.
    pub document: AssetDocument,
    /// Where it was read: an operation and API version, or a file.
    pub source: String,
}

/// The value is not an ARM resource.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    /// There is no `id` that names a resource.
    #[error("the object has no \"id\"")]
    NoId,
    /// The `id` is not one of a resource.
    #[error(transparent)]
    Id(#[from] ArmIdError),
}

impl Asset {
    /// Makes an asset of an ARM resource as Azure returns it, with no related facts yet.
    pub fn from_resource(resource: Value, source: impl Into<String>) -> Result<Self, AssetError> {
        let text = |key: &str| resource.get(key).and_then(Value::as_str).map(str::to_owned);
        let arm_id = ArmId::parse(&text("id").ok_or(AssetError::NoId)?)?;
        Ok(Self {
            id: arm_id.asset_id(),
            asset_type: arm_id.asset_type().clone(),
            name: text("name").unwrap_or_else(|| arm_id.name().to_owned()),
            kind: text("kind"),
            location: text("location"),
            subscription: arm_id.subscription().to_owned(),
            resource_group: arm_id.resource_group().map(str::to_owned),
            arm_id: arm_id.as_written().to_owned(),
            document: AssetDocument { resource, related: BTreeMap::new() },
            source: source.into(),
        })
    }
}

/// The JSON document that rules judge: the resource as Azure returned it, and what belongs to it.
///
/// As JSON: `{"resource": {…}, "related": {"diagnosticSettings": {"state": "read", "value": […]}}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AssetDocument {
    /// The resource as Azure returned it, unchanged.
    pub resource: Value,
    /// Facts read by calls of their own, by name; see [`crate::fact`].
    #[serde(default)]
    pub related: BTreeMap<String, Fact>,
}

impl AssetDocument {
    /// The document as canonical JSON: what the content hash covers and what rules are given.
    pub fn canonical_text(&self) -> String {
        // Not by `serde_json::to_value`, which would copy the document first.
        let mut out = String::from("{\"related\":{");
        for (position, (name, fact)) in self.related.iter().enumerate() {
            if position > 0 {
                out.push(',');
            }
            crate::canonical::write(&Value::from(name.as_str()), &mut out);
            out.push(':');
            match fact {
                Fact::Read { value } => {
                    out.push_str("{\"state\":\"read\",\"value\":");
                    crate::canonical::write(value, &mut out);
                    out.push('}');
                }
                unreadable @ Fact::Unreadable { .. } => {
                    let value = serde_json::to_value(unreadable).expect("a fact's keys are texts");
                    crate::canonical::write(&value, &mut out);
                }
            }
        }
        out.push_str("},\"resource\":");
        crate::canonical::write(&self.resource, &mut out);
        out.push('}');
        out
    }

    /// The content hash: the same for the same document, however it was read.
    pub fn content_hash(&self) -> Digest {
        Digest::of(self.canonical_text().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fact::DIAGNOSTIC_SETTINGS;

    const ACCOUNT: &str = "/subscriptions/AAAA/resourceGroups/Rg-AI/providers/Microsoft.CognitiveServices/accounts/Oai-1";

    #[test]
    fn the_canonical_text_is_that_of_the_document_as_json() {
        let resource = json!({"id": ACCOUNT, "z": [1.5, -2, null, true], "a": {"ü": "\n\"\\"}});
        let mut asset = Asset::from_resource(resource, "a file").unwrap();
        let reason = serde_json::from_value(json!({"kind": "forbidden", "message": "no"})).unwrap();
        let partial = Some(json!([{"b": 1, "a": 2}]));
        asset.document.related.insert("b".into(), Fact::Unreadable { reason, partial });
        asset.document.related.insert("a".into(), Fact::Read { value: json!([{"y": 1, "x": 2}]) });
        let value = serde_json::to_value(&asset.document).unwrap();
        assert_eq!(asset.document.canonical_text(), crate::canonical::text(&value));
    }

    #[test]
    fn the_content_hash_depends_on_the_document_alone() {
        let one = Asset::from_resource(json!({"id": ACCOUNT, "kind": "OpenAI"}), "a file").unwrap();
        let two =
            Asset::from_resource(json!({"kind": "OpenAI", "id": ACCOUNT}), "another").unwrap();
        assert_eq!(one.document.content_hash(), two.document.content_hash());
        assert_eq!(one.kind.as_deref(), Some("OpenAI"));
        let mut three = one.clone();
        three.document.related.insert(DIAGNOSTIC_SETTINGS.into(), Fact::Read { value: json!([]) });
        assert_ne!(one.document.content_hash(), three.document.content_hash());
    }
}
