//! An estate read from a folder of ARM JSON files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use postern_domain::arm::ArmId;
use serde_json::{Value, json};

use super::shape::row;
use super::{Holding, Source, Territory};
use crate::options::SimError;

/// A folder does not say which tenant its resources are of.
const FOLDER_TENANT: &str = "";

/// What the files hold.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// By lower-case id.
    subscriptions: BTreeMap<String, Value>,
    territories: BTreeMap<String, Territory>,
}

impl Contents {
    pub(super) fn territory(&self, subscription: &str) -> Territory {
        self.territories.get(subscription).cloned().unwrap_or_default()
    }
}

/// The estate, the same every day.
pub(super) fn holding(contents: &Arc<Contents>) -> Holding {
    let subscriptions = contents.subscriptions.values().cloned().collect();
    Holding::new(Source::Folder(Arc::clone(contents)), subscriptions)
}

/// Reads every `.json` file below the folder; what is no ARM resource is passed over with a log line.
pub(super) fn read(folder: &Path) -> Result<Contents, SimError> {
    let refuse = |source| SimError::Folder { path: folder.to_owned(), source };
    let mut files = Vec::new();
    list_files(folder, &mut files).map_err(refuse)?;
    files.sort();
    let mut found = BTreeMap::new();
    for file in files {
        let bytes = std::fs::read(&file).map_err(refuse)?;
        match serde_json::from_slice(&bytes) {
            Ok(value) => gather(&mut found, value),
            Err(error) => tracing::warn!(file = %file.display(), %error, "not JSON, passed over"),
        }
    }
    if found.is_empty() {
        return Err(SimError::EmptyFolder { path: folder.to_owned() });
    }
    Ok(sort(found))
}

fn list_files(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
            files.push(path);
        }
    }
    Ok(())
}

/// Takes a resource, a list of them in `value`, `data` or bare, or the bodies of a specification's example.
/// The later of two with the same id stays.
fn gather(found: &mut BTreeMap<String, Value>, mut value: Value) {
    if let Value::Array(entries) = value {
        for entry in entries {
            gather(found, entry);
        }
        return;
    }
    for (name, status) in [("responses", Some("200")), ("value", None), ("data", None)] {
        let inner = match status {
            Some(status) => value.pointer_mut(&format!("/{name}/{status}/body")),
            None => value.get_mut(name).filter(|inner| inner.is_array()),
        };
        if let Some(inner) = inner.map(Value::take) {
            return gather(found, inner);
        }
    }
    if let Some(id) = value["id"].as_str().and_then(|id| ArmId::parse(id).ok()) {
        found.insert(id.asset_id().to_string(), value);
    }
}

/// What is below another resource that was found becomes an entry of a list, what belongs to a scope too,
/// and what Resource Graph has in tables of their own becomes a row.
fn sort(found: BTreeMap<String, Value>) -> Contents {
    let mut contents = Contents::default();
    let ids: BTreeSet<String> = found.keys().cloned().collect();
    for (key, value) in found {
        let Some(subscription) = key.split('/').nth(2).map(str::to_owned) else { continue };
        if key.split('/').count() == 3 {
            contents.subscriptions.insert(subscription, value);
            continue;
        }
        let territory = contents.territories.entry(subscription.clone()).or_default();
        if let Some(table) = table_of(&key) {
            territory.tabulate(table, [row(&value, FOLDER_TENANT, &subscription)]);
            continue;
        }
        match list_of(&key) {
            Some(list) if has_parent(&key, &ids) || is_of_scope(&key) => {
                territory.lists.entry(list).or_default().push(value.clone());
                territory.objects.insert(key, value);
            }
            _ => {
                territory.resources.insert(key, value);
            }
        }
    }
    for subscription in contents.territories.keys() {
        contents.subscriptions.entry(subscription.clone()).or_insert_with(|| {
            json!({
                "id": format!("/subscriptions/{subscription}"),
                "subscriptionId": subscription,
                "displayName": format!("Subscription {subscription}"),
                "state": "Enabled"
            })
        });
    }
    contents
}

/// The list that has such a thing; a subscription lists the locks of its resources too.
fn list_of(key: &str) -> Option<String> {
    const LOCKS: &str = "/providers/microsoft.authorization/locks";
    let (list, _) = key.rsplit_once('/')?;
    if list.ends_with(LOCKS) {
        return Some(format!("/subscriptions/{}{LOCKS}", key.split('/').nth(2)?));
    }
    Some(list.to_owned())
}

/// Whether an ancestor is there as well; a subscription is none.
fn has_parent(key: &str, ids: &BTreeSet<String>) -> bool {
    let parents = std::iter::successors(key.rsplit_once('/'), |(rest, _)| rest.rsplit_once('/'));
    parents.map(|(rest, _)| rest).any(|rest| rest.split('/').count() > 3 && ids.contains(rest))
}

/// Whether it is a setting of something rather than a resource: a diagnostic setting, or a thing of the subscription.
fn is_of_scope(key: &str) -> bool {
    key.contains("/providers/microsoft.insights/diagnosticsettings/")
        || key.contains("/providers/microsoft.authorization/locks/")
        || key.split('/').nth(3) == Some("providers")
}

/// The table that has such things, by the last provider of their id.
fn table_of(key: &str) -> Option<&'static str> {
    let (_, tail) = key.rsplit_once("/providers/")?;
    let mut parts = tail.split('/');
    match (parts.next()?, parts.next()?) {
        ("microsoft.authorization", "roleassignments" | "roledefinitions") => {
            Some("authorizationresources")
        }
        ("microsoft.authorization", "policyassignments" | "policyexemptions")
        | ("microsoft.policyinsights", "policystates") => Some("policyresources"),
        ("microsoft.security", "pricings") => Some("securityresources"),
        _ => None,
    }
}
