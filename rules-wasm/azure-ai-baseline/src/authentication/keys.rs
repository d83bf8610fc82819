//! Keys: secrets that whoever holds them may use, with no identity behind them.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Read, Remedy, Rule,
    SEARCH_SERVICE, Severity, Topic,
};

use super::sources::BOT_POLICY;
use crate::groundwork::access::keys_off;
use crate::groundwork::azure::{
    ACCOUNTS, BOTS, DEFENDER_AI, DISABLE_LOCAL_AUTH, DISABLE_LOCAL_AUTH_PATH, SERVICES,
};
use crate::groundwork::scope::{tagged, tags};
use crate::groundwork::settings::KEYS_TOLERATED_TAGS;

const ABSENT: &str = "false: keys are accepted";
const EXCEPTION: &str = "Resources with a tag that the setting keysToleratedTags lists.";
const DIFFERENCE: &str = "Azure's policies know no tolerated environments: with keysToleratedTags set, a resource that they report is not applicable here.";

/// AUTH-01: accounts.
pub static ACCOUNT: Rule = Rule {
    id: "AUTH-01",
    title: "The account refuses keys",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium (AI landing zone checklist AI.102: high)",
    rationale: "A key has no identity, no conditional access and no expiry: who copies it can use the models until it is changed. \
                With keys off, callers sign in with Entra ID. After the change gateways may accept keys for some hours.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[EXCEPTION],
    never: &[],
    reads: &[
        Read { path: DISABLE_LOCAL_AUTH_PATH, source: ACCOUNTS, absent: ABSENT },
        tags(ACCOUNTS),
    ],
    settings: &[&KEYS_TOLERATED_TAGS],
    remedy: Remedy {
        summary: "Give the callers roles such as Cognitive Services OpenAI User, move them to Entra ID, then disable keys.",
        az: Some("az resource update --ids $ID --set properties.disableLocalAuth=true"),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  properties: {\n    disableLocalAuth: true\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  local_auth_enabled = false\n}",
        ),
        portal: Some("The account > Resource Management > Keys and Endpoint > Disable key access"),
    },
    policies: &[
        "71ef260a-8f18-47b7-abcb-62d0673d94dc",
        "14de9e63-1b31-492e-a5a3-c3f7fd57f555",
        "55eff01b-f2bd-4c32-9203-db285f709d30",
    ],
    policy_difference: DIFFERENCE,
    controls: &[
        "mcsb-v1:IM-1",
        "mcsb-v2:IM-1",
        "nist-800-53-r5:AC-2",
        "nist-800-53-r5:AC-2(1)",
        "nist-800-53-r5:AC-2(7)",
        "nist-800-53-r5:AC-3",
        "nist-800-53-r5:IA-2",
        "nist-800-53-r5:IA-4",
    ],
    references: &[DISABLE_LOCAL_AUTH, DEFENDER_AI],
    judge: refused,
};

/// AUTH-02: Search services.
pub static SEARCH: Rule = Rule {
    id: "AUTH-02",
    title: "The search service refuses keys",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud (through policy 71ef260a): medium",
    rationale: "An admin key reads and rewrites every index, a query key reads them, and neither tells who used it. \
                With keys off, callers sign in with Entra ID.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &[EXCEPTION],
    never: &[],
    reads: &[
        Read { path: DISABLE_LOCAL_AUTH_PATH, source: SERVICES, absent: ABSENT },
        tags(SERVICES),
    ],
    settings: &[&KEYS_TOLERATED_TAGS],
    remedy: Remedy {
        summary: "Give the callers roles such as Search Index Data Reader, move them to Entra ID, then disable keys.",
        az: Some("az search service update --ids $ID --disable-local-auth true"),
        bicep: Some(
            "resource service 'Microsoft.Search/searchServices@2025-05-01' = {\n  properties: {\n    disableLocalAuth: true\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_search_service\" \"this\" {\n  local_authentication_enabled = false\n}",
        ),
        portal: Some(
            "The search service > Settings > Keys > API Access control > Role-based access control",
        ),
    },
    policies: &[
        "6300012e-e9a4-4649-b41f-a85f5c43be91",
        "4eb216f2-9dba-4979-86e6-5d7e63ce3b75",
        "71ef260a-8f18-47b7-abcb-62d0673d94dc",
    ],
    policy_difference: DIFFERENCE,
    controls: &[
        "mcsb-v1:IM-1",
        "mcsb-v2:IM-1",
        "nist-800-53-r5:AC-2",
        "nist-800-53-r5:AC-2(1)",
        "nist-800-53-r5:AC-2(7)",
        "nist-800-53-r5:AC-3",
        "nist-800-53-r5:IA-2",
        "nist-800-53-r5:IA-4",
    ],
    references: &[DEFENDER_AI],
    judge: refused,
};

/// AUTH-05: bots.
pub static BOT: Rule = Rule {
    id: "AUTH-05",
    title: "The bot refuses local authentication",
    topic: Topic::Authentication,
    severity: Severity::Low,
    severity_reason: "Azure's policy only audits it: low",
    rationale: "With local authentication, secrets of the bot are enough to act as it, and nobody can tell who used them. \
                Without it only managed identities and Entra ID are accepted.",
    asset_types: &[BOT_SERVICE],
    exceptions: &[EXCEPTION],
    never: &[],
    reads: &[
        Read {
            path: DISABLE_LOCAL_AUTH_PATH,
            source: BOTS,
            absent: "false: local authentication is accepted",
        },
        tags(BOTS),
    ],
    settings: &[&KEYS_TOLERATED_TAGS],
    remedy: Remedy {
        summary: "Give the bot a managed identity or an application of Entra ID, then disable local authentication; the portal has no switch for it.",
        az: Some("az resource update --ids $ID --set properties.disableLocalAuth=true"),
        bicep: Some(
            "resource bot 'Microsoft.BotService/botServices@2022-09-15' = {\n  properties: {\n    disableLocalAuth: true\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_bot_service_azure_bot\" \"this\" {\n  local_authentication_enabled = false\n}",
        ),
        portal: None,
    },
    policies: &["ffea632e-4e3a-4424-bf78-10e179bb2e1a"],
    policy_difference: DIFFERENCE,
    controls: &[],
    references: &[BOT_POLICY],
    judge: refused,
};

fn refused(asset: &AssetContext<'_>) -> Outcome {
    let off = keys_off(asset)?;
    let evidence = off.expected_or("true", ABSENT);
    if off.is_true() {
        return Ok(Judgement::pass("Keys are refused; callers sign in with Entra ID.", evidence));
    }
    Ok(match tagged(asset, &KEYS_TOLERATED_TAGS)? {
        Some(tolerated) => {
            Judgement::not_applicable("Keys are tolerated in this environment.", tolerated)
        }
        None => Judgement::fail("Keys are accepted.", evidence),
    })
}
