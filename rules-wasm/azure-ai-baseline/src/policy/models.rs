//! Policies on which models may be deployed, and with which content filters.

use postern_rules_sdk::{
    AssetContext, Evidence, Outcome, Read, Rule, SUBSCRIPTION, Severity, Topic, Unreadable,
    Verdict, Words,
};

use super::assignment::Assignment;
use super::guardrail::{
    ABOUT_ASSIGNMENTS, COGNITIVE_POLICIES, Candidate, EVERY_SUBSCRIPTION, Guardrail, SETTINGS,
};
use super::initiatives::{DEPLOYMENT_CONTROL, LEARNING_MODELS, LEARNING_REGISTRY, MODELS};
use super::reads::{ASSIGNMENTS, GUARDRAIL};
use super::remedies::assign;
use crate::groundwork::azure::LANDING_ZONE;
use crate::groundwork::reads::join;

const INITIATIVES: &str = "https://github.com/Azure/azure-policy/tree/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policySetDefinitions/Cognitive%20Services";
const PUBLISHERS: &str = "properties.parameters.allowedPublishers.value";
const ASSET_IDS: &str = "properties.parameters.allowedAssetIds.value";
const REGISTRY: &str = "properties.parameters.allowedRegistryName.value";

/// POL-05: approved models.
pub static APPROVED_MODELS: Rule = Rule {
    id: "POL-05",
    title: "A policy denies models that are not approved",
    topic: Topic::Policy,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.36: high",
    rationale: "Without the policy a team may deploy any model of the catalogue, whoever published it. \
                One policy is about accounts and two are about Machine Learning; the rule asks for one of them, because what a subscription holds is not in its document.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &join::<_, _, 16>(
        GUARDRAIL,
        [
            Read {
                path: "policyAssignments[].properties.parameters.allowedPublishers.value",
                source: ASSIGNMENTS,
                absent: "the default, an empty list",
            },
            Read {
                path: "policyAssignments[].properties.parameters.allowedAssetIds.value",
                source: ASSIGNMENTS,
                absent: "the default, an empty list",
            },
            Read {
                path: "policyAssignments[].properties.parameters.allowedRegistryName.value",
                source: ASSIGNMENTS,
                absent: "the default, an empty text",
            },
        ],
    ),
    settings: &SETTINGS,
    remedy: assign!(
        "Assign the policy with the effect Deny and the publishers or models that are approved.",
        "ai-approved-models",
        "policyDefinitions",
        "aafe3651-cb78-4f68-9f81-e7e41509110f",
        "--policy",
        "{\"effect\":{\"value\":\"Deny\"},\"allowedPublishers\":{\"value\":[\"OpenAI\"]}}",
        "effect: { value: 'Deny' }\n      allowedPublishers: { value: ['OpenAI'] }",
        "effect = { value = \"Deny\" }, allowedPublishers = { value = [\"OpenAI\"] }"
    ),
    policies: &[
        "aafe3651-cb78-4f68-9f81-e7e41509110f",
        "12e5dd16-d201-47ff-849b-8454061c293d",
        "19539b54-c61e-4196-9a38-67598701be90",
    ],
    policy_difference: "The policies judge deployments; this rule judges whether one of them is assigned to the subscription. With Deny and empty lists they refuse every model; the rule fails then, because nobody has said which models are approved. A list of restricted models says what is refused besides, so that it approves none.",
    controls: &["mcsb-v2:AI-1"],
    references: &[COGNITIVE_POLICIES, LANDING_ZONE],
    judge: approved_models,
};

fn approved_models(subscription: &AssetContext<'_>) -> Outcome {
    const DENY: &[&str] = &["Deny"];
    Guardrail {
        policies: &[
            Candidate { policy: MODELS, effects: DENY, expected: "Deny" },
            Candidate { policy: LEARNING_MODELS, effects: DENY, expected: "Deny" },
            Candidate { policy: LEARNING_REGISTRY, effects: DENY, expected: "Deny" },
        ],
        words: Words {
            pass: "Models that are not approved are refused.",
            fail: "No policy refuses models that are not approved.",
            none: "an assignment of a policy on models",
        },
        parameters: Some(names_no_model),
    }
    .judge(subscription)
}

fn names_no_model(
    _: &AssetContext<'_>,
    assignment: &Assignment<'_, '_>,
) -> Result<Option<Evidence>, Unreadable> {
    // `restrictedModels` names what is refused besides, and so approves nothing.
    for path in [PUBLISHERS, ASSET_IDS] {
        if assignment.node.list(path)?.value.is_some_and(|list| !list.is_empty()) {
            return Ok(None);
        }
    }
    if assignment.node.text(REGISTRY)?.is_given() {
        return Ok(None);
    }
    let publishers = assignment.node.list(PUBLISHERS)?;
    Ok(Some(publishers.expected_or("publishers or models that are approved", "an empty list")))
}

/// POL-06: content filters.
pub static CONTENT_FILTERS: Rule = Rule {
    id: "POL-06",
    title: "A policy watches the content filters of deployments",
    topic: Topic::Policy,
    severity: Severity::Medium,
    severity_reason: "our own judgement, because the initiative is a preview (AI landing zone checklist AI.52: high)",
    rationale: "A deployment can have a content filter that blocks little, and nobody sees it from outside. \
                The initiative reports such deployments in every account; it cannot deny them.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &GUARDRAIL,
    settings: &SETTINGS,
    remedy: assign!(
        "Assign the initiative Guardrail for Cognitive Services Deployments (preview).",
        "ai-content-filters",
        "policySetDefinitions",
        "5207647b-3e83-4e28-b836-c382cb5e2a2e",
        "--policy-set-definition",
        "{\"effect\":{\"value\":\"Audit\"}}",
        "effect: { value: 'Audit' }",
        "effect = { value = \"Audit\" }"
    ),
    policies: &[
        "930f48f9-f07e-427c-9494-52603581c6a9",
        "f3a9c2e0-7b4d-4d8f-9c3a-2e1f6b9a8d4e",
        "af253d37-136a-42f8-a1fc-30010c083d41",
        "c1ad46c6-37f8-4af0-9c71-c208375c87dd",
    ],
    policy_difference: ABOUT_ASSIGNMENTS,
    controls: &["mcsb-v2:AI-2"],
    references: &[INITIATIVES, LANDING_ZONE],
    judge: content_filters,
};

fn content_filters(subscription: &AssetContext<'_>) -> Outcome {
    Guardrail {
        // It stands for the initiative; alone it watches one filter only.
        policies: &[Candidate {
            policy: DEPLOYMENT_CONTROL,
            effects: &["Audit"],
            expected: "Audit",
        }],
        words: Words {
            pass: "Deployments with weak content filters are reported.",
            fail: "No policy reports deployments with weak content filters.",
            none: "an assignment of the initiative on deployments",
        },
        parameters: Some(|_, assignment| {
            if !assignment.members().is_empty() {
                return Ok(None);
            }
            let expected = "the initiative 5207647b-3e83-4e28-b836-c382cb5e2a2e: the policy alone watches one filter";
            assignment.evidence(expected).map(Some)
        }),
    }
    .judge(subscription)
}
