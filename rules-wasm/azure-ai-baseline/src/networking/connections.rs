//! Connections that are to run over a private endpoint.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, MACHINE_LEARNING_WORKSPACE, Node, Outcome,
    Read, Remedy, Rule, Severity, Topic, Unreadable, Words, fact,
};

use super::agents::{READ_PROJECTS, has_no_projects};
use super::found::Found;
use super::sources::ACCOUNT_SCHEMA;
use super::workspace::TYPES_OF_2026;

const OWN_CONNECTIONS: &str =
    "AccountConnections_List 2025-06-01, WorkspaceConnections_List 2026-05-01";
const PROJECT_CONNECTIONS: &str = "ProjectConnections_List 2025-06-01";
const REQUIREMENT_ABSENT: &str = "NotApplicable: the connection needs no private endpoint";
const STATUS_ABSENT: &str = "NotApplicable: there is no private endpoint";
const WANTED: &str = "a connection that requires a private endpoint";

/// NET-36: accounts with projects, and workspaces.
pub static PRIVATE: Rule = Rule {
    id: "NET-36",
    title: "Connections that require a private endpoint have one",
    topic: Topic::Networking,
    severity: Severity::Low,
    severity_reason: "our own judgement: the connection fails, until somebody opens the target instead",
    rationale: "A connection that requires a private endpoint which is not active does not work. \
                The quick way out is to open the target to the internet, which is what the requirement was to prevent.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Accounts that manage no projects: they have no connections.",
        "Accounts and workspaces without a connection that requires a private endpoint.",
    ],
    never: &[],
    reads: &[
        READ_PROJECTS,
        Read {
            path: "connections[].properties.peRequirement",
            source: OWN_CONNECTIONS,
            absent: REQUIREMENT_ABSENT,
        },
        Read {
            path: "connections[].properties.peStatus",
            source: OWN_CONNECTIONS,
            absent: STATUS_ABSENT,
        },
        Read {
            path: "projectConnections[].properties.peRequirement",
            source: PROJECT_CONNECTIONS,
            absent: REQUIREMENT_ABSENT,
        },
        Read {
            path: "projectConnections[].properties.peStatus",
            source: PROJECT_CONNECTIONS,
            absent: STATUS_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Approve the private endpoint of the connection on the resource that it leads to, or create it again. The templates are for accounts; connections of workspaces are Microsoft.MachineLearningServices/workspaces/connections (API version 2026-05-01).",
        az: Some("az network private-endpoint-connection approve --id CONNECTION_ID_ON_THE_TARGET"),
        bicep: Some(
            "resource connection 'Microsoft.CognitiveServices/accounts/connections@2025-06-01' = {\n  parent: account\n  properties: {\n    peRequirement: 'Required'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.CognitiveServices/accounts/connections@2025-06-01\"\n  resource_id = \"$ID/connections/CONNECTION\"\n  body = {\n    properties = {\n      peRequirement = \"Required\"\n    }\n  }\n}",
        ),
        portal: Some("The target resource > Networking > Private endpoint connections > Approve"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ACCOUNT_SCHEMA, TYPES_OF_2026],
    judge: private,
};

fn private(asset: &AssetContext<'_>) -> Outcome {
    let is_account = asset.asset_type() == COGNITIVE_SERVICES_ACCOUNT;
    if is_account
        && let Some(without) =
            has_no_projects(asset, "The account has no projects and no connections.")?
    {
        return Ok(without);
    }
    let mut found = Found::default();
    let whole = found.add_fact(asset, fact::CONNECTIONS, WANTED, check);
    if is_account {
        found.add_fact(asset, fact::PROJECT_CONNECTIONS, WANTED, check);
    }
    let words = Words {
        pass: "Every connection that requires a private endpoint has one.",
        fail: "A connection requires a private endpoint and has none that is active.",
        none: "No connection requires a private endpoint.",
    };
    found.every(words, whole)
}

fn check(connection: &Node<'_>) -> Result<Check, Unreadable> {
    let requirement = connection.text("properties.peRequirement")?;
    if !requirement.is("Required") {
        return Ok(Check::Skip);
    }
    let status = connection.text("properties.peStatus")?;
    Ok(Check::of(status.is("Active"), status.expected_or("Active", STATUS_ABSENT)))
}
