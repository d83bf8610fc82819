//! Checking what an organisation set, before it is used.

use std::collections::BTreeMap;

use postern_domain::rule::PackManifest;
use postern_domain::scope::Scope;
use postern_domain::settings::PackSettings;
use serde_json::{Map, Value, json};

use crate::pack::Pack;

/// What is wrong with settings, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct SettingProblem {
    /// Where, such as `values.keyRotationDays` or `overrides[1].scope`.
    pub place: String,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
}

impl Pack {
    /// The JSON schema (2020-12) of the pack's settings, as an object of all of them.
    pub fn settings_schema(&self) -> Value {
        schema_of(self.manifest())
    }

    /// All that is wrong with `settings`; empty where they can be used.
    pub fn check_settings(&self, settings: &PackSettings) -> Vec<SettingProblem> {
        let mut problems = check_values(self.manifest(), "values", &settings.values);
        for (position, other) in settings.overrides.iter().enumerate() {
            let place = format!("overrides[{position}]");
            // Whether such an override holds could be unknown, and a verdict would depend on it.
            let is_unsure = matches!(other.scope, Scope::ManagementGroup(_)).then(|| {
                "settings go by subscriptions, resource groups and tags, not by management groups"
                    .to_owned()
            });
            if let Some(message) = is_unsure.or_else(|| other.scope.complaint()) {
                problems.push(SettingProblem { place: format!("{place}.scope"), message });
            }
            problems.extend(check_values(
                self.manifest(),
                &format!("{place}.values"),
                &other.values,
            ));
        }
        problems
    }
}

fn schema_of(manifest: &PackManifest) -> Value {
    let properties: BTreeMap<&str, &Value> =
        manifest.settings.iter().map(|one| (one.name.as_str(), &one.schema)).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Settings of {}", manifest.name),
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn check_values(
    manifest: &PackManifest,
    place: &str,
    values: &Map<String, Value>,
) -> Vec<SettingProblem> {
    let mut problems = Vec::new();
    for (name, value) in values {
        let place = format!("{place}.{name}");
        let Some(setting) = manifest.settings.iter().find(|setting| setting.name == *name) else {
            let known: Vec<&str> = manifest.settings.iter().map(|one| one.name.as_str()).collect();
            let message = format!(
                "{} has no such setting; it has {}",
                manifest.name,
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            );
            problems.push(SettingProblem { place, message });
            continue;
        };
        // The manifest's schemas were checked when the pack was loaded.
        let Ok(schema) = jsonschema::validator_for(&setting.schema) else { continue };
        problems.extend(schema.iter_errors(value).map(|error| {
            let inner = error.instance_path().to_string();
            SettingProblem { place: format!("{place}{inner}"), message: error.to_string() }
        }));
    }
    problems
}
