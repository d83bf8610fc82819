//! Private endpoints: a way in that is not the internet.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Evidence, Judgement, MACHINE_LEARNING_WORKSPACE,
    Outcome, Read, Rule, SEARCH_SERVICE, Severity, Topic, Value,
};

use crate::azure::{ACCOUNTS, DEFENDER_AI, SERVICES, WORKSPACES};

const PATH: &str = "properties.privateEndpointConnections";
const STATUS: &str = "/properties/privateLinkServiceConnectionState/status";
const ABSENT: &str =
    "none: Azure's policies count approved connections, and there are none to count";
const RATIONALE: &str = "Without an approved private endpoint the only way to this resource is its public end point, \
                         so public access cannot be closed.";

/// NET-05: accounts.
pub static ACCOUNT: Rule = Rule {
    id: "NET-05",
    title: "The account has an approved private endpoint",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium",
    rationale: RATIONALE,
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    reads: &[Read { path: PATH, source: ACCOUNTS, absent: ABSENT }],
    remediation: "Create a private endpoint for the group `account` and approve its connection.",
    az: Some(
        "az network private-endpoint create --resource-group RG --name NAME --subnet SUBNET_ID --connection-name NAME --private-connection-resource-id $ID --group-id account",
    ),
    policies: &["d6759c02-b87f-42b7-892e-71b3f471d782"],
    references: &[DEFENDER_AI],
    judge: approved,
};

/// NET-15: workspaces.
pub static WORKSPACE: Rule = Rule {
    id: "NET-15",
    title: "The workspace has an approved private endpoint",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "proposed, as for accounts",
    rationale: RATIONALE,
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    reads: &[Read { path: PATH, source: WORKSPACES, absent: ABSENT }],
    remediation: "Create a private endpoint for the group `amlworkspace` and approve its connection.",
    az: Some(
        "az network private-endpoint create --resource-group RG --name NAME --subnet SUBNET_ID --connection-name NAME --private-connection-resource-id $ID --group-id amlworkspace",
    ),
    policies: &["45e05259-1eb5-4f70-9574-baf73e9d219b", "7838fd83-5cbb-4b5d-888c-bfa240972597"],
    references: &[],
    judge: approved,
};

/// NET-29: Search services.
pub static SEARCH: Rule = Rule {
    id: "NET-29",
    title: "The search service has an approved private endpoint",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium",
    rationale: "Without an approved private endpoint the only way to this resource is its public end point, \
                so public access cannot be closed. The free tier cannot have one, so the rule does not apply there.",
    asset_types: &[SEARCH_SERVICE],
    reads: &[
        Read {
            path: "sku.name",
            source: SERVICES,
            absent: "a tier other than free: the rule applies",
        },
        Read { path: PATH, source: SERVICES, absent: ABSENT },
    ],
    remediation: "Create a private endpoint for the group `searchService` and approve its connection.",
    az: Some(
        "az network private-endpoint create --resource-group RG --name NAME --subnet SUBNET_ID --connection-name NAME --private-connection-resource-id $ID --group-id searchService",
    ),
    policies: &[
        "d6759c02-b87f-42b7-892e-71b3f471d782",
        "b698b005-b660-4837-b833-a7aaab26ddba",
        "a049bf77-880b-470f-ba6d-9f21c530cf83",
    ],
    references: &[DEFENDER_AI],
    judge: |asset| {
        let tier = asset.text("sku.name")?;
        if tier.is("free") {
            let evidence = tier.expected("a tier that can have private endpoints");
            return Ok(Judgement::not_applicable(
                "The free tier cannot have a private endpoint.",
                evidence,
            ));
        }
        approved(asset)
    },
};

fn approved(asset: &AssetContext) -> Outcome {
    let connections = asset.list(PATH)?;
    let evidence_at = |position: usize, connection: &Value| Evidence {
        path: format!("{PATH}[{position}].properties.privateLinkServiceConnectionState.status"),
        actual: connection.pointer(STATUS).cloned(),
        expected: "Approved".to_owned(),
        note: None,
    };
    let is_approved = |connection: &Value| {
        connection
            .pointer(STATUS)
            .and_then(Value::as_str)
            .is_some_and(|status| status.eq_ignore_ascii_case("Approved"))
    };
    let list = connections.value.unwrap_or_default();
    if let Some((position, connection)) =
        list.iter().enumerate().find(|(_, connection)| is_approved(connection))
    {
        return Ok(Judgement::pass(
            "A private endpoint is approved.",
            evidence_at(position, connection),
        ));
    }
    let mut waiting =
        list.iter().enumerate().map(|(position, connection)| evidence_at(position, connection));
    Ok(match waiting.next() {
        Some(first) => waiting.fold(
            Judgement::fail("No private endpoint connection is approved.", first),
            Judgement::and,
        ),
        None => Judgement::fail(
            "There is no private endpoint.",
            connections.expected_or("at least one approved connection", ABSENT),
        ),
    })
}
