//! An estate read from a folder of ARM JSON files.

use std::path::{Path, PathBuf};

use postern_domain::arm::ArmId;
use serde_json::{Value, json};

use super::Holding;
use crate::options::SimError;

/// Reads every `.json` file below the folder; what is no ARM resource is passed over with a log line.
pub(super) fn read(folder: &Path) -> Result<Holding, SimError> {
    let refuse = |source| SimError::Folder { path: folder.to_owned(), source };
    let mut files = Vec::new();
    list_files(folder, &mut files).map_err(refuse)?;
    files.sort();
    let mut holding = Holding::default();
    let mut settings = Vec::new();
    for file in files {
        let bytes = std::fs::read(&file).map_err(refuse)?;
        match serde_json::from_slice(&bytes) {
            Ok(value) => place(&mut holding, &mut settings, value),
            Err(error) => tracing::warn!(file = %file.display(), %error, "not JSON, passed over"),
        }
    }
    if holding.resources.is_empty() {
        return Err(SimError::EmptyFolder { path: folder.to_owned() });
    }
    for (parent, setting) in settings {
        if let Some(of_parent) = holding.diagnostics.get_mut(&parent) {
            of_parent.push(setting);
        }
    }
    Ok(holding)
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
fn place(holding: &mut Holding, settings: &mut Vec<(String, Value)>, mut value: Value) {
    if let Value::Array(entries) = value {
        for entry in entries {
            place(holding, settings, entry);
        }
        return;
    }
    for (name, status) in [("responses", Some("200")), ("value", None), ("data", None)] {
        let inner = match status {
            Some(status) => value.pointer_mut(&format!("/{name}/{status}/body")),
            None => value.get_mut(name).filter(|inner| inner.is_array()),
        };
        if let Some(inner) = inner.map(Value::take) {
            return place(holding, settings, inner);
        }
    }
    let Some(id) = value.get("id").and_then(Value::as_str).and_then(|id| ArmId::parse(id).ok())
    else {
        return;
    };
    let key = id.asset_id().to_string();
    let subscription = id.subscription();
    holding.subscriptions.entry(subscription.to_owned()).or_insert_with(|| {
        json!({
            "id": format!("/subscriptions/{subscription}"),
            "subscriptionId": subscription,
            "displayName": format!("Subscription {subscription}"),
            "state": "Enabled"
        })
    });
    if let Some((parent, _)) = key.split_once("/providers/microsoft.insights/diagnosticsettings/") {
        settings.push((parent.to_owned(), value));
    } else {
        holding.diagnostics.entry(key.clone()).or_default();
        holding.resources.insert(key, value);
    }
}
