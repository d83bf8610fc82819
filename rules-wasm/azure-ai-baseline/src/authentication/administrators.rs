//! Administrators: who owns a resource or writes it, and whether by name or as a member of a group.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, Evidence, MACHINE_LEARNING_WORKSPACE,
    Node, Outcome, Read, Remedy, Rule, SEARCH_SERVICE, SUBSCRIPTION, Severity, Topic, Unreadable,
    Verdict, Words, fact,
};

use super::none::none;
use super::role::{
    self, APPROVED_ADMINISTRATORS, ASSIGNMENTS, DEFINITIONS, KIND_PATH, NEVER_ABSENT,
    PERMISSIONS_ABSENT, PERMISSIONS_PATH, PRINCIPAL_PATH, Power, ROLE_NAME, ROLE_PATH,
};
use super::sources::ROLE_ASSIGNMENTS;
use crate::groundwork::azure::LANDING_ZONE;

const TYPES: &[&str] = &[
    COGNITIVE_SERVICES_ACCOUNT,
    SEARCH_SERVICE,
    MACHINE_LEARNING_WORKSPACE,
    BOT_SERVICE,
    SUBSCRIPTION,
];
const SCOPES: &str = "Of a resource, the assignments at itself and at its resource group are judged; those at the subscription and above are judged once, with the subscription.";
const CONDITION_PATH: &str = "roleAssignments[].assignment.properties.condition";

/// AUTH-18: administrators.
pub static APPROVED: Rule = Rule {
    id: "AUTH-18",
    title: "Only approved principals are administrators",
    topic: Topic::Authentication,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.66: high",
    rationale: "Owner and Contributor list the keys of every AI resource below them; Owner, User Access Administrator and Role Based Access Control Administrator \
                give themselves and others any role; a custom role with the same rights does the same. One account of theirs that is taken over is enough to read and change everything.",
    asset_types: TYPES,
    exceptions: &[
        SCOPES,
        "While approvedAdministrators is empty, what fails are users by name, service principals that own, and whoever can assign roles without a condition as User Access Administrator or Role Based Access Control Administrator, or by a custom role like one of these.",
        "Roles whose own definition has a condition that limits which roles they can assign, such as Foundry Project Manager.",
        "Roles that are only eligible in Privileged Identity Management are not collected.",
    ],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read { path: ROLE_PATH, source: ASSIGNMENTS, absent: NEVER_ABSENT },
        Read { path: PRINCIPAL_PATH, source: ASSIGNMENTS, absent: NEVER_ABSENT },
        Read {
            path: KIND_PATH,
            source: ASSIGNMENTS,
            absent: "not known: older answers leave it out",
        },
        Read {
            path: CONDITION_PATH,
            source: ASSIGNMENTS,
            absent: "no condition: any role can be assigned",
        },
        Read { path: PERMISSIONS_PATH, source: DEFINITIONS, absent: PERMISSIONS_ABSENT },
        ROLE_NAME,
    ],
    settings: &[&APPROVED_ADMINISTRATORS],
    remedy: Remedy {
        summary: "Remove the assignment, or replace it by a narrower role of a group; name the administrators that remain in approvedAdministrators.",
        az: Some("az role assignment delete --scope $ID --assignee <object id> --role <role>"),
        bicep: Some(
            "resource administrators 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: guid(resourceGroup().id, groupId, 'Contributor')\n  properties: {\n    principalId: groupId\n    principalType: 'Group'\n    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b24988ac-6180-42a0-ab88-20f7382dd24c')\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_role_assignment\" \"administrators\" {\n  scope                = azurerm_resource_group.this.id\n  role_definition_name = \"Contributor\"\n  principal_id         = var.administrators_group_id\n}",
        ),
        portal: Some(
            "The resource, its group or the subscription > Access control (IAM) > Role assignments > Privileged",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[
        "mcsb-v1:PA-1",
        "mcsb-v2:PA-1",
        "nist-800-53-r5:AC-2",
        "nist-800-53-r5:AC-5",
        "nist-800-53-r5:AC-6",
        "nist-800-53-r5:AC-6(7)",
        "cis-azure-foundations-6.0:5.3.3",
        "cis-azure-foundations-6.0:5.7",
    ],
    references: &[LANDING_ZONE, ROLE_ASSIGNMENTS],
    judge: approved,
};

/// AUTH-19: groups.
pub static GROUPS: Rule = Rule {
    id: "AUTH-19",
    title: "Users hold powerful roles through groups",
    topic: Topic::Authentication,
    severity: Severity::Low,
    severity_reason: "our own judgement: access that is harder to review, not access that is wrong by itself",
    rationale: "A role that is given to a person stays when the person changes team, and nobody reviews it with the group. \
                Membership of a group is reviewed in one place and ends with the account.",
    asset_types: TYPES,
    exceptions: &[
        SCOPES,
        "Roles that neither write the resource, assign roles nor list keys are not collected.",
        "Users in approvedAdministrators, such as an emergency account.",
        "The resource manager does not say whether a principal was deleted, so that orphaned assignments are not told apart.",
    ],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read {
            path: KIND_PATH,
            source: ASSIGNMENTS,
            absent: "not known: older answers leave it out",
        },
        Read { path: PRINCIPAL_PATH, source: ASSIGNMENTS, absent: NEVER_ABSENT },
        Read { path: ROLE_PATH, source: ASSIGNMENTS, absent: NEVER_ABSENT },
        ROLE_NAME,
    ],
    settings: &[&APPROVED_ADMINISTRATORS],
    remedy: Remedy {
        summary: "Give the role to a group of Entra ID, add the person to it, and remove the person's own assignment.",
        az: Some(
            "az role assignment create --scope $ID --assignee-object-id <group> --assignee-principal-type Group --role <role>\naz role assignment delete --scope $ID --assignee <user> --role <role>",
        ),
        bicep: Some(
            "resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: guid(resourceGroup().id, groupId, roleId)\n  properties: {\n    principalId: groupId\n    principalType: 'Group'\n    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_role_assignment\" \"access\" {\n  scope                = azurerm_resource_group.this.id\n  role_definition_name = var.role\n  principal_id         = var.group_id\n  principal_type       = \"Group\"\n}",
        ),
        portal: Some(
            "The resource, its group or the subscription > Access control (IAM) > Role assignments",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ROLE_ASSIGNMENTS],
    judge: by_group,
};

fn approved(asset: &AssetContext<'_>) -> Outcome {
    let assignments = asset.related(fact::ROLE_ASSIGNMENTS)?;
    let listed = asset.texts_setting(&APPROVED_ADMINISTRATORS);
    let words = Words {
        pass: "No principal is an administrator here that should not be.",
        fail: "Principals are administrators here that nobody approved.",
        none: "no administrator that is not approved",
    };
    none(&assignments, words, |entry| {
        let role = role::id(entry)?;
        let Some(power) = role::power(entry, role)? else {
            return Ok(None);
        };
        let principal = role::principal(entry)?;
        if !listed.is_empty() {
            let evidence = || principal.expected("one of the setting approvedAdministrators");
            return Ok(
                (!principal.is_any_of(&listed)).then(|| noting_role(evidence(), entry, role))
            );
        }
        let expected = unapproved(entry, power)?;
        Ok(expected.map(|expected| noting_role(principal.expected(expected), entry, role)))
    })
}

/// What should be there instead of an administrator, while no list says who may be one; `None` where it may stay.
fn unapproved(entry: &Node<'_>, power: Power) -> Result<Option<&'static str>, Unreadable> {
    let assigns_roles = power != Power::Contributes && !role::is_limited(entry)?;
    // Whoever it is, unless a group owns: a role that writes nothing else has no other use than to give roles.
    if assigns_roles && power == Power::AssignsRoles {
        return Ok(Some("a condition that limits which roles can be assigned"));
    }
    let kind = role::kind(entry)?;
    Ok(if kind.is("User") {
        Some("a group, instead of a user by name")
    } else if assigns_roles && !kind.is("Group") {
        Some("a role with which an application cannot assign roles")
    } else {
        None
    })
}

fn noting_role(evidence: Evidence, entry: &Node<'_>, role: &str) -> Evidence {
    evidence.noting(format!("It has the role {}.", role::name(entry, role)))
}

fn by_group(asset: &AssetContext<'_>) -> Outcome {
    let assignments = asset.related(fact::ROLE_ASSIGNMENTS)?;
    let listed = asset.texts_setting(&APPROVED_ADMINISTRATORS);
    let words = Words {
        pass: "No user holds a powerful role here by name.",
        fail: "Users hold powerful roles here by name.",
        none: "no role of a user by name",
    };
    none(&assignments, words, |entry| {
        let kind = role::kind(entry)?;
        if kind.is_any_of(&["Group", "ServicePrincipal"]) {
            return Ok(None);
        }
        let principal = role::principal(entry)?;
        if principal.is_any_of(&listed) {
            return Ok(None);
        }
        let role = role::name(entry, role::id(entry)?);
        let principal = principal.value.unwrap_or_default();
        let evidence = kind.expected("Group or ServicePrincipal");
        Ok(Some(evidence.noting(format!("{principal} has the role {role}."))))
    })
}
