//! What an AI resource stands on: storage accounts, key vaults and container registries.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement, MACHINE_LEARNING_WORKSPACE, Node,
    Outcome, Read, Remedy, Rule, Severity, Topic, Unreadable, Words, fact,
};

use super::sources::RESOURCE_GRAPH;
use crate::groundwork::azure::{ACCOUNTS, LANDING_ZONE, PUBLIC_NETWORK_ACCESS, WORKSPACES};

const OWN_STORAGE: &str = "properties.userOwnedStorage";
const ACCESS_ABSENT: &str = "enabled: the linked resource answers to the internet";
const ACTION_ABSENT: &str = "Allow: every network is let in";

/// NET-35: accounts and workspaces.
pub static LINKED: Rule = Rule {
    id: "NET-35",
    title: "The storage, key vault and registry of the resource refuse unknown networks",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement, after AI landing zone checklist AI.78: high",
    rationale: "Training data, models, secrets and images lie in these resources, not in the AI resource itself. \
                A private workspace on open storage is open: it is as private as what it stands on.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Accounts without storage of their own, and workspaces that name no resource.",
        "Projects of a hub: they stand on their hub's resources and are judged there.",
    ],
    never: &[],
    reads: &[
        Read {
            path: "kind",
            source: WORKSPACES,
            absent: "not documented: the workspace is not taken as a project",
        },
        Read {
            path: OWN_STORAGE,
            source: ACCOUNTS,
            absent: "none: the service keeps its data itself",
        },
        Read {
            path: "properties.storageAccount",
            source: WORKSPACES,
            absent: "none: the workspace names no storage account",
        },
        Read {
            path: "properties.keyVault",
            source: WORKSPACES,
            absent: "none: the workspace names no key vault",
        },
        Read {
            path: "properties.containerRegistry",
            source: WORKSPACES,
            absent: "none: the workspace names no registry",
        },
        Read {
            path: "linkedResources[].type",
            source: RESOURCE_GRAPH,
            absent: "not documented: unknown, because the type says where the firewall is set",
        },
        Read {
            path: "linkedResources[].id",
            source: RESOURCE_GRAPH,
            absent: "not documented: the evidence does not name the resource",
        },
        Read {
            path: "linkedResources[].properties.publicNetworkAccess",
            source: RESOURCE_GRAPH,
            absent: ACCESS_ABSENT,
        },
        Read {
            path: "linkedResources[].properties.networkAcls.defaultAction",
            source: RESOURCE_GRAPH,
            absent: ACTION_ABSENT,
        },
        Read {
            path: "linkedResources[].properties.networkRuleSet.defaultAction",
            source: RESOURCE_GRAPH,
            absent: ACTION_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Give the linked resource a private endpoint in the network of the AI resource, then disable its public access or set its default action to Deny.",
        az: Some(
            "az storage account update --ids LINKED_ID --public-network-access Disabled\naz resource update --ids LINKED_ID --set properties.publicNetworkAccess=Disabled",
        ),
        bicep: Some(
            "resource storage 'Microsoft.Storage/storageAccounts@2025-01-01' = {\n  properties: {\n    publicNetworkAccess: 'Disabled'\n    networkAcls: {\n      defaultAction: 'Deny'\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_storage_account\" \"this\" {\n  public_network_access_enabled = false\n}\n\nresource \"azurerm_key_vault\" \"this\" {\n  public_network_access_enabled = false\n}\n\nresource \"azurerm_container_registry\" \"this\" {\n  public_network_access_enabled = false\n}",
        ),
        portal: Some("The linked resource > Networking > Public network access > Disable"),
    },
    policies: &[
        "34c877ad-507e-4c82-993e-3452a6e0ad3c",
        "55615ac9-af46-4a59-874e-391cc3dfb490",
        "405c5871-3e91-4644-8a63-58e19d68ff5b",
        "0fdf0491-d080-4575-b627-ad0e843cba0f",
        "d0793b48-0edc-4296-a390-4c75d1bdfd71",
    ],
    policy_difference: "Azure's policies judge the linked resource itself. 405c5871 and 0fdf0491 want public access disabled and 34c877ad wants the default action Deny; here, as for 55615ac9 and d0793b48, either is enough, and so is SecuredByPerimeter.",
    controls: &[
        "mcsb-v1:NS-2",
        "mcsb-v1:DP-8",
        "mcsb-v2:NS-2",
        "mcsb-v2:DP-8",
        "nist-800-53-r5:AC-17",
        "nist-800-53-r5:AC-17(1)",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
        "cis-azure-foundations-6.0:8.3.7",
        "cis-azure-foundations-6.0:9.3.2.2",
    ],
    references: &[LANDING_ZONE],
    judge: closed,
};

fn closed(asset: &AssetContext<'_>) -> Outcome {
    if let Some(without) = stands_alone(asset)? {
        return Ok(without);
    }
    let words = Words {
        pass: "The resources that it stands on refuse unknown networks.",
        fail: "A resource that it stands on lets every network in.",
        none: "It stands on no storage account, key vault or registry.",
    };
    asset.related(fact::LINKED_RESOURCES)?.every(words, check)
}

/// `Some(not applicable)` where there is nothing of its own to judge.
fn stands_alone(asset: &AssetContext<'_>) -> Result<Option<Judgement>, Unreadable> {
    if asset.asset_type() == COGNITIVE_SERVICES_ACCOUNT {
        let own = asset.list(OWN_STORAGE)?;
        return Ok(own.entries().is_empty().then(|| {
            let evidence =
                own.expected_or("storage of its own", "none: the service keeps its data itself");
            Judgement::not_applicable("The account names no storage of its own.", evidence)
        }));
    }
    let kind = asset.text("kind")?;
    if kind.is("Project") {
        let summary = "A project stands on its hub's resources and is judged there.";
        let evidence = kind.expected("a workspace with resources of its own");
        return Ok(Some(Judgement::not_applicable(summary, evidence)));
    }
    let storage = asset.text("properties.storageAccount")?;
    let names_one = storage.is_given()
        || asset.text("properties.keyVault")?.is_given()
        || asset.text("properties.containerRegistry")?.is_given();
    Ok((!names_one).then(|| {
        let evidence = storage.expected("the id of a storage account, or of another resource");
        Judgement::not_applicable("The workspace names no other resource.", evidence)
    }))
}

fn check(resource: &Node<'_>) -> Result<Check, Unreadable> {
    let kind = resource.text("type")?;
    let path =
        if kind.is_any_of(&["Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"]) {
            "properties.networkAcls.defaultAction"
        } else if kind.is("Microsoft.ContainerRegistry/registries") {
            "properties.networkRuleSet.defaultAction"
        } else {
            let evidence = kind.expected("a storage account, a key vault or a container registry");
            return Err(Unreadable::new(evidence, "This type of resource is not known here."));
        };
    let access = resource.text(PUBLIC_NETWORK_ACCESS)?;
    if access.is_any_of(&["Disabled", "SecuredByPerimeter"]) {
        return Ok(Check::Good(access.expected("Disabled")));
    }
    let action = resource.text(path)?;
    if action.is("Deny") {
        return Ok(Check::Good(action.expected("Deny")));
    }
    Ok(Check::Bad(vec![
        access.expected_or("Disabled, or a default action of Deny", ACCESS_ABSENT),
        action.expected_or("Deny", ACTION_ABSENT),
        resource.text("id")?.expected("a resource that refuses unknown networks"),
    ]))
}
