//! Azure's general policies on regions and resource types.

use postern_rules_sdk::{
    AssetContext, Evidence, Outcome, Read, Rule, SUBSCRIPTION, Severity, Topic, Unreadable,
    Verdict, Words,
};

use super::assignment::Assignment;
use super::guardrail::{
    ABOUT_ASSIGNMENTS, Candidate, EVERY_SUBSCRIPTION, GENERAL_POLICIES, Guardrail, SETTINGS,
};
use super::reads::{ASSIGNMENTS, GUARDRAIL};
use super::remedies::assign;
use crate::groundwork::azure::LANDING_ZONE;
use crate::groundwork::reads::join;
use crate::groundwork::settings::APPROVED_REGIONS;

const LOCATIONS: &str = "e56962a6-4747-49cd-b67b-bf8b01975c4c";
const TYPES: &str = "a08ec900-254a-4555-9bf5-e42af04b5c5c";

/// POL-07: regions.
pub static REGIONS: Rule = Rule {
    id: "POL-07",
    title: "A policy limits the regions that resources may be in",
    topic: Topic::Policy,
    severity: Severity::Medium,
    severity_reason: "AI landing zone checklist AI.55: medium",
    rationale: "Without the policy a resource, and the data in it, may be put into any region of Azure. \
                With the setting approvedRegions the policy may allow only these. Deployments of the types Global and DataZone process elsewhere all the same; DATA-13 is about these.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &join::<_, _, 14>(
        GUARDRAIL,
        [Read {
            path: "policyAssignments[].properties.parameters.listOfAllowedLocations.value",
            source: ASSIGNMENTS,
            absent: "not documented: required",
        }],
    ),
    settings: &[&APPROVED_REGIONS, SETTINGS[0], SETTINGS[1]],
    remedy: assign!(
        "Assign the policy Allowed locations with the regions that the organisation has approved.",
        "allowed-locations",
        "policyDefinitions",
        "e56962a6-4747-49cd-b67b-bf8b01975c4c",
        "--policy",
        "{\"listOfAllowedLocations\":{\"value\":[\"westeurope\"]}}",
        "listOfAllowedLocations: { value: ['westeurope'] }",
        "listOfAllowedLocations = { value = [\"westeurope\"] }"
    ),
    policies: &["e56962a6-4747-49cd-b67b-bf8b01975c4c"],
    policy_difference: ABOUT_ASSIGNMENTS,
    controls: &[],
    references: &[GENERAL_POLICIES, LANDING_ZONE],
    judge: regions,
};

fn regions(subscription: &AssetContext<'_>) -> Outcome {
    Guardrail {
        policies: &[Candidate { policy: LOCATIONS, effects: &["Deny"], expected: "Deny" }],
        words: Words {
            pass: "Resources outside the allowed regions are refused.",
            fail: "No policy limits resources to approved regions.",
            none: "an assignment of the policy Allowed locations",
        },
        parameters: Some(too_many_regions),
    }
    .judge(subscription)
}

fn too_many_regions(
    subscription: &AssetContext<'_>,
    assignment: &Assignment<'_, '_>,
) -> Result<Option<Evidence>, Unreadable> {
    let allowed = assignment.node.list("properties.parameters.listOfAllowedLocations.value")?;
    let Some(regions) = allowed.value.filter(|regions| !regions.is_empty()) else {
        return Ok(Some(allowed.expected_or("the approved regions", "no region is named")));
    };
    let approved = subscription.texts_setting(&APPROVED_REGIONS);
    if approved.is_empty() {
        return Ok(None);
    }
    let is_approved = |region: &str| {
        region.eq_ignore_ascii_case(NO_REGION)
            || approved.iter().any(|one| is_same_region(one, region))
    };
    let mut names = regions.iter().filter_map(|region| region.as_str());
    Ok(names.find(|region| !is_approved(region)).map(|region| {
        let list = approved.join(", ");
        allowed
            .expected(format!("only the approved regions: {list}"))
            .noting(format!("{region} is not one of them"))
    }))
}

/// Resources that are in no region have this location; Azure's policy leaves them alone.
const NO_REGION: &str = "global";

/// Azure takes `West Europe` for `westeurope`.
fn is_same_region(one: &str, other: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes().filter(|byte| *byte != b' ').map(|byte| byte.to_ascii_lowercase())
    }
    letters(one).eq(letters(other))
}

/// POL-08: resource types.
pub static RESOURCE_TYPES: Rule = Rule {
    id: "POL-08",
    title: "A policy limits which resource types may be deployed",
    topic: Topic::Policy,
    severity: Severity::Low,
    severity_reason: "our own judgement: a list for the whole subscription is a strong measure that not every organisation wants (AI landing zone checklist AI.55: medium)",
    rationale: "Without such a list teams may deploy AI services that nobody has reviewed. \
                AI types that are not in the list are refused.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &join::<_, _, 14>(
        GUARDRAIL,
        [Read {
            path: "policyAssignments[].properties.parameters.listOfResourceTypesAllowed.value",
            source: ASSIGNMENTS,
            absent: "not documented: required",
        }],
    ),
    settings: &SETTINGS,
    remedy: assign!(
        "Assign the policy Allowed resource types with the types that have been reviewed.",
        "allowed-types",
        "policyDefinitions",
        "a08ec900-254a-4555-9bf5-e42af04b5c5c",
        "--policy",
        "{\"listOfResourceTypesAllowed\":{\"value\":[\"Microsoft.CognitiveServices/accounts\"]}}",
        "listOfResourceTypesAllowed: { value: ['Microsoft.CognitiveServices/accounts'] }",
        "listOfResourceTypesAllowed = { value = [\"Microsoft.CognitiveServices/accounts\"] }"
    ),
    policies: &["a08ec900-254a-4555-9bf5-e42af04b5c5c"],
    policy_difference: "The policy judges resources; this rule judges whether it is assigned to the subscription. Azure's policy of types that are not allowed counts only where the setting equivalentPolicies names it.",
    controls: &[],
    references: &[GENERAL_POLICIES, LANDING_ZONE],
    judge: resource_types,
};

fn resource_types(subscription: &AssetContext<'_>) -> Outcome {
    Guardrail {
        policies: &[Candidate { policy: TYPES, effects: &["Deny"], expected: "Deny" }],
        words: Words {
            pass: "Resource types outside the list are refused.",
            fail: "No policy limits which resource types may be deployed.",
            none: "an assignment of the policy Allowed resource types",
        },
        parameters: Some(|_, assignment| {
            let types =
                assignment.node.list("properties.parameters.listOfResourceTypesAllowed.value")?;
            let is_empty = types.value.is_none_or(<[_]>::is_empty);
            Ok(is_empty.then(|| {
                types.expected_or("the resource types that are allowed", "no type is named")
            }))
        }),
    }
    .judge(subscription)
}
