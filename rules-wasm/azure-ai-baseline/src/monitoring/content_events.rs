//! Events of the content filters, kept by the organisation itself.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Read, Remedy, Rule, Setting,
    SettingKind, Severity, Topic, setting_evidence,
};

use super::metrics::MODEL_KINDS;
use crate::groundwork::azure::{ACCOUNT_KIND, ACCOUNTS};

const STORE: &str = "properties.raiMonitorConfig.adxStorageResourceId";
const STORE_ABSENT: &str = "the events are kept nowhere";
const ACCOUNT_SHAPE: &str = "https://github.com/Azure/bicep-types-az/blob/1f896de2db966ad91e8f7d7d981e11d32e4f5d8d/generated/cognitiveservices/microsoft.cognitiveservices/2025-06-01/types.md";

/// Whether the events have to be kept.
static CONTENT_EVENTS_REQUIRED: Setting = Setting {
    name: "contentEventsRequired",
    description: "Whether the events of content filters have to be kept in storage of one's own. False: the metrics on blocked prompts will do.",
    kind: SettingKind::Flag { default: false },
};

/// MON-29.
pub static KEPT: Rule = Rule {
    id: "MON-29",
    title: "Events of the content filters are kept in storage of one's own",
    topic: Topic::Monitoring,
    severity: Severity::Low,
    severity_reason: "our own judgement: the source rates it as information; only an organisation can require it",
    rationale: "Metrics tell how many prompts were blocked, not which and why. \
                Where that is evidence for an investigation or an auditor, the events have to be written to a store that one owns.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        "Kinds other than OpenAI and AIServices: they have no content filters.",
        "All accounts, until the setting contentEventsRequired asks for it.",
    ],
    never: &[],
    reads: &[ACCOUNT_KIND, Read { path: STORE, source: ACCOUNTS, absent: STORE_ABSENT }],
    settings: &[&CONTENT_EVENTS_REQUIRED],
    remedy: Remedy {
        summary: "Name a storage resource that the account's identity may write to; the portal has no page for it.",
        az: Some(
            "az resource update --ids $ID --set properties.raiMonitorConfig.adxStorageResourceId=STORAGE_ID",
        ),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  properties: {\n    raiMonitorConfig: {\n      adxStorageResourceId: storage.id\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.CognitiveServices/accounts@2025-06-01\"\n  resource_id = var.account_id\n  body = {\n    properties = {\n      raiMonitorConfig = {\n        adxStorageResourceId = var.storage_id\n      }\n    }\n  }\n}",
        ),
        portal: None,
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ACCOUNT_SHAPE],
    judge: kept,
};

fn kept(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = asset.other_kind(MODEL_KINDS)? {
        return Ok(other);
    }
    if !asset.flag_setting(&CONTENT_EVENTS_REQUIRED) {
        let wanted = "true, where the events have to be kept";
        return Ok(Judgement::not_applicable(
            "The organisation does not require the events to be kept.",
            setting_evidence(&CONTENT_EVENTS_REQUIRED, wanted),
        ));
    }
    let store = asset.text(STORE)?;
    let evidence = store.expected_or("the id of a storage resource", STORE_ABSENT);
    Ok(if store.is_given() {
        Judgement::pass("Events of the content filters are kept.", evidence)
    } else {
        Judgement::fail("Events of the content filters are kept nowhere.", evidence)
    })
}
