//! Public network access: whether the end point answers to the internet at all.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Read, Remedy, Rule,
    SEARCH_SERVICE, Severity, Topic, Verdict,
};

use super::sources::{BOT_SCHEMA, SEARCH_SCHEMA};
use crate::groundwork::azure::{
    ACCOUNTS, BOTS, DEFENDER_AI, PUBLIC_NETWORK_ACCESS, SERVICES, VIRTUAL_NETWORKS,
};

/// Of an account.
pub const ACCOUNT_ABSENT: &str =
    "enabled: Azure's policy 037eea7a treats a missing value as not Disabled";
/// Of a Search service.
pub const SEARCH_ABSENT: &str = "enabled: the schema's default";
const BOT_ABSENT: &str = "enabled: the schema's default";

/// NET-01: accounts.
pub static ACCOUNT: Rule = Rule {
    id: "NET-01",
    title: "Public network access to the account is disabled",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium",
    rationale: "The account's end point answers to the internet, so a leaked key or token is enough to use it from anywhere. \
                With public access disabled only private endpoints reach it.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[Read { path: PUBLIC_NETWORK_ACCESS, source: ACCOUNTS, absent: ACCOUNT_ABSENT }],
    settings: &[],
    remedy: Remedy {
        summary: "Create a private endpoint with its DNS zones first, then disable public network access.",
        az: Some("az resource update --ids $ID --set properties.publicNetworkAccess=Disabled"),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  properties: {\n    publicNetworkAccess: 'Disabled'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  public_network_access_enabled = false\n}",
        ),
        portal: Some(
            "The account > Resource Management > Networking > Firewalls and virtual networks > Disabled",
        ),
    },
    policies: &["037eea7a-bd0a-46c5-9a66-03aea78705d3", "47ba1dd7-28d9-4b07-a8d5-9813bed64e0c"],
    policy_difference: "Policy 037eea7a is also content with the default action Deny; here that is NET-02, and public access stays a finding of its own.",
    controls: &[
        "mcsb-v1:NS-2",
        "mcsb-v2:NS-2",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
    ],
    references: &[VIRTUAL_NETWORKS, DEFENDER_AI],
    judge: |asset| disabled(asset, &["Disabled"], "Disabled", ACCOUNT_ABSENT),
};

/// NET-27: Search services.
pub static SEARCH: Rule = Rule {
    id: "NET-27",
    title: "Public network access to the search service is disabled",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud (through policy 037eea7a): medium",
    rationale: "The search end point answers to the internet, and with it the indexed documents. \
                With public access disabled, or secured by a network security perimeter, only known networks reach it.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[Read { path: PUBLIC_NETWORK_ACCESS, source: SERVICES, absent: SEARCH_ABSENT }],
    settings: &[],
    remedy: Remedy {
        summary: "Create a private endpoint with its DNS zone first, then disable public network access. The free tier cannot have a private endpoint: make a service of a billable tier and move the indexes.",
        az: Some("az search service update --ids $ID --public-access Disabled"),
        bicep: Some(
            "resource service 'Microsoft.Search/searchServices@2025-05-01' = {\n  properties: {\n    publicNetworkAccess: 'Disabled'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_search_service\" \"this\" {\n  public_network_access_enabled = false\n}",
        ),
        portal: Some(
            "The search service > Settings > Networking > Firewalls and virtual networks > Public network access > Disabled",
        ),
    },
    policies: &["ee980b6d-0eca-4501-8d54-f6290fd512c3", "9cee519f-d9c1-4fd9-9f79-24ec3449ed30"],
    policy_difference: "Azure's policies know Disabled only and report SecuredByPerimeter, with which a network security perimeter decides who comes in; here that passes, and NET-12 judges the perimeter.",
    controls: &[
        "mcsb-v2:NS-2",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
    ],
    references: &[SEARCH_SCHEMA, DEFENDER_AI],
    judge: |asset| {
        disabled(
            asset,
            &["Disabled", "SecuredByPerimeter"],
            "Disabled or SecuredByPerimeter",
            SEARCH_ABSENT,
        )
    },
};

/// NET-32: bots.
pub static BOT: Rule = Rule {
    id: "NET-32",
    title: "Public network access to the bot is disabled",
    topic: Topic::Networking,
    severity: Severity::Low,
    severity_reason: "our own judgement: Azure has a policy for it, but Defender for Cloud gives no severity",
    rationale: "A bot that is not in an isolated network takes part in conversations over the internet. \
                Channels such as Microsoft Teams or Web Chat may need that: where they do, it is a decision to write down as an exception.",
    asset_types: &[BOT_SERVICE],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[Read { path: PUBLIC_NETWORK_ACCESS, source: BOTS, absent: BOT_ABSENT }],
    settings: &[],
    remedy: Remedy {
        summary: "Check which channels need the public end point, create a private endpoint, then disable public network access.",
        az: Some("az resource update --ids $ID --set properties.publicNetworkAccess=Disabled"),
        bicep: Some(
            "resource bot 'Microsoft.BotService/botServices@2022-09-15' = {\n  properties: {\n    publicNetworkAccess: 'Disabled'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_bot_service_azure_bot\" \"this\" {\n  public_network_access_enabled = false\n}",
        ),
        portal: Some("The bot > Settings > Networking > Public access > Disabled"),
    },
    policies: &["5e8168db-69e3-4beb-9822-57cb59202a9d", "52152f42-0dda-40d9-976e-abb1acdd611e"],
    policy_difference: "",
    controls: &["mcsb-v2:NS-2"],
    references: &[BOT_SCHEMA],
    judge: |asset| disabled(asset, &["Disabled"], "Disabled", BOT_ABSENT),
};

/// Whether public network access has one of the secure values.
pub fn disabled(
    asset: &AssetContext<'_>,
    secure: &'static [&'static str],
    expected: &'static str,
    absent: &'static str,
) -> Outcome {
    let access = asset.text(PUBLIC_NETWORK_ACCESS)?;
    let evidence = access.expected_or(expected, absent);
    Ok(if access.is_any_of(secure) {
        Judgement::pass("Public network access is closed.", evidence)
    } else if access.is_absent() {
        Judgement::fail(
            "Public network access is not set to Disabled, which leaves it open.",
            evidence,
        )
    } else {
        Judgement::fail("Public network access is open.", evidence)
    })
}
