//! Machine Learning workspaces: public access, and what all their rules ask of kinds, networks and computes.

use postern_rules_sdk::{
    AssetContext, Judgement, MACHINE_LEARNING_WORKSPACE, Node, Outcome, Read, Reading, Remedy,
    Rule, Severity, Topic, Unreadable, Verdict,
};

use super::public_access::disabled;
use crate::groundwork::azure::{DEFENDER_AI, PUBLIC_NETWORK_ACCESS, WORKSPACES};

/// Lists the computes of a workspace.
pub const COMPUTES: &str = "Compute_List 2026-05-01";
/// Lists the online endpoints of a workspace.
pub const ONLINE_ENDPOINTS: &str = "OnlineEndpoints_List 2025-09-01";
/// Lists the deployments of an online endpoint.
pub const ONLINE_DEPLOYMENTS: &str = "OnlineDeployments_List 2025-09-01";
/// Lists the serverless endpoints of a workspace.
pub const SERVERLESS_ENDPOINTS: &str = "ServerlessEndpoints_List 2026-05-01";

/// What Microsoft documents for an absent kind.
pub const KIND_ABSENT: &str = "Default";
/// What the API documents for an absent type of compute.
pub const TYPE_ABSENT: &str =
    "not possible: the type is a required property, so the entry is unknown";
/// How the managed network is called.
pub const ISOLATION: &str = "properties.managedNetwork.isolationMode";
/// What an absent isolation mode means.
pub const ISOLATION_ABSENT: &str =
    "Disabled: there is no managed network, so nothing limits outbound calls";

/// The clusters and instances that Machine Learning itself runs; the other types are attached from elsewhere.
pub const MANAGED_COMPUTES: [&str; 2] = ["AmlCompute", "ComputeInstance"];
/// The words for a rule that skips attached computes.
pub const NO_MANAGED_COMPUTE: &str = "The workspace has no cluster and no compute instance.";

/// What hubs pass on to their projects.
pub const HUB_GUIDE: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/094ebedca6c10697896dfce39288bdc0296f59b4/articles/machine-learning/concept-hub-workspace.md";
/// Microsoft's guide to the managed network of a workspace.
pub const MANAGED_NETWORK_GUIDE: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/d675e2ffa1225f61fc3f8eb22b04c935b0dd21df/articles/machine-learning/how-to-managed-network.md";
/// Microsoft's guide to online endpoints and networks.
pub const SECURE_ENDPOINT_GUIDE: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/8f2b68ee82f40d551cd30f12a6b15ba40f16b319/articles/machine-learning/concept-secure-online-endpoint.md";
/// The schema of workspaces and their outbound rules.
pub const WORKSPACE_SCHEMA: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/machinelearningservices/resource-manager/Microsoft.MachineLearningServices/stable/2025-09-01/workspaceRP.json";
/// The schema of computes.
pub const COMPUTE_SCHEMA: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/machinelearningservices/resource-manager/Microsoft.MachineLearningServices/stable/2025-09-01/machineLearningServices.json";
/// What API version 2026-05-01 has of computes, serverless endpoints and connections.
pub const TYPES_OF_2026: &str = "https://github.com/Azure/bicep-types-az/blob/1f896de2db966ad91e8f7d7d981e11d32e4f5d8d/generated/machinelearningservices/microsoft.machinelearningservices/2026-05-01/types.md";
/// The schema of endpoints, deployments and datastores.
pub const ENDPOINT_SCHEMA: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/machinelearningservices/resource-manager/Microsoft.MachineLearningServices/stable/2025-09-01/mfe.json";

const ACCESS_ABSENT: &str = "not disabled: the schema has no default, and Azure's policy 438c38d2 treats a missing value as non-compliant";
const BEHIND: &str = "properties.allowPublicAccessWhenBehindVnet";
const BEHIND_ABSENT: &str = "false: the schema's default";

/// NET-13.
pub static PUBLIC_ACCESS: Rule = Rule {
    id: "NET-13",
    title: "Public network access to the workspace is disabled",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium (PSRule: critical)",
    rationale: "The workspace's end point answers to the internet: studio, jobs and data assets are one stolen token away. \
                With public access disabled only private endpoints reach it. \
                A project takes the value of its hub when it is made and keeps one of its own, so it is judged too.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[Read { path: PUBLIC_NETWORK_ACCESS, source: WORKSPACES, absent: ACCESS_ABSENT }],
    settings: &[],
    remedy: Remedy {
        summary: "Create a private endpoint first (on the hub, for a project), then disable public network access.",
        az: Some("az resource update --ids $ID --set properties.publicNetworkAccess=Disabled"),
        bicep: Some(
            "resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-09-01' = {\n  properties: {\n    publicNetworkAccess: 'Disabled'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_machine_learning_workspace\" \"this\" {\n  public_network_access_enabled = false\n}",
        ),
        portal: Some("The workspace > Settings > Networking > Public access > Disabled"),
    },
    policies: &["438c38d2-3772-465a-a9cc-7a6666a275ce", "a10ee784-7409-4941-b091-663697637c0f"],
    policy_difference: "",
    controls: &[
        "mcsb-v1:NS-2",
        "mcsb-v2:NS-2",
        "nist-800-53-r5:AC-3",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:AC-6",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
    ],
    references: &[DEFENDER_AI, HUB_GUIDE],
    judge: |asset| disabled(asset, &["Disabled"], "Disabled", ACCESS_ABSENT),
};

/// NET-14: the older switch, which can undo NET-13.
pub static BEHIND_NETWORK: Rule = Rule {
    id: "NET-14",
    title: "The workspace allows no public access from behind a virtual network",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement: it undoes NET-13, which is medium",
    rationale: "This older switch and publicNetworkAccess override each other: the last one written wins. \
                Left on, it can open a workspace again that was made private.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[Read { path: BEHIND, source: WORKSPACES, absent: BEHIND_ABSENT }],
    settings: &[],
    remedy: Remedy {
        summary: "Switch allowPublicAccessWhenBehindVnet off, then look again at publicNetworkAccess.",
        az: Some(
            "az resource update --ids $ID --set properties.allowPublicAccessWhenBehindVnet=false",
        ),
        bicep: Some(
            "resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-09-01' = {\n  properties: {\n    allowPublicAccessWhenBehindVnet: false\n    publicNetworkAccess: 'Disabled'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.MachineLearningServices/workspaces@2025-09-01\"\n  resource_id = azurerm_machine_learning_workspace.this.id\n  body = {\n    properties = {\n      allowPublicAccessWhenBehindVnet = false\n      publicNetworkAccess             = \"Disabled\"\n    }\n  }\n}",
        ),
        portal: Some("The workspace > Settings > Networking > Public access > Disabled"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[WORKSPACE_SCHEMA],
    judge: behind_network,
};

fn behind_network(asset: &AssetContext<'_>) -> Outcome {
    let allowed = asset.flag(BEHIND)?;
    let evidence = allowed.expected_or("false", BEHIND_ABSENT);
    Ok(if allowed.is_true() {
        Judgement::fail(
            "Public access is allowed although the workspace is behind a virtual network.",
            evidence,
        )
    } else {
        Judgement::pass("The older switch does not open the workspace to the internet.", evidence)
    })
}

/// `Some(not applicable)` where the workspace is a project, which has from its hub what the rule is about.
pub fn of_hub(
    asset: &AssetContext<'_>,
    summary: &'static str,
) -> Result<Option<Judgement>, Unreadable> {
    let kind = asset.text("kind")?;
    Ok(kind.is("Project").then(|| {
        Judgement::not_applicable(summary, kind.expected("a workspace that is not a project"))
    }))
}

/// The isolation mode, and whether it means that there is a managed network.
pub fn managed_network<'a>(
    asset: &AssetContext<'a>,
) -> Result<(bool, Reading<'a, &'a str>), Unreadable> {
    let mode = asset.text(ISOLATION)?;
    Ok((mode.is_any_of(&["AllowInternetOutbound", "AllowOnlyApprovedOutbound"]), mode))
}

/// Whether a compute is of one of these types; unreadable where it does not say its type.
pub fn is_compute(compute: &Node<'_>, types: &[&str]) -> Result<bool, Unreadable> {
    let kind = compute.text("properties.computeType")?;
    if kind.is_absent() {
        return Err(Unreadable::new(
            kind.expected("a type of compute"),
            "Azure names the type of every compute, so this entry is not understood.",
        ));
    }
    Ok(kind.is_any_of(types))
}

/// The settings of a compute of one of these types, `None` where it is of another;
/// unreadable where the compute was listed without them.
pub fn compute_settings<'a>(
    compute: &Node<'a>,
    types: &[&str],
) -> Result<Option<Node<'a>>, Unreadable> {
    if !is_compute(compute, types)? {
        return Ok(None);
    }
    let settings = compute.object("properties.properties")?;
    if settings.is_absent() {
        return Err(Unreadable::new(
            settings.expected("the settings of the compute"),
            "The compute was listed without its settings.",
        ));
    }
    compute.child("properties.properties")
}

/// Whether an online endpoint is on Kubernetes; only such a one names a compute.
pub fn is_on_kubernetes(endpoint: &Node<'_>) -> Result<bool, Unreadable> {
    Ok(endpoint.text("kind")?.is("Kubernetes") || endpoint.text("properties.compute")?.is_given())
}

/// What a rule says of two lists: one failure is enough, and what could not be read outweighs a pass.
pub fn both(first: Outcome, second: Outcome) -> Outcome {
    let weight = |outcome: &Outcome| match outcome.as_ref().map(|judgement| judgement.verdict) {
        Ok(Verdict::Fail) => 0,
        Ok(Verdict::Unknown) | Err(_) => 1,
        Ok(Verdict::Pass) => 2,
        Ok(Verdict::NotApplicable) => 3,
    };
    let (heavier, lighter) =
        if weight(&second) < weight(&first) { (second, first) } else { (first, second) };
    let mut judgement = heavier?;
    if let Ok(other) = lighter
        && other.verdict == judgement.verdict
    {
        judgement.evidence.extend(other.evidence);
    }
    Ok(judgement)
}
