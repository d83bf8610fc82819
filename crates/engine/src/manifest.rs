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
    /// A rule lacks what the contract asks for.
    #[error("the rule {rule} has no {what}")]
    Incomplete {
        /// The rule's id.
        rule: String,
        /// What it lacks.
        what: &'static str,
    },
}

/// Reads a manifest; its rules come back in order of their ids.
pub fn read(text: &str) -> Result<PackManifest, ManifestError> {
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
    }
    manifest.rules.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn manifest() -> Value {
        json!({
            "name": "sample", "version": "1.0.0", "description": "",
            "rules": [{
                "id": "A-2", "title": "t", "topic": "data", "severity": "low", "severity_reason": "proposed",
                "rationale": "r", "asset_types": ["a/b"], "remediation": {"summary": "s"},
                "reads": [{"path": "p", "source": "s", "absent": "a"}],
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
        let ids: Vec<&str> = read.rules.iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids, ["A-1", "A-2"]);
    }
}
