//! What Azure Policy itself finds wrong with a resource.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, Check, MACHINE_LEARNING_WORKSPACE,
    Outcome, Read, Remedy, Rule, SEARCH_SERVICE, Severity, Topic, Verdict, Words, fact,
};

use super::definitions::default_effect;

const STATES: &str = "Resource Graph policyresources, microsoft.policyinsights/policystates";
const EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/policyinsights/resource-manager/Microsoft.PolicyInsights/stable/2024-10-01/examples/PolicyStates_QueryResourceScope.json";

/// POL-14: Azure Policy's own verdict.
pub static COMPLIANT: Rule = Rule {
    id: "POL-14",
    title: "Azure Policy reports nothing against the resource",
    topic: Topic::Policy,
    severity: Severity::Medium,
    severity_reason: "our own judgement: the policy that reports the resource has no severity here; the rule that names it has",
    rationale: "Azure's own finding is shown beside Postern's, so that the two can be compared. \
                Only what Azure reports is read: no report means that the resource is compliant, has not been evaluated or has no policy assigned, and so is no pass.",
    asset_types: &[
        COGNITIVE_SERVICES_ACCOUNT,
        SEARCH_SERVICE,
        MACHINE_LEARNING_WORKSPACE,
        BOT_SERVICE,
    ],
    exceptions: &[
        "Resources that Azure Policy reports nothing against: the rule repeats Azure's findings and never says that a resource is compliant.",
        "Findings of policies that are not about AI resources.",
    ],
    never: &[Verdict::Pass],
    reads: &[
        Read {
            path: "policyStates[].properties.complianceState",
            source: STATES,
            absent: "not documented; only records that say NonCompliant are read",
        },
        Read {
            path: "policyStates[].properties.policyDefinitionName",
            source: STATES,
            absent: "the last part of policyDefinitionId is taken",
        },
        Read {
            path: "policyStates[].properties.policyDefinitionId",
            source: STATES,
            absent: "not documented",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Put right what the policy reports, or run a remediation task where its effect is Modify or DeployIfNotExists.",
        az: Some(
            "az policy remediation create --name remediate-ai --policy-assignment <id of the assignment> --resource-group <the resource's group>",
        ),
        bicep: Some(
            "resource remediation 'Microsoft.PolicyInsights/remediations@2024-10-01' = {\n  name: 'remediate-ai'\n  properties: {\n    policyAssignmentId: assignmentId\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_resource_policy_remediation\" \"this\" {\n  name                 = \"remediate-ai\"\n  resource_id          = \"$ID\"\n  policy_assignment_id = var.assignment_id\n}",
        ),
        portal: Some("Policy > Compliance > The assignment > Resource compliance"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[EXAMPLE],
    judge: compliant,
};

fn compliant(asset: &AssetContext<'_>) -> Outcome {
    asset.related(fact::POLICY_STATES)?.every(
        Words {
            pass: "Azure Policy reports nothing against the resource.",
            fail: "Azure Policy reports the resource as not compliant.",
            none: "Azure Policy reports nothing against the resource, which is no proof that it is compliant.",
        },
        |state| {
            let name = state.text("properties.policyDefinitionName")?;
            let policy = state.text("properties.policyDefinitionId")?;
            let last = policy.value.and_then(|id| id.rsplit('/').next());
            let is_about_ai = name.value.or(last).is_some_and(|name| default_effect(name).is_some());
            if !is_about_ai || !state.is_any_of("properties.complianceState", &["NonCompliant"])? {
                return Ok(Check::Skip);
            }
            let evidence = policy.expected("no report of this policy");
            Ok(Check::Bad(vec![evidence.noting("Azure Policy: NonCompliant")]))
        },
    )
}
