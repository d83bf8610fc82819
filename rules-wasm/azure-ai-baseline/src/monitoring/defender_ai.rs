//! Defender for AI services: the plan, its extensions, and accounts that opt out.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement, Outcome, Read, Remedy, Rule,
    SUBSCRIPTION, Setting, SettingKind, Severity, Topic, Verdict, Words, fact, failing, passing,
    setting_evidence,
};

use super::defender::{ID, NAME, PLAN_READS, PLANS, PLANS_EXAMPLE, TIER, is_on, plan};
use super::subscription::EVERY_SUBSCRIPTION;
use crate::groundwork::azure::ACCOUNT_KIND;

const ZERO_TRUST: &str = "https://github.com/microsoft/zerotrustassessment/blob/83a8700761240721897af9529a1f445af8817117/src/powershell/tests/Test-Assessment.61022.md";
const SETTINGS: &str = "DefenderForAISettings_List 2025-06-01";
const SETTINGS_EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/cognitiveservices/resource-manager/Microsoft.CognitiveServices/stable/2025-06-01/examples/ListDefenderForAISetting.json";

/// MON-08: the plan.
pub static PLAN: Rule = Rule {
    id: "MON-08",
    title: "Defender for AI services is on",
    topic: Topic::Monitoring,
    severity: Severity::High,
    severity_reason: "Zero Trust assessment 61022: high",
    rationale: "The plan notices jailbreaks, leaked credentials in prompts and unusual use of a key while it happens. \
                Without it an attack on a model shows first on the bill.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &PLAN_READS,
    settings: &[],
    remedy: Remedy {
        summary: "Switch the plan AI services on; it is billed by tokens.",
        az: Some("az security pricing create --subscription $NAME -n AI --tier Standard"),
        bicep: Some(
            "targetScope = 'subscription'\n\nresource ai 'Microsoft.Security/pricings@2024-01-01' = {\n  name: 'AI'\n  properties: {\n    pricingTier: 'Standard'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"ai\" {\n  type        = \"Microsoft.Security/pricings@2024-01-01\"\n  resource_id = \"$ID/providers/Microsoft.Security/pricings/AI\"\n  body = {\n    properties = {\n      pricingTier = \"Standard\"\n    }\n  }\n}",
        ),
        portal: Some(
            "Microsoft Defender for Cloud > Management > Environment settings > The subscription > AI services",
        ),
    },
    policies: &["c2c0c6d8-007b-4a48-8d9b-3539bddd8e87", "7e92882a-2f8a-4991-9bc4-d3147d40abb0"],
    policy_difference: "",
    controls: &[],
    references: &[ZERO_TRUST, PLANS_EXAMPLE],
    judge: plan_is_on,
};

fn plan_is_on(subscription: &AssetContext<'_>) -> Outcome {
    let (is_on, evidence) = is_on(subscription, "AI")?;
    Ok(if is_on {
        Judgement::pass("Defender for AI services is on.", evidence)
    } else {
        Judgement::fail("Defender for AI services is off.", evidence)
    })
}

/// Which extensions the organisation wants.
static WANTED_EXTENSIONS: Setting = Setting {
    name: "defenderForAiExtensions",
    description: "Extensions of Defender for AI services that have to be on, such as AIPromptEvidence or AIPromptSharingWithPurview. They show what people wrote to models. Empty: the organisation has not decided.",
    kind: SettingKind::Texts { default: &[], pattern: "^[A-Za-z]+$" },
};

/// MON-09: the plan's extensions.
pub static EXTENSIONS: Rule = Rule {
    id: "MON-09",
    title: "The wanted extensions of Defender for AI services are on",
    topic: Topic::Monitoring,
    severity: Severity::Low,
    severity_reason: "our own judgement: evidence of prompts helps with an alert and shows what people wrote, which is for the organisation to weigh",
    rationale: "With prompt evidence an alert shows the prompt that caused it; shared with Purview, prompts can be audited. \
                Prompts can hold personal data, so the rule asks only for the extensions that the organisation wants.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[
        "All subscriptions, where the setting defenderForAiExtensions is empty.",
        "Subscriptions where Defender for AI services is off, which MON-08 reports.",
    ],
    never: &[],
    reads: &[
        NAME,
        ID,
        TIER,
        Read {
            path: "defenderPlans[].properties.extensions",
            source: PLANS,
            absent: "every extension is off",
        },
    ],
    settings: &[&WANTED_EXTENSIONS],
    remedy: Remedy {
        summary: "Switch the extensions of the plan AI services on.",
        az: Some(
            "az security pricing create --subscription $NAME -n AI --tier Standard --extensions name=AIPromptEvidence isEnabled=True",
        ),
        bicep: Some(
            "targetScope = 'subscription'\n\nresource ai 'Microsoft.Security/pricings@2024-01-01' = {\n  name: 'AI'\n  properties: {\n    pricingTier: 'Standard'\n    extensions: [{ name: 'AIPromptEvidence', isEnabled: 'True' }]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"ai\" {\n  type        = \"Microsoft.Security/pricings@2024-01-01\"\n  resource_id = \"$ID/providers/Microsoft.Security/pricings/AI\"\n  body = {\n    properties = {\n      pricingTier = \"Standard\"\n      extensions  = [{ name = \"AIPromptEvidence\", isEnabled = \"True\" }]\n    }\n  }\n}",
        ),
        portal: Some(
            "Microsoft Defender for Cloud > Management > Environment settings > The subscription > AI services > Settings",
        ),
    },
    policies: &["359a48a3-351a-4618-bb32-f1628645694b"],
    policy_difference: "The policy asks for both extensions, on unless its assignment says otherwise; the rule asks for those that the setting names, and for none where the setting is empty. A plan that is off is a failure for the policy and a matter of MON-08 here.",
    controls: &[],
    references: &[PLANS_EXAMPLE],
    judge: extensions,
};

fn extensions(subscription: &AssetContext<'_>) -> Outcome {
    let wanted = subscription.texts_setting(&WANTED_EXTENSIONS);
    if wanted.is_empty() {
        let evidence = setting_evidence(&WANTED_EXTENSIONS, "the extensions that have to be on");
        return Ok(Judgement::not_applicable(
            "The organisation has not said which extensions it wants.",
            evidence,
        ));
    }
    let (is_on, evidence) = is_on(subscription, "AI")?;
    let Some(plan) = plan(subscription, "AI")?.filter(|_| is_on) else {
        return Ok(Judgement::not_applicable("Defender for AI services is off.", evidence));
    };
    let extensions = plan.list("properties.extensions")?;
    let (mut on, mut off) = (Vec::new(), Vec::new());
    for name in wanted {
        let mut found = None;
        for extension in extensions.entries().nodes() {
            if extension.is_any_of("name", &[name])? {
                found = Some(extension.text("isEnabled")?);
            }
        }
        match found {
            Some(enabled) if enabled.is("True") => on.push(enabled.expected("True")),
            Some(enabled) => off.push(enabled.expected_or("True", "off")),
            None => off
                .push(extensions.expected_or(format!("{name}, enabled"), "every extension is off")),
        }
    }
    let passed = || passing("The wanted extensions of Defender for AI services are on.", on);
    let failed = failing("Wanted extensions of Defender for AI services are off.", off);
    Ok(failed.or_else(passed).unwrap_or_else(|| {
        Judgement::not_applicable("No extension is wanted.", extensions.expected("an extension"))
    }))
}

/// MON-10: accounts that opt out.
pub static ACCOUNT: Rule = Rule {
    id: "MON-10",
    title: "The account has not opted out of Defender for AI",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "our own judgement: one account without protection in a subscription that has it",
    rationale: "An account can switch Defender off for itself, whatever the subscription's plan says. \
                An account without a setting of its own follows the plan, which MON-08 is about.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        "Accounts of other kinds than OpenAI and AIServices, which have no models to protect.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read {
            path: "defenderForAISettings[].properties.state",
            source: SETTINGS,
            absent: "not documented: taken as off. No setting at all means that the subscription's plan holds",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Set the account's own setting to Enabled.",
        az: Some(
            "az rest --method put --url \"$ID/defenderForAISettings/Default?api-version=2025-06-01\" --body '{\"properties\":{\"state\":\"Enabled\"}}'",
        ),
        bicep: Some(
            "resource defender 'Microsoft.CognitiveServices/accounts/defenderForAISettings@2025-06-01' = {\n  parent: account\n  name: 'Default'\n  properties: {\n    state: 'Enabled'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_resource\" \"defender\" {\n  type      = \"Microsoft.CognitiveServices/accounts/defenderForAISettings@2025-06-01\"\n  name      = \"Default\"\n  parent_id = \"$ID\"\n  body = {\n    properties = {\n      state = \"Enabled\"\n    }\n  }\n}",
        ),
        portal: Some("The account > Resource Management > Microsoft Defender for Cloud > Settings"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[SETTINGS_EXAMPLE],
    judge: account,
};

fn account(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = asset.other_kind(&["OpenAI", "AIServices"])? {
        return Ok(other);
    }
    let settings = asset.related(fact::DEFENDER_FOR_AI_SETTINGS)?;
    if settings.is_empty() {
        settings.complete()?;
        let evidence = settings.expected("no setting, or Enabled");
        return Ok(Judgement::pass(
            "The account has no setting of its own, so that the subscription's plan holds.",
            evidence,
        ));
    }
    settings.every(
        Words {
            pass: "Defender for AI is on for the account.",
            fail: "Defender for AI is switched off for the account.",
            none: "The account has no setting of its own.",
        },
        |setting| {
            let state = setting.text("properties.state")?;
            let evidence = state.expected_or("Enabled", "off: no default is documented");
            Ok(Check::of(state.is("Enabled"), evidence))
        },
    )
}
