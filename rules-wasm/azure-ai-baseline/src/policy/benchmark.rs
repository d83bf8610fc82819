//! The Microsoft cloud security benchmark, from which Defender for Cloud's recommendations come.

use postern_rules_sdk::{
    AssetContext, Check, Evidence, Node, Outcome, Read, Remedy, Rule, SUBSCRIPTION, Severity,
    Topic, Unreadable, Verdict, Words, fact,
};

use super::assignment::{Assigned, Assignment, is_empty};
use super::definitions::ACCOUNTS;
use super::exempted::exempted;
use super::guardrail::EVERY_SUBSCRIPTION;
use super::initiatives::{BENCHMARK, BENCHMARK_2};
use super::reach::{ACCEPTED_EXCLUSIONS, Reach};
use super::reads::{
    ASSIGNMENT_ID, ASSIGNMENTS, DEFINITION_ID, EXEMPT_FROM, EXEMPTION_ID, EXEMPTION_SELECTORS,
    EXPIRES_ON, NOT_SCOPES, OVERRIDES, REFERENCE_IDS, RESOURCE_SELECTORS, SCOPE,
};

const INITIATIVE: &str = "https://github.com/Azure/azure-policy/blob/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policySetDefinitions/Security%20Center/AzureSecurityCenter.json";

/// The benchmark's parameters that switch policies on AI resources off; those whose default is `Disabled` are left out.
const PARAMETERS: [&str; 3] = [
    "properties.parameters.cognitiveServicesAccountsShouldRestrictNetworkAccessMonitoringEffect.value",
    "properties.parameters.azureMachineLearningWorkspacesShouldUsePrivateLinkMonitoringEffect.value",
    "properties.parameters.diagnosticsLogsInSearchServiceMonitoringEffect.value",
];

/// What both versions call their policies on AI resources.
pub const REFERENCES: [&str; 11] = [
    "cognitiveServicesAccountsShouldRestrictNetworkAccessMonitoringEffect",
    "cognitiveServicesAccountsShouldHaveLocalAuthenticationMethodsDisabled",
    "azureAIServicesResourcesShouldUseAzurePrivateLinkMonitoring",
    "diagnosticLogsInAzureAIServicesResourcesShouldBeEnabledMonitoring",
    "diagnosticsLogsInSearchServiceMonitoring",
    "azureMachineLearningWorkspacesShouldUsePrivateLinkMonitoringEffect",
    "azureMachineLearningWorkspacesShouldDisablePublicNetworkAccess",
    "resourceLogsInAzureMachineLearningWorkspacesShouldBeEnabled",
    "azureMachineLearningComputesShouldBeInAVirtualNetwork",
    "azureMachineLearningComputesShouldHaveLocalAuthenticationMethodsDisabled",
    "azureMachineLearningComputeInstancesshouldUseTheLatestOsImage",
];

/// POL-09: the benchmark is assigned, with its policies on AI resources.
pub static BENCHMARK_ASSIGNED: Rule = Rule {
    id: "POL-09",
    title: "The security benchmark is assigned with its AI policies on",
    topic: Topic::Policy,
    severity: Severity::Medium,
    severity_reason: "our own judgement: CIS Microsoft Azure Foundations 6.0 asks for it in 8.1.11 without a severity",
    rationale: "Defender for Cloud recommends nothing for AI resources where the Microsoft cloud security benchmark is not assigned. \
                A parameter or an override with the effect Disabled hides single findings, and an exemption of the whole subscription does so too.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &[
        DEFINITION_ID,
        Read {
            path: "policyAssignments[].properties.parameters",
            source: ASSIGNMENTS,
            absent: "the defaults of the initiative, which are Audit and AuditIfNotExists for these policies",
        },
        NOT_SCOPES,
        OVERRIDES,
        RESOURCE_SELECTORS,
        SCOPE,
        ASSIGNMENT_ID,
        EXEMPT_FROM,
        EXPIRES_ON,
        REFERENCE_IDS,
        EXEMPTION_SELECTORS,
        EXEMPTION_ID,
    ],
    settings: &[&ACCEPTED_EXCLUSIONS],
    remedy: Remedy {
        summary: "Assign the Microsoft cloud security benchmark, and take parameters and overrides with the effect Disabled away from its AI policies.",
        az: Some(
            "az policy assignment create --name SecurityCenterBuiltIn --scope $ID --policy-set-definition 1f3afdf9-d0c9-4c3d-847f-89da613e70a8",
        ),
        bicep: Some(
            "targetScope = 'subscription'\n\nresource benchmark 'Microsoft.Authorization/policyAssignments@2025-03-01' = {\n  name: 'SecurityCenterBuiltIn'\n  properties: {\n    policyDefinitionId: tenantResourceId('Microsoft.Authorization/policySetDefinitions', '1f3afdf9-d0c9-4c3d-847f-89da613e70a8')\n    enforcementMode: 'Default'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_subscription_policy_assignment\" \"benchmark\" {\n  name                 = \"SecurityCenterBuiltIn\"\n  subscription_id      = \"$ID\"\n  policy_definition_id = \"/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8\"\n}",
        ),
        portal: Some(
            "Microsoft Defender for Cloud > Management > Environment settings > The subscription > Security policies > Microsoft cloud security benchmark",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &["cis-azure-foundations-6.0:8.1.11"],
    references: &[INITIATIVE],
    judge: benchmark_assigned,
};

fn benchmark_assigned(subscription: &AssetContext<'_>) -> Outcome {
    subscription.related(fact::POLICY_ASSIGNMENTS)?.some(
        Words {
            pass: "The security benchmark is assigned, with its policies on AI resources.",
            fail: "The security benchmark is not assigned with its policies on AI resources.",
            none: "an assignment of the Microsoft cloud security benchmark",
        },
        |node| check(subscription, node),
    )
}

fn check(subscription: &AssetContext<'_>, node: &Node<'_>) -> Result<Check, Unreadable> {
    let assignment = Assignment::read(node)?;
    let is = |wanted: &str| matches!(assignment.assigned, Assigned::Initiative(name) if name.eq_ignore_ascii_case(wanted));
    if !is(BENCHMARK) && !is(BENCHMARK_2) {
        return Ok(Check::Skip);
    }
    if let Reach::Part(evidence) = Reach::of(&assignment, subscription, ACCOUNTS)? {
        return Ok(Check::Bad(vec![evidence]));
    }
    let disabled = disabled(&assignment)?;
    if disabled.is_empty() {
        if let Some(evidence) = exempted(&assignment, subscription, REFERENCES, ACCOUNTS)? {
            return Ok(Check::Bad(vec![evidence]));
        }
        return Ok(Check::Good(assignment.evidence("the security benchmark")?));
    }
    Ok(Check::Bad(disabled))
}

fn disabled(assignment: &Assignment<'_, '_>) -> Result<Vec<Evidence>, Unreadable> {
    const EXPECTED: &str = "an effect other than Disabled";
    let mut disabled = Vec::new();
    for path in PARAMETERS {
        let effect = assignment.node.text(path)?;
        if effect.is("Disabled") {
            disabled.push(effect.expected(EXPECTED));
        }
    }
    if is_empty(assignment.node, "properties.overrides") {
        return Ok(disabled);
    }
    for reference in REFERENCES {
        let effect = assignment.overridden(Some(reference), &[])?;
        if let Some(effect) = effect.filter(|effect| effect.is_any_of(&["Disabled"])) {
            let evidence = effect.evidence(EXPECTED);
            if !disabled.contains(&evidence) {
                disabled.push(evidence);
            }
        }
    }
    Ok(disabled)
}
