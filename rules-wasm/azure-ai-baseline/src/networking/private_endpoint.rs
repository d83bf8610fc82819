//! Private endpoints: a way in that is not the internet.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement, Outcome, Read, Remedy,
    Rule, SEARCH_SERVICE, Severity, Topic, Unreadable, Verdict, Words,
};

use super::organisation::{KNOWN_SUBSCRIPTIONS, known_subscriptions, lies_in};
use super::sources::{ACCOUNTS_SERVICES_AND_BOTS, BOT_SCHEMA, SEARCH_SCHEMA};
use crate::groundwork::azure::{ACCOUNTS, BOTS, DEFENDER_AI, SERVICES, VIRTUAL_NETWORKS};

/// The connections of private endpoints, the same on all types.
pub const CONNECTIONS: &str = "properties.privateEndpointConnections";
/// Of a connection: whether it is approved.
pub const STATUS: &str = "properties.privateLinkServiceConnectionState.status";
/// Of a connection: the private endpoint.
pub const ENDPOINT_ID: &str = "properties.privateEndpoint.id";
/// What no list of connections means.
pub const ABSENT: &str =
    "none: Azure's policies count approved connections, and there are none to count";
const CONTROLS: &[&str] = &[
    "mcsb-v1:NS-2",
    "mcsb-v2:NS-2",
    "nist-800-53-r5:AC-17",
    "nist-800-53-r5:AC-17(1)",
    "nist-800-53-r5:AC-4",
    "nist-800-53-r5:SC-7",
    "nist-800-53-r5:SC-7(3)",
];

/// NET-05: accounts.
pub static ACCOUNT: Rule = Rule {
    id: "NET-05",
    title: "The account has an approved private endpoint",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium",
    rationale: "Without an approved private endpoint the only way to this account is its public end point, so public access cannot be closed. \
                A connection that is pending or rejected carries no traffic.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[Read { path: CONNECTIONS, source: ACCOUNTS, absent: ABSENT }],
    settings: &[],
    remedy: Remedy {
        summary: "Create a private endpoint for the group `account`, approve its connection and give it its DNS zones.",
        az: Some(
            "az network private-endpoint create --resource-group RG --name NAME --subnet SUBNET_ID --connection-name NAME --private-connection-resource-id $ID --group-id account",
        ),
        bicep: Some(
            "resource endpoint 'Microsoft.Network/privateEndpoints@2024-10-01' = {\n  properties: {\n    subnet: {\n      id: subnetId\n    }\n    privateLinkServiceConnections: [\n      {\n        name: 'account'\n        properties: {\n          privateLinkServiceId: account.id\n          groupIds: [\n            'account'\n          ]\n        }\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_private_endpoint\" \"this\" {\n  subnet_id = azurerm_subnet.this.id\n\n  private_service_connection {\n    name                           = \"account\"\n    private_connection_resource_id = azurerm_cognitive_account.this.id\n    subresource_names              = [\"account\"]\n    is_manual_connection           = false\n  }\n}",
        ),
        portal: Some(
            "The account > Resource Management > Networking > Private endpoint connections > Private endpoint",
        ),
    },
    policies: &["d6759c02-b87f-42b7-892e-71b3f471d782"],
    policy_difference: "",
    controls: &[
        "mcsb-v1:NS-2",
        "mcsb-v2:NS-2",
        "nist-800-53-r5:AC-17",
        "nist-800-53-r5:AC-17(1)",
        "nist-800-53-r5:AC-17(3)",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:AC-4(4)",
        "nist-800-53-r5:AC-4(6)",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
    ],
    references: &[VIRTUAL_NETWORKS, DEFENDER_AI],
    judge: approved,
};

/// NET-29: Search services.
pub static SEARCH: Rule = Rule {
    id: "NET-29",
    title: "The search service has an approved private endpoint",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium",
    rationale: "Without an approved private endpoint the only way to this search service is its public end point, so public access cannot be closed. \
                A connection that is pending or rejected carries no traffic.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &["Search services of the free tier: they cannot have a private endpoint."],
    never: &[],
    reads: &[
        Read {
            path: "sku.name",
            source: SERVICES,
            absent: "not documented: the rule applies, as to any tier but free",
        },
        Read { path: CONNECTIONS, source: SERVICES, absent: ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create a private endpoint for the group `searchService`, approve its connection and give it its DNS zone.",
        az: Some(
            "az network private-endpoint create --resource-group RG --name NAME --subnet SUBNET_ID --connection-name NAME --private-connection-resource-id $ID --group-id searchService",
        ),
        bicep: Some(
            "resource endpoint 'Microsoft.Network/privateEndpoints@2024-10-01' = {\n  properties: {\n    subnet: {\n      id: subnetId\n    }\n    privateLinkServiceConnections: [\n      {\n        name: 'search'\n        properties: {\n          privateLinkServiceId: service.id\n          groupIds: [\n            'searchService'\n          ]\n        }\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_private_endpoint\" \"this\" {\n  subnet_id = azurerm_subnet.this.id\n\n  private_service_connection {\n    name                           = \"search\"\n    private_connection_resource_id = azurerm_search_service.this.id\n    subresource_names              = [\"searchService\"]\n    is_manual_connection           = false\n  }\n}",
        ),
        portal: Some(
            "The search service > Settings > Networking > Private endpoint connections > Create a private endpoint",
        ),
    },
    policies: &["d6759c02-b87f-42b7-892e-71b3f471d782", "b698b005-b660-4837-b833-a7aaab26ddba"],
    policy_difference: "Policy d6759c02 reports the free tier, which cannot have a private endpoint: not applicable here. Policy b698b005 looks only at services whose public access is disabled; here an open one fails too.",
    controls: CONTROLS,
    references: &[SEARCH_SCHEMA, DEFENDER_AI],
    judge: |asset| {
        let tier = asset.text("sku.name")?;
        if tier.is("free") {
            let evidence = tier.expected("a tier that can have private endpoints");
            let summary = "The free tier cannot have a private endpoint.";
            return Ok(Judgement::not_applicable(summary, evidence));
        }
        approved(asset)
    },
};

/// NET-33: bots.
pub static BOT: Rule = Rule {
    id: "NET-33",
    title: "The bot has an approved private endpoint",
    topic: Topic::Networking,
    severity: Severity::Low,
    severity_reason: "our own judgement: Azure has a policy for it, but Defender for Cloud gives no severity",
    rationale: "Without an approved private endpoint the only way to this bot is its public end point, so its network cannot be isolated. \
                A bot needs one endpoint for the group Bot and one for the group Token where it signs users in.",
    asset_types: &[BOT_SERVICE],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[Read { path: CONNECTIONS, source: BOTS, absent: ABSENT }],
    settings: &[],
    remedy: Remedy {
        summary: "Create a private endpoint for the group `Bot`, and one for `Token` where the bot signs users in, and approve their connections.",
        az: Some(
            "az network private-endpoint create --resource-group RG --name NAME --subnet SUBNET_ID --connection-name NAME --private-connection-resource-id $ID --group-id Bot",
        ),
        bicep: Some(
            "resource endpoint 'Microsoft.Network/privateEndpoints@2024-10-01' = {\n  properties: {\n    subnet: {\n      id: subnetId\n    }\n    privateLinkServiceConnections: [\n      {\n        name: 'bot'\n        properties: {\n          privateLinkServiceId: bot.id\n          groupIds: [\n            'Bot'\n          ]\n        }\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_private_endpoint\" \"this\" {\n  subnet_id = azurerm_subnet.this.id\n\n  private_service_connection {\n    name                           = \"bot\"\n    private_connection_resource_id = azurerm_bot_service_azure_bot.this.id\n    subresource_names              = [\"Bot\"]\n    is_manual_connection           = false\n  }\n}",
        ),
        portal: Some("The bot > Settings > Networking > Private access > Create private endpoint"),
    },
    policies: &["ad5621d6-a877-4407-aa93-a950b428315e", "29261f8e-efdb-4255-95b8-8215414515d6"],
    policy_difference: "",
    controls: &["mcsb-v2:NS-2"],
    references: &[BOT_SCHEMA],
    judge: approved,
};

/// NET-06: connections that are left over, and those that lead elsewhere.
pub static CONNECTED: Rule = Rule {
    id: "NET-06",
    title: "No private endpoint connection is left undecided, refused or foreign",
    topic: Topic::Networking,
    severity: Severity::Low,
    severity_reason: "our own judgement: such a connection carries no traffic yet, but somebody wanted it to",
    rationale: "A pending connection waits for one careless click of approval, and Azure lets any tenant ask for one. \
                Rejected and disconnected ones are remains that hide what is really connected.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE, BOT_SERVICE],
    exceptions: &["Resources without any private endpoint connection."],
    never: &[],
    reads: &[
        Read { path: CONNECTIONS, source: ACCOUNTS_SERVICES_AND_BOTS, absent: ABSENT },
        Read {
            path: "properties.privateEndpointConnections[].properties.privateLinkServiceConnectionState.status",
            source: ACCOUNTS_SERVICES_AND_BOTS,
            absent: "not documented: the state is unknown",
        },
        Read {
            path: "properties.privateEndpointConnections[].properties.privateEndpoint.id",
            source: ACCOUNTS_SERVICES_AND_BOTS,
            absent: "not documented: the endpoint's subscription is unknown",
        },
    ],
    settings: &[&KNOWN_SUBSCRIPTIONS],
    remedy: Remedy {
        summary: "Ask who wanted the connection, then approve it or delete it.",
        az: Some("az network private-endpoint-connection delete --id CONNECTION_ID --yes"),
        bicep: Some(
            "resource connection 'Microsoft.CognitiveServices/accounts/privateEndpointConnections@2025-06-01' = {\n  properties: {\n    privateLinkServiceConnectionState: {\n      status: 'Approved'\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.CognitiveServices/accounts/privateEndpointConnections@2025-06-01\"\n  resource_id = \"CONNECTION_ID\"\n  body = {\n    properties = {\n      privateLinkServiceConnectionState = {\n        status = \"Approved\"\n      }\n    }\n  }\n}",
        ),
        portal: Some(
            "The resource > Networking > Private endpoint connections > Approve or Remove",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[VIRTUAL_NETWORKS],
    judge: connected,
};

/// Whether one of the connections is approved; one that was listed without its properties is unknown.
pub fn approved(asset: &AssetContext<'_>) -> Outcome {
    let connections = asset.list(CONNECTIONS)?;
    if connections.is_absent() {
        let evidence = connections.expected_or("at least one approved connection", ABSENT);
        return Ok(Judgement::fail("There is no private endpoint.", evidence));
    }
    let words = Words {
        pass: "A private endpoint is approved.",
        fail: "No private endpoint is approved.",
        none: "at least one approved connection",
    };
    connections.entries().some(words, |connection| {
        let status = connection.text(STATUS)?;
        Ok(Check::of(status.is("Approved"), status.expected("Approved")))
    })
}

fn connected(asset: &AssetContext<'_>) -> Outcome {
    let known = known_subscriptions(asset);
    let words = Words {
        pass: "Every private endpoint connection is approved.",
        fail: "There are private endpoint connections that nobody should leave as they are.",
        none: "There is no private endpoint connection.",
    };
    asset.list(CONNECTIONS)?.entries().every(words, |connection| {
        let status = connection.text(STATUS)?;
        let evidence = status.expected("Approved");
        if status.is_absent() {
            return Err(Unreadable::new(
                evidence,
                "Azure did not say the state of the connection.",
            ));
        }
        if !status.is("Approved") {
            return Ok(Check::Bad(vec![evidence]));
        }
        let Some(known) = &known else { return Ok(Check::Good(evidence)) };
        let endpoint = connection.text(ENDPOINT_ID)?;
        let wanted = "in a subscription that the setting knownSubscriptions lists";
        match endpoint.value {
            Some(id) if lies_in(id, known) => Ok(Check::Good(evidence)),
            Some(_) => Ok(Check::Bad(vec![endpoint.expected(wanted)])),
            None => {
                let note = "Azure did not say which private endpoint is connected.";
                Err(Unreadable::new(endpoint.expected(wanted), note))
            }
        }
    })
}
