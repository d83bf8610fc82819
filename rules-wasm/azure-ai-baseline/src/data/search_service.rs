//! Search services: ways out for what is indexed, and memory that the host cannot read.

use postern_rules_sdk::{
    AssetContext, Judgement, Outcome, Read, Remedy, Rule, SEARCH_SERVICE, Setting, SettingKind,
    Severity, Topic, Value, Verdict, setting_evidence,
};

use super::sources::SEARCH_SHAPE;
use crate::groundwork::azure::SERVICES;

const PROTECTIONS: &str = "properties.dataExfiltrationProtections";
const PROTECTIONS_ABSENT: &str = "nothing is blocked";
const COMPUTE: &str = "properties.computeType";
const COMPUTE_ABSENT: &str = "Default: ordinary compute";

/// Whether search services have to run on confidential compute.
static CONFIDENTIAL_COMPUTE_REQUIRED: Setting = Setting {
    name: "confidentialComputeRequired",
    description: "Whether search services have to run on Azure confidential computing. False: ordinary compute will do.",
    kind: SettingKind::Flag { default: false },
};

/// DATA-16: exfiltration.
pub static EXFILTRATION: Rule = Rule {
    id: "DATA-16",
    title: "The search service blocks data exfiltration",
    topic: Topic::Data,
    severity: Severity::Medium,
    severity_reason: "our own judgement: skillsets and indexers can carry indexed data out",
    rationale: "Skillsets and indexers call other services with the documents they process. \
                With the protection on, the service makes no such call to the outside.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[Read { path: PROTECTIONS, source: SERVICES, absent: PROTECTIONS_ABSENT }],
    settings: &[],
    remedy: Remedy {
        summary: "Set dataExfiltrationProtections to BlockAll, after checking that no skillset or indexer needs the outside. The portal has no page for it.",
        az: Some(
            "az resource update --ids $ID --set properties.dataExfiltrationProtections='[\"BlockAll\"]'",
        ),
        bicep: Some(
            "resource service 'Microsoft.Search/searchServices@2025-05-01' = {\n  properties: {\n    dataExfiltrationProtections: [\n      'BlockAll'\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.Search/searchServices@2025-05-01\"\n  resource_id = var.search_service_id\n  body = {\n    properties = {\n      dataExfiltrationProtections = [\"BlockAll\"]\n    }\n  }\n}",
        ),
        portal: None,
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[SEARCH_SHAPE],
    judge: exfiltration,
};

/// DATA-17: confidential compute.
pub static CONFIDENTIAL: Rule = Rule {
    id: "DATA-17",
    title: "The search service runs on confidential compute",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "our own judgement: the source rates it as information; only an organisation can require it",
    rationale: "Confidential compute keeps the memory of the service encrypted, so that the host cannot read what is indexed. \
                It can only be chosen when the service is created, so a service without it is found best early.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &["All services, until the setting confidentialComputeRequired asks for it."],
    never: &[],
    reads: &[Read { path: COMPUTE, source: SERVICES, absent: COMPUTE_ABSENT }],
    settings: &[&CONFIDENTIAL_COMPUTE_REQUIRED],
    remedy: Remedy {
        summary: "Create the service again with the compute type confidential and build its indexes there; it cannot be changed later.",
        az: Some(
            "az rest -m put -u \"/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.Search/searchServices/NEW_NAME?api-version=2025-05-01\" -b '{\"location\":\"REGION\",\"sku\":{\"name\":\"standard\"},\"properties\":{\"computeType\":\"confidential\"}}'",
        ),
        bicep: Some(
            "resource service 'Microsoft.Search/searchServices@2025-05-01' = {\n  properties: {\n    computeType: 'confidential'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_resource\" \"this\" {\n  type = \"Microsoft.Search/searchServices@2025-05-01\"\n  body = {\n    sku = { name = \"standard\" }\n    properties = {\n      computeType = \"confidential\"\n    }\n  }\n}",
        ),
        portal: Some("Create the search service > Scale > Compute type > Confidential"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[SEARCH_SHAPE],
    judge: confidential,
};

fn exfiltration(asset: &AssetContext<'_>) -> Outcome {
    let protections = asset.list(PROTECTIONS)?;
    let evidence = protections.expected_or("BlockAll", PROTECTIONS_ABSENT);
    // The schema's enumeration says `BlockAll`, its description `All`.
    let blocks = |protection: &Value<'_>| {
        let is = |word: &str| protection.as_str().is_some_and(|it| it.eq_ignore_ascii_case(word));
        is("BlockAll") || is("All")
    };
    Ok(if protections.value.unwrap_or_default().iter().any(blocks) {
        Judgement::pass("Data exfiltration is blocked.", evidence)
    } else {
        Judgement::fail("Data exfiltration is not blocked.", evidence)
    })
}

fn confidential(asset: &AssetContext<'_>) -> Outcome {
    if !asset.flag_setting(&CONFIDENTIAL_COMPUTE_REQUIRED) {
        let wanted = "true, where confidential compute is required";
        return Ok(Judgement::not_applicable(
            "The organisation does not require confidential compute.",
            setting_evidence(&CONFIDENTIAL_COMPUTE_REQUIRED, wanted),
        ));
    }
    let compute = asset.text(COMPUTE)?;
    let evidence = compute.expected_or("Confidential", COMPUTE_ABSENT);
    Ok(if compute.is("Confidential") {
        Judgement::pass("The service runs on confidential compute.", evidence)
    } else {
        Judgement::fail("The service runs on ordinary compute.", evidence)
    })
}
