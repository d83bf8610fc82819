//! Keys: secrets that whoever holds them may use, with no identity behind them.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Read, Rule, SEARCH_SERVICE,
    Severity, Topic,
};

use crate::azure::{ACCOUNTS, DEFENDER_AI, DISABLE_LOCAL_AUTH, SERVICES};

const PATH: &str = "properties.disableLocalAuth";
const ABSENT: &str = "false: keys are accepted";

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
    reads: &[Read { path: PATH, source: ACCOUNTS, absent: ABSENT }],
    remediation: "Give the callers roles such as Cognitive Services OpenAI User, move them to Entra ID, then disable keys.",
    az: Some("az resource update --ids $ID --set properties.disableLocalAuth=true"),
    policies: &[
        "71ef260a-8f18-47b7-abcb-62d0673d94dc",
        "14de9e63-1b31-492e-a5a3-c3f7fd57f555",
        "55eff01b-f2bd-4c32-9203-db285f709d30",
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
    reads: &[Read { path: PATH, source: SERVICES, absent: ABSENT }],
    remediation: "Give the callers roles such as Search Index Data Reader, move them to Entra ID, then disable keys.",
    az: Some("az search service update --ids $ID --disable-local-auth true"),
    policies: &[
        "6300012e-e9a4-4649-b41f-a85f5c43be91",
        "4eb216f2-9dba-4979-86e6-5d7e63ce3b75",
        "71ef260a-8f18-47b7-abcb-62d0673d94dc",
    ],
    references: &[DEFENDER_AI],
    judge: refused,
};

fn refused(asset: &AssetContext) -> Outcome {
    let off = asset.flag(PATH)?;
    let evidence = off.expected_or("true", ABSENT);
    Ok(if off.value == Some(true) {
        Judgement::pass("Keys are refused; callers sign in with Entra ID.", evidence)
    } else {
        Judgement::fail("Keys are accepted.", evidence)
    })
}
