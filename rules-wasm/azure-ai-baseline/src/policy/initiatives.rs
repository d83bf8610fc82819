//! Which built-in initiatives hold the policies that guard AI resources, and the effect that these have there.
//!
//! As `Azure/azure-policy` has them at commit f4a50ba. What an initiative of an organisation holds is not read.

/// A policy within an initiative.
#[derive(Debug)]
pub struct Member {
    /// The policy's name.
    pub policy: &'static str,
    /// What the initiative calls the policy: `policyDefinitionReferenceId`.
    pub reference: &'static str,
    /// Where the policy's effect comes from.
    pub effect: MemberEffect,
}

/// Where the effect of a policy within an initiative comes from.
#[derive(Debug)]
pub enum MemberEffect {
    /// From a parameter of the initiative: its path in an assignment, and its default.
    Parameter(&'static str, &'static str),
    /// From the initiative, whatever an assignment says.
    Fixed(&'static str),
}

use MemberEffect::{Fixed, Parameter};

const fn member(policy: &'static str, reference: &'static str, effect: MemberEffect) -> Member {
    Member { policy, reference, effect }
}

/// Microsoft cloud security benchmark.
pub const BENCHMARK: &str = "1f3afdf9-d0c9-4c3d-847f-89da613e70a8";
/// Microsoft cloud security benchmark, version 2 (preview).
pub const BENCHMARK_2: &str = "e3ec7e09-768c-4b64-882c-fcada3772047";
/// Guardrail for Cognitive Services Deployments (preview).
pub const DEPLOYMENT_GUARDRAIL: &str = "5207647b-3e83-4e28-b836-c382cb5e2a2e";
/// Enable allLogs category group resource logging for supported resources to Log Analytics.
pub const ALL_LOGS: &str = "0884adba-2312-4468-abeb-5422caed1038";
/// Enable audit category group resource logging for supported resources to Log Analytics.
pub const AUDIT_LOGS: &str = "f5b29bc4-feca-4cc6-a58a-772dd5e290a5";
const CIS_CONTROLS: &str = "046796ef-e8a7-4398-bbe9-cce970b1a3ae";
const EU_AI_ACT: &str = "1308bccf-446a-4283-a4e0-0c983fe7a572";
const NIST_AI_RMF: &str = "f58a876c-ec25-417e-9634-58d2a93e3fe2";
const NIST_5_1_1: &str = "60205a79-6280-4e20-a147-e2011e09dc78";
const NIST_5: &str = "179d1daa-458f-4e47-8086-2a68d0d6c38f";

/// Azure AI Services resources should restrict network access.
pub const NETWORK: &str = "037eea7a-bd0a-46c5-9a66-03aea78705d3";
/// Azure AI Services resources should have key access disabled.
pub const LOCAL_AUTH: &str = "71ef260a-8f18-47b7-abcb-62d0673d94dc";
/// Configure Azure AI Services resources to disable local key access (deploys).
pub const LOCAL_AUTH_DEPLOY: &str = "55eff01b-f2bd-4c32-9203-db285f709d30";
/// Configure Cognitive Services accounts to disable local authentication methods (modifies).
pub const LOCAL_AUTH_MODIFY: &str = "14de9e63-1b31-492e-a5a3-c3f7fd57f555";
/// Azure AI Services resources should use Azure Private Link.
pub const PRIVATE_LINK: &str = "d6759c02-b87f-42b7-892e-71b3f471d782";
/// Configure Cognitive Services accounts with private endpoints (deploys).
pub const PRIVATE_LINK_DEPLOY: &str = "db630ad5-52e9-4f4d-9c44-53912fe40053";
/// Diagnostic logs in Azure AI services resources should be enabled.
pub const LOGS: &str = "1b4d1c4e-934c-4703-944c-27c82c06bebb";
/// Enable logging by category group for Cognitive Services to Log Analytics (deploys).
pub const LOGS_DEPLOY: &str = "55d1f543-d1b0-4811-9663-d6d0dbc6326d";
/// Cognitive Services Deployments should only use approved Registry Models.
pub const MODELS: &str = "aafe3651-cb78-4f68-9f81-e7e41509110f";
/// Azure Machine Learning Deployments should only use approved Registry Models (preview).
pub const LEARNING_MODELS: &str = "12e5dd16-d201-47ff-849b-8454061c293d";
/// Azure Machine Learning Model Registry Deployments are restricted except for the allowed Registry (preview).
pub const LEARNING_REGISTRY: &str = "19539b54-c61e-4196-9a38-67598701be90";
/// Cognitive Services Deployments should only use allowed control (preview): one of the guardrail's policies.
pub const DEPLOYMENT_CONTROL: &str = "930f48f9-f07e-427c-9494-52603581c6a9";

const NETWORK_REFERENCE: &str =
    "cognitiveServicesAccountsShouldRestrictNetworkAccessMonitoringEffect";
const LOCAL_AUTH_REFERENCE: &str =
    "cognitiveServicesAccountsShouldHaveLocalAuthenticationMethodsDisabled";
const PRIVATE_LINK_REFERENCE: &str = "azureAIServicesResourcesShouldUseAzurePrivateLinkMonitoring";
const LOGS_REFERENCE: &str = "diagnosticLogsInAzureAIServicesResourcesShouldBeEnabledMonitoring";
/// The parameter that most initiatives call so.
pub const EFFECT: &str = "properties.parameters.effect.value";

/// Each built-in initiative that holds policies of these rules, with them.
static INITIATIVES: [(&str, &[Member]); 10] = [
    (
        BENCHMARK,
        &[
            member(
                NETWORK,
                NETWORK_REFERENCE,
                Parameter(
                    "properties.parameters.cognitiveServicesAccountsShouldRestrictNetworkAccessMonitoringEffect.value",
                    "Audit",
                ),
            ),
            member(LOCAL_AUTH, LOCAL_AUTH_REFERENCE, Fixed("Audit")),
            member(PRIVATE_LINK, PRIVATE_LINK_REFERENCE, Fixed("Audit")),
            member(LOGS, LOGS_REFERENCE, Fixed("AuditIfNotExists")),
        ],
    ),
    (
        BENCHMARK_2,
        &[
            member(NETWORK, NETWORK_REFERENCE, Fixed("Audit")),
            member(LOCAL_AUTH, LOCAL_AUTH_REFERENCE, Fixed("Audit")),
            member(
                LOCAL_AUTH_DEPLOY,
                "ConfigureAIResourcesLocalKeyAccessDisableLocalAuthentication",
                Fixed("DeployIfNotExists"),
            ),
            member(PRIVATE_LINK, PRIVATE_LINK_REFERENCE, Fixed("Audit")),
            member(LOGS, LOGS_REFERENCE, Fixed("AuditIfNotExists")),
            member(LEARNING_MODELS, "MLDeploymentsOnlyApprovedRegistryModels", Fixed("Audit")),
            member(
                LEARNING_REGISTRY,
                "MLModelRegistryDeploymentsRestrictedExceptAllowedRegistry",
                Fixed("Disabled"),
            ),
        ],
    ),
    (
        NIST_5,
        &[
            member(
                NETWORK,
                NETWORK,
                Parameter(
                    "properties.parameters.effect-037eea7a-bd0a-46c5-9a66-03aea78705d3.value",
                    "Audit",
                ),
            ),
            member(
                LOCAL_AUTH,
                LOCAL_AUTH,
                Parameter(
                    "properties.parameters.effect-71ef260a-8f18-47b7-abcb-62d0673d94dc.value",
                    "Audit",
                ),
            ),
        ],
    ),
    (CIS_CONTROLS, &[member(PRIVATE_LINK, PRIVATE_LINK, Parameter(PRIVATE_LINK_EFFECT, "Audit"))]),
    (
        EU_AI_ACT,
        &[
            member(PRIVATE_LINK, PRIVATE_LINK, Parameter(PRIVATE_LINK_EFFECT, "Audit")),
            member(LOGS, LOGS, Parameter(LOGS_EFFECT, "AuditIfNotExists")),
        ],
    ),
    (NIST_5_1_1, &[member(PRIVATE_LINK, PRIVATE_LINK, Parameter(PRIVATE_LINK_EFFECT, "Audit"))]),
    (NIST_AI_RMF, &[member(LOGS, LOGS, Parameter(LOGS_EFFECT, "AuditIfNotExists"))]),
    (
        ALL_LOGS,
        &[member(
            LOGS_DEPLOY,
            "cognitiveservices-accounts",
            Parameter(EFFECT, "DeployIfNotExists"),
        )],
    ),
    (
        AUDIT_LOGS,
        &[member(
            LOGS_DEPLOY,
            "cognitiveservices-accounts",
            Parameter(EFFECT, "DeployIfNotExists"),
        )],
    ),
    (
        DEPLOYMENT_GUARDRAIL,
        &[
            // The guardrail's twelve references share one effect; the four policies stand for them.
            member(
                DEPLOYMENT_CONTROL,
                "CognitiveServices Content Filter Control on Hate for Model Deployments",
                Parameter(EFFECT, "Audit"),
            ),
            member(
                "f3a9c2e0-7b4d-4d8f-9c3a-2e1f6b9a8d4e",
                "CognitiveServices Content Filter Control on Jailbreak for Model Deployments",
                Parameter(EFFECT, "Audit"),
            ),
            member(
                "af253d37-136a-42f8-a1fc-30010c083d41",
                "CognitiveServices Content Filter Control on Protected Material Text for Model Deployments",
                Parameter(EFFECT, "Audit"),
            ),
            member(
                "c1ad46c6-37f8-4af0-9c71-c208375c87dd",
                "CognitiveServices guardrail mode for Model Deployments",
                Parameter(EFFECT, "Audit"),
            ),
        ],
    ),
];

const PRIVATE_LINK_EFFECT: &str =
    "properties.parameters.effect-d6759c02-b87f-42b7-892e-71b3f471d782.value";
const LOGS_EFFECT: &str = "properties.parameters.effect-1b4d1c4e-934c-4703-944c-27c82c06bebb.value";

/// The policies on AI resources that a built-in initiative holds; none where it holds none.
pub fn members(initiative: &str) -> &'static [Member] {
    let found = INITIATIVES.iter().find(|(name, _)| name.eq_ignore_ascii_case(initiative));
    found.map_or(&[], |(_, members)| members)
}
