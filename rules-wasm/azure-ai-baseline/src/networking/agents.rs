//! The network of Foundry's agents: where what they run can reach out to.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Evidence, Judgement, Outcome, Read, Remedy,
    Rule, Severity, Topic, Unreadable, Words, fact,
};

use super::sources::{ACCOUNT_SCHEMA, MANAGED_NETWORK, MANAGED_NETWORK_SCHEMA};
use crate::groundwork::azure::{ACCOUNTS, LANDING_ZONE};

const INJECTIONS: &str = "properties.networkInjections";
const INJECTIONS_ABSENT: &str = "none: agents reach out over Microsoft's public network";
const PROJECTS: &str = "properties.allowProjectManagement";
/// An account without the flag.
pub const PROJECTS_ABSENT: &str = "false: the account has no projects, and no agents in them";
/// Of a managed network: what it lets out.
pub const ISOLATION: &str = "properties.managedNetwork.isolationMode";
/// Where it does not say.
pub const ISOLATION_ABSENT: &str = "not documented: taken as no isolation";
/// Rules about agents do not concern the others.
pub const EXCEPTION: &str =
    "Accounts that are not of kind AIServices or manage no projects: they have no agents.";

/// What rules about agents read first.
pub const READ_KIND: Read = Read {
    path: "kind",
    source: ACCOUNTS,
    absent: "not documented: the account is not taken as one with agents",
};
/// Likewise.
pub const READ_PROJECTS: Read = Read { path: PROJECTS, source: ACCOUNTS, absent: PROJECTS_ABSENT };

/// NET-09: accounts with agents.
pub static INJECTED: Rule = Rule {
    id: "NET-09",
    title: "The account's agents run in a network that is under control",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement, after AI landing zone checklist AI.107: high",
    rationale: "Agents call tools and fetch what a prompt tells them to. \
                Without network injection they do so from Microsoft's public network, past every firewall of the organisation.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[EXCEPTION],
    never: &[],
    reads: &[
        READ_KIND,
        READ_PROJECTS,
        Read { path: INJECTIONS, source: ACCOUNTS, absent: INJECTIONS_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Network injection is set when an account is made: create a new account with a delegated subnet or Microsoft's managed network, and move the projects.",
        az: None,
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  kind: 'AIServices'\n  properties: {\n    allowProjectManagement: true\n    networkInjections: [\n      {\n        scenario: 'agent'\n        subnetArmId: subnetId\n        useMicrosoftManagedNetwork: false\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_resource\" \"this\" {\n  type = \"Microsoft.CognitiveServices/accounts@2025-06-01\"\n  body = {\n    kind = \"AIServices\"\n    properties = {\n      allowProjectManagement = true\n      networkInjections = [{\n        scenario                   = \"agent\"\n        subnetArmId                = azurerm_subnet.agents.id\n        useMicrosoftManagedNetwork = false\n      }]\n    }\n  }\n}",
        ),
        portal: Some("Azure AI Foundry > Create > Network > Virtual network injection"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ACCOUNT_SCHEMA, LANDING_ZONE],
    judge: injected,
};

/// NET-10: accounts with agents.
pub static ISOLATED: Rule = Rule {
    id: "NET-10",
    title: "The agents' managed network lets only approved calls out",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement, after AI landing zone checklist AI.108: high",
    rationale: "A managed network that lets everything out keeps nobody from carrying data away with an agent. \
                Rules that are not provisioned yet hold nothing back either.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        EXCEPTION,
        "Accounts without a managed network, unless their agents are to use one: NET-09 asks for a network at all.",
    ],
    never: &[],
    reads: &[
        READ_KIND,
        READ_PROJECTS,
        Read {
            path: "managedNetworks[].properties.managedNetwork.isolationMode",
            source: MANAGED_NETWORK,
            absent: ISOLATION_ABSENT,
        },
        Read {
            path: "managedNetworks[].properties.managedNetwork.status.status",
            source: MANAGED_NETWORK,
            absent: "not documented: the provisioning state alone is judged",
        },
        Read {
            path: "managedNetworks[].properties.provisioningState",
            source: MANAGED_NETWORK,
            absent: "not documented: whether the rules are in force is unknown",
        },
        Read { path: INJECTIONS, source: ACCOUNTS, absent: INJECTIONS_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Write down the outbound rules that the agents need, then set the isolation mode to AllowOnlyApprovedOutbound.",
        az: Some(
            "az resource update --ids $ID/managedNetworks/default --api-version 2025-12-01 --set properties.managedNetwork.isolationMode=AllowOnlyApprovedOutbound",
        ),
        bicep: Some(
            "resource network 'Microsoft.CognitiveServices/accounts/managedNetworks@2025-12-01' = {\n  parent: account\n  name: 'default'\n  properties: {\n    managedNetwork: {\n      isolationMode: 'AllowOnlyApprovedOutbound'\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.CognitiveServices/accounts/managedNetworks@2025-12-01\"\n  resource_id = \"$ID/managedNetworks/default\"\n  body = {\n    properties = {\n      managedNetwork = {\n        isolationMode = \"AllowOnlyApprovedOutbound\"\n      }\n    }\n  }\n}",
        ),
        portal: Some(
            "The account > Resource Management > Networking > Managed outbound access > Allow only approved outbound",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[MANAGED_NETWORK_SCHEMA, LANDING_ZONE],
    judge: isolated,
};

/// `Some(not applicable)` where an account has no agents.
pub fn has_no_agents(asset: &AssetContext<'_>) -> Result<Option<Judgement>, Unreadable> {
    if let Some(other) = asset.other_kind(&["AIServices"])? {
        return Ok(Some(other));
    }
    has_no_projects(asset, "The account manages no projects, so it has no agents.")
}

/// `Some(not applicable)` where an account manages no projects.
pub fn has_no_projects(
    asset: &AssetContext<'_>,
    summary: &'static str,
) -> Result<Option<Judgement>, Unreadable> {
    let manages = asset.flag(PROJECTS)?;
    Ok((!manages.is_true()).then(|| {
        let evidence = manages.expected_or("true: the account has projects", PROJECTS_ABSENT);
        Judgement::not_applicable(summary, evidence)
    }))
}

fn injected(asset: &AssetContext<'_>) -> Outcome {
    if let Some(without) = has_no_agents(asset)? {
        return Ok(without);
    }
    let injections = asset.list(INJECTIONS)?;
    let fail = "Agents reach out over Microsoft's public network.";
    let wanted = "an injection with the scenario agent";
    if injections.is_absent() {
        return Ok(Judgement::fail(fail, injections.expected_or(wanted, INJECTIONS_ABSENT)));
    }
    let words =
        Words { pass: "Agents run in a network that is under control.", fail, none: wanted };
    injections.entries().some(words, |injection| {
        let scenario = injection.text("scenario")?;
        if !scenario.is("agent") {
            return Ok(Check::Bad(vec![scenario.expected("agent")]));
        }
        let subnet = injection.text("subnetArmId")?;
        if subnet.is_given() {
            return Ok(Check::Good(subnet.expected("a subnet")));
        }
        let managed = injection.flag("useMicrosoftManagedNetwork")?;
        let evidence = managed.expected("true, or a subnet in subnetArmId");
        Ok(Check::of(managed.is_true(), evidence))
    })
}

fn isolated(asset: &AssetContext<'_>) -> Outcome {
    if let Some(without) = has_no_agents(asset)? {
        return Ok(without);
    }
    let networks = asset.related(fact::MANAGED_NETWORKS)?;
    if networks.is_empty() {
        networks.complete()?;
        let evidence = networks.expected("a managed network");
        return Ok(match promised(asset)? {
            Some(promise) => {
                Judgement::fail("The agents' managed network is not there.", evidence).and(promise)
            }
            None => Judgement::not_applicable("The account has no managed network.", evidence),
        });
    }
    let words = Words {
        pass: "The managed network lets only approved calls out.",
        fail: "The managed network does not hold calls back.",
        none: "The account has no managed network.",
    };
    networks.every(words, |network| {
        let mode = network.text(ISOLATION)?;
        let evidence = mode.expected_or("AllowOnlyApprovedOutbound", ISOLATION_ABSENT);
        if !mode.is("AllowOnlyApprovedOutbound") {
            return Ok(Check::Bad(vec![evidence]));
        }
        let status = network.text("properties.managedNetwork.status.status")?;
        if !status.is_absent() && !status.is("Active") {
            return Ok(Check::Bad(vec![status.expected("Active: the rules are in force")]));
        }
        let state = network.text("properties.provisioningState")?;
        if state.is_absent() {
            let note = "Azure did not say whether the network is provisioned.";
            return Err(Unreadable::new(state.expected("Succeeded"), note));
        }
        // While it is being updated the rules from before are in force.
        let good = state.is_any_of(&["Succeeded", "Updating"]);
        Ok(Check::of(good, if good { evidence } else { state.expected("Succeeded") }))
    })
}

/// Evidence that the agents are to use a managed network.
fn promised(asset: &AssetContext<'_>) -> Result<Option<Evidence>, Unreadable> {
    for injection in asset.list(INJECTIONS)?.entries().nodes() {
        let managed = injection.flag("useMicrosoftManagedNetwork")?;
        if managed.is_true() {
            return Ok(Some(managed.expected("false, or a managed network")));
        }
    }
    Ok(None)
}
