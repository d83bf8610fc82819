//! The managed network of a Machine Learning workspace: where its code can send data.

use postern_rules_sdk::{
    AssetContext, Check, Judgement, MACHINE_LEARNING_WORKSPACE, Outcome, Read, Remedy, Rule,
    Severity, Topic, Unreadable, Words, fact,
};

use super::found::Found;
use super::outbound_rule::Destinations;
use super::workspace::{
    ISOLATION, ISOLATION_ABSENT, KIND_ABSENT, MANAGED_NETWORK_GUIDE, WORKSPACE_SCHEMA, of_hub,
};
use crate::groundwork::azure::{LANDING_ZONE, WORKSPACES};
use crate::groundwork::settings::{APPROVED_OUTBOUND_WILDCARDS, MINIMUM_PREFIX_LENGTH};

const OUTBOUND_RULES: &str = "ManagedNetworkSettingsRule_List 2025-09-01";
const FEATURE_STORE_GUIDE: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/1bd2cb7fa04c8ab5a7c9d279ec9d819834187a23/articles/machine-learning/tutorial-network-isolation-for-feature-store.md";

/// NET-16.
pub static ISOLATION_MODE: Rule = Rule {
    id: "NET-16",
    title: "The workspace's managed network allows approved outbound calls only",
    topic: Topic::Networking,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.108: high",
    rationale: "Code in a notebook or a job can send training data anywhere unless the managed network says where it may go. \
                The mode cannot be turned back once it is set, so plan the outbound rules first.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Projects: they use the managed network of their hub and are judged there.",
        "Feature stores: Microsoft documents AllowInternetOutbound as the only mode that they support.",
    ],
    never: &[],
    reads: &[
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
        Read { path: ISOLATION, source: WORKSPACES, absent: ISOLATION_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Set the isolation mode to AllowOnlyApprovedOutbound and add the outbound rules that the work needs.",
        az: Some(
            "az resource update --ids $ID --set properties.managedNetwork.isolationMode=AllowOnlyApprovedOutbound",
        ),
        bicep: Some(
            "resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-09-01' = {\n  properties: {\n    managedNetwork: {\n      isolationMode: 'AllowOnlyApprovedOutbound'\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_machine_learning_workspace\" \"this\" {\n  managed_network {\n    isolation_mode = \"AllowOnlyApprovedOutbound\"\n  }\n}",
        ),
        portal: Some(
            "The workspace > Settings > Networking > Workspace managed outbound access > Allow Only Approved Outbound",
        ),
    },
    policies: &["6ddb1705-c8cf-450e-aa4b-19ad6703c440"],
    policy_difference: "Azure's policy also reports projects, which use their hub's network, and feature stores, which do not support the mode; here both are not applicable.",
    controls: &["mcsb-v2:NS-2"],
    references: &[LANDING_ZONE, MANAGED_NETWORK_GUIDE, FEATURE_STORE_GUIDE],
    judge: isolation,
};

/// NET-17.
pub static OUTBOUND: Rule = Rule {
    id: "NET-17",
    title: "The outbound rules of the managed network name narrow destinations",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement: one wide rule undoes the isolation that NET-16 asks for",
    rationale: "A wildcard host, a service tag such as Internet or AzureCloud, or a huge address range lets code send data almost anywhere, although the network looks isolated. \
                Only the rules that people added are judged; Azure's own cannot be changed.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Projects: they use the managed network of their hub and are judged there.",
        "Workspaces whose managed network does not limit outbound calls: NET-16 says so already.",
    ],
    never: &[],
    reads: &[
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
        Read { path: ISOLATION, source: WORKSPACES, absent: ISOLATION_ABSENT },
        Read {
            path: "outboundRules[].properties.category",
            source: OUTBOUND_RULES,
            absent: "not documented: the rule is taken as one that people added",
        },
        Read {
            path: "outboundRules[].properties.type",
            source: OUTBOUND_RULES,
            absent: "not possible: a required property",
        },
        Read {
            path: "outboundRules[].properties.destination",
            source: OUTBOUND_RULES,
            absent: "not documented: the destination is unknown",
        },
        Read {
            path: "outboundRules[].properties.destination.serviceTag",
            source: OUTBOUND_RULES,
            absent: "not documented: addressPrefixes has to name the destination",
        },
        Read {
            path: "outboundRules[].properties.destination.addressPrefixes",
            source: OUTBOUND_RULES,
            absent: "the service tag counts; where it is given, the tag is ignored",
        },
        Read {
            path: "outboundRules[].properties.destination.action",
            source: OUTBOUND_RULES,
            absent: "not documented: the rule is taken as one that allows",
        },
    ],
    settings: &[&APPROVED_OUTBOUND_WILDCARDS, &MINIMUM_PREFIX_LENGTH],
    remedy: Remedy {
        summary: "Replace the rule with rules for the hosts that the work needs; accept a wildcard with the setting approvedOutboundWildcards.",
        az: Some(
            "az resource delete --ids $ID/outboundRules/RULE --api-version 2025-09-01 && az ml workspace outbound-rule set --resource-group RG --workspace-name $NAME --rule RULE --type fqdn --destination HOST",
        ),
        bicep: Some(
            "resource rule 'Microsoft.MachineLearningServices/workspaces/outboundRules@2025-09-01' = {\n  parent: workspace\n  properties: {\n    type: 'FQDN'\n    category: 'UserDefined'\n    destination: 'pypi.org'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_machine_learning_workspace_network_outbound_rule_fqdn\" \"this\" {\n  name             = \"packages\"\n  workspace_id     = azurerm_machine_learning_workspace.this.id\n  destination_fqdn = \"pypi.org\"\n}",
        ),
        portal: Some(
            "The workspace > Settings > Networking > Workspace managed outbound access > User-defined outbound rules",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[MANAGED_NETWORK_GUIDE, WORKSPACE_SCHEMA],
    judge: outbound,
};

fn isolation(asset: &AssetContext<'_>) -> Outcome {
    if let Some(project) = of_hub(asset, "A project uses its hub's managed network.")? {
        return Ok(project);
    }
    let kind = asset.text("kind")?;
    if kind.is("FeatureStore") {
        let evidence = kind.expected("a workspace that supports AllowOnlyApprovedOutbound");
        return Ok(Judgement::not_applicable(
            "A feature store does not support this isolation mode.",
            evidence,
        ));
    }
    let mode = asset.text(ISOLATION)?;
    let evidence = mode.expected_or("AllowOnlyApprovedOutbound", ISOLATION_ABSENT);
    Ok(if mode.is("AllowOnlyApprovedOutbound") {
        Judgement::pass("Outbound calls are limited to approved addresses.", evidence)
    } else {
        Judgement::fail("Outbound calls may go anywhere.", evidence)
    })
}

fn outbound(asset: &AssetContext<'_>) -> Outcome {
    if let Some(project) = of_hub(asset, "A project uses its hub's managed network.")? {
        return Ok(project);
    }
    let mode = asset.text(ISOLATION)?;
    if !mode.is("AllowOnlyApprovedOutbound") {
        let evidence = mode.expected_or("AllowOnlyApprovedOutbound", ISOLATION_ABSENT);
        return Ok(Judgement::not_applicable(
            "The managed network does not limit outbound calls, so its rules open nothing more.",
            evidence,
        ));
    }
    let limits = mode.expected("AllowOnlyApprovedOutbound");
    let destinations = Destinations::of(asset);
    let mut found = Found::default();
    found.add_fact(asset, fact::OUTBOUND_RULES, "narrow destinations", |rule| {
        match rule.child("properties")? {
            Some(properties) => destinations.check(&properties),
            None => Err(Unreadable::new(
                rule.object("properties")?.expected("the properties of the rule"),
                "The rule was listed without its properties.",
            )),
        }
    });
    // Without a rule of its own it lets out what Azure needs, and nothing else.
    found.add(Ok(Check::Good(limits.clone())));
    let words = Words {
        pass: "No outbound rule of the managed network is wide.",
        fail: "An outbound rule opens a wide destination.",
        none: "The managed network does not limit outbound calls.",
    };
    found.every(words, limits)
}
