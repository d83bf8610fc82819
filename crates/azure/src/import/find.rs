//! Finds the resources in JSON of the shapes that Azure and its tools write.

use postern_domain::arm::{ArmId, SUBSCRIPTION};
use serde_json::Value;

use super::NO_TYPE;

pub(super) const DIAGNOSTIC_SETTINGS_TYPE: &str = "microsoft.insights/diagnosticsettings";

/// Something found in a file.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    /// A resource of a type that a scan looks for. A subscription is none: all that its rules judge needs reads
    /// of their own, which no file of it holds.
    Asset(Value),
    /// A diagnostic setting of the resource `parent`, a lower-case ARM id.
    DiagnosticSetting { parent: String, id: String, setting: Value },
    /// A subscription, which gives its name.
    Subscription { id: String, name: String },
    /// Something else.
    Other { asset_type: String },
    /// `{"error": {…}}`
    ErrorResponse { code: String },
}

/// What is in the JSON of a file; nothing where it is of no known shape.
pub(super) fn resources(value: Value) -> Vec<Found> {
    let mut found = Vec::new();
    search(value, &mut found);
    found
}

fn search(value: Value, found: &mut Vec<Found>) {
    let mut object = match value {
        Value::Array(entries) => return take_entries(entries, found),
        Value::Object(object) => object,
        _ => return,
    };
    // An example of the API specifications: `{"parameters": …, "responses": {"200": {"body": …}}}`.
    if let Some(Value::Object(responses)) = object.get_mut("responses") {
        for status in ["200", "201"] {
            let body = responses.get_mut(status).and_then(|response| response.get_mut("body"));
            if let Some(body) = body {
                search(body.take(), found);
            }
        }
        return;
    }
    if object.contains_key("id") {
        found.push(classify(Value::Object(object)));
        return;
    }
    // ARM's lists have `value`, Resource Graph's answers `data`.
    for name in ["value", "data"] {
        if let Some(Value::Array(entries)) = object.get_mut(name).map(Value::take) {
            return take_entries(entries, found);
        }
    }
    if let Some(error) = object.get("error").filter(|error| error.is_object()) {
        let code = error.get("code").and_then(Value::as_str).unwrap_or("no code").to_owned();
        found.push(Found::ErrorResponse { code });
    }
}

fn take_entries(entries: Vec<Value>, found: &mut Vec<Found>) {
    found.extend(entries.into_iter().filter(Value::is_object).map(classify));
}

fn classify(value: Value) -> Found {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let Some(id) = text("id").and_then(|id| ArmId::parse(id).ok()) else {
        return Found::Other {
            asset_type: text("type").map_or_else(|| NO_TYPE.to_owned(), str::to_ascii_lowercase),
        };
    };
    if let (SUBSCRIPTION, Some(name)) = (id.asset_type().as_str(), text("displayName")) {
        return Found::Subscription { id: id.subscription().to_owned(), name: name.to_owned() };
    }
    if id.asset_type().is_scanned() {
        return Found::Asset(value);
    }
    if id.asset_type().as_str() == DIAGNOSTIC_SETTINGS_TYPE {
        let key = id.asset_id().to_string();
        if let Some((parent, _)) = key.rsplit_once("/providers/") {
            return Found::DiagnosticSetting { parent: parent.to_owned(), id: key, setting: value };
        }
    }
    Found::Other { asset_type: id.asset_type().as_str().to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ACCOUNT: &str =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a";

    #[test]
    fn every_shape_yields_its_resources() {
        let account = json!({"id": ACCOUNT, "properties": {}});
        let asset = || Found::Asset(account.clone());
        let bot = json!({
            "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.BotService/botServices/b"
        });
        let other = |asset_type: &str| Found::Other { asset_type: asset_type.to_owned() };
        let setting =
            json!({"id": format!("{ACCOUNT}/providers/microsoft.insights/diagnosticSettings/D")});
        let parent = ACCOUNT.to_ascii_lowercase();
        let id = format!("{parent}/providers/microsoft.insights/diagnosticsettings/d");
        for (value, expected) in [
            (account.clone(), vec![asset()]),
            (
                json!([account, {"id": "/subscriptions/s/resourceGroups/g/providers/A/b/c"}]),
                vec![asset(), other("a/b")],
            ),
            (json!({"value": [account]}), vec![asset()]),
            (json!({"count": 1, "data": [account], "skip_token": null}), vec![asset()]),
            (
                json!({"parameters": {}, "responses": {
                    "200": {"body": account}, "201": {"body": {"value": [account]}}, "202": {}, "404": {"body": account}
                }}),
                vec![asset(), asset()],
            ),
            (
                json!({"value": [setting]}),
                vec![Found::DiagnosticSetting { parent, id, setting: setting.clone() }],
            ),
            (
                json!({"error": {"code": "NotFound"}}),
                vec![Found::ErrorResponse { code: "NotFound".to_owned() }],
            ),
            (bot.clone(), vec![Found::Asset(bot.clone())]),
            (
                json!([{"id": "/subscriptions/S", "displayName": "One"}]),
                vec![Found::Subscription { id: "s".to_owned(), name: "One".to_owned() }],
            ),
            // A row of Resource Graph, and `az account list`.
            (json!([{"id": "/subscriptions/s", "name": "One"}]), vec![other(SUBSCRIPTION)]),
            (json!([{"id": "s", "name": "One", "tenantId": "t"}]), vec![other(NO_TYPE)]),
            (json!({"id": "subscriptions/s/x", "type": "A/B"}), vec![other("a/b")]),
            (json!({"value": [{"name": "no id"}, 1, null]}), vec![other(NO_TYPE)]),
            (json!({"value": []}), vec![]),
            (json!({}), vec![]),
            (json!(null), vec![]),
            (json!("text"), vec![]),
        ] {
            assert_eq!(resources(value.clone()), expected, "{value}");
        }
    }
}
