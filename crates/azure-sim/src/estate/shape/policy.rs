//! Policy assignments, exemptions and states.

use serde_json::{Value, json};

use super::{Stamp, name_of, with};
use crate::random::uuid;

/// A built-in policy that concerns AI resources.
#[derive(Debug)]
pub(in crate::estate) struct Definition {
    pub id: &'static str,
    /// The name that assignments of it get.
    pub assignment: &'static str,
    pub title: &'static str,
    pub is_set: bool,
}

pub(in crate::estate) const NETWORK: Definition = Definition {
    id: "037eea7a-bd0a-46c5-9a66-03aea78705d3",
    assignment: "ai-restrict-network",
    title: "Azure AI Services resources should restrict network access",
    is_set: false,
};
pub(in crate::estate) const LOCAL_AUTH: Definition = Definition {
    id: "71ef260a-8f18-47b7-abcb-62d0673d94dc",
    assignment: "ai-no-local-auth",
    title: "Azure AI Services resources should have key access disabled (disable local authentication)",
    is_set: false,
};
pub(in crate::estate) const DIAGNOSTICS: Definition = Definition {
    id: "1b4d1c4e-934c-4703-944c-27c82c06bebb",
    assignment: "ai-diagnostics",
    title: "Diagnostic logs in Azure AI services resources should be enabled",
    is_set: false,
};
pub(in crate::estate) const BENCHMARK: Definition = Definition {
    id: "1f3afdf9-d0c9-4c3d-847f-89da613e70a8",
    assignment: "SecurityCenterBuiltIn",
    title: "Microsoft cloud security benchmark",
    is_set: true,
};
pub(in crate::estate) const LOCATIONS: Definition = Definition {
    id: "e56962a6-4747-49cd-b67b-bf8b01975c4c",
    assignment: "allowed-locations",
    title: "Allowed locations",
    is_set: false,
};

impl Definition {
    pub(in crate::estate) fn path(&self) -> String {
        let kind = if self.is_set { "policySetDefinitions" } else { "policyDefinitions" };
        format!("/providers/Microsoft.Authorization/{kind}/{}", self.id)
    }

    /// The id of its assignment at a scope.
    pub(in crate::estate) fn assignment_id(&self, scope: &str) -> String {
        format!("{scope}/providers/Microsoft.Authorization/policyAssignments/{}", self.assignment)
    }
}

/// An assignment (2025-03-01); `parameters` as Azure wraps them, `mode` is `Default` or `DoNotEnforce`.
pub(in crate::estate) fn assignment(
    definition: &Definition,
    scope: &str,
    parameters: &Value,
    mode: &str,
    not_scopes: &[String],
    stamp: Stamp<'_>,
) -> Value {
    json!({
        "id": definition.assignment_id(scope),
        "type": "Microsoft.Authorization/policyAssignments",
        "name": definition.assignment,
        "properties": {
            "displayName": definition.title,
            "description": "",
            "policyDefinitionId": definition.path(),
            "definitionVersion": "1.*.*",
            "scope": scope,
            "notScopes": not_scopes,
            "parameters": parameters,
            "metadata": {
                "assignedBy": stamp.by, "createdBy": uuid(0, &[stamp.by, "object"]), "createdOn": stamp.at,
                "updatedBy": null, "updatedOn": null
            },
            "enforcementMode": mode,
            "nonComplianceMessages": [],
            "instanceId": uuid(0, &[scope, definition.id, "instance"])
        },
        "systemData": stamp.system_data()
    })
}

/// An exemption (2022-07-01-preview); `expires` is left out where it is `None`.
pub(in crate::estate) fn exemption(
    scope: &str,
    name: &str,
    assignment: &str,
    (category, reason): (&str, &str),
    expires: Option<&str>,
    stamp: Stamp<'_>,
) -> Value {
    let mut properties = json!({
        "policyAssignmentId": assignment,
        "policyDefinitionReferenceIds": [],
        "exemptionCategory": category,
        "displayName": format!("Exemption of {}", name_of(scope)),
        "description": reason,
        "metadata": {"requestedBy": stamp.by, "reason": reason}
    });
    if let Some(expires) = expires {
        properties["expiresOn"] = json!(expires);
    }
    with(
        json!({
            "id": format!("{scope}/providers/Microsoft.Authorization/policyExemptions/{name}"),
            "type": "Microsoft.Authorization/policyExemptions",
            "name": name,
            "systemData": stamp.system_data()
        }),
        "properties",
        properties,
    )
}

/// What Azure Policy says of a resource, as Resource Graph's `policyresources` shows it.
pub(in crate::estate) fn state(
    resource: &Value,
    definition: &Definition,
    assignment: &str,
    compliance: &str,
    timestamp: &str,
) -> Value {
    let id = resource["id"].as_str().unwrap_or_default();
    let hash = crate::random::hash(0, &[id, assignment]);
    let scope = assignment.split("/providers/Microsoft.Authorization/").next().unwrap_or_default();
    json!({
        "id": format!("{id}/providers/microsoft.policyinsights/policystates/{hash:016x}"),
        "name": format!("{hash:016x}"),
        "type": "Microsoft.PolicyInsights/policyStates",
        "location": resource["location"],
        "properties": {
            "timestamp": timestamp,
            "resourceId": id.to_ascii_lowercase(),
            "resourceType": resource["type"].as_str().unwrap_or_default().to_ascii_lowercase(),
            "resourceLocation": resource["location"],
            "resourceGroup": super::group_of(id).to_ascii_lowercase(),
            "subscriptionId": id.split('/').nth(2).unwrap_or_default(),
            "policyAssignmentId": assignment,
            "policyAssignmentName": name_of(assignment),
            "policyAssignmentScope": scope,
            "policyDefinitionId": definition.path(),
            "policyDefinitionName": definition.id,
            "policyDefinitionAction": "audit",
            "policyDefinitionReferenceId": "",
            "policySetDefinitionId": "",
            "complianceState": compliance,
            "isCompliant": compliance == "Compliant"
        }
    })
}
