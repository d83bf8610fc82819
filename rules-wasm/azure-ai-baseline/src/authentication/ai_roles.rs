//! Roles of AI services that grant more than the use of models, indexes and projects.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE, Outcome, Read, Remedy,
    Rule, SEARCH_SERVICE, Severity, Topic, Verdict, Words, fact,
};

use super::none::none;
use super::role::{
    self, AI_ADMINISTRATOR, AI_DEVELOPER, APPROVED_ADMINISTRATORS, ASSIGNMENTS,
    FOUNDRY_ACCOUNT_OWNER, FOUNDRY_OWNER, FOUNDRY_PROJECT_MANAGER, NEVER_ABSENT, PRINCIPAL_PATH,
    ROLE_NAME, ROLE_PATH, SEARCH_CONTRIBUTOR,
};
use super::sources::ROLE_ASSIGNMENTS;

const BROAD: [&str; 6] = [
    AI_DEVELOPER,
    SEARCH_CONTRIBUTOR,
    FOUNDRY_OWNER,
    FOUNDRY_ACCOUNT_OWNER,
    FOUNDRY_PROJECT_MANAGER,
    AI_ADMINISTRATOR,
];

/// AUTH-21.
pub static LEAST: Rule = Rule {
    id: "AUTH-21",
    title: "Access to data comes from narrow AI roles",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "our own judgement: the holder already has rights on the resource, but more than using it takes",
    rationale: "Azure AI Developer, Search Service Contributor, the Foundry owner roles and the like also deploy models, change indexes, manage projects or list keys. \
                Who only calls a model or reads an index needs Cognitive Services OpenAI User or Search Index Data Reader.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE, MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "The assignments at the resource itself and at its resource group are judged, not those at the subscription and above.",
        "Principals in approvedAdministrators: they look after the resource.",
        "Roles that neither write resources, assign roles nor list keys, such as Cognitive Services OpenAI Contributor, are not collected, and so not judged.",
    ],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read { path: ROLE_PATH, source: ASSIGNMENTS, absent: NEVER_ABSENT },
        Read { path: PRINCIPAL_PATH, source: ASSIGNMENTS, absent: NEVER_ABSENT },
        ROLE_NAME,
    ],
    settings: &[&APPROVED_ADMINISTRATORS],
    remedy: Remedy {
        summary: "Replace the assignment by a role for what the principal does: Cognitive Services OpenAI User, Foundry User or Search Index Data Reader.",
        az: Some(
            "az role assignment create --scope $ID --assignee-object-id <principal> --assignee-principal-type <kind> --role \"Cognitive Services OpenAI User\"\naz role assignment delete --scope $ID --assignee <principal> --role <broad role>",
        ),
        bicep: Some(
            "resource use 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: guid(account.id, principalId, 'OpenAI User')\n  scope: account\n  properties: {\n    principalId: principalId\n    principalType: 'ServicePrincipal'\n    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd')\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_role_assignment\" \"use\" {\n  scope                = azurerm_cognitive_account.this.id\n  role_definition_name = \"Cognitive Services OpenAI User\"\n  principal_id         = var.principal_id\n}",
        ),
        portal: Some("The resource > Access control (IAM) > Role assignments"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ROLE_ASSIGNMENTS],
    judge: least,
};

fn least(asset: &AssetContext<'_>) -> Outcome {
    let assignments = asset.related(fact::ROLE_ASSIGNMENTS)?;
    let listed = asset.texts_setting(&APPROVED_ADMINISTRATORS);
    let words = Words {
        pass: "Nobody holds a broad AI role here who is no approved administrator.",
        fail: "Broad AI roles are assigned here.",
        none: "no broad AI role",
    };
    none(&assignments, words, |entry| {
        let role = role::id(entry)?;
        if !role::is_any_of(role, &BROAD) {
            return Ok(None);
        }
        let principal = role::principal(entry)?;
        Ok((!principal.is_any_of(&listed)).then(|| {
            let evidence =
                principal.expected("a narrower role, such as Cognitive Services OpenAI User");
            evidence.noting(format!("It has the role {}.", role::name(entry, role)))
        }))
    })
}
