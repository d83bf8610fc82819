//! Reading a pack's manifest: what it says of itself, refused where it makes no sense.

use std::collections::BTreeSet;

use postern_domain::rule::PackManifest;

/// What is wrong with a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is not the JSON of a manifest.
    #[error("it is not a manifest")]
    Json(#[source] serde_json::Error),
    /// The pack's name would not fit an address or a file name.
    #[error("the name \"{0}\" is not made of lower-case letters, digits and dashes")]
    Name(String),
    /// The version is empty or has blanks.
    #[error("\"{0}\" is not a version")]
    Version(String),
    /// There is nothing to evaluate.
    #[error("it has no rule")]
    NoRules,
    /// Two rules have one id.
    #[error("the rule {0} is there twice")]
    Duplicate(String),
    /// A setting cannot be used.
    #[error("the setting \"{name}\" cannot be used: {message}")]
    Setting {
        /// The setting's name.
        name: String,
        /// What is wrong.
        message: String,
    },
    /// A rule lacks what the contract asks for.
    #[error("the rule {rule} has no {what}")]
    Incomplete {
        /// The rule's id.
        rule: String,
        /// What it lacks.
        what: &'static str,
    },
}

/// A manifest that makes sense.
#[derive(Debug)]
pub struct Manifest {
    /// The manifest, with its rules in order of their ids.
    pub manifest: PackManifest,
    /// The position in it of each rule, in the order in which the text lists them.
    pub given: Vec<usize>,
}

/// Reads a manifest.
pub fn read(text: &str) -> Result<Manifest, ManifestError> {
    let mut manifest: PackManifest = serde_json::from_str(text).map_err(ManifestError::Json)?;
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if manifest.name.is_empty() || manifest.name.len() > 64 || !manifest.name.bytes().all(fits) {
        return Err(ManifestError::Name(manifest.name));
    }
    if manifest.version.is_empty()
        || manifest.version.chars().any(|c| c.is_whitespace() || c.is_control())
    {
        return Err(ManifestError::Version(manifest.version));
    }
    if manifest.rules.is_empty() {
        return Err(ManifestError::NoRules);
    }
    check_settings(&manifest)?;
    let mut ids = BTreeSet::new();
    for rule in &manifest.rules {
        let incomplete = |what| ManifestError::Incomplete { rule: rule.id.to_string(), what };
        if !ids.insert(&rule.id) {
            return Err(ManifestError::Duplicate(rule.id.to_string()));
        }
        if rule.title.trim().is_empty() {
            return Err(incomplete("title"));
        }
        if rule.asset_types.is_empty() {
            return Err(incomplete("asset type"));
        }
        if rule.asset_types.iter().any(|asset_type| !asset_type.as_str().contains('/')) {
            return Err(incomplete("asset type of the form namespace/type"));
        }
        if rule.reads.is_empty() {
            return Err(incomplete("property that it reads"));
        }
        if rule.verdicts.is_empty() {
            return Err(incomplete("verdict that it can give"));
        }
    }
    let mut order: Vec<usize> = (0..manifest.rules.len()).collect();
    order.sort_by(|one, other| manifest.rules[*one].id.cmp(&manifest.rules[*other].id));
    let mut given = vec![0; order.len()];
    for (sorted, original) in order.into_iter().enumerate() {
        given[original] = sorted;
    }
    manifest.rules.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(Manifest { manifest, given })
}

fn check_settings(manifest: &PackManifest) -> Result<(), ManifestError> {
    let mut names = BTreeSet::new();
    for setting in &manifest.settings {
        let refused =
            |message: String| ManifestError::Setting { name: setting.name.clone(), message };
        if setting.name.is_empty() || !names.insert(setting.name.as_str()) {
            return Err(refused("its name is empty, or there twice".to_owned()));
        }
        let schema = jsonschema::validator_for(&setting.schema)
            .map_err(|error| refused(format!("its schema is none ({error})")))?;
        if let Err(error) = schema.validate(&setting.default) {
            return Err(refused(format!("its default is against its own schema ({error})")));
        }
    }
    let unknown = manifest
        .rules
        .iter()
        .flat_map(|rule| &rule.settings)
        .find(|name| !names.contains(name.as_str()));
    unknown.map_or(Ok(()), |name| {
        Err(ManifestError::Setting {
            name: name.clone(),
            message: "a rule reads it, but it is not declared".to_owned(),
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn manifest() -> Value {
        json!({
            "name": "sample", "version": "1.0.0", "description": "", "settings": [],
            "rules": [{
                "id": "A-2", "title": "t", "topic": "data", "severity": "low", "severity_reason": "proposed",
                "rationale": "r", "asset_types": ["a/b"], "remediation": {"summary": "s"},
                "reads": [{"path": "p", "source": "s", "absent": "a"}],
                "verdicts": ["pass", "fail"], "settings": [],
            }],
        })
    }

    #[test]
    fn a_manifest_that_makes_no_sense_is_refused() {
        let rule = manifest()["rules"][0].clone();
        let cases = [
            ("/name", json!("Sample pack"), "the name \"Sample pack\" is not"),
            ("/version", json!(""), "is not a version"),
            ("/rules", json!([]), "no rule"),
            ("/rules", json!([rule, rule]), "A-2 is there twice"),
            ("/rules/0/id", json!("A 2"), "not a manifest"),
            ("/rules/0/title", json!(" "), "no title"),
            ("/rules/0/asset_types", json!([]), "no asset type"),
            ("/rules/0/asset_types", json!(["ab"]), "no asset type of the form"),
            ("/rules/0/reads", json!([]), "no property"),
            ("/rules/0/severity", json!("bad"), "not a manifest"),
            ("/rules/0/verdicts", json!([]), "no verdict"),
            ("/rules/0/settings", json!(["x"]), "is not declared"),
            (
                "/settings",
                json!([{"name": "x", "schema": {"type": 3}, "default": 1}]),
                "its schema is none",
            ),
            (
                "/settings",
                json!([{"name": "x", "schema": {"type": "string"}, "default": 1}]),
                "its default is against",
            ),
            ("/settings", json!([{"name": "", "schema": {}, "default": 1}]), "its name is empty"),
        ];
        for (pointer, value, expected) in cases {
            let mut manifest = manifest();
            *manifest.pointer_mut(pointer).unwrap() = value;
            let message = read(&manifest.to_string()).unwrap_err().to_string();
            assert!(message.contains(expected), "{pointer}: {message}");
        }
        assert!(read("{").is_err());
    }

    #[test]
    fn rules_come_in_order_of_their_ids() {
        let mut manifest = manifest();
        let mut first = manifest["rules"][0].clone();
        first["id"] = json!("A-1");
        manifest["rules"].as_array_mut().unwrap().push(first);
        let read = read(&manifest.to_string()).unwrap();
        assert_eq!(read.given, [1, 0], "the pack lists A-2 first");
        let ids: Vec<&str> = read.manifest.rules.iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids, ["A-1", "A-2"]);
    }
}
