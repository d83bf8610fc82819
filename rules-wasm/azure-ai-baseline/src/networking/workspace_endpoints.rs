//! Online endpoints of a Machine Learning workspace: who can call them, and what their deployments can call.

use postern_rules_sdk::{
    AssetContext, Check, Judgement, MACHINE_LEARNING_WORKSPACE, Outcome, Read, Remedy, Rule,
    Severity, Topic, Words, fact,
};

use super::workspace::{
    ENDPOINT_SCHEMA, HUB_GUIDE, ISOLATION, ISOLATION_ABSENT, KIND_ABSENT, ONLINE_DEPLOYMENTS,
    ONLINE_ENDPOINTS, SECURE_ENDPOINT_GUIDE, is_on_kubernetes, managed_network, of_hub,
};
use crate::groundwork::azure::{LANDING_ZONE, WORKSPACES};

const ACCESS: &str = "properties.publicNetworkAccess";
const ACCESS_ABSENT: &str = "Enabled: the schema's default";
const EGRESS: &str = "properties.egressPublicNetworkAccess";
const EGRESS_ABSENT: &str = "Enabled: the schema's default";

/// NET-22.
pub static INBOUND: Rule = Rule {
    id: "NET-22",
    title: "Managed online endpoints are not reachable from the internet",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement, as for workspaces (AI landing zone checklist AI.105: high)",
    rationale: "An endpoint has a flag of its own: it can answer to the internet although its workspace is private. \
                With the flag off, only the workspace's private endpoint leads to the model.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Workspaces without a managed online endpoint.",
        "Endpoints on Kubernetes: their cluster decides who reaches them.",
    ],
    never: &[],
    reads: &[
        Read {
            path: "onlineEndpoints[].kind",
            source: ONLINE_ENDPOINTS,
            absent: "not documented: properties.compute decides",
        },
        Read {
            path: "onlineEndpoints[].properties.compute",
            source: ONLINE_ENDPOINTS,
            absent: "a managed endpoint: only those on Kubernetes name a compute",
        },
        Read {
            path: "onlineEndpoints[].properties.publicNetworkAccess",
            source: ONLINE_ENDPOINTS,
            absent: ACCESS_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Give the workspace a private endpoint, then disable the endpoint's public network access.",
        az: Some(
            "az ml online-endpoint update --resource-group RG --workspace-name $NAME --name ENDPOINT --set public_network_access=disabled",
        ),
        bicep: Some(
            "resource endpoint 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints@2025-09-01' = {\n  parent: workspace\n  properties: {\n    publicNetworkAccess: 'Disabled'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"endpoint\" {\n  type        = \"Microsoft.MachineLearningServices/workspaces/onlineEndpoints@2025-09-01\"\n  resource_id = \"${azurerm_machine_learning_workspace.this.id}/onlineEndpoints/ENDPOINT\"\n  body = {\n    properties = {\n      publicNetworkAccess = \"Disabled\"\n    }\n  }\n}",
        ),
        portal: Some(
            "Machine Learning studio > Endpoints > Create > Public network access > Disabled",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[SECURE_ENDPOINT_GUIDE, LANDING_ZONE, ENDPOINT_SCHEMA],
    judge: inbound,
};

/// NET-23.
pub static OUTBOUND: Rule = Rule {
    id: "NET-23",
    title: "Managed online deployments do not call out over the internet",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement: model code that can call out can leak what it is asked",
    rationale: "Without a managed network each deployment decides for itself whether it may use the internet. \
                Disabled, it reaches the workspace's storage, registry and API through private endpoints only.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Workspaces with a managed network: Azure ignores the flag there, and NET-16 judges the network.",
        "Projects: their deployments use the managed network of their hub.",
        "Workspaces without a managed online deployment.",
        "Deployments on Kubernetes: their cluster decides where they reach.",
    ],
    never: &[],
    reads: &[
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
        Read { path: ISOLATION, source: WORKSPACES, absent: ISOLATION_ABSENT },
        Read {
            path: "onlineDeployments[].properties.endpointComputeType",
            source: ONLINE_DEPLOYMENTS,
            absent: "not documented: taken as Managed, so that the rule applies",
        },
        Read {
            path: "onlineDeployments[].properties.egressPublicNetworkAccess",
            source: ONLINE_DEPLOYMENTS,
            absent: EGRESS_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Switch the managed network of the workspace on (Microsoft advises this), or create the deployment again with egress disabled; it cannot be changed later.",
        az: Some(
            "az resource update --ids $ID --set properties.managedNetwork.isolationMode=AllowOnlyApprovedOutbound",
        ),
        bicep: Some(
            "resource deployment 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments@2025-09-01' = {\n  parent: endpoint\n  properties: {\n    egressPublicNetworkAccess: 'Disabled'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_machine_learning_workspace\" \"this\" {\n  managed_network {\n    isolation_mode = \"AllowOnlyApprovedOutbound\"\n  }\n}",
        ),
        portal: Some(
            "The workspace > Settings > Networking > Workspace managed outbound access > Allow Only Approved Outbound",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[SECURE_ENDPOINT_GUIDE, HUB_GUIDE, ENDPOINT_SCHEMA],
    judge: outbound,
};

fn inbound(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "No managed online endpoint answers to the internet.",
        fail: "A managed online endpoint answers to the internet.",
        none: "The workspace has no managed online endpoint.",
    };
    asset.related(fact::ONLINE_ENDPOINTS)?.every(words, |endpoint| {
        if is_on_kubernetes(endpoint)? {
            return Ok(Check::Skip);
        }
        let access = endpoint.text(ACCESS)?;
        let evidence = access.expected_or("Disabled", ACCESS_ABSENT);
        Ok(Check::of(access.is("Disabled"), evidence))
    })
}

fn outbound(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "No managed online deployment calls out over the internet.",
        fail: "A managed online deployment may call out over the internet.",
        none: "The workspace has no managed online deployment.",
    };
    if let Some(project) = of_hub(asset, "A project's deployments use its hub's managed network.")?
    {
        return Ok(project);
    }
    let (is_managed, mode) = managed_network(asset)?;
    if is_managed {
        return Ok(Judgement::not_applicable(
            "With a managed network, that network decides where deployments may call.",
            mode.expected("no managed network"),
        ));
    }
    asset.related(fact::ONLINE_DEPLOYMENTS)?.every(words, |deployment| {
        if deployment.text("properties.endpointComputeType")?.is("Kubernetes") {
            return Ok(Check::Skip);
        }
        let egress = deployment.text(EGRESS)?;
        let evidence = egress.expected_or("Disabled", EGRESS_ABSENT);
        Ok(Check::of(egress.is("Disabled"), evidence))
    })
}
