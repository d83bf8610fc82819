//! Who can list a resource's keys by their roles.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Entries, Evidence, Judgement, Node, Outcome, Read,
    Remedy, Rule, SEARCH_SERVICE, Setting, SettingKind, Severity, Topic, Unreadable, Words, fact,
    failing,
};

use super::key_operations;
use super::none::none;
use super::role::{
    self, AI_ADMINISTRATOR, ASSIGNMENTS, COGNITIVE_CONTRIBUTOR, COGNITIVE_USER, CONTRIBUTOR,
    DEFINITIONS, FOUNDRY_ACCOUNT_OWNER, FOUNDRY_OWNER, NEVER_ABSENT, OWNER, PERMISSIONS_ABSENT,
    PERMISSIONS_PATH, PRINCIPAL_PATH, ROLE_NAME, ROLE_PATH, SEARCH_CONTRIBUTOR,
};
use crate::groundwork::access::keys_off;
use crate::groundwork::azure::{DISABLE_LOCAL_AUTH, DISABLE_LOCAL_AUTH_PATH, LANDING_ZONE};

/// Who may list keys.
pub static KEY_LISTERS: Setting = Setting {
    name: "keyListers",
    description: "Who may list keys: object ids, as role assignments name principals, and for users also the name with which they sign in, as the activity log names callers. Empty: nobody is named; then only how many there are is judged (mostKeyListers).",
    kind: SettingKind::Texts { default: &[], pattern: "" },
};

/// How many may list keys while nobody is named.
pub static MOST_KEY_LISTERS: Setting = Setting {
    name: "mostKeyListers",
    description: "How many principals (users, groups, service principals) may be able to list a resource's keys while keyListers is empty.",
    kind: SettingKind::Integer { default: 5, least: 0, most: 1000 },
};

/// Built-in roles that grant one of them, for where Azure did not show the definition.
const ACCOUNT_ROLES: [&str; 7] = [
    OWNER,
    CONTRIBUTOR,
    COGNITIVE_CONTRIBUTOR,
    COGNITIVE_USER,
    AI_ADMINISTRATOR,
    FOUNDRY_OWNER,
    FOUNDRY_ACCOUNT_OWNER,
];
const SEARCH_ROLES: [&str; 3] = [OWNER, CONTRIBUTOR, SEARCH_CONTRIBUTOR];

/// AUTH-28.
pub static FEW: Rule = Rule {
    id: "AUTH-28",
    title: "Only the named few can list this resource's keys",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "our own judgement: as for keys that are accepted (Defender for Cloud: medium); AI landing zone checklist AI.66: high for privileged roles",
    rationale: "Who can list a key can hand it on, and what is done with it cannot be traced back. \
                Contributor, Cognitive Services User and many custom roles list keys without saying so in their names.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE],
    exceptions: &[
        "Resources that refuse keys.",
        "The assignments at the resource itself and at its resource group are judged; those at the subscription and above are judged once, with the subscription (AUTH-18).",
        "A group counts as one principal, however many members it has.",
    ],
    never: &[],
    reads: &[
        Read {
            path: DISABLE_LOCAL_AUTH_PATH,
            source: "Accounts_List 2026-07-01, Services_ListBySubscription 2025-05-01",
            absent: "false: keys are accepted",
        },
        Read { path: PRINCIPAL_PATH, source: ASSIGNMENTS, absent: NEVER_ABSENT },
        Read { path: ROLE_PATH, source: ASSIGNMENTS, absent: NEVER_ABSENT },
        Read { path: PERMISSIONS_PATH, source: DEFINITIONS, absent: PERMISSIONS_ABSENT },
        ROLE_NAME,
    ],
    settings: &[&KEY_LISTERS, &MOST_KEY_LISTERS],
    remedy: Remedy {
        summary: "Switch keys off (AUTH-01, AUTH-02); else replace the roles by some that do not list keys, such as Cognitive Services OpenAI User, and name who remains in keyListers.",
        az: Some("az role assignment delete --scope $ID --assignee <principal> --role <role>"),
        bicep: Some(
            "resource use 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: guid(account.id, groupId, 'OpenAI User')\n  scope: account\n  properties: {\n    principalId: groupId\n    principalType: 'Group'\n    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd')\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_role_assignment\" \"use\" {\n  scope                = azurerm_cognitive_account.this.id\n  role_definition_name = \"Cognitive Services OpenAI User\"\n  principal_id         = var.group_id\n}",
        ),
        portal: Some("The resource > Access control (IAM) > Role assignments"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[DISABLE_LOCAL_AUTH, LANDING_ZONE],
    judge: few,
};

fn few(asset: &AssetContext<'_>) -> Outcome {
    let off = keys_off(asset)?;
    if off.is_true() {
        let evidence = off.expected("false, for the rule to apply");
        return Ok(Judgement::not_applicable("The resource refuses keys.", evidence));
    }
    let (actions, roles): (&[&str], &[&str]) = if asset.asset_type() == SEARCH_SERVICE {
        (&key_operations::SEARCH, &SEARCH_ROLES)
    } else {
        (&key_operations::ACCOUNT, &ACCOUNT_ROLES)
    };
    let lists_keys = |entry: &Node<'_>| lists_keys(entry, actions, roles);
    let assignments = asset.related(fact::ROLE_ASSIGNMENTS)?;
    let listed = asset.texts_setting(&KEY_LISTERS);
    if listed.is_empty() {
        return count(&assignments, asset.integer_setting(&MOST_KEY_LISTERS), lists_keys);
    }
    let words = Words {
        pass: "Only those in keyListers can list the keys.",
        fail: "Principals can list the keys that keyListers does not name.",
        none: "nobody beyond keyListers that can list keys",
    };
    none(&assignments, words, |entry| {
        if !lists_keys(entry)? {
            return Ok(None);
        }
        let principal = role::principal(entry)?;
        let is_listed = principal.is_any_of(&listed);
        Ok((!is_listed)
            .then(|| noting_role(principal.expected("one of the setting keyListers"), entry)))
    })
}

/// Judges how many there are, while nobody is named.
fn count(
    assignments: &Entries<'_>,
    most: i64,
    lists_keys: impl Fn(&Node<'_>) -> Result<bool, Unreadable>,
) -> Outcome {
    let mut listers: Vec<&str> = Vec::new();
    let (mut found, mut unreadable) = (Vec::new(), None);
    for entry in assignments.nodes() {
        let lister =
            lists_keys(&entry).and_then(|lists| lists.then(|| role::principal(&entry)).transpose());
        match lister {
            Ok(None) => {}
            Ok(Some(principal)) => {
                if !principal.is_any_of(&listers) {
                    listers.extend(principal.value);
                    found.push((principal, entry));
                }
            }
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    let number = i64::try_from(listers.len()).unwrap_or(i64::MAX);
    if number > most {
        let expected =
            format!("at most {most} principals that can list keys, or keyListers to name them");
        let evidence = found
            .into_iter()
            .map(|(principal, entry)| noting_role(principal.expected(expected.clone()), &entry))
            .collect();
        let summary = format!("{number} principals can list the keys.");
        if let Some(failed) = failing(summary, evidence) {
            return Ok(failed);
        }
    }
    if let Some(error) = unreadable {
        return Err(error);
    }
    assignments.complete()?;
    let evidence = assignments.expected("few principals that can list keys");
    Ok(Judgement::pass("Few principals can list the keys.", evidence))
}

/// Whether an entry's role shows keys.
fn lists_keys(entry: &Node<'_>, actions: &[&str], roles: &[&str]) -> Result<bool, Unreadable> {
    if let Some(definition) = entry.child("definition")? {
        return role::grants(&definition, actions);
    }
    let role = role::id(entry)?;
    if role::is_any_of(role, roles) {
        return Ok(true);
    }
    Err(role::without_definition(entry, role))
}

fn noting_role(evidence: Evidence, entry: &Node<'_>) -> Evidence {
    match role::id(entry) {
        Ok(role) => evidence.noting(format!("The role {} lists keys.", role::name(entry, role))),
        Err(_) => evidence,
    }
}
