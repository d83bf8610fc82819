//! Role definitions and assignments (2022-04-01).

use serde_json::{Value, json};

use crate::random::uuid;

/// A built-in role.
#[derive(Debug)]
pub(in crate::estate) struct Role {
    pub id: &'static str,
    pub name: &'static str,
    actions: &'static [&'static str],
    data_actions: &'static [&'static str],
}

pub(in crate::estate) const OWNER: Role = Role {
    id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    name: "Owner",
    actions: &["*"],
    data_actions: &[],
};
pub(in crate::estate) const CONTRIBUTOR: Role = Role {
    id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
    name: "Contributor",
    actions: &["*"],
    data_actions: &[],
};
pub(in crate::estate) const READER: Role = Role {
    id: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    name: "Reader",
    actions: &["*/read"],
    data_actions: &[],
};
pub(in crate::estate) const COGNITIVE_CONTRIBUTOR: Role = Role {
    id: "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68",
    name: "Cognitive Services Contributor",
    actions: &["Microsoft.CognitiveServices/*", "Microsoft.Resources/subscriptions/read"],
    data_actions: &[],
};
pub(in crate::estate) const OPENAI_USER: Role = Role {
    id: "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
    name: "Cognitive Services OpenAI User",
    actions: &["Microsoft.CognitiveServices/*/read"],
    data_actions: &[
        "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action",
    ],
};
/// The built-in roles that are assigned in the estates.
pub(in crate::estate) const ROLES: [&Role; 5] =
    [&OWNER, &CONTRIBUTOR, &READER, &COGNITIVE_CONTRIBUTOR, &OPENAI_USER];

impl Role {
    /// The built-in role as Resource Graph shows it, in no subscription.
    pub(in crate::estate) fn definition(&self) -> Value {
        definition(
            &format!("/providers/Microsoft.Authorization/RoleDefinitions/{}", self.id),
            (self.name, "BuiltInRole"),
            "/",
            (self.actions, self.data_actions),
        )
    }
}

/// A custom role of a subscription.
pub(in crate::estate) fn custom_role(subscription: &str, name: &str, actions: &[&str]) -> Value {
    let scope = format!("/subscriptions/{subscription}");
    let id = custom_role_id(subscription, name);
    definition(
        &format!("{scope}/providers/Microsoft.Authorization/roleDefinitions/{id}"),
        (name, "CustomRole"),
        &scope,
        (actions, &[]),
    )
}

/// The name in the id of a custom role.
pub(in crate::estate) fn custom_role_id(subscription: &str, name: &str) -> String {
    uuid(0, &[subscription, name, "role"])
}

fn definition(
    id: &str,
    (name, kind): (&str, &str),
    scope: &str,
    (actions, data_actions): (&[&str], &[&str]),
) -> Value {
    json!({
        "id": id,
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": super::name_of(id),
        "properties": {
            "roleName": name,
            "type": kind,
            "description": "",
            "assignableScopes": [scope],
            "permissions": [{
                "actions": actions, "notActions": [], "dataActions": data_actions, "notDataActions": []
            }],
            "createdOn": "2024-02-02T21:55:09.8806423Z",
            "updatedOn": "2024-07-07T20:27:50.9966612Z",
            "createdBy": null,
            "updatedBy": null
        }
    })
}

/// Somebody's role somewhere: `principal` is an object id, `kind` `User`, `Group` or `ServicePrincipal`.
pub(in crate::estate) fn assignment(
    scope: &str,
    role: &str,
    (principal, kind): (&str, &str),
    since: &str,
) -> Value {
    let name = uuid(0, &[scope, role, principal]);
    let home = match scope.split('/').collect::<Vec<_>>().as_slice() {
        ["", "subscriptions", subscription, ..] => format!("/subscriptions/{subscription}"),
        _ => String::new(),
    };
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"),
        "type": "Microsoft.Authorization/roleAssignments",
        "name": name,
        "properties": {
            "roleDefinitionId": format!("{home}/providers/Microsoft.Authorization/roleDefinitions/{role}"),
            "principalId": principal,
            "principalType": kind,
            "scope": scope,
            "condition": null,
            "conditionVersion": null,
            "createdOn": since,
            "updatedOn": since,
            "createdBy": uuid(0, &["administrator", "object"]),
            "updatedBy": uuid(0, &["administrator", "object"]),
            "delegatedManagedIdentityResourceId": null,
            "description": null
        }
    })
}
