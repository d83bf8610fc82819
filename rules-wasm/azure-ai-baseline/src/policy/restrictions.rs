//! Policies that prevent, or at least find, what must not be deployed: network, keys, private endpoints and logs.

use postern_rules_sdk::{
    AssetContext, Outcome, Remedy, Rule, SUBSCRIPTION, Severity, Topic, Verdict, Words,
};

use super::guardrail::{
    ABOUT_ASSIGNMENTS, AI_POLICIES, COGNITIVE_POLICIES, Candidate, EVERY_SUBSCRIPTION, Guardrail,
    SETTINGS,
};
use super::initiatives::{
    DEPLOYMENT_CONTROL, LEARNING_MODELS, LEARNING_REGISTRY, LOCAL_AUTH, LOCAL_AUTH_DEPLOY,
    LOCAL_AUTH_MODIFY, LOGS, LOGS_DEPLOY, MODELS, NETWORK, PRIVATE_LINK, PRIVATE_LINK_DEPLOY,
};
use super::reads::{DEPLOYING_GUARDRAIL, GUARDRAIL};
use super::remedies::assign;
use crate::groundwork::azure::{DEFENDER_AI, LANDING_ZONE};

const NOT_ASSIGNED: &str = "an assignment of the policy";
const DENY: &[&str] = &["Deny"];
const MODIFY: &[&str] = &["Modify"];
const DEPLOY: &[&str] = &["DeployIfNotExists"];

/// POL-01: network access.
pub static NETWORK_ACCESS: Rule = Rule {
    id: "POL-01",
    title: "A policy denies AI resources that are open to all networks",
    topic: Topic::Policy,
    severity: Severity::High,
    severity_reason: "our own judgement: nothing else keeps the next account from being open to every network (AI landing zone checklist AI.125: medium)",
    rationale: "A new account is reachable from every network until somebody closes it. \
                The policy refuses it at deployment when its effect is Deny; with Audit it only reports what is there already.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &GUARDRAIL,
    settings: &SETTINGS,
    remedy: assign!(
        "Assign the policy with the effect Deny to the subscription or to a management group above; look at what it would refuse with Audit first.",
        "ai-restrict-network",
        "policyDefinitions",
        "037eea7a-bd0a-46c5-9a66-03aea78705d3",
        "--policy",
        "{\"effect\":{\"value\":\"Deny\"}}",
        "effect: { value: 'Deny' }",
        "effect = { value = \"Deny\" }"
    ),
    policies: &["037eea7a-bd0a-46c5-9a66-03aea78705d3"],
    policy_difference: ABOUT_ASSIGNMENTS,
    controls: &[
        "mcsb-v1:NS-2",
        "mcsb-v2:NS-2",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
    ],
    references: &[AI_POLICIES, LANDING_ZONE],
    judge: network_access,
};

fn network_access(subscription: &AssetContext<'_>) -> Outcome {
    Guardrail {
        policies: &[Candidate { policy: NETWORK, effects: DENY, expected: "Deny" }],
        words: Words {
            pass: "AI resources that are open to all networks are refused.",
            fail: "No policy refuses AI resources that are open to all networks.",
            none: NOT_ASSIGNED,
        },
        parameters: None,
    }
    .judge(subscription)
}

/// POL-02: keys.
pub static KEYS: Rule = Rule {
    id: "POL-02",
    title: "A policy denies or switches off keys of AI resources",
    topic: Topic::Policy,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.102: high (Defender for Cloud: medium)",
    rationale: "New accounts and search services accept keys until somebody switches them off. \
                One policy denies that, for search services too; two others switch keys off by themselves, for accounts only.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &DEPLOYING_GUARDRAIL,
    settings: &SETTINGS,
    remedy: assign!(
        "Assign the policy with the effect Deny, and put right what is there already with policy 14de9e63-1b31-492e-a5a3-c3f7fd57f555 (Modify) and a remediation task.",
        "ai-no-local-auth",
        "policyDefinitions",
        "71ef260a-8f18-47b7-abcb-62d0673d94dc",
        "--policy",
        "{\"effect\":{\"value\":\"Deny\"}}",
        "effect: { value: 'Deny' }",
        "effect = { value = \"Deny\" }"
    ),
    policies: &[
        "71ef260a-8f18-47b7-abcb-62d0673d94dc",
        "14de9e63-1b31-492e-a5a3-c3f7fd57f555",
        "55eff01b-f2bd-4c32-9203-db285f709d30",
    ],
    policy_difference: ABOUT_ASSIGNMENTS,
    controls: &[
        "mcsb-v1:IM-1",
        "mcsb-v2:IM-1",
        "nist-800-53-r5:AC-2",
        "nist-800-53-r5:AC-2(1)",
        "nist-800-53-r5:AC-2(7)",
        "nist-800-53-r5:AC-3",
        "nist-800-53-r5:IA-2",
        "nist-800-53-r5:IA-4",
    ],
    references: &[AI_POLICIES, LANDING_ZONE, DEFENDER_AI],
    judge: keys,
};

const LOCAL_AUTH_CANDIDATES: [Candidate; 3] = [
    Candidate { policy: LOCAL_AUTH, effects: DENY, expected: "Deny" },
    Candidate { policy: LOCAL_AUTH_MODIFY, effects: MODIFY, expected: "Modify" },
    Candidate { policy: LOCAL_AUTH_DEPLOY, effects: DEPLOY, expected: "DeployIfNotExists" },
];

fn keys(subscription: &AssetContext<'_>) -> Outcome {
    Guardrail {
        policies: &LOCAL_AUTH_CANDIDATES,
        words: Words {
            pass: "AI resources that accept keys are refused or put right.",
            fail: "No policy refuses AI resources that accept keys, or puts them right.",
            none: NOT_ASSIGNED,
        },
        parameters: None,
    }
    .judge(subscription)
}

/// POL-03: private endpoints.
pub static PRIVATE_ENDPOINTS: Rule = Rule {
    id: "POL-03",
    title: "A policy reports or creates private endpoints of AI resources",
    topic: Topic::Policy,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium",
    rationale: "Without the policy nobody is told of an account that has no approved private endpoint. \
                Its effect cannot be stronger than Audit; its twin deploys the endpoint itself.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &DEPLOYING_GUARDRAIL,
    settings: &SETTINGS,
    remedy: assign!(
        "Assign the policy, or an initiative that holds it, such as the Microsoft cloud security benchmark.",
        "ai-private-link",
        "policyDefinitions",
        "d6759c02-b87f-42b7-892e-71b3f471d782",
        "--policy",
        "{\"effect\":{\"value\":\"Audit\"}}",
        "effect: { value: 'Audit' }",
        "effect = { value = \"Audit\" }"
    ),
    policies: &["d6759c02-b87f-42b7-892e-71b3f471d782", "db630ad5-52e9-4f4d-9c44-53912fe40053"],
    policy_difference: ABOUT_ASSIGNMENTS,
    controls: &[
        "mcsb-v1:NS-2",
        "mcsb-v2:NS-2",
        "nist-800-53-r5:AC-17",
        "nist-800-53-r5:AC-17(1)",
        "nist-800-53-r5:AC-17(3)",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:AC-4(4)",
        "nist-800-53-r5:AC-4(6)",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
    ],
    references: &[AI_POLICIES, DEFENDER_AI],
    judge: private_endpoints,
};

fn private_endpoints(subscription: &AssetContext<'_>) -> Outcome {
    Guardrail {
        policies: &[
            Candidate { policy: PRIVATE_LINK, effects: &["Audit"], expected: "Audit" },
            Candidate {
                policy: PRIVATE_LINK_DEPLOY,
                effects: DEPLOY,
                expected: "DeployIfNotExists",
            },
        ],
        words: Words {
            pass: "AI resources without a private endpoint are reported or get one.",
            fail: "No policy reports AI resources without a private endpoint.",
            none: NOT_ASSIGNED,
        },
        parameters: None,
    }
    .judge(subscription)
}

/// POL-04: logs.
pub static DIAGNOSTICS: Rule = Rule {
    id: "POL-04",
    title: "A policy reports or creates the diagnostic settings of AI resources",
    topic: Topic::Policy,
    severity: Severity::Medium,
    severity_reason: "our own judgement: Defender for Cloud says low, AI landing zone checklist AI.86 says high",
    rationale: "A new account keeps no logs until somebody adds a diagnostic setting. \
                One policy reports such accounts, another sends their logs to a Log Analytics workspace.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &DEPLOYING_GUARDRAIL,
    settings: &SETTINGS,
    remedy: Remedy {
        summary: "Assign the policy that deploys diagnostic settings, with a managed identity that may write them, or policy 1b4d1c4e-934c-4703-944c-27c82c06bebb, which reports missing ones.",
        az: Some(
            "az policy assignment create --name ai-logs --scope $ID --policy 55d1f543-d1b0-4811-9663-d6d0dbc6326d --params '{\"logAnalytics\":{\"value\":\"<id of the Log Analytics workspace>\"}}' --mi-system-assigned --location westeurope",
        ),
        bicep: Some(
            "targetScope = 'subscription'\n\nresource assignment 'Microsoft.Authorization/policyAssignments@2025-03-01' = {\n  name: 'ai-logs'\n  location: 'westeurope'\n  identity: { type: 'SystemAssigned' }\n  properties: {\n    policyDefinitionId: tenantResourceId('Microsoft.Authorization/policyDefinitions', '55d1f543-d1b0-4811-9663-d6d0dbc6326d')\n    enforcementMode: 'Default'\n    parameters: {\n      logAnalytics: { value: workspaceId }\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_subscription_policy_assignment\" \"this\" {\n  name                 = \"ai-logs\"\n  subscription_id      = \"$ID\"\n  location             = \"westeurope\"\n  policy_definition_id = \"/providers/Microsoft.Authorization/policyDefinitions/55d1f543-d1b0-4811-9663-d6d0dbc6326d\"\n  parameters           = jsonencode({ logAnalytics = { value = var.workspace_id } })\n  identity {\n    type = \"SystemAssigned\"\n  }\n}",
        ),
        portal: Some(
            "Policy > Authoring > Assignments > Assign policy > Remediation > Create a managed identity",
        ),
    },
    policies: &["1b4d1c4e-934c-4703-944c-27c82c06bebb", "55d1f543-d1b0-4811-9663-d6d0dbc6326d"],
    policy_difference: ABOUT_ASSIGNMENTS,
    controls: &["mcsb-v1:LT-3", "mcsb-v2:LT-3"],
    references: &[AI_POLICIES, DEFENDER_AI, LANDING_ZONE],
    judge: diagnostics,
};

fn diagnostics(subscription: &AssetContext<'_>) -> Outcome {
    const REPORTS: &str = "AuditIfNotExists";
    Guardrail {
        policies: &[
            Candidate { policy: LOGS, effects: &["AuditIfNotExists"], expected: REPORTS },
            Candidate {
                policy: LOGS_DEPLOY,
                effects: &["DeployIfNotExists", "AuditIfNotExists"],
                expected: "DeployIfNotExists or AuditIfNotExists",
            },
        ],
        words: Words {
            pass: "AI resources without logs are reported or get a diagnostic setting.",
            fail: "No policy reports AI resources without logs.",
            none: NOT_ASSIGNED,
        },
        parameters: Some(|_, assignment| {
            let types = assignment.node.list("properties.parameters.resourceTypeList.value")?;
            let mut named = types.value.into_iter().flatten().filter_map(|name| name.as_str());
            let leaves_out = types.value.is_some()
                && !named
                    .any(|name| name.eq_ignore_ascii_case("microsoft.cognitiveservices/accounts"));
            Ok(leaves_out
                .then(|| types.expected("a list with microsoft.cognitiveservices/accounts")))
        }),
    }
    .judge(subscription)
}

/// POL-19: any guardrail that does more than report.
pub static ANY: Rule = Rule {
    id: "POL-19",
    title: "A guardrail policy is assigned to the subscription",
    topic: Topic::Policy,
    severity: Severity::High,
    severity_reason: "our own judgement: a subscription without any guardrail lets every team deploy every AI resource in every state",
    rationale: "Finding mistakes afterwards is slower and dearer than refusing them. \
                The rule joins POL-01 to POL-06: it fails where none of their policies denies, modifies or deploys anything, so that whatever is deployed next is as its author left it.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &DEPLOYING_GUARDRAIL,
    settings: &SETTINGS,
    remedy: assign!(
        "Begin with the policy on network access and the effect Deny; POL-01 to POL-06 name the others.",
        "ai-restrict-network",
        "policyDefinitions",
        "037eea7a-bd0a-46c5-9a66-03aea78705d3",
        "--policy",
        "{\"effect\":{\"value\":\"Deny\"}}",
        "effect: { value: 'Deny' }",
        "effect = { value = \"Deny\" }"
    ),
    policies: &[
        "037eea7a-bd0a-46c5-9a66-03aea78705d3",
        "71ef260a-8f18-47b7-abcb-62d0673d94dc",
        "14de9e63-1b31-492e-a5a3-c3f7fd57f555",
        "55eff01b-f2bd-4c32-9203-db285f709d30",
        "db630ad5-52e9-4f4d-9c44-53912fe40053",
        "55d1f543-d1b0-4811-9663-d6d0dbc6326d",
        "aafe3651-cb78-4f68-9f81-e7e41509110f",
        "12e5dd16-d201-47ff-849b-8454061c293d",
        "19539b54-c61e-4196-9a38-67598701be90",
    ],
    policy_difference: ABOUT_ASSIGNMENTS,
    controls: &[],
    references: &[AI_POLICIES, COGNITIVE_POLICIES],
    judge: any,
};

fn any(subscription: &AssetContext<'_>) -> Outcome {
    Guardrail {
        policies: &[
            Candidate { policy: NETWORK, effects: DENY, expected: "Deny" },
            Candidate { policy: LOCAL_AUTH, effects: DENY, expected: "Deny" },
            Candidate { policy: LOCAL_AUTH_MODIFY, effects: MODIFY, expected: "Modify" },
            Candidate { policy: LOCAL_AUTH_DEPLOY, effects: DEPLOY, expected: "DeployIfNotExists" },
            Candidate {
                policy: PRIVATE_LINK_DEPLOY,
                effects: DEPLOY,
                expected: "DeployIfNotExists",
            },
            Candidate { policy: LOGS_DEPLOY, effects: DEPLOY, expected: "DeployIfNotExists" },
            Candidate { policy: MODELS, effects: DENY, expected: "Deny" },
            Candidate { policy: LEARNING_MODELS, effects: DENY, expected: "Deny" },
            Candidate { policy: LEARNING_REGISTRY, effects: DENY, expected: "Deny" },
            // It cannot deny; where it is assigned, the evidence says so.
            Candidate { policy: DEPLOYMENT_CONTROL, effects: DENY, expected: "Deny" },
        ],
        words: Words {
            pass: "A policy on AI resources refuses or puts right what is deployed.",
            fail: "No policy on AI resources refuses or puts right what is deployed.",
            none: "an assignment of a policy on AI resources with Deny, Modify or DeployIfNotExists",
        },
        parameters: None,
    }
    .judge(subscription)
}
