//! The outbound rules of the network that Foundry manages for agents.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement, Outcome, Read, Remedy, Rule,
    Severity, Topic, Words, fact,
};

use super::agents::{
    EXCEPTION, ISOLATION, ISOLATION_ABSENT, READ_KIND, READ_PROJECTS, has_no_agents,
};
use super::found::Found;
use super::outbound_rule::Destinations;
use super::sources::{MANAGED_NETWORK, MANAGED_NETWORK_SCHEMA};
use crate::groundwork::settings::{APPROVED_OUTBOUND_WILDCARDS, MINIMUM_PREFIX_LENGTH};

const RULES: &str = "properties.managedNetwork.outboundRules";

/// NET-11: accounts with agents.
pub static OUTBOUND: Rule = Rule {
    id: "NET-11",
    title: "The outbound rules of the agents' network name narrow destinations",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement: one wide rule undoes the isolation that NET-10 asks for",
    rationale: "A wildcard host, a service tag such as Internet or AzureCloud, or a huge address range lets an agent send data almost anywhere, although the network looks isolated. \
                Only the rules that people added are judged; Azure's own cannot be changed.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        EXCEPTION,
        "Accounts whose managed network is not there or does not limit outbound calls: NET-10 says so already.",
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
            path: "managedNetworks[].properties.managedNetwork.outboundRules",
            source: MANAGED_NETWORK,
            absent: "no rules but those that Azure needs",
        },
    ],
    settings: &[&APPROVED_OUTBOUND_WILDCARDS, &MINIMUM_PREFIX_LENGTH],
    remedy: Remedy {
        summary: "Replace the wide rule by rules for the hosts and services that the agents really use, then delete it.",
        az: Some(
            "az resource delete --ids $ID/managedNetworks/default/outboundRules/RULE --api-version 2025-12-01",
        ),
        bicep: Some(
            "resource rule 'Microsoft.CognitiveServices/accounts/managedNetworks/outboundRules@2025-12-01' = {\n  parent: network\n  name: 'packages'\n  properties: {\n    type: 'FQDN'\n    category: 'UserDefined'\n    destination: 'pypi.org'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.CognitiveServices/accounts/managedNetworks/outboundRules@2025-12-01\"\n  resource_id = \"$ID/managedNetworks/default/outboundRules/RULE\"\n  body = {\n    properties = {\n      type        = \"FQDN\"\n      category    = \"UserDefined\"\n      destination = \"pypi.org\"\n    }\n  }\n}",
        ),
        portal: Some(
            "The account > Resource Management > Networking > Managed outbound access > Outbound rules",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[MANAGED_NETWORK_SCHEMA],
    judge: narrow,
};

fn narrow(asset: &AssetContext<'_>) -> Outcome {
    if let Some(without) = has_no_agents(asset)? {
        return Ok(without);
    }
    let networks = asset.related(fact::MANAGED_NETWORKS)?;
    let (mut found, mut limits) = (Found::default(), None);
    for network in networks.nodes() {
        let mode = network.text(ISOLATION)?;
        let evidence = mode.expected_or("AllowOnlyApprovedOutbound", ISOLATION_ABSENT);
        if !mode.is("AllowOnlyApprovedOutbound") {
            let summary = "The managed network lets everything out, whatever its rules say.";
            return Ok(Judgement::not_applicable(summary, evidence));
        }
        limits = Some(evidence);
        let destinations = Destinations::of(asset);
        for (_, rule) in network.fields(RULES)? {
            found.add(destinations.check(&rule));
        }
    }
    networks.complete()?;
    let Some(limits) = limits else {
        let evidence = networks.expected("a managed network");
        return Ok(Judgement::not_applicable("The account has no managed network.", evidence));
    };
    // Without a rule of its own it lets out what Azure needs, and nothing else.
    found.add(Ok(Check::Good(limits.clone())));
    let words = Words {
        pass: "No outbound rule of the managed network is wide.",
        fail: "An outbound rule lets agents send data almost anywhere.",
        none: "The account has no managed network.",
    };
    found.every(words, limits)
}
