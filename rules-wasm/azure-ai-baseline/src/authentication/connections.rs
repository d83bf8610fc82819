//! Connections: how a Foundry account, its projects or a workspace sign in to what they use.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Entries, Judgement,
    MACHINE_LEARNING_WORKSPACE, Node, Outcome, Read, Remedy, Rule, Setting, SettingKind, Severity,
    Topic, Unreadable, Verdict, Words, fact,
};

use super::sources::ACCOUNT_SCHEMA;
use crate::groundwork::azure::{ACCOUNTS, LANDING_ZONE};

const MANAGES_PROJECTS: &str = "properties.allowProjectManagement";
const SOURCE: &str = "AccountConnections_List 2025-06-01, WorkspaceConnections_List 2026-05-01";
const PROJECT_SOURCE: &str = "ProjectConnections_List 2025-06-01";
const TYPE_ABSENT: &str = "not documented: Azure requires it";
const NAME_ABSENT: &str =
    "not documented: every connection has one; without it sharedConnections does not name it";
const EXCEPTIONS: &[&str] = &[
    "Accounts that manage no projects, which have no connections.",
    "Accounts and workspaces without connections.",
];
const TYPES: &[&str] = &[COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE];

/// Ways to sign in that keep no secret.
const WITHOUT_SECRET: [&str; 3] = ["AAD", "ManagedIdentity", "None"];
/// Ways that keep one.
const WITH_SECRET: [&str; 9] = [
    "ApiKey",
    "AccessKey",
    "AccountKey",
    "SAS",
    "PAT",
    "UsernamePassword",
    "CustomKeys",
    "OAuth2",
    "ServicePrincipal",
];

/// Connections that everybody may use.
pub static SHARED_CONNECTIONS: Setting = Setting {
    name: "sharedConnections",
    description: "Names of connections with a secret that all projects and users may use. Empty: none may be shared.",
    kind: SettingKind::Texts { default: &[], pattern: "" },
};

/// AUTH-10.
pub static SECRETS: Rule = Rule {
    id: "AUTH-10",
    title: "Connections sign in without stored secrets",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "our own judgement: the secret opens another resource, not this one (AI landing zone checklist AI.62: high)",
    rationale: "A connection with a key or a password keeps it in the account or workspace, where everybody who may use the connection uses it as nobody in particular. \
                With Entra ID or a managed identity there is nothing to leak or to rotate.",
    asset_types: TYPES,
    exceptions: EXCEPTIONS,
    never: &[],
    reads: &[
        Read {
            path: MANAGES_PROJECTS,
            source: ACCOUNTS,
            absent: "false: the account has no projects and no connections",
        },
        Read { path: "connections[].properties.authType", source: SOURCE, absent: TYPE_ABSENT },
        Read {
            path: "projectConnections[].properties.authType",
            source: PROJECT_SOURCE,
            absent: TYPE_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Give the account's or workspace's identity a role on the target, create the connection again with authType AAD or ManagedIdentity, and revoke the old secret.",
        az: Some(
            "az ml connection create --resource-group <group> --workspace-name $NAME --file connection.yml",
        ),
        bicep: Some(
            "resource connection 'Microsoft.CognitiveServices/accounts/connections@2025-06-01' = {\n  parent: account\n  name: 'search'\n  properties: {\n    category: 'CognitiveSearch'\n    authType: 'AAD'\n    target: search.properties.endpoint\n    isSharedToAll: false\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_resource\" \"connection\" {\n  type      = \"Microsoft.CognitiveServices/accounts/connections@2025-06-01\"\n  parent_id = azurerm_cognitive_account.this.id\n  name      = \"search\"\n  body = {\n    properties = {\n      category = \"CognitiveSearch\"\n      authType = \"AAD\"\n      target   = var.endpoint\n    }\n  }\n}",
        ),
        portal: Some("Foundry portal > Management center > Connected resources > the connection"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[LANDING_ZONE, ACCOUNT_SCHEMA],
    judge: secrets,
};

/// AUTH-11.
pub static REACH: Rule = Rule {
    id: "AUTH-11",
    title: "No connection has expired or shares a secret with all",
    topic: Topic::Authentication,
    severity: Severity::Low,
    severity_reason: "our own judgement: only those who already use the account or workspace profit from it",
    rationale: "A connection that is shared to all lets every project and every user use its secret, also those that came later. \
                One whose secret has expired fails callers, who then reach for a key of their own.",
    asset_types: TYPES,
    exceptions: &[
        "Accounts that manage no projects, which have no connections.",
        "Accounts and workspaces without connections.",
        "Connections that keep no secret may be shared: each caller or the identity signs in.",
        "Connections that the setting sharedConnections names.",
    ],
    never: &[],
    reads: &[
        Read {
            path: MANAGES_PROJECTS,
            source: ACCOUNTS,
            absent: "false: the account has no projects and no connections",
        },
        Read {
            path: "connections[].properties.isSharedToAll",
            source: SOURCE,
            absent: "false: not shared",
        },
        Read {
            path: "connections[].properties.expiryTime",
            source: SOURCE,
            absent: "it does not expire",
        },
        Read {
            path: "projectConnections[].properties.isSharedToAll",
            source: PROJECT_SOURCE,
            absent: "false: not shared",
        },
        Read {
            path: "projectConnections[].properties.expiryTime",
            source: PROJECT_SOURCE,
            absent: "it does not expire",
        },
        Read { path: "connections[].properties.authType", source: SOURCE, absent: TYPE_ABSENT },
        Read {
            path: "projectConnections[].properties.authType",
            source: PROJECT_SOURCE,
            absent: TYPE_ABSENT,
        },
        Read { path: "connections[].name", source: SOURCE, absent: NAME_ABSENT },
        Read { path: "projectConnections[].name", source: PROJECT_SOURCE, absent: NAME_ABSENT },
    ],
    settings: &[&SHARED_CONNECTIONS],
    remedy: Remedy {
        summary: "Create the connection in the projects that need it, without isSharedToAll; replace or remove what has expired; name what is meant for all in sharedConnections.",
        az: Some("az resource update --ids <connection id> --set properties.isSharedToAll=false"),
        bicep: Some(
            "resource connection 'Microsoft.CognitiveServices/accounts/projects/connections@2025-06-01' = {\n  parent: project\n  name: 'partner'\n  properties: {\n    category: 'ApiKey'\n    authType: 'ApiKey'\n    target: endpoint\n    isSharedToAll: false\n    credentials: {\n      key: key\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"connection\" {\n  type        = \"Microsoft.CognitiveServices/accounts/connections@2025-06-01\"\n  resource_id = var.connection_id\n  body = {\n    properties = {\n      isSharedToAll = false\n    }\n  }\n}",
        ),
        portal: Some(
            "Foundry portal > Management center > Connected resources > the connection > Access",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ACCOUNT_SCHEMA],
    judge: reach,
};

fn secrets(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "No connection keeps a secret.",
        fail: "Connections keep secrets.",
        none: "There are no connections.",
    };
    judge(asset, words, |connection| {
        let kind = connection.text("properties.authType")?;
        let evidence = kind.expected("AAD or ManagedIdentity");
        Ok(Check::of(!keeps_secret(connection)?, evidence))
    })
}

fn reach(asset: &AssetContext<'_>) -> Outcome {
    let now = asset.taken_at()?;
    let shared_on_purpose = asset.texts_setting(&SHARED_CONNECTIONS);
    let words = Words {
        pass: "No connection has expired or shares a secret with all.",
        fail: "Connections have expired, or share a secret with all.",
        none: "There are no connections.",
    };
    judge(asset, words, |connection| {
        let expiry = connection.moment("properties.expiryTime")?;
        let in_time = expiry.expected_or("in the future", "it does not expire");
        let mut bad = Vec::new();
        if expiry.value.is_some_and(|expiry| expiry <= now) {
            bad.push(in_time.clone());
        }
        let shared = connection.flag("properties.isSharedToAll")?;
        let name = connection.text("name")?;
        if shared.is_true() && !name.is_any_of(&shared_on_purpose) && keeps_secret(connection)? {
            bad.push(shared.expected("false, for a connection with a secret"));
        }
        Ok(if bad.is_empty() { Check::Good(in_time) } else { Check::Bad(bad) })
    })
}

fn keeps_secret(connection: &Node<'_>) -> Result<bool, Unreadable> {
    let kind = connection.text("properties.authType")?;
    if kind.is_any_of(&WITHOUT_SECRET) {
        return Ok(false);
    }
    if kind.is_any_of(&WITH_SECRET) {
        return Ok(true);
    }
    let note = if kind.is_absent() {
        "Azure's answer does not say how the connection signs in."
    } else {
        "It is not known whether this way to sign in keeps a secret."
    };
    Err(Unreadable::new(kind.expected("AAD or ManagedIdentity"), note))
}

/// Judges every connection of the asset; of an account also those of its projects.
fn judge<'a>(
    asset: &AssetContext<'a>,
    words: Words,
    mut check: impl FnMut(&Node<'a>) -> Result<Check, Unreadable>,
) -> Outcome {
    if asset.asset_type() == MACHINE_LEARNING_WORKSPACE {
        return asset.related(fact::CONNECTIONS)?.every(words, check);
    }
    let manages = asset.flag(MANAGES_PROJECTS)?;
    if !manages.is_true() {
        let evidence = manages
            .expected_or("true, for the rule to apply", "false: no projects and no connections");
        return Ok(Judgement::not_applicable(
            "The account has no projects and no connections.",
            evidence,
        ));
    }
    let mut judge =
        |connections: Result<Entries<'a>, Unreadable>| connections?.every(words, &mut check);
    let own = judge(asset.related(fact::CONNECTIONS));
    let of_projects = judge(asset.related(fact::PROJECT_CONNECTIONS));
    both(own, of_projects)
}

/// One failure fails; else one that is unknown is unknown; else one pass passes.
fn both(one: Outcome, other: Outcome) -> Outcome {
    let is = |outcome: &Outcome, verdict| outcome.as_ref().is_ok_and(|one| one.verdict == verdict);
    let fails = (is(&one, Verdict::Fail), is(&other, Verdict::Fail));
    match (one, other) {
        (Ok(one), Ok(other)) if one.verdict == other.verdict => {
            Ok(other.evidence.into_iter().fold(one, Judgement::and))
        }
        (one, other) => match fails {
            (true, _) => one,
            (_, true) => other,
            _ => match (one?, other?) {
                (one, _) if one.verdict == Verdict::Pass => Ok(one),
                (_, other) => Ok(other),
            },
        },
    }
}
