//! Shared keys of the storage accounts that hold an AI resource's data.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Entries, Evidence, Judgement,
    MACHINE_LEARNING_WORKSPACE, Node, Outcome, Read, Remedy, Rule, Severity, Topic, Unreadable,
    fact, failing, passing,
};

use super::sources::SHARED_KEY_POLICY;
use crate::groundwork::azure::{ACCOUNTS, LANDING_ZONE, WORKSPACES};

const GRAPH: &str = "ResourceGraph_Resources 2024-04-01";
const STORAGE: &str = "properties.storageAccount";
const OWNED: &str = "properties.userOwnedStorage";
const SHARED_KEY_ABSENT: &str = "true: null is the default and counts as true";

/// AUTH-27.
pub static SHARED_KEY: Rule = Rule {
    id: "AUTH-27",
    title: "The linked storage accounts refuse shared keys",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "our own judgement: as for the resource's own keys, Defender for Cloud: medium (AI landing zone checklist AI.80: high)",
    rationale: "A shared key reads and rewrites everything in the storage account, past every role and without a trace of who used it. \
                There lie training data, uploaded files and models.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Accounts without storage of their own.",
        "Workspaces that name no storage account, such as projects that use their hub's.",
    ],
    never: &[],
    reads: &[
        Read {
            path: STORAGE,
            source: WORKSPACES,
            absent: "the workspace names no storage account",
        },
        Read {
            path: "properties.userOwnedStorage[].resourceId",
            source: ACCOUNTS,
            absent: "the account has no storage of its own",
        },
        Read {
            path: "linkedResources[].properties.allowSharedKeyAccess",
            source: GRAPH,
            absent: SHARED_KEY_ABSENT,
        },
        Read {
            path: "linkedResources[].id",
            source: GRAPH,
            absent: "not documented: the resource is none that the asset names",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Give the workspace's or account's identity and its users data roles on the storage account, then switch shared keys off.",
        az: Some(
            "az storage account update --ids <storage account id> --allow-shared-key-access false",
        ),
        bicep: Some(
            "resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = {\n  properties: {\n    allowSharedKeyAccess: false\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_storage_account\" \"this\" {\n  shared_access_key_enabled = false\n}",
        ),
        portal: Some(
            "The storage account > Settings > Configuration > Allow storage account key access > Disabled",
        ),
    },
    policies: &["8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54"],
    policy_difference: "Azure's policy judges the storage account; here the AI resource that keeps its data there is judged by it.",
    controls: &[
        "mcsb-v1:IM-1",
        "mcsb-v2:IM-1",
        "nist-800-53-r5:AC-2",
        "nist-800-53-r5:IA-2",
        "cis-azure-foundations-6.0:9.3.1.3",
    ],
    references: &[SHARED_KEY_POLICY, LANDING_ZONE],
    judge: shared_key,
};

fn shared_key(asset: &AssetContext<'_>) -> Outcome {
    let mut named: Vec<&str> = Vec::new();
    if asset.asset_type() == MACHINE_LEARNING_WORKSPACE {
        let storage = asset.text(STORAGE)?;
        let Some(id) = storage.value.filter(|id| !id.trim().is_empty()) else {
            let evidence = storage.expected("a storage account's id, for the rule to apply");
            return Ok(Judgement::not_applicable(
                "The workspace names no storage account.",
                evidence,
            ));
        };
        named.push(id);
    } else {
        let owned = asset.list(OWNED)?;
        for entry in owned.entries().nodes() {
            let storage = entry.text("resourceId")?;
            named.push(storage.value.ok_or_else(|| {
                Unreadable::new(
                    storage.expected("a storage account's id"),
                    "It is not in Azure's answer.",
                )
            })?);
        }
        if named.is_empty() {
            let evidence = owned.expected("a storage account, for the rule to apply");
            return Ok(Judgement::not_applicable(
                "The account has no storage of its own.",
                evidence,
            ));
        }
    }
    let linked = asset.related(fact::LINKED_RESOURCES)?;
    let (mut good, mut bad, mut unreadable) = (Vec::new(), Vec::new(), None);
    for id in named {
        match allows_shared_key(&linked, id) {
            Ok((false, evidence)) => good.push(evidence),
            Ok((true, evidence)) => bad.push(evidence),
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    if let Some(failed) = failing("A linked storage account accepts shared keys.", bad) {
        return Ok(failed);
    }
    let passed = passing("The linked storage accounts refuse shared keys.", good);
    match (unreadable, passed) {
        (None, Some(passed)) => Ok(passed),
        (Some(error), _) => Err(error),
        (None, None) => Err(missing(&linked)),
    }
}

/// Whether the storage account of this id accepts shared keys, with the evidence.
fn allows_shared_key(linked: &Entries<'_>, id: &str) -> Result<(bool, Evidence), Unreadable> {
    let is_it =
        |node: &Node<'_>| node.is_any_of("id", &[id.trim_end_matches('/')]).unwrap_or(false);
    let Some(storage) = linked.nodes().find(is_it) else {
        linked.complete()?;
        return Err(missing(linked));
    };
    let allowed = storage.flag("properties.allowSharedKeyAccess")?;
    Ok((allowed.value != Some(false), allowed.expected_or("false", SHARED_KEY_ABSENT)))
}

fn missing(linked: &Entries<'_>) -> Unreadable {
    let evidence = linked.expected("the storage account that the resource names");
    Unreadable::new(evidence, "The storage account is not among the resources that were read.")
}
