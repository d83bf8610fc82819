//! Managed identities: what the resource signs in with where it calls others.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Read, Remedy, Rule,
    SEARCH_SERVICE, Severity, Topic, Verdict,
};

use super::sources::{IDENTITY_POLICY, SEARCH_IDENTITIES};
use crate::groundwork::azure::{ACCOUNTS, LANDING_ZONE, SERVICES};

const TYPE: &str = "identity.type";
const TYPE_ABSENT: &str = "None: the resource has no identity";
const ASSIGNED: &str = "identity.userAssignedIdentities";
const ASSIGNED_ABSENT: &str = "no user-assigned identity";
const SKU: &str = "sku.name";

/// AUTH-12: accounts.
pub static ACCOUNT: Rule = Rule {
    id: "AUTH-12",
    title: "The account has a managed identity",
    topic: Topic::Authentication,
    severity: Severity::Low,
    severity_reason: "Azure's policy only audits it: low (PSRule: important; AI landing zone checklist AI.62: high)",
    rationale: "Without an identity of its own the account needs keys for private storage and connections, and cannot use a customer-managed key. \
                With one it signs in to other services, and their owners see who called.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read { path: TYPE, source: ACCOUNTS, absent: TYPE_ABSENT },
        Read { path: ASSIGNED, source: ACCOUNTS, absent: ASSIGNED_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Assign a system-assigned or user-assigned identity.",
        az: Some(
            "az cognitiveservices account identity assign --name $NAME --resource-group <group>",
        ),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  identity: {\n    type: 'SystemAssigned'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  identity {\n    type = \"SystemAssigned\"\n  }\n}",
        ),
        portal: Some(
            "The account > Resource Management > Identity > System assigned > Status > On",
        ),
    },
    policies: &["fe3fd216-4f83-4fc1-8984-2bbec80a3418"],
    policy_difference: "Azure's policy accepts any type but None; here an account of type UserAssigned without a user-assigned identity fails, because it can sign in as nobody.",
    controls: &["mcsb-v2:IM-3"],
    references: &[IDENTITY_POLICY, LANDING_ZONE],
    judge: assigned,
};

/// AUTH-14: Search services.
pub static SEARCH: Rule = Rule {
    id: "AUTH-14",
    title: "The search service has a managed identity",
    topic: Topic::Authentication,
    severity: Severity::Low,
    severity_reason: "our own judgement: low, as for accounts (PSRule: important)",
    rationale: "Indexers without an identity reach their data sources with keys and connection strings. \
                Shared private links and customer-managed keys need an identity too.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &["Services of the SKU free, which cannot have an identity."],
    never: &[],
    reads: &[
        Read { path: TYPE, source: SERVICES, absent: TYPE_ABSENT },
        Read { path: ASSIGNED, source: SERVICES, absent: ASSIGNED_ABSENT },
        Read { path: SKU, source: SERVICES, absent: "not documented: a service always has a SKU" },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Assign a system-assigned or user-assigned identity.",
        az: Some("az search service update --ids $ID --identity-type SystemAssigned"),
        bicep: Some(
            "resource service 'Microsoft.Search/searchServices@2025-05-01' = {\n  identity: {\n    type: 'SystemAssigned'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_search_service\" \"this\" {\n  identity {\n    type = \"SystemAssigned\"\n  }\n}",
        ),
        portal: Some("The search service > Settings > Identity > System assigned > Status > On"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[SEARCH_IDENTITIES],
    judge: of_search,
};

fn of_search(asset: &AssetContext<'_>) -> Outcome {
    let sku = asset.text(SKU)?;
    if sku.is("free") {
        let evidence = sku.expected("a SKU that can have an identity");
        return Ok(Judgement::not_applicable("A free service cannot have an identity.", evidence));
    }
    assigned(asset)
}

fn assigned(asset: &AssetContext<'_>) -> Outcome {
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

/// Whether `SystemAssigned,UserAssigned`, spaced as Azure likes today, names this kind.
pub fn has(kinds: Option<&str>, kind: &str) -> bool {
    kinds.is_some_and(|kinds| kinds.split(',').any(|one| one.trim().eq_ignore_ascii_case(kind)))
}
