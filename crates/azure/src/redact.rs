//! Secrets that Azure hands out with a plain read: what is found of them is not kept.
//!
//! A scan asks for no keys, but some answers carry them all the same: a bot's `DirectLineChannel` returns its
//! extension keys (seen in recorded answers of API 2022-09-15), and schemas mark other properties as secret.

use postern_domain::asset::AssetDocument;
use postern_domain::fact::Fact;
use serde_json::Value;

/// What stands where a secret was.
const LEFT_OUT: &str = "(a secret, not kept)";

/// Names of properties that hold secrets: those that the schemas of Cognitive Services, Machine Learning and Bot
/// Service mark with `x-ms-secret`, and the extension keys. In lower case. `key` is not among them: a rate limit and a
/// tag have one as well; see [`SITE_SECRETS`].
const SECRETS: [&str; 27] = [
    "accesstoken",
    "adminuserpassword",
    "appsecret",
    "authtoken",
    "channelaccesstoken",
    "channelsecret",
    "clientsecret",
    "cognitiveservicesubscriptionkey",
    "developerappinsightsapikey",
    "developertoken",
    "extensionkey1",
    "extensionkey2",
    "pat",
    "password",
    "primaryaccesskey",
    "privatekeydata",
    "refreshtoken",
    "relayconnectionstring",
    "sas",
    "sasuri",
    "secondaryaccesskey",
    "secretaccesskey",
    "securitytoken",
    "servicebusconnectionstring",
    "signingsecret",
    "verificationtoken",
    "verifytoken",
];

/// Names of a channel's site that hold its keys.
const SITE_SECRETS: [&str; 2] = ["key", "key2"];

/// Replaces each secret of the resource and its facts. Tags stay: their names are anybody's, and rules read them.
pub(crate) fn remove_secrets(document: &mut AssetDocument) {
    if let Value::Object(fields) = &mut document.resource {
        for (_, value) in fields.iter_mut().filter(|(name, _)| *name != "tags") {
            remove(value);
        }
    }
    for fact in document.related.values_mut() {
        match fact {
            Fact::Read { value } => remove(value),
            Fact::Unreadable { partial, .. } => partial.iter_mut().for_each(remove),
        }
    }
}

fn remove(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                match value {
                    Value::String(text) if is_among(name, &SECRETS) => leave_out(text),
                    Value::Array(sites) if name == "sites" => {
                        sites.iter_mut().for_each(remove_site);
                    }
                    _ if name == "tags" => {}
                    other => remove(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(remove),
        _ => {}
    }
}

fn remove_site(site: &mut Value) {
    for (name, value) in site.as_object_mut().into_iter().flatten() {
        match value {
            Value::String(text) if is_among(name, &SITE_SECRETS) => leave_out(text),
            _ => {}
        }
    }
    remove(site);
}

fn leave_out(secret: &mut String) {
    if !secret.is_empty() {
        LEFT_OUT.clone_into(secret);
    }
}

fn is_among(name: &str, secrets: &[&str]) -> bool {
    secrets.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_go_and_all_else_stays() {
        let channel = json!({"properties": {"properties": {
            "sites": [{"siteName": "Default Site", "key": "one", "key2": null, "isV1Enabled": true}],
            "extensionKey1": "two", "ExtensionKey2": "three",
        }}});
        let resource = json!({
            "tags": {"key": "value", "password": "a tag"},
            "properties": {"developerAppInsightsApiKey": "four", "keyVaultProperties": {"keyName": "cmk"}, "password": ""},
            "rateLimits": [{"key": "request", "count": 3}],
        });
        let related = [("channels".to_owned(), Fact::Read { value: json!([channel]) })].into();
        let mut document = AssetDocument { resource, related };
        remove_secrets(&mut document);
        let text = document.canonical_text();
        for secret in ["one", "two", "three", "four"] {
            assert!(!text.contains(&format!("\"{secret}\"")), "{text}");
        }
        assert_eq!(document.resource["tags"], json!({"key": "value", "password": "a tag"}));
        assert_eq!(document.resource["properties"]["keyVaultProperties"]["keyName"], "cmk");
        assert_eq!(document.resource["properties"]["password"], "");
        assert_eq!(document.resource["rateLimits"][0]["key"], "request");
        assert!(text.contains("\"isV1Enabled\":true"), "{text}");
    }
}
