//! Whether a search service that accepts keys accepts tokens of Entra ID too, so that callers can leave the keys.

use postern_rules_sdk::{
    AssetContext, Judgement, Outcome, Read, Remedy, Rule, SEARCH_SERVICE, Severity, Topic,
};

use super::sources::SEARCH_SCHEMA;
use crate::groundwork::access::keys_off;
use crate::groundwork::azure::{DISABLE_LOCAL_AUTH_PATH, SERVICES};

const EITHER: &str = "properties.authOptions.aadOrApiKey";
const MODE: &str = "properties.authOptions.aadOrApiKey.aadAuthFailureMode";
const ONLY_KEYS: &str = "properties.authOptions.apiKeyOnly";
const ABSENT: &str = "tokens are refused: services are made with apiKeyOnly";

/// AUTH-03.
pub static TOKENS: Rule = Rule {
    id: "AUTH-03",
    title: "The search service accepts Entra ID tokens",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "our own judgement: while tokens are refused, no caller can do without a key",
    rationale: "Search services are made to accept keys only. Until role-based access is allowed too, every caller needs a key, and keys cannot be switched off without an outage.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &["Services that refuse keys: they accept tokens only."],
    never: &[],
    reads: &[
        Read {
            path: DISABLE_LOCAL_AUTH_PATH,
            source: SERVICES,
            absent: "false: keys are accepted",
        },
        Read { path: EITHER, source: SERVICES, absent: ABSENT },
        Read {
            path: ONLY_KEYS,
            source: SERVICES,
            absent: "keys are not the only way, if aadOrApiKey is there",
        },
        Read {
            path: MODE,
            source: SERVICES,
            absent: "not documented: what a refused caller is answered, not whether tokens are accepted",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Allow tokens and keys side by side, move the callers to tokens, then disable keys (AUTH-02).",
        az: Some(
            "az search service update --ids $ID --auth-options aadOrApiKey --aad-auth-failure-mode http401WithBearerChallenge",
        ),
        bicep: Some(
            "resource service 'Microsoft.Search/searchServices@2025-05-01' = {\n  properties: {\n    authOptions: {\n      aadOrApiKey: {\n        aadAuthFailureMode: 'http401WithBearerChallenge'\n      }\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_search_service\" \"this\" {\n  local_authentication_enabled = true\n  authentication_failure_mode  = \"http401WithBearerChallenge\"\n}",
        ),
        portal: Some("The search service > Settings > Keys > API Access control > Both"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[SEARCH_SCHEMA],
    judge: tokens,
};

fn tokens(asset: &AssetContext<'_>) -> Outcome {
    let off = keys_off(asset)?;
    if off.is_true() {
        let evidence = off.expected("false, for the rule to apply");
        return Ok(Judgement::not_applicable(
            "The service refuses keys: tokens are all it accepts.",
            evidence,
        ));
    }
    let only = asset.object(ONLY_KEYS)?;
    if !only.is_absent() {
        let evidence = only.expected("no apiKeyOnly, but aadOrApiKey");
        return Ok(Judgement::fail("The service accepts keys only; tokens are refused.", evidence));
    }
    let either = asset.object(EITHER)?;
    let evidence = either.expected_or("aadOrApiKey, or keys refused", ABSENT);
    if either.is_absent() {
        return Ok(Judgement::fail("The service does not say that it accepts tokens.", evidence));
    }
    let mode = asset.text(MODE)?.expected("http403 or http401WithBearerChallenge");
    Ok(Judgement::pass("The service accepts tokens of Entra ID beside keys.", evidence).and(mode))
}
