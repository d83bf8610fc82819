//! What a resource's own identity may do around it.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, MACHINE_LEARNING_WORKSPACE, Outcome, Read,
    Remedy, Rule, SEARCH_SERVICE, Severity, Topic, Unreadable, Verdict, Words, fact,
};

use super::managed_identity::has;
use super::none::none;
use super::role::{
    self, ASSIGNMENTS, DEFINITIONS, NEVER_ABSENT, PERMISSIONS_ABSENT, PERMISSIONS_PATH,
    PRINCIPAL_PATH, ROLE_NAME, ROLE_PATH,
};
use super::sources::ROLE_ASSIGNMENTS;

const TYPE: &str = "identity.type";
const SYSTEM: &str = "identity.principalId";
const ASSIGNED: &str = "identity.userAssignedIdentities";
const SOURCE: &str = "Accounts_List 2026-07-01, Services_ListBySubscription 2025-05-01, Workspaces_ListBySubscription 2025-09-01";

/// AUTH-23.
pub static NARROW: Rule = Rule {
    id: "AUTH-23",
    title: "The resource's identity does not administer its resource group",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "our own judgement: it takes a second fault, such as an agent that follows a planted instruction, to use it",
    rationale: "An agent, a notebook or an indexer acts as the identity of its resource. \
                With Owner, Contributor or a custom role like them on the group, whoever steers it lists keys and changes everything beside it.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE, MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Resources without a managed identity.",
        "The identity's roles at the resource and at its resource group are judged; of those elsewhere nothing is known here.",
    ],
    never: &[],
    reads: &[
        Read { path: TYPE, source: SOURCE, absent: "None: the resource has no identity" },
        Read { path: SYSTEM, source: SOURCE, absent: "there is no system-assigned identity" },
        Read { path: ASSIGNED, source: SOURCE, absent: "there is no user-assigned identity" },
        Read { path: ROLE_PATH, source: ASSIGNMENTS, absent: NEVER_ABSENT },
        Read { path: PRINCIPAL_PATH, source: ASSIGNMENTS, absent: NEVER_ABSENT },
        Read { path: PERMISSIONS_PATH, source: DEFINITIONS, absent: PERMISSIONS_ABSENT },
        ROLE_NAME,
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Replace the role by those that the identity needs, such as Storage Blob Data Contributor, on the single resources that it uses.",
        az: Some(
            "az role assignment delete --scope <resource group id> --assignee <principal id of the identity> --role Contributor",
        ),
        bicep: Some(
            "resource read 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: guid(storage.id, account.id, 'Storage Blob Data Reader')\n  scope: storage\n  properties: {\n    principalId: account.identity.principalId\n    principalType: 'ServicePrincipal'\n    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_role_assignment\" \"read\" {\n  scope                = azurerm_storage_account.this.id\n  role_definition_name = \"Storage Blob Data Reader\"\n  principal_id         = azurerm_cognitive_account.this.identity[0].principal_id\n}",
        ),
        portal: Some("The resource > Resource Management > Identity > Azure role assignments"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ROLE_ASSIGNMENTS],
    judge: narrow,
};

fn narrow(asset: &AssetContext<'_>) -> Outcome {
    let kind = asset.text(TYPE)?;
    if !kind.is_given() || kind.is("None") {
        let evidence = kind.expected_or("a managed identity", "None: the resource has no identity");
        return Ok(Judgement::not_applicable("The resource has no identity.", evidence));
    }
    let mut identities = Vec::new();
    let mut unnamed = None;
    let system = asset.text(SYSTEM)?;
    let is_system = has(kind.value, "SystemAssigned");
    if is_system && system.is_absent() {
        unnamed = Some(system.expected("a principal's id"));
    }
    identities.extend(system.value);
    for (_, identity) in asset.resource().fields(ASSIGNED)? {
        let principal = identity.text("principalId")?;
        match principal.value {
            Some(id) => identities.push(id),
            None => unnamed = Some(principal.expected("a principal's id")),
        }
    }
    if identities.is_empty() && unnamed.is_none() {
        unnamed = Some(asset.object(ASSIGNED)?.expected("an identity with its principal's id"));
    }
    let words = Words {
        pass: "The resource's identity administers neither the resource nor its group.",
        fail: "The resource's identity is an administrator.",
        none: "no administrator role of the resource's identity",
    };
    let judged = none(&asset.related(fact::ROLE_ASSIGNMENTS)?, words, |entry| {
        let role = role::id(entry)?;
        let principal = role::principal(entry)?;
        if !principal.is_any_of(&identities) || role::power(entry, role)?.is_none() {
            return Ok(None);
        }
        Ok(Some({
            let evidence =
                principal.expected("roles for what the identity does, and no administrator role");
            evidence.noting(format!(
                "The resource's identity has the role {}.",
                role::name(entry, role)
            ))
        }))
    })?;
    match unnamed {
        Some(evidence) if judged.verdict == Verdict::Pass => Err(Unreadable::new(
            evidence,
            "Azure's answer does not name the principal of an identity.",
        )),
        _ => Ok(judged.and(kind.expected("a managed identity"))),
    }
}
