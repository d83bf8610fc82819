//! Bodies in Azure's shapes: which properties there are, and how Azure writes them, of every kind but the assets themselves.
//!
//! The shapes are those of Azure's specifications and recorded answers; the values are invented.

pub(super) mod authorization;
pub(super) mod cognitive;
pub(super) mod learning;
pub(super) mod model;
pub(super) mod money;
pub(super) mod monitor;
pub(super) mod network;
pub(super) mod policy;
pub(super) mod security;
pub(super) mod vault;

use serde_json::{Value, json};
use time::Date;

/// Who made something and when.
#[derive(Clone, Copy)]
pub(super) struct Stamp<'a> {
    pub by: &'a str,
    /// RFC 3339.
    pub at: &'a str,
}

impl Stamp<'_> {
    pub(super) fn system_data(self) -> Value {
        json!({
            "createdBy": self.by,
            "createdByType": "User",
            "createdAt": self.at,
            "lastModifiedBy": self.by,
            "lastModifiedByType": "User",
            "lastModifiedAt": self.at,
        })
    }
}

/// The object with one property more. `json!` would copy a value that is named in it.
pub(super) fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Some(properties) = object.as_object_mut() {
        properties.insert(name.to_owned(), value);
    }
    object
}

/// Midnight of a day as Azure writes it in properties of resources.
pub(super) fn midnight(day: Date) -> String {
    format!("{day}T00:00:00Z")
}

/// The name at the end of an id.
pub(super) fn name_of(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or_default()
}

/// The resource group that an id names.
pub(super) fn group_of(id: &str) -> &str {
    id.split('/').nth(4).unwrap_or_default()
}

/// A row of a Resource Graph table other than `resources`, made of what ARM returns.
pub(super) fn row(arm: &Value, tenant: &str, subscription: &str) -> Value {
    let id = arm["id"].as_str().unwrap_or_default();
    let group =
        if id.to_ascii_lowercase().contains("/resourcegroups/") { group_of(id) } else { "" };
    let mut row = json!({
        "id": id,
        "name": arm["name"].as_str().unwrap_or_default(),
        "type": arm["type"].as_str().unwrap_or_default().to_ascii_lowercase(),
        "tenantId": tenant,
        "kind": "",
        "location": arm["location"].as_str().unwrap_or_default(),
        "resourceGroup": group.to_ascii_lowercase(),
        "subscriptionId": subscription,
        "managedBy": "",
        "plan": Value::Null,
        "zones": Value::Null,
        "extendedLocation": Value::Null,
    });
    for column in ["sku", "properties", "tags", "identity"] {
        row[column] = arm.get(column).cloned().unwrap_or(Value::Null);
    }
    row
}
