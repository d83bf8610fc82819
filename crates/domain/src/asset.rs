//! Assets: Azure resources with their related facts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arm::{ArmId, ArmIdError, AssetId, AssetType};
use crate::canonical;
use crate::digest::Digest;
use crate::fact::Fact;
use crate::reads::Reads;

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
    /// The document as canonical JSON: what the content hash covers.
    pub fn canonical_text(&self) -> String {
        self.text_of(None)
    }

    /// What rules read of the document, as canonical JSON: what they are given.
    ///
    /// A fact that could not be read keeps its reason; one that no path names is left out.
    pub fn text_read_by(&self, reads: &Reads) -> String {
        self.text_of(Some(reads))
    }

    fn text_of(&self, reads: Option<&Reads>) -> String {
        // Not by `serde_json::to_value`, which would copy the document first.
        let mut out = String::from("{\"related\":{");
        let mut is_first = true;
        for (name, fact) in &self.related {
            let of_fact = reads.map(|reads| reads.field(name));
            if of_fact == Some(None) {
                continue;
            }
            if !std::mem::take(&mut is_first) {
                out.push(',');
            }
            canonical::write(&Value::from(name.as_str()), &mut out);
            out.push(':');
            write_fact(fact, of_fact.flatten(), &mut out);
        }
        out.push_str("},\"resource\":");
        write_part(&self.resource, reads, &mut out);
        out.push('}');
        out
    }

    /// The content hash: the same for the same document, however it was read.
    pub fn content_hash(&self) -> Digest {
        Digest::of(self.canonical_text().as_bytes())
    }
}

fn write_fact(fact: &Fact, reads: Option<&Reads>, out: &mut String) {
    match fact {
        Fact::Read { value } => {
            out.push_str("{\"state\":\"read\",\"value\":");
            write_part(value, reads, out);
        }
        Fact::Unreadable { reason, partial } => {
            out.push('{');
            if let Some(partial) = partial {
                out.push_str("\"partial\":");
                write_part(partial, reads, out);
                out.push(',');
            }
            let reason = serde_json::to_value(reason).expect("a reason's keys are texts");
            out.push_str("\"reason\":");
            canonical::write(&reason, out);
            out.push_str(",\"state\":\"unreadable\"");
        }
    }
    out.push('}');
}

fn write_part(value: &Value, reads: Option<&Reads>, out: &mut String) {
    match reads {
        Some(reads) => reads.write(value, out),
        None => canonical::write(value, out),
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
    fn what_rules_do_not_read_is_not_handed_to_them() {
        let resource = json!({"id": ACCOUNT, "kind": "OpenAI", "properties": {"a": 1, "b": 2}});
        let mut asset = Asset::from_resource(resource, "a file").unwrap();
        let reason = serde_json::from_value(json!({"kind": "forbidden", "message": "no"})).unwrap();
        let partial = Some(json!([{"name": "m", "sku": "s"}]));
        let facts = &mut asset.document.related;
        facts.insert("deployments".into(), Fact::Unreadable { reason, partial });
        facts.insert("locks".into(), Fact::Read { value: json!([{"name": "l", "level": "x"}]) });
        facts.insert("usages".into(), Fact::Read { value: json!([]) });
        let reads = Reads::of(["properties.b", "deployments[].sku", "locks[].level"]);
        let read: Value = serde_json::from_str(&asset.document.text_read_by(&reads)).unwrap();
        assert_eq!(
            read,
            json!({
                "related": {
                    "deployments": {
                        "state": "unreadable",
                        "reason": {"kind": "forbidden", "message": "no"},
                        "partial": [{"sku": "s"}],
                    },
                    "locks": {"state": "read", "value": [{"level": "x"}]},
                },
                "resource": {"properties": {"b": 2}},
            })
        );
        let all: Vec<&str> = vec!["id", "kind", "properties", "deployments", "locks", "usages"];
        assert_eq!(asset.document.text_read_by(&Reads::of(all)), asset.document.canonical_text());
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
