//! Custom roles that grant more than somebody chose to grant.

use postern_rules_sdk::{
    AssetContext, Evidence, Node, Outcome, Read, Remedy, Rule, SUBSCRIPTION, Severity, Topic,
    Unreadable, Value, Verdict, Words, fact,
};

use super::key_operations;
use super::none::none;
use super::role::{DEFINITIONS, covers, matches};
use super::sources::CUSTOM_ROLES_POLICY;
use crate::groundwork::azure::LANDING_ZONE;

const ACTIONS: &str = "customRoles[].properties.permissions[].actions";
const NOT_ACTIONS: &str = "customRoles[].properties.permissions[].notActions";
const DATA_ACTIONS: &str = "customRoles[].properties.permissions[].dataActions";
const NOT_DATA_ACTIONS: &str = "customRoles[].properties.permissions[].notDataActions";
const SCOPES: &str = "customRoles[].properties.assignableScopes";

/// What reads and writes the data of AI services: a wildcard that grants one of these grants data.
const DATA: [&str; 7] = [
    "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action",
    "Microsoft.CognitiveServices/accounts/OpenAI/files/delete",
    "Microsoft.CognitiveServices/accounts/AIServices/agents/read",
    "Microsoft.CognitiveServices/accounts/AIServices/agents/write",
    "Microsoft.Search/searchServices/indexes/documents/read",
    "Microsoft.Search/searchServices/indexes/documents/write",
    "Microsoft.Search/searchServices/indexes/documents/delete",
];

/// AUTH-20.
pub static NARROW: Rule = Rule {
    id: "AUTH-20",
    title: "Custom roles grant no keys or data by wildcard",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "our own judgement: it takes an assignment of the role too (AI landing zone checklist AI.66: high)",
    rationale: "A wildcard such as Microsoft.CognitiveServices/* lists keys, and with a key everything that Entra ID and roles forbid can be done. \
                It also grants what Microsoft adds later, which nobody reviewed.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[
        "Roles that can be assigned in single resource groups or resources only.",
        "A role that names listKeys or a data action without a wildcard: somebody chose that.",
        "A wildcard that only reads what one service lists, such as Microsoft.CognitiveServices/accounts/OpenAI/*/read.",
        "Roles that grant data actions only are not collected.",
    ],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read { path: ACTIONS, source: DEFINITIONS, absent: "[]: nothing is granted" },
        Read { path: NOT_ACTIONS, source: DEFINITIONS, absent: "[]: nothing is taken away" },
        Read { path: DATA_ACTIONS, source: DEFINITIONS, absent: "[]: nothing is granted" },
        Read { path: NOT_DATA_ACTIONS, source: DEFINITIONS, absent: "[]: nothing is taken away" },
        Read {
            path: SCOPES,
            source: DEFINITIONS,
            absent: "not documented: a custom role always has them",
        },
        Read {
            path: "customRoles[].properties.roleName",
            source: DEFINITIONS,
            absent: "not documented: the evidence does not name the role",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Name the operations that the role needs instead of the wildcard, or take the keys and the data away in notActions and notDataActions; or use a built-in role.",
        az: Some("az role definition update --role-definition @role.json"),
        bicep: Some(
            "resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {\n  name: guid(subscription().id, 'AI operator')\n  properties: {\n    roleName: 'AI operator'\n    type: 'CustomRole'\n    assignableScopes: [ subscription().id ]\n    permissions: [\n      {\n        actions: [ 'Microsoft.CognitiveServices/accounts/read', 'Microsoft.CognitiveServices/accounts/deployments/*' ]\n        notActions: []\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_role_definition\" \"operator\" {\n  name  = \"AI operator\"\n  scope = data.azurerm_subscription.this.id\n  permissions {\n    actions = [\"Microsoft.CognitiveServices/accounts/read\", \"Microsoft.CognitiveServices/accounts/deployments/*\"]\n  }\n}",
        ),
        portal: Some(
            "The subscription > Access control (IAM) > Roles > Type: CustomRole > the role > Edit",
        ),
    },
    policies: &["a451c1ef-c6ca-483d-87ed-f49761e3ffb5"],
    policy_difference: "Azure's policy reports every custom role; here only those fail that grant keys or data of AI services by wildcard in a subscription or above.",
    controls: &[
        "mcsb-v1:PA-7",
        "mcsb-v2:PA-7",
        "nist-800-53-r5:AC-2",
        "nist-800-53-r5:AC-2(7)",
        "nist-800-53-r5:AC-6",
        "nist-800-53-r5:AC-6(7)",
        "cis-azure-foundations-6.0:5.4",
    ],
    references: &[CUSTOM_ROLES_POLICY, LANDING_ZONE],
    judge: narrow,
};

fn narrow(asset: &AssetContext<'_>) -> Outcome {
    let roles = asset.related(fact::CUSTOM_ROLES)?;
    let words = Words {
        pass: "No custom role grants keys or data of AI services by wildcard.",
        fail: "Custom roles grant keys or data of AI services by wildcard.",
        none: "no custom role that grants keys or data by wildcard",
    };
    none(&roles, words, |role| {
        for permission in role.list("properties.permissions")?.entries().nodes() {
            if let Some(evidence) = wildcard(&permission)? {
                if !is_broad(role)? {
                    return Ok(None);
                }
                let name = role.text("properties.roleName")?.value.unwrap_or("without a name");
                return Ok(Some(
                    evidence
                        .noting(format!("The role {name} can be assigned in the subscription.")),
                ));
            }
        }
        Ok(None)
    })
}

/// Evidence of a wildcard that grants keys or data.
fn wildcard(permission: &Node<'_>) -> Result<Option<Evidence>, Unreadable> {
    let actions = permission.list("actions")?;
    let refused = permission.list("notActions")?.value.unwrap_or_default();
    let keys = || key_operations::ALL.into_iter().flatten().copied();
    if texts(actions.value).any(|pattern| is_wild(pattern, refused, keys())) {
        return Ok(Some(actions.expected("no wildcard that shows keys")));
    }
    let data = permission.list("dataActions")?;
    let refused = permission.list("notDataActions")?.value.unwrap_or_default();
    let grants = texts(data.value).any(|pattern| is_wild(pattern, refused, DATA.into_iter()));
    Ok(grants.then(|| data.expected("the data actions that the role needs, without a wildcard")))
}

/// Whether a pattern has a wildcard and grants one of the actions.
fn is_wild(
    pattern: &str,
    refused: &[Value<'_>],
    mut actions: impl Iterator<Item = &'static str>,
) -> bool {
    pattern.contains('*')
        && actions.any(|action| matches(pattern, action) && !covers(refused, action))
}

/// Whether the role can be assigned in a whole subscription or above.
fn is_broad(role: &Node<'_>) -> Result<bool, Unreadable> {
    let scopes = role.list("properties.assignableScopes")?;
    if scopes.is_absent() {
        let note = "Azure's answer does not say where the role can be assigned.";
        return Err(Unreadable::new(scopes.expected("where the role can be assigned"), note));
    }
    // A group, or a resource in one: `/subscriptions/{id}/resourceGroups/{name}…`.
    let is_in_group = |scope: &str| {
        scope.split('/').nth(3).is_some_and(|step| step.eq_ignore_ascii_case("resourceGroups"))
    };
    Ok(texts(scopes.value).any(|scope| !is_in_group(scope)))
}

fn texts<'a>(list: Option<&'a [Value<'a>]>) -> impl Iterator<Item = &'a str> {
    list.unwrap_or_default().iter().filter_map(|one| one.as_str())
}
