//! Where a bot's messages go.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, Judgement, Outcome, Read, Remedy, Rule, Severity, Topic,
};

use super::sources::BOT_SCHEMA;
use crate::groundwork::azure::BOTS;

const PATH: &str = "properties.endpoint";
const ABSENT: &str = "not documented: the schema requires the property";
const START: &str = "https://";

/// NET-34: bots.
pub static BOT_ENDPOINT: Rule = Rule {
    id: "NET-34",
    title: "The bot's messages travel over HTTPS",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement: Azure has a policy for it, but Defender for Cloud gives no severity",
    rationale: "The Bot Service sends every message of a conversation, with its sign-in token, to the messaging endpoint. \
                Over plain HTTP anybody on the way can read and change them.",
    asset_types: &[BOT_SERVICE],
    exceptions: &["Bots whose messaging endpoint is empty: no message is sent anywhere."],
    never: &[],
    reads: &[Read { path: PATH, source: BOTS, absent: ABSENT }],
    settings: &[],
    remedy: Remedy {
        summary: "Give the bot's web service a certificate, then enter its HTTPS address as messaging endpoint.",
        az: Some(
            "az bot update --name $NAME --resource-group RG --endpoint https://BOT.azurewebsites.net/api/messages",
        ),
        bicep: Some(
            "resource bot 'Microsoft.BotService/botServices@2022-09-15' = {\n  properties: {\n    endpoint: 'https://bot.contoso.example/api/messages'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_bot_service_azure_bot\" \"this\" {\n  endpoint = \"https://bot.contoso.example/api/messages\"\n}",
        ),
        portal: Some("The bot > Settings > Configuration > Messaging endpoint"),
    },
    policies: &["6164527b-e1ee-4882-8673-572f425f5e0a"],
    policy_difference: "Azure's policy reports an empty endpoint too; nothing is sent to one, so it is not applicable here.",
    controls: &["mcsb-v2:DP-3"],
    references: &[BOT_SCHEMA],
    judge: encrypted,
};

fn encrypted(asset: &AssetContext<'_>) -> Outcome {
    let endpoint = asset.text(PATH)?;
    let evidence = endpoint.expected_or("an address that starts with https://", ABSENT);
    let Some(address) = endpoint.value else {
        return Ok(Judgement::fail("The bot does not say where its messages go.", evidence));
    };
    if !endpoint.is_given() {
        return Ok(Judgement::not_applicable("The bot has no messaging endpoint.", evidence));
    }
    let start = address.get(..START.len());
    Ok(if start.is_some_and(|start| start.eq_ignore_ascii_case(START)) {
        Judgement::pass("Messages travel over HTTPS.", evidence)
    } else {
        Judgement::fail("Messages do not travel over HTTPS.", evidence)
    })
}
