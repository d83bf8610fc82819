//! Prompts and answers at rest: what Microsoft may keep of them.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Read, Remedy, Rule, Setting,
    SettingKind, Severity, Topic, Unreadable, setting_evidence,
};

use super::capability::{self, CAPABILITIES};
use super::sources::{ACCOUNT_SHAPE, MODEL_KINDS};
use crate::groundwork::azure::{ACCOUNT_KIND, ACCOUNTS, DATA_PRIVACY};

const DISABLED: &str = "properties.storedCompletionsDisabled";
const DISABLED_ABSENT: &str = "not documented; Resource Graph, which gives most accounts, may leave it out, and it exists only from API version 2025-12-01: it may be set all the same";
const EXCEPTION: &str = "Kinds other than OpenAI and AIServices: they answer no prompts.";

/// Whether stored completions are forbidden.
static STORED_COMPLETIONS_FORBIDDEN: Setting = Setting {
    name: "storedCompletionsForbidden",
    description: "Whether prompts and answers must not be kept as stored completions. False: teams may store them.",
    kind: SettingKind::Flag { default: false },
};

/// Whether abuse monitoring has to be off.
static ABUSE_MONITORING_MODIFIED: Setting = Setting {
    name: "abuseMonitoringModified",
    description: "Whether Microsoft agreed to modified abuse monitoring, so that no account may have its prompts kept for human review. False: the standard monitoring is accepted.",
    kind: SettingKind::Flag { default: false },
};

/// DATA-11: stored completions.
pub static COMPLETIONS: Rule = Rule {
    id: "DATA-11",
    title: "The account refuses to store completions",
    topic: Topic::Data,
    severity: Severity::Medium,
    severity_reason: "our own judgement: pairs of prompts and answers lie at rest where a request asks for it",
    rationale: "Any caller can ask that his prompts and the answers be kept, and others with access to the account can read them. \
                Where such texts must not be kept, the account has to refuse it.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        EXCEPTION,
        "All accounts, until the setting storedCompletionsForbidden says that they must not be kept.",
    ],
    never: &[],
    reads: &[ACCOUNT_KIND, Read { path: DISABLED, source: ACCOUNTS, absent: DISABLED_ABSENT }],
    settings: &[&STORED_COMPLETIONS_FORBIDDEN],
    remedy: Remedy {
        summary: "Disable stored completions on the account; the portal has no page for it.",
        az: Some(
            "az resource update --ids $ID --api-version 2025-12-01 --set properties.storedCompletionsDisabled=true",
        ),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-12-01' = {\n  properties: {\n    storedCompletionsDisabled: true\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.CognitiveServices/accounts@2025-12-01\"\n  resource_id = var.account_id\n  body = {\n    properties = {\n      storedCompletionsDisabled = true\n    }\n  }\n}",
        ),
        portal: None,
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ACCOUNT_SHAPE, DATA_PRIVACY],
    judge: completions,
};

/// DATA-12: abuse monitoring.
pub static ABUSE_MONITORING: Rule = Rule {
    id: "DATA-12",
    title: "No prompts of the account are kept for human review",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "our own judgement: the source rates it as information, since the standard monitoring is no fault",
    rationale: "With standard abuse monitoring Microsoft may keep prompts and let reviewers read them. \
                Organisations with regulated data may be granted an exemption, but it holds for the accounts it was granted for only, and a new account does not have it.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        EXCEPTION,
        "All accounts, until the setting abuseMonitoringModified says that the exemption has to hold.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read {
            path: CAPABILITIES,
            source: ACCOUNTS,
            absent: "no entry ContentLogging: the standard abuse monitoring holds",
        },
    ],
    settings: &[&ABUSE_MONITORING_MODIFIED],
    remedy: Remedy {
        summary: "Apply to Microsoft for modified abuse monitoring on this account's subscription; Microsoft sets it, so there is no command for it.",
        az: None,
        bicep: None,
        terraform: None,
        portal: None,
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[DATA_PRIVACY],
    judge: abuse_monitoring,
};

fn completions(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = asset.other_kind(MODEL_KINDS)? {
        return Ok(other);
    }
    if !asset.flag_setting(&STORED_COMPLETIONS_FORBIDDEN) {
        let wanted = "true, where completions must not be stored";
        return Ok(Judgement::not_applicable(
            "The organisation has not forbidden stored completions.",
            setting_evidence(&STORED_COMPLETIONS_FORBIDDEN, wanted),
        ));
    }
    let disabled = asset.flag(DISABLED)?;
    let evidence = disabled.expected("true");
    match disabled.value {
        Some(true) => Ok(Judgement::pass("The account refuses to store completions.", evidence)),
        Some(false) => Ok(Judgement::fail("Any caller can have completions stored.", evidence)),
        None => Err(Unreadable::new(
            evidence,
            "Azure does not return it from everywhere, and not before API version 2025-12-01; it may be set all the same.",
        )),
    }
}

fn abuse_monitoring(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = asset.other_kind(MODEL_KINDS)? {
        return Ok(other);
    }
    if !asset.flag_setting(&ABUSE_MONITORING_MODIFIED) {
        let wanted = "true, where Microsoft agreed to modified abuse monitoring";
        return Ok(Judgement::not_applicable(
            "The organisation accepts the standard abuse monitoring.",
            setting_evidence(&ABUSE_MONITORING_MODIFIED, wanted),
        ));
    }
    let kept = "Prompts may be kept and read by Microsoft's reviewers.";
    let found = capability::find(asset, "ContentLogging", "an entry ContentLogging: false")?;
    let capability = match found {
        Ok(capability) => capability,
        Err(without) => {
            let standard = "no entry ContentLogging: the standard abuse monitoring holds";
            let evidence =
                if without.actual.is_none() { without } else { without.noting(standard) };
            return Ok(Judgement::fail(kept, evidence));
        }
    };
    let value = capability.text("value")?;
    let evidence = value.expected_or("false", "the standard abuse monitoring");
    Ok(if value.is("false") {
        Judgement::pass("Microsoft keeps no prompts for human review.", evidence)
    } else {
        Judgement::fail(kept, evidence)
    })
}
