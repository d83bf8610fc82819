//! Outbound restriction: where data may go when the resource itself makes the call.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, MACHINE_LEARNING_WORKSPACE, Outcome, Read,
    Rule, SEARCH_SERVICE, Severity, Topic, Value,
};

use crate::azure::{ACCOUNTS, DATA_LOSS_PREVENTION, LANDING_ZONE, SERVICES, WORKSPACES};

const RESTRICT: &str = "properties.restrictOutboundNetworkAccess";
const RESTRICT_ABSENT: &str = "false: the account may call any address";
const ISOLATION: &str = "properties.managedNetwork.isolationMode";
const ISOLATION_ABSENT: &str =
    "Disabled: there is no managed network, so nothing limits outbound calls";
const PROTECTIONS: &str = "properties.dataExfiltrationProtections";
const PROTECTIONS_ABSENT: &str = "nothing is blocked";
const KIND_ABSENT: &str = "nothing: Azure always returns an account's kind";
const WORKSPACE_KIND_ABSENT: &str = "Default";

/// The kinds of the services that Microsoft names as supporting data loss prevention.
///
/// `AIServices` and `CognitiveServices` are the multi-service kinds: they hold several of the named services
/// (Azure OpenAI, Vision, Document Intelligence, Speech), so leaving them out would hide those.
const SUPPORTED_KINDS: [&str; 12] = [
    "AIServices",
    "CognitiveServices",
    "ComputerVision",
    "ContentModerator",
    "CustomVision.Prediction",
    "CustomVision.Training",
    "Face",
    "FormRecognizer",
    "OpenAI",
    "QnAMaker",
    "QnAMaker.v2",
    "SpeechServices",
];

/// DATA-01: accounts.
pub static ACCOUNT: Rule = Rule {
    id: "DATA-01",
    title: "The account calls approved addresses only",
    topic: Topic::Data,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.106: high",
    rationale: "Services that fetch addresses from a request can be made to send data out. \
                With outbound access restricted they call only the addresses in allowedFqdnList. \
                Kinds that Microsoft does not name as supporting this are not judged.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    reads: &[
        Read { path: "kind", source: ACCOUNTS, absent: KIND_ABSENT },
        Read { path: RESTRICT, source: ACCOUNTS, absent: RESTRICT_ABSENT },
    ],
    remediation: "List the addresses that the account has to call in allowedFqdnList, then restrict outbound access; both in one PATCH.",
    az: Some(
        "az rest -m patch -u \"https://management.azure.com$ID?api-version=2024-10-01\" -b '{\"properties\":{\"restrictOutboundNetworkAccess\":true,\"allowedFqdnList\":[]}}'",
    ),
    policies: &[],
    references: &[DATA_LOSS_PREVENTION, LANDING_ZONE],
    judge: account,
};

/// NET-16: workspaces.
pub static WORKSPACE: Rule = Rule {
    id: "NET-16",
    title: "The workspace's managed network allows approved outbound calls only",
    topic: Topic::Networking,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.108: high",
    rationale: "Code in a notebook or a job can send training data anywhere unless the managed network says where it may go. \
                Projects use their hub's network, so they are judged there.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    reads: &[
        Read { path: "kind", source: WORKSPACES, absent: WORKSPACE_KIND_ABSENT },
        Read { path: ISOLATION, source: WORKSPACES, absent: ISOLATION_ABSENT },
    ],
    remediation: "Set the isolation mode to AllowOnlyApprovedOutbound and add the outbound rules that the work needs.",
    az: Some(
        "az resource update --ids $ID --set properties.managedNetwork.isolationMode=AllowOnlyApprovedOutbound",
    ),
    policies: &["6ddb1705-c8cf-450e-aa4b-19ad6703c440"],
    references: &[LANDING_ZONE],
    judge: workspace,
};

/// DATA-16: Search services.
pub static SEARCH: Rule = Rule {
    id: "DATA-16",
    title: "The search service blocks data exfiltration",
    topic: Topic::Data,
    severity: Severity::Medium,
    severity_reason: "proposed: skillsets and indexers can carry indexed data out",
    rationale: "Skillsets and indexers call other services with the documents they process. \
                With the protection on, the service makes no such call to the outside.",
    asset_types: &[SEARCH_SERVICE],
    reads: &[Read { path: PROTECTIONS, source: SERVICES, absent: PROTECTIONS_ABSENT }],
    remediation: "Set dataExfiltrationProtections to BlockAll, after checking that no skillset or indexer needs the outside.",
    az: Some(
        "az resource update --ids $ID --set properties.dataExfiltrationProtections='[\"BlockAll\"]'",
    ),
    policies: &[],
    references: &[],
    judge: search,
};

fn account(asset: &AssetContext) -> Outcome {
    let kind = asset.text("kind")?;
    if !kind.is_absent() && !kind.is_any_of(&SUPPORTED_KINDS) {
        let evidence = kind.expected("a kind that supports data loss prevention");
        return Ok(Judgement::not_applicable(
            "Accounts of this kind have no outbound restriction to set.",
            evidence,
        ));
    }
    let restricted = asset.flag(RESTRICT)?;
    let evidence = restricted.expected_or("true", RESTRICT_ABSENT);
    Ok(if restricted.value == Some(true) {
        Judgement::pass("Outbound calls are limited to approved addresses.", evidence)
    } else {
        Judgement::fail("Outbound calls may go anywhere.", evidence)
    })
}

fn workspace(asset: &AssetContext) -> Outcome {
    let kind = asset.text("kind")?;
    if !kind.is_absent() && !kind.is_any_of(&["Default", "Hub"]) {
        let evidence = kind.expected("Default or Hub");
        return Ok(Judgement::not_applicable(
            "A workspace of this kind has no managed network of its own.",
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

fn search(asset: &AssetContext) -> Outcome {
    let protections = asset.list(PROTECTIONS)?;
    let evidence = protections.expected_or("BlockAll", PROTECTIONS_ABSENT);
    let blocks = |protection: &Value| {
        protection.as_str().is_some_and(|text| text.eq_ignore_ascii_case("BlockAll"))
    };
    Ok(if protections.value.unwrap_or_default().iter().any(blocks) {
        Judgement::pass("Data exfiltration is blocked.", evidence)
    } else {
        Judgement::fail("Data exfiltration is not blocked.", evidence)
    })
}
