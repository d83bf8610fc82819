//! What changed between two readings of an asset, property by property.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::asset::AssetDocument;
use crate::fact::Fact;

/// A property that differs between two readings of an asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertyChange {
    /// Where it is: `properties.publicNetworkAccess` of the resource, `deployments["gpt-4o"].sku.capacity` of a fact.
    pub path: String,
    /// What it was; `None` where it was absent.
    pub before: Option<Value>,
    /// What it is; `None` where it is absent.
    pub after: Option<Value>,
}

/// The properties that differ, by path.
///
/// Entries of a list are told apart by their `name`, or else their `id` or `eventDataId` (of the activity log), in
/// whatever order Azure lists them; a list whose entries have none of these, or share them, is compared as a whole.
/// Where a fact was read once and not the other time, the change is the reason why it was not.
pub fn property_changes(before: &AssetDocument, after: &AssetDocument) -> Vec<PropertyChange> {
    let mut changes = Vec::new();
    compare(&mut changes, "", Some(&before.resource), Some(&after.resource));
    for name in keys(before.related.keys(), after.related.keys()) {
        match (before.related.get(name), after.related.get(name)) {
            (Some(Fact::Read { value: one }), Some(Fact::Read { value: other })) => {
                compare(&mut changes, name, Some(one), Some(other));
            }
            (one, other) if one != other => changes.push(PropertyChange {
                path: name.to_owned(),
                before: one.map(in_short),
                after: other.map(in_short),
            }),
            _ => {}
        }
    }
    changes
}

/// A fact that has nothing to be compared with: what was read, or why it was not.
fn in_short(fact: &Fact) -> Value {
    match fact {
        Fact::Read { value } => value.clone(),
        Fact::Unreadable { reason, .. } => Value::String(format!("not read: {}", reason.message)),
    }
}

fn compare(
    changes: &mut Vec<PropertyChange>,
    path: &str,
    before: Option<&Value>,
    after: Option<&Value>,
) {
    match (before, after) {
        (one, other) if one == other => {}
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            for name in keys(one.keys(), other.keys()) {
                compare(changes, &below(path, name), one.get(name), other.get(name));
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => match named(one, other) {
            Some((one, other)) => {
                for name in keys(one.keys(), other.keys()) {
                    let place = format!("{path}[\"{name}\"]");
                    compare(changes, &place, one.get(name).copied(), other.get(name).copied());
                }
            }
            None => changes.push(whole(path, before, after)),
        },
        _ => changes.push(whole(path, before, after)),
    }
}

fn whole(path: &str, before: Option<&Value>, after: Option<&Value>) -> PropertyChange {
    PropertyChange { path: path.to_owned(), before: before.cloned(), after: after.cloned() }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The entries of a list by what names them.
type Named<'a> = BTreeMap<String, &'a Value>;

/// The entries of two lists by what names them in both; `None` where something does not.
fn named<'a>(one: &'a [Value], other: &'a [Value]) -> Option<(Named<'a>, Named<'a>)> {
    // Names are shorter to read; ids serve where two parents have children of one name.
    let keys = ["name", "id", "eventDataId"];
    keys.into_iter().find_map(|key| Some((named_by(key, one)?, named_by(key, other)?)))
}

fn named_by<'a>(key: &str, entries: &'a [Value]) -> Option<Named<'a>> {
    let name = |entry: &'a Value| Some((entry.get(key)?.as_str()?.to_ascii_lowercase(), entry));
    let named: Named<'a> = entries.iter().map(name).collect::<Option<_>>()?;
    (named.len() == entries.len()).then_some(named)
}

/// The keys of both, once each, in order.
fn keys<'a>(
    one: impl Iterator<Item = &'a String>,
    other: impl Iterator<Item = &'a String>,
) -> BTreeSet<&'a str> {
    one.chain(other).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::gap::{GapKind, GapReason};

    fn document(resource: Value, facts: &[(&str, Fact)]) -> AssetDocument {
        let related = facts.iter().map(|(name, fact)| ((*name).to_owned(), fact.clone())).collect();
        AssetDocument { resource, related }
    }

    fn read(value: Value) -> Fact {
        Fact::Read { value }
    }

    fn lines(before: &AssetDocument, after: &AssetDocument) -> Vec<String> {
        let text = |value: Option<Value>| value.map_or("absent".to_owned(), |it| it.to_string());
        let line =
            |it: PropertyChange| format!("{}: {} > {}", it.path, text(it.before), text(it.after));
        property_changes(before, after).into_iter().map(line).collect()
    }

    #[test]
    fn properties_are_named_with_what_they_were_and_are() {
        let before = json!({"tags": {"a": "1"}, "properties": {"on": true, "acl": {"ip": ["x"]}, "same": [1]}});
        let after =
            json!({"properties": {"on": false, "acl": {"ip": ["x", "y"]}, "same": [1], "new": {}}});
        let (before, after) = (document(before, &[]), document(after, &[]));
        assert_eq!(
            lines(&before, &after),
            [
                r#"properties.acl.ip: ["x"] > ["x","y"]"#,
                "properties.new: absent > {}",
                "properties.on: true > false",
                r#"tags: {"a":"1"} > absent"#,
            ]
        );
        assert_eq!(lines(&after, &after), Vec::<String>::new());
    }

    #[test]
    fn entries_of_a_list_are_known_by_name_and_else_by_id() {
        let list = |entries: Value| document(json!({}), &[("deployments", read(entries))]);
        let entry =
            |name: &str, capacity: u32| json!({"name": name, "sku": {"capacity": capacity}});
        let before = list(json!([entry("gpt", 1), entry("old", 1), entry("same", 5)]));
        let after = list(json!([entry("same", 5), entry("new", 2), entry("GPT", 9)]));
        assert_eq!(
            lines(&before, &after),
            [
                r#"deployments["gpt"].name: "gpt" > "GPT""#,
                r#"deployments["gpt"].sku.capacity: 1 > 9"#,
                r#"deployments["new"]: absent > {"name":"new","sku":{"capacity":2}}"#,
                r#"deployments["old"]: {"name":"old","sku":{"capacity":1}} > absent"#,
            ]
        );
        let twins = |on: bool| {
            list(
                json!([{"id": "/a", "name": "x", "on": on}, {"id": "/b", "name": "x", "on": true}]),
            )
        };
        assert_eq!(lines(&twins(true), &twins(false)), [r#"deployments["/a"].on: true > false"#]);
    }

    #[test]
    fn a_fact_that_was_not_read_says_why() {
        let unread = Fact::unreadable(GapReason {
            kind: GapKind::Forbidden,
            status: Some(403),
            action: None,
            message: "Azure refused.".to_owned(),
        });
        let before = document(json!({}), &[("locks", read(json!([])))]);
        let after = document(json!({}), &[("locks", unread)]);
        assert_eq!(lines(&before, &after), [r#"locks: [] > "not read: Azure refused.""#]);
        assert_eq!(lines(&before, &document(json!({}), &[])), ["locks: [] > absent"]);
    }
}
