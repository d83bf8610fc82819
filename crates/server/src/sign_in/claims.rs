//! What an ID token says beside who somebody is.

use std::collections::BTreeSet;

use openidconnect::AdditionalClaims;
use postern_domain::person::Claims;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Every claim that OpenID Connect does not define.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct OtherClaims(Map<String, Value>);

impl AdditionalClaims for OtherClaims {}

impl OtherClaims {
    /// Texts, and the texts of lists; nothing else can be a role.
    pub(super) fn texts(&self) -> Claims {
        fn text(value: &Value) -> Option<String> {
            value.as_str().map(str::to_owned)
        }
        self.0
            .iter()
            .filter_map(|(name, value)| {
                let texts: BTreeSet<String> = match value {
                    Value::Array(items) => items.iter().filter_map(text).collect(),
                    one => text(one).into_iter().collect(),
                };
                (!texts.is_empty()).then(|| (name.clone(), texts))
            })
            .collect()
    }

    /// Whether the provider left groups out because there are too many: Entra ID then says where to ask instead.
    ///
    /// Source: Microsoft identity platform, "Groups overage claim": `_claim_names` has a member `groups`, or `hasgroups`
    /// is true.
    pub(super) fn leaves_groups_out(&self) -> bool {
        let named = self.0.get("_claim_names").and_then(|names| names.get("groups")).is_some();
        named || self.0.get("hasgroups") == Some(&Value::Bool(true))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_and_lists_of_texts_are_claims() {
        let claims: OtherClaims = serde_json::from_value(json!({
            "roles": "Auditor", "groups": ["a", 7, "b"], "tid": 5, "deep": {"roles": ["x"]},
            "_claim_names": {"groups": "src1"},
        }))
        .unwrap();
        let texts = serde_json::to_value(claims.texts()).unwrap();
        assert_eq!(texts, json!({"roles": ["Auditor"], "groups": ["a", "b"]}));
        assert!(claims.leaves_groups_out());
        assert!(!OtherClaims::default().leaves_groups_out());
    }
}
