//! What assignments leave out.

use postern_rules_sdk::{
    AssetContext, Check, Evidence, Node, Outcome, Remedy, Rule, SUBSCRIPTION, Severity, Topic,
    Unreadable, Words, fact,
};

use super::assignment::{Assignment, EQUIVALENT_POLICIES, is_empty, starts_with};
use super::enforcement::ABOUT_AI;
use super::reach::{ACCEPTED_EXCLUSIONS, is_above, is_accepted, maybe_above, narrowed};
use super::reads::{DEFINITION_ID, NOT_SCOPES, OVERRIDES, RESOURCE_SELECTORS};

const EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/resources/resource-manager/Microsoft.Authorization/stable/2025-03-01/examples/getPolicyAssignmentWithResourceSelectors.json";

/// POL-11: nothing is left out.
pub static NOTHING_EXCLUDED: Rule = Rule {
    id: "POL-11",
    title: "Assignments of AI policies leave nothing out",
    topic: Topic::Policy,
    severity: Severity::Medium,
    severity_reason: "our own judgement: an exclusion has no end and no reason, unlike an exemption",
    rationale: "An exclusion, a selector or an override lets resources through without a word in any report. \
                An exemption does the same with a reason and a date.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[ABOUT_AI],
    never: &[],
    reads: &[DEFINITION_ID, NOT_SCOPES, OVERRIDES, RESOURCE_SELECTORS],
    settings: &[&ACCEPTED_EXCLUSIONS, &EQUIVALENT_POLICIES],
    remedy: Remedy {
        summary: "Take the exclusion, the selector or the override away, or make an exemption with an end of it. Groups without AI resources count too, because an assignment does not say what is in them; accept them in the setting acceptedExclusions.",
        az: Some(
            "az policy assignment update --name <name of the assignment> --scope $ID --not-scopes <what may stay excluded>",
        ),
        bicep: Some(
            "targetScope = 'subscription'\n\nresource assignment 'Microsoft.Authorization/policyAssignments@2025-03-01' = {\n  properties: {\n    notScopes: []\n    overrides: []\n    resourceSelectors: []\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_subscription_policy_assignment\" \"this\" {\n  not_scopes = []\n}",
        ),
        portal: Some(
            "Policy > Authoring > Assignments > The assignment > Edit assignment > Exclusions",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[EXAMPLE],
    judge: nothing_excluded,
};

fn nothing_excluded(subscription: &AssetContext<'_>) -> Outcome {
    let equivalents = subscription.texts_setting(&EQUIVALENT_POLICIES);
    let accepted = subscription.texts_setting(&ACCEPTED_EXCLUSIONS);
    subscription.related(fact::POLICY_ASSIGNMENTS)?.every(
        Words {
            pass: "The policies on AI resources hold for the whole subscription.",
            fail: "Policies on AI resources leave something out.",
            none: "No policy on AI resources is assigned.",
        },
        |node| {
            let assignment = Assignment::read(node)?;
            if !assignment.is_about_ai(&equivalents) {
                return Ok(Check::Skip);
            }
            let types = assignment.types(&equivalents);
            check(subscription.id(), &accepted, types, &assignment)
        },
    )
}

fn check(
    subscription: &str,
    accepted: &[&str],
    types: &[&str],
    assignment: &Assignment<'_, '_>,
) -> Result<Check, Unreadable> {
    let excluded = assignment.node.list("properties.notScopes")?;
    let mut bad: Vec<Evidence> = excluded
        .entries()
        .nodes()
        .filter(|scope| is_within(id(scope), subscription) && !is_accepted(id(scope), accepted))
        .map(|scope| scope.expected("no exclusion within the subscription"))
        .collect();
    bad.extend(narrowed(assignment.node, types)?);
    for reference in references(assignment) {
        let effect = assignment.overridden(reference, &[])?;
        let disabled = effect.filter(|effect| effect.is_any_of(&["Disabled"]));
        if let Some(effect) = disabled {
            let evidence = effect.evidence("no override with the effect Disabled");
            if !bad.contains(&evidence) {
                bad.push(evidence);
            }
        }
    }
    if !bad.is_empty() {
        return Ok(Check::Bad(bad));
    }
    let entries = excluded.entries();
    let may_be_above = |scope: &Node<'_>| is_above(id(scope)) && !is_accepted(id(scope), accepted);
    if let Some(above) = entries.nodes().find(may_be_above) {
        return Err(maybe_above(&above));
    }
    Ok(Check::Good(
        excluded.expected_or("no exclusion within the subscription", "nothing is excluded"),
    ))
}

/// What an override can name: each of an initiative's policies on AI resources, or the single policy.
fn references(assignment: &Assignment<'_, '_>) -> Vec<Option<&'static str>> {
    if is_empty(assignment.node, "properties.overrides") {
        return Vec::new();
    }
    match assignment.members() {
        [] => vec![None],
        members => members.iter().map(|member| Some(member.reference)).collect(),
    }
}

fn id<'a>(scope: &Node<'a>) -> &'a str {
    scope.value().as_str().unwrap_or_default()
}

fn is_within(scope: &str, subscription: &str) -> bool {
    starts_with(scope, subscription)
        && scope
            .get(subscription.len()..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
