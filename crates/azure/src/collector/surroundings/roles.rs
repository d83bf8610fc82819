//! Roles that own AI assets, write them, or list and regenerate their keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use postern_domain::gap::GapReason;
use serde_json::{Value, json};

use crate::client::{ArmList, Failure};
use crate::collector::permissions::matches;
use crate::operation::RESOURCES;

/// What a role must grant at least one of, to be of interest.
///
/// Sources: Microsoft's built-in roles and the operations of each resource provider.
const POWERS: [&str; 22] = [
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.CognitiveServices/accounts/write",
    "Microsoft.CognitiveServices/accounts/listKeys/action",
    "Microsoft.CognitiveServices/accounts/regenerateKey/action",
    "Microsoft.Search/searchServices/write",
    "Microsoft.Search/searchServices/listAdminKeys/action",
    "Microsoft.Search/searchServices/listQueryKeys/action",
    "Microsoft.Search/searchServices/regenerateAdminKey/action",
    "Microsoft.MachineLearningServices/workspaces/write",
    "Microsoft.MachineLearningServices/workspaces/listKeys/action",
    "Microsoft.MachineLearningServices/workspaces/connections/listSecrets/action",
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/listKeys/action",
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/regenerateKeys/action",
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/token/action",
    "Microsoft.MachineLearningServices/workspaces/batchEndpoints/listKeys/action",
    "Microsoft.MachineLearningServices/workspaces/serverlessEndpoints/listKeys/action",
    "Microsoft.MachineLearningServices/workspaces/datastores/listSecrets/action",
    "Microsoft.MachineLearningServices/workspaces/computes/listKeys/action",
    "Microsoft.MachineLearningServices/workspaces/listStorageAccountKeys/action",
    "Microsoft.BotService/botServices/connections/listWithSecrets/write",
    "Microsoft.BotService/botServices/write",
    "Microsoft.BotService/botServices/channels/listChannelWithKeys/action",
];

/// The definitions of roles, by the last part of their ids, which is the same in every scope.
#[derive(Debug, Default)]
pub(in crate::collector) struct Roles {
    definitions: BTreeMap<String, Arc<Value>>,
    /// Why they are not all.
    failure: Option<GapReason>,
}

impl Roles {
    pub fn new(list: ArmList) -> Self {
        let definitions = list.entries.into_iter().filter_map(|definition| {
            let id = definition.get("id")?.as_str()?;
            Some((guid(id), Arc::new(definition)))
        });
        Self {
            definitions: definitions.collect(),
            failure: list.failure.map(|Failure(reason)| reason),
        }
    }

    /// Why an assignment's role may be unknown.
    pub fn failure(&self) -> Option<&GapReason> {
        self.failure.as_ref()
    }

    pub fn label() -> String {
        RESOURCES.label()
    }

    /// An assignment with its definition, if the role has powers or nobody knows whether it has.
    pub fn powerful(&self, assignment: &Value) -> Option<Value> {
        let role = assignment.pointer("/properties/roleDefinitionId").and_then(Value::as_str);
        let definition = role.and_then(|role| self.definitions.get(&guid(role)));
        match definition {
            Some(definition) if !has_powers(definition) => None,
            Some(definition) => {
                Some(json!({"assignment": assignment, "definition": &**definition}))
            }
            None => Some(json!({"assignment": assignment, "definition": null})),
        }
    }

    /// The tenant's own roles with powers that can be assigned in a subscription.
    pub fn custom(&self, subscription: &str) -> Vec<Value> {
        let scope = format!("/subscriptions/{subscription}");
        let is_custom = |definition: &&Arc<Value>| {
            let kind = definition.pointer("/properties/type").and_then(Value::as_str);
            kind.is_some_and(|kind| kind.eq_ignore_ascii_case("CustomRole"))
        };
        let reaches = |definition: &&Arc<Value>| {
            let scopes =
                definition.pointer("/properties/assignableScopes").and_then(Value::as_array);
            scopes.into_iter().flatten().filter_map(Value::as_str).any(|assignable| {
                let assignable = assignable.trim_end_matches('/').to_ascii_lowercase();
                // A management group may be above the subscription; only Azure knows.
                assignable.is_empty()
                    || assignable.starts_with("/providers/")
                    || assignable == scope
                    || assignable.starts_with(&format!("{scope}/"))
            })
        };
        let custom = self.definitions.values().filter(is_custom).filter(reaches);
        custom.filter(|definition| has_powers(definition)).map(|found| (**found).clone()).collect()
    }
}

fn has_powers(definition: &Value) -> bool {
    let permissions = definition.pointer("/properties/permissions").and_then(Value::as_array);
    permissions.into_iter().flatten().any(|permission| {
        let any = |key: &str, power: &str| {
            let patterns = permission.get(key).and_then(Value::as_array);
            patterns
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .any(|pattern| matches(pattern, power))
        };
        POWERS.iter().any(|power| any("actions", power) && !any("notActions", power))
    })
}

/// The last part of an id, in lower case.
fn guid(id: &str) -> String {
    id.rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(guid: &str, kind: &str, actions: &[&str], not_actions: &[&str]) -> Value {
        json!({"id": format!("/providers/Microsoft.Authorization/roleDefinitions/{guid}"), "properties": {
            "type": kind, "assignableScopes": ["/"],
            "permissions": [{"actions": actions, "notActions": not_actions}]
        }})
    }

    fn assignment(guid: &str) -> Value {
        json!({"properties": {"roleDefinitionId":
            format!("/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{guid}")}})
    }

    #[test]
    fn only_roles_with_powers_are_kept_and_unknown_ones() {
        let roles = Roles::new(ArmList {
            entries: vec![
                definition("OWNER", "BuiltInRole", &["*"], &[]),
                definition("reader", "BuiltInRole", &["*/read"], &[]),
                definition(
                    "key-reader",
                    "CustomRole",
                    &["Microsoft.CognitiveServices/*/action"],
                    &[],
                ),
            ],
            failure: None,
        });
        let owner = roles.powerful(&assignment("owner")).unwrap();
        assert_eq!(owner["definition"]["properties"]["type"], "BuiltInRole");
        assert!(roles.powerful(&assignment("reader")).is_none());
        assert_eq!(roles.powerful(&assignment("unknown")).unwrap()["definition"], Value::Null);
        assert_eq!(roles.custom("s").len(), 1);
    }
}
