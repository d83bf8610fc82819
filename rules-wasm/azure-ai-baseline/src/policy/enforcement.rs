//! Whether what is assigned can take effect: enforcement mode and identity.

use postern_rules_sdk::{
    AssetContext, Check, Node, Outcome, Read, Remedy, Rule, SUBSCRIPTION, Severity, Topic,
    Unreadable, Words, fact,
};

use super::assignment::{Assigned, Assignment, EQUIVALENT_POLICIES};
use super::definitions::default_effect;
use super::guardrail::ASSIGNMENT_EXAMPLE;
use super::reads::{
    ASSIGNMENTS, DEFINITION_ID, ENFORCEMENT_MODE, IDENTITY_TYPE, OVERRIDES, PARAMETERS,
};

/// Which assignments the rules on assignments are about.
pub const ABOUT_AI: &str = "Subscriptions without an assignment that concerns AI resources: a built-in policy on them, an initiative that holds one, Allowed locations or Allowed resource types, or what the setting equivalentPolicies names.";

/// POL-10: enforced.
pub static ENFORCED: Rule = Rule {
    id: "POL-10",
    title: "Assignments of AI policies are enforced",
    topic: Topic::Policy,
    severity: Severity::High,
    severity_reason: "our own judgement: an assignment that denies nothing looks like a guardrail and is none",
    rationale: "With the enforcement mode DoNotEnforce a policy with the effect Deny lets everything through and only reports it. \
                With Enroll it holds only for what is enrolled.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[ABOUT_AI],
    never: &[],
    reads: &[DEFINITION_ID, ENFORCEMENT_MODE],
    settings: &[&EQUIVALENT_POLICIES],
    remedy: Remedy {
        summary: "Set the enforcement mode of the assignment to Default, after a look at what it reports.",
        az: Some(
            "az policy assignment update --name <name of the assignment> --scope $ID --enforcement-mode Default",
        ),
        bicep: Some(
            "targetScope = 'subscription'\n\nresource assignment 'Microsoft.Authorization/policyAssignments@2025-03-01' = {\n  properties: {\n    enforcementMode: 'Default'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_subscription_policy_assignment\" \"this\" {\n  enforce = true\n}",
        ),
        portal: Some(
            "Policy > Authoring > Assignments > The assignment > Edit assignment > Policy enforcement > Enabled",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ASSIGNMENT_EXAMPLE],
    judge: enforced,
};

fn enforced(subscription: &AssetContext<'_>) -> Outcome {
    let equivalents = subscription.texts_setting(&EQUIVALENT_POLICIES);
    subscription.related(fact::POLICY_ASSIGNMENTS)?.every(
        Words {
            pass: "The policies on AI resources are enforced.",
            fail: "Policies on AI resources are assigned without being enforced.",
            none: "No policy on AI resources is assigned.",
        },
        |node| {
            let assignment = Assignment::read(node)?;
            if !assignment.is_about_ai(&equivalents) {
                return Ok(Check::Skip);
            }
            Ok(match assignment.not_enforced()? {
                Some(evidence) => Check::Bad(vec![evidence]),
                None => Check::Good(
                    node.text("properties.enforcementMode")?.expected_or("Default", "Default"),
                ),
            })
        },
    )
}

/// POL-15: an identity to deploy and modify with.
pub static IDENTITY: Rule = Rule {
    id: "POL-15",
    title: "Assignments that put resources right have an identity",
    topic: Topic::Policy,
    severity: Severity::Low,
    severity_reason: "our own judgement: other rules find what such an assignment does not put right",
    rationale: "Azure Policy deploys and modifies with the managed identity of the assignment. \
                An assignment without one, or without a location for it, puts nothing right. Whether the identity has the roles that it needs is not checked.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[
        "Subscriptions without an assignment of a policy on AI resources with the effect Modify or DeployIfNotExists.",
    ],
    never: &[],
    reads: &[
        DEFINITION_ID,
        PARAMETERS,
        OVERRIDES,
        IDENTITY_TYPE,
        Read {
            path: "policyAssignments[].location",
            source: ASSIGNMENTS,
            absent: "no location, which an identity needs",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Give the assignment a managed identity, and the identity the roles that the policy names.",
        az: Some(
            "az policy assignment identity assign --name <name of the assignment> --scope $ID --system-assigned",
        ),
        bicep: Some(
            "targetScope = 'subscription'\n\nresource assignment 'Microsoft.Authorization/policyAssignments@2025-03-01' = {\n  location: 'westeurope'\n  identity: { type: 'SystemAssigned' }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_subscription_policy_assignment\" \"this\" {\n  location = \"westeurope\"\n  identity {\n    type = \"SystemAssigned\"\n  }\n}",
        ),
        portal: Some(
            "Policy > Authoring > Assignments > The assignment > Edit assignment > Remediation > Create a managed identity",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ASSIGNMENT_EXAMPLE],
    judge: identity,
};

fn identity(subscription: &AssetContext<'_>) -> Outcome {
    subscription.related(fact::POLICY_ASSIGNMENTS)?.every(
        Words {
            pass: "Assignments that deploy or modify have an identity.",
            fail: "Assignments that deploy or modify have no identity, and so do nothing.",
            none: "No assignment on AI resources deploys or modifies.",
        },
        can_act,
    )
}

fn can_act(node: &Node<'_>) -> Result<Check, Unreadable> {
    let assignment = Assignment::read(node)?;
    if !acts(&assignment)? {
        return Ok(Check::Skip);
    }
    let (has_identity, evidence) = assignment.identity()?;
    let location = node.text("location")?;
    let located = location.expected_or("a region", "no location");
    Ok(match (has_identity, location.is_given()) {
        (true, true) => Check::Good(evidence),
        (true, false) => Check::Bad(vec![located]),
        (false, true) => Check::Bad(vec![evidence]),
        (false, false) => Check::Bad(vec![evidence, located]),
    })
}

/// Whether it deploys or modifies AI resources.
fn acts(assignment: &Assignment<'_, '_>) -> Result<bool, Unreadable> {
    const ACTING: &[&str] = &["Modify", "DeployIfNotExists"];
    if let Assigned::Policy(name) = assignment.assigned {
        let Some(default) = default_effect(name) else { return Ok(false) };
        let effect = assignment.direct(default)?;
        return Ok(assignment.overridden(None, ACTING)?.unwrap_or(effect).is_any_of(ACTING));
    }
    for member in assignment.members() {
        let effect = assignment.within(member)?;
        let changed = assignment.overridden(Some(member.reference), ACTING)?;
        if changed.unwrap_or(effect).is_any_of(ACTING) {
            return Ok(true);
        }
    }
    Ok(false)
}
