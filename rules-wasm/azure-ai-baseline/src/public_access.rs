//! Public network access: whether the end point answers to the internet at all.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, MACHINE_LEARNING_WORKSPACE, Outcome, Read,
    Rule, SEARCH_SERVICE, Severity, Topic,
};

use crate::azure::{
    ACCOUNTS, DEFENDER_AI, PUBLIC_NETWORK_ACCESS, SERVICES, VIRTUAL_NETWORKS, WORKSPACES,
};

const ACCOUNT_ABSENT: &str =
    "enabled: Azure's policy 037eea7a treats a missing value as not Disabled";
const WORKSPACE_ABSENT: &str = "not disabled: the schema has no default, and Azure's policy 438c38d2 treats a missing value as non-compliant";
const SEARCH_ABSENT: &str = "enabled: the schema's default";
const BEHIND_NETWORK_ABSENT: &str = "false: the schema's default";

/// NET-01: accounts.
pub static ACCOUNT: Rule = Rule {
    id: "NET-01",
    title: "Public network access to the account is disabled",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium",
    rationale: "The account's end point answers to the internet, so a leaked key or token is enough to use it from anywhere. \
                With public access disabled only private endpoints reach it.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    reads: &[Read { path: PUBLIC_NETWORK_ACCESS, source: ACCOUNTS, absent: ACCOUNT_ABSENT }],
    remediation: "Create a private endpoint first, then disable public network access.",
    az: Some("az resource update --ids $ID --set properties.publicNetworkAccess=Disabled"),
    policies: &["037eea7a-bd0a-46c5-9a66-03aea78705d3", "47ba1dd7-28d9-4b07-a8d5-9813bed64e0c"],
    references: &[VIRTUAL_NETWORKS, DEFENDER_AI],
    judge: |asset| disabled(asset, &["Disabled"], "Disabled", ACCOUNT_ABSENT),
};

/// NET-13: workspaces.
pub static WORKSPACE: Rule = Rule {
    id: "NET-13",
    title: "Public network access to the workspace is disabled",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium (PSRule: critical)",
    rationale: "The workspace's end point answers to the internet: studio, jobs and data assets are one stolen token away. \
                With public access disabled only private endpoints reach it.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    reads: &[Read { path: PUBLIC_NETWORK_ACCESS, source: WORKSPACES, absent: WORKSPACE_ABSENT }],
    remediation: "Create a private endpoint first, then disable public network access.",
    az: Some("az resource update --ids $ID --set properties.publicNetworkAccess=Disabled"),
    policies: &["438c38d2-3772-465a-a9cc-7a6666a275ce", "a10ee784-7409-4941-b091-663697637c0f"],
    references: &[DEFENDER_AI],
    judge: |asset| disabled(asset, &["Disabled"], "Disabled", WORKSPACE_ABSENT),
};

/// NET-27: Search services.
pub static SEARCH: Rule = Rule {
    id: "NET-27",
    title: "Public network access to the search service is disabled",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud (through policy 037eea7a): medium",
    rationale: "The search end point answers to the internet, and with it the indexed documents. \
                With public access disabled, or secured by a network security perimeter, only known networks reach it.",
    asset_types: &[SEARCH_SERVICE],
    reads: &[Read { path: PUBLIC_NETWORK_ACCESS, source: SERVICES, absent: SEARCH_ABSENT }],
    remediation: "Create a private endpoint first, then disable public network access.",
    az: Some("az search service update --ids $ID --public-access Disabled"),
    policies: &["ee980b6d-0eca-4501-8d54-f6290fd512c3", "9cee519f-d9c1-4fd9-9f79-24ec3449ed30"],
    references: &[DEFENDER_AI],
    judge: |asset| {
        disabled(
            asset,
            &["Disabled", "SecuredByPerimeter"],
            "Disabled or SecuredByPerimeter",
            SEARCH_ABSENT,
        )
    },
};

/// NET-14: the older switch of workspaces, which can undo NET-13.
pub static WORKSPACE_BEHIND_NETWORK: Rule = Rule {
    id: "NET-14",
    title: "The workspace allows no public access from behind a virtual network",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "proposed: it undoes NET-13, which is medium",
    rationale: "This older switch and publicNetworkAccess override each other: the last one written wins. \
                Left on, it can open a workspace again that was made private.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    reads: &[Read {
        path: "properties.allowPublicAccessWhenBehindVnet",
        source: WORKSPACES,
        absent: BEHIND_NETWORK_ABSENT,
    }],
    remediation: "Switch allowPublicAccessWhenBehindVnet off, then look again at publicNetworkAccess.",
    az: Some("az resource update --ids $ID --set properties.allowPublicAccessWhenBehindVnet=false"),
    policies: &[],
    references: &[],
    judge: behind_network,
};

/// Whether public network access is off, or left to a perimeter.
pub fn is_closed(asset: &AssetContext) -> Result<bool, postern_rules_sdk::Unreadable> {
    Ok(asset.text(PUBLIC_NETWORK_ACCESS)?.is_any_of(&["Disabled", "SecuredByPerimeter"]))
}

fn disabled(asset: &AssetContext, secure: &[&str], expected: &str, absent: &str) -> Outcome {
    let access = asset.text(PUBLIC_NETWORK_ACCESS)?;
    let evidence = access.expected_or(expected, absent);
    Ok(if access.is_any_of(secure) {
        Judgement::pass("Public network access is closed.", evidence)
    } else if access.is_absent() {
        Judgement::fail(
            "Public network access is not set to Disabled, which leaves it open.",
            evidence,
        )
    } else {
        Judgement::fail("Public network access is open.", evidence)
    })
}

fn behind_network(asset: &AssetContext) -> Outcome {
    let allowed = asset.flag("properties.allowPublicAccessWhenBehindVnet")?;
    let evidence = allowed.expected_or("false", BEHIND_NETWORK_ABSENT);
    Ok(if allowed.value == Some(true) {
        Judgement::fail(
            "Public access is allowed although the workspace is behind a virtual network.",
            evidence,
        )
    } else {
        Judgement::pass("The older switch does not open the workspace to the internet.", evidence)
    })
}
