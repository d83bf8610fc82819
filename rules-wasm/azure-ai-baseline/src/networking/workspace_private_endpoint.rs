//! The private endpoint of a Machine Learning workspace: a way in that is not the internet.

use postern_rules_sdk::{
    AssetContext, MACHINE_LEARNING_WORKSPACE, Outcome, Read, Remedy, Rule, Severity, Topic,
};

use super::private_endpoint::{self, ABSENT, CONNECTIONS};
use super::workspace::{HUB_GUIDE, KIND_ABSENT, of_hub};
use crate::groundwork::azure::WORKSPACES;

/// NET-15.
pub static APPROVED: Rule = Rule {
    id: "NET-15",
    title: "The workspace has an approved private endpoint",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement, as for accounts",
    rationale: "Without an approved private endpoint the only way to this workspace is its public end point, so public access cannot be closed. \
                A connection that is pending or rejected carries no traffic.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &["Projects: the private endpoint of their hub leads to them too."],
    never: &[],
    reads: &[
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
        Read { path: CONNECTIONS, source: WORKSPACES, absent: ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create a private endpoint for the group `amlworkspace` and approve its connection.",
        az: Some(
            "az network private-endpoint create --resource-group RG --name NAME --subnet SUBNET_ID --connection-name NAME --private-connection-resource-id $ID --group-id amlworkspace",
        ),
        bicep: Some(
            "resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {\n  properties: {\n    subnet: {\n      id: subnetId\n    }\n    privateLinkServiceConnections: [\n      {\n        name: 'workspace'\n        properties: {\n          privateLinkServiceId: workspace.id\n          groupIds: [\n            'amlworkspace'\n          ]\n        }\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_private_endpoint\" \"this\" {\n  subnet_id = azurerm_subnet.this.id\n\n  private_service_connection {\n    name                           = \"workspace\"\n    private_connection_resource_id = azurerm_machine_learning_workspace.this.id\n    subresource_names              = [\"amlworkspace\"]\n    is_manual_connection           = false\n  }\n}",
        ),
        portal: Some(
            "The workspace > Settings > Networking > Private endpoint connections > Private endpoint",
        ),
    },
    policies: &["45e05259-1eb5-4f70-9574-baf73e9d219b", "7838fd83-5cbb-4b5d-888c-bfa240972597"],
    policy_difference: "Azure's policies ask for a private endpoint on projects too, which are reached through that of their hub: here a project is not applicable.",
    controls: &[
        "mcsb-v1:NS-2",
        "mcsb-v2:NS-2",
        "nist-800-53-r5:AC-17",
        "nist-800-53-r5:AC-17(1)",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
    ],
    references: &[HUB_GUIDE],
    judge: approved,
};

fn approved(asset: &AssetContext<'_>) -> Outcome {
    if let Some(project) =
        of_hub(asset, "A project is reached through its hub's private endpoint.")?
    {
        return Ok(project);
    }
    private_endpoint::approved(asset)
}
