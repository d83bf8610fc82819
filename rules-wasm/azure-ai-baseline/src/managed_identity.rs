//! Managed identities: what the resource signs in with where it calls others.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, MACHINE_LEARNING_WORKSPACE, Outcome, Read,
    Rule, SEARCH_SERVICE, Severity, Topic,
};

use crate::azure::{ACCOUNTS, SERVICES, WORKSPACES};

const TYPE: &str = "identity.type";
const TYPE_ABSENT: &str = "None: the resource has no identity";
const ASSIGNED: &str = "identity.userAssignedIdentities";
const ASSIGNED_ABSENT: &str = "no user-assigned identity";
const PRIMARY: &str = "properties.primaryUserAssignedIdentity";
const PRIMARY_ABSENT: &str = "the system-assigned identity is the workspace's";

/// AUTH-12: accounts.
pub static ACCOUNT: Rule = Rule {
    id: "AUTH-12",
    title: "The account has a managed identity",
    topic: Topic::Authentication,
    severity: Severity::Low,
    severity_reason: "Azure's policy only audits it: low (PSRule: important; AI landing zone checklist AI.62: high)",
    rationale: "Without an identity of its own the account needs keys for customer-managed keys, private storage and connections.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    reads: &[
        Read { path: TYPE, source: ACCOUNTS, absent: TYPE_ABSENT },
        Read { path: ASSIGNED, source: ACCOUNTS, absent: ASSIGNED_ABSENT },
    ],
    remediation: "Assign a system-assigned or user-assigned identity.",
    az: Some("az cognitiveservices account identity assign --ids $ID"),
    policies: &["fe3fd216-4f83-4fc1-8984-2bbec80a3418"],
    references: &[],
    judge: assigned,
};

/// AUTH-14: Search services.
pub static SEARCH: Rule = Rule {
    id: "AUTH-14",
    title: "The search service has a managed identity",
    topic: Topic::Authentication,
    severity: Severity::Low,
    severity_reason: "low, as for accounts (PSRule: important)",
    rationale: "Indexers without an identity reach their data sources with keys, and neither shared private links nor customer-managed keys work without one.",
    asset_types: &[SEARCH_SERVICE],
    reads: &[
        Read { path: TYPE, source: SERVICES, absent: TYPE_ABSENT },
        Read { path: ASSIGNED, source: SERVICES, absent: ASSIGNED_ABSENT },
    ],
    remediation: "Assign a system-assigned or user-assigned identity.",
    az: Some("az search service update --ids $ID --identity-type SystemAssigned"),
    policies: &[],
    references: &[],
    judge: assigned,
};

/// AUTH-13: workspaces always have an identity; this asks for one of their own choosing.
pub static WORKSPACE: Rule = Rule {
    id: "AUTH-13",
    title: "The workspace uses a user-assigned managed identity",
    topic: Topic::Authentication,
    severity: Severity::Low,
    severity_reason: "Azure's policy only audits it: low",
    rationale: "A user-assigned identity keeps its role assignments where they can be reviewed before the workspace exists and after it is gone.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    reads: &[
        Read { path: TYPE, source: WORKSPACES, absent: TYPE_ABSENT },
        Read { path: PRIMARY, source: WORKSPACES, absent: PRIMARY_ABSENT },
    ],
    remediation: "Add a user-assigned identity and make it the primary one (Bicep: identity and primaryUserAssignedIdentity).",
    az: None,
    policies: &["5f0c7d88-c7de-45b8-ac49-db49e72eaa78"],
    references: &[],
    judge: user_assigned,
};

fn assigned(asset: &AssetContext) -> Outcome {
    let kind = asset.text(TYPE)?;
    let evidence = kind.expected_or("SystemAssigned, UserAssigned or both", TYPE_ABSENT);
    if has(kind.value, "SystemAssigned") {
        return Ok(Judgement::pass("There is a system-assigned identity.", evidence));
    }
    if has(kind.value, "UserAssigned") {
        let identities = asset.object(ASSIGNED)?;
        let listed = identities.expected_or("at least one identity", ASSIGNED_ABSENT);
        return Ok(if identities.value.is_some_and(|identities| !identities.is_empty()) {
            Judgement::pass("There is a user-assigned identity.", evidence).and(listed)
        } else {
            Judgement::fail("No identity is assigned.", listed).and(evidence)
        });
    }
    Ok(Judgement::fail("There is no managed identity.", evidence))
}

fn user_assigned(asset: &AssetContext) -> Outcome {
    let kind = asset.text(TYPE)?;
    let kind_evidence = kind.expected_or("UserAssigned, alone or with SystemAssigned", TYPE_ABSENT);
    if !has(kind.value, "UserAssigned") {
        return Ok(Judgement::fail("There is no user-assigned identity.", kind_evidence));
    }
    let primary = asset.text(PRIMARY)?;
    let evidence = primary.expected_or("the id of a user-assigned identity", PRIMARY_ABSENT);
    Ok(if primary.is_given() {
        Judgement::pass("The workspace works as a user-assigned identity.", evidence)
            .and(kind_evidence)
    } else {
        Judgement::fail(
            "A user-assigned identity is there, but the workspace does not work as it.",
            evidence,
        )
        .and(kind_evidence)
    })
}

/// Whether `SystemAssigned,UserAssigned`, spaced as Azure likes today, names this kind.
fn has(kinds: Option<&str>, kind: &str) -> bool {
    kinds.is_some_and(|kinds| kinds.split(',').any(|one| one.trim().eq_ignore_ascii_case(kind)))
}
