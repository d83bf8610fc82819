//! The asset that a rule judges.

use postern_domain::asset::AssetDocument;
use postern_domain::fact::Fact;
use postern_domain::verdict::Evidence;
use serde_json::Value;

use crate::judgement::Unreadable;
use crate::reading::Reading;

/// One asset of the batch, with its document and the pack's settings.
#[derive(Clone, Debug)]
pub struct AssetContext {
    asset_type: String,
    document: AssetDocument,
    settings: Value,
}

impl AssetContext {
    /// An asset of the type `asset_type` (lower case) with the pack's `settings` (a JSON object).
    pub fn new(asset_type: &str, document: AssetDocument, settings: Value) -> Self {
        Self { asset_type: asset_type.to_owned(), document, settings }
    }

    /// An asset with no related facts and no settings, for tests.
    pub fn from_resource(asset_type: &str, resource: Value) -> Self {
        let document = AssetDocument { resource, related: std::collections::BTreeMap::new() };
        Self::new(asset_type, document, Value::Object(serde_json::Map::new()))
    }

    /// The resource type in lower case.
    pub fn asset_type(&self) -> &str {
        &self.asset_type
    }

    /// The setting of this name; `None` where the defaults hold.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        self.settings.get(name).filter(|value| !value.is_null())
    }

    /// A text, such as `kind` or `properties.publicNetworkAccess`.
    pub fn text(&self, path: &str) -> Result<Reading<'_, &str>, Unreadable> {
        self.read(path, "a text", Value::as_str)
    }

    /// A truth value.
    pub fn flag(&self, path: &str) -> Result<Reading<'_, bool>, Unreadable> {
        self.read(path, "true or false", Value::as_bool)
    }

    /// A list.
    pub fn list(&self, path: &str) -> Result<Reading<'_, &[Value]>, Unreadable> {
        self.read(path, "a list", |value| value.as_array().map(Vec::as_slice))
    }

    /// An object, for rules that only ask whether it is there and has anything in it.
    pub fn object(
        &self,
        path: &str,
    ) -> Result<Reading<'_, &serde_json::Map<String, Value>>, Unreadable> {
        self.read(path, "an object", Value::as_object)
    }

    /// A list that needed a call of its own, such as `diagnosticSettings`.
    ///
    /// `action` is the Azure action that the call needs; the reason names it where the list was not read.
    pub fn related_list(
        &self,
        name: &str,
        action: &str,
    ) -> Result<Reading<'_, &[Value]>, Unreadable> {
        let refuse = |note: String| Unreadable {
            summary: format!("{name} could not be read, so this cannot be judged."),
            evidence: Box::new(Evidence {
                path: name.to_owned(),
                actual: None,
                expected: format!("readable with the action {action}"),
                note: Some(note),
            }),
        };
        match self.document.related.get(name) {
            Some(Fact::Read { value }) => match value.as_array() {
                Some(list) => {
                    Ok(Reading { path: name.to_owned(), actual: Some(value), value: Some(list) })
                }
                None => Err(refuse("Azure's answer is not a list.".to_owned())),
            },
            Some(Fact::Unreadable { reason, .. }) => {
                let lacking = reason.action.as_deref().unwrap_or(action);
                Err(refuse(format!("{} (needs the action {lacking})", reason.message)))
            }
            None => Err(refuse(format!(
                "It was not read in this snapshot; it takes a call with the action {action}."
            ))),
        }
    }

    fn read<'a, T>(
        &'a self,
        path: &str,
        shape: &str,
        convert: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Reading<'a, T>, Unreadable> {
        let refuse = |actual: Option<&Value>, note: String| Unreadable {
            summary: format!("{path} could not be read, so this cannot be judged."),
            evidence: Box::new(Evidence {
                path: path.to_owned(),
                actual: actual.cloned(),
                expected: shape.to_owned(),
                note: Some(note),
            }),
        };
        // `az resource list` gives resources without their properties: that says nothing of any of them.
        if path.starts_with("properties.")
            && !self.document.resource.get("properties").is_some_and(Value::is_object)
        {
            return Err(refuse(None, "The resource was read without its properties.".to_owned()));
        }
        let mut found = Some(&self.document.resource);
        for step in path.split('.') {
            found = match found {
                None | Some(Value::Null) => None,
                Some(Value::Object(fields)) => fields.get(step),
                Some(other) => {
                    return Err(refuse(
                        Some(other),
                        format!("There is no object to find \"{step}\" in."),
                    ));
                }
            };
        }
        match found.filter(|value| !value.is_null()) {
            None => Ok(Reading { path: path.to_owned(), actual: None, value: None }),
            Some(actual) => match convert(actual) {
                Some(value) => {
                    Ok(Reading { path: path.to_owned(), actual: Some(actual), value: Some(value) })
                }
                None => Err(refuse(Some(actual), format!("This is not {shape}."))),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_property_is_read_absent_or_unreadable() {
        // Some(Some(…)): read; Some(None): absent or null; None: unreadable.
        let cases = [
            (json!({"properties": {"a": {"b": "x"}}}), Some(Some("x"))),
            (json!({"properties": {"a": {"b": null}}}), Some(None)),
            (json!({"properties": {"a": null}}), Some(None)),
            (json!({"properties": {}}), Some(None)),
            (json!({"properties": {"a": {"b": 3}}}), None),
            (json!({"properties": {"a": [1]}}), None),
            (json!({"properties": null}), None),
            (json!({}), None),
        ];
        for (resource, expected) in cases {
            let asset = AssetContext::from_resource("a/b", resource.clone());
            let read = asset.text("properties.a.b");
            assert_eq!(read.ok().map(|reading| reading.value), expected, "{resource}");
        }
    }
}
