//! Customer-managed keys: encryption at rest whose key the customer can withdraw.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, Evidence, Judgement, Outcome, Read,
    Remedy, Rule, SEARCH_SERVICE, Severity, Topic, Unreadable, Verdict,
};

use super::own_key::{CMEK_URL, IS_CMEK_ENABLED, KEY_NAME, KEY_SOURCE, MICROSOFT_KEYS};
use super::sources::{ACCOUNT_POLICIES, BOT_POLICIES, SEARCH_POLICIES, SEARCH_SHAPE, without_kind};
use crate::groundwork::azure::{
    ACCOUNT_KIND, ACCOUNTS, BOTS, DEFENDER_AI, ENCRYPT_AT_REST, LANDING_ZONE, SERVICES,
};

const VAULT: &str = "properties.encryption.keyVaultProperties.keyVaultUri";
const NO_KEY: &str = "no key is named";
const ENFORCEMENT: &str = "properties.encryptionWithCmk.enforcement";
const ENFORCEMENT_ABSENT: &str = "Unspecified: keys of one's own are not enforced";
const COMPLIANCE: &str = "properties.encryptionWithCmk.encryptionComplianceStatus";
const COMPLIANCE_ABSENT: &str =
    "not known: Azure does not say whether objects without such a key remain";

/// The kinds that Azure's policy 67121cc7 leaves out by default: they keep no customer data, or cannot have a key.
const EXCLUDED_KINDS: [&str; 16] = [
    "AIServices",
    "CognitiveServices",
    "ContentSafety",
    "ConversationalLanguageUnderstanding",
    "HealthDecisionSupport",
    "HealthInsights",
    "ImmersiveReader",
    "Internal.AllInOne",
    "knowledge",
    "LUIS",
    "LUIS.Authoring",
    "MetricsAdvisor",
    "QnAMaker",
    "QnAMaker.V2",
    "SpeechTranslation",
    "TranscriptionIntelligence",
];

/// DATA-03: accounts.
pub static ACCOUNT: Rule = Rule {
    id: "DATA-03",
    title: "The account's data is encrypted with a customer-managed key",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "Defender for Cloud: low, enable if required (AI landing zone checklist AI.92: medium)",
    rationale: "Data at rest is always encrypted; a key of one's own can be withdrawn and its use be seen. \
                So a failure is a matter of governance, not of clear text.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        "The 16 kinds that Azure's policy 67121cc7 leaves out by default, among them AIServices, CognitiveServices, ContentSafety, LUIS and QnAMaker.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read { path: KEY_SOURCE, source: ACCOUNTS, absent: MICROSOFT_KEYS },
        Read { path: VAULT, source: ACCOUNTS, absent: NO_KEY },
        Read { path: KEY_NAME, source: ACCOUNTS, absent: NO_KEY },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Give the account an identity with access to a Key Vault with soft delete and purge protection in its region and tenant, \
                  then name the vault and an RSA key of 2048 bits.",
        az: Some(
            "az resource update --ids $ID --set properties.encryption.keySource=Microsoft.KeyVault properties.encryption.keyVaultProperties.keyVaultUri=VAULT_URI properties.encryption.keyVaultProperties.keyName=KEY_NAME properties.encryption.keyVaultProperties.keyVersion=KEY_VERSION",
        ),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  identity: {\n    type: 'SystemAssigned'\n  }\n  properties: {\n    encryption: {\n      keySource: 'Microsoft.KeyVault'\n      keyVaultProperties: {\n        keyVaultUri: vault.properties.vaultUri\n        keyName: keyName\n        keyVersion: keyVersion\n      }\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account_customer_managed_key\" \"this\" {\n  cognitive_account_id = azurerm_cognitive_account.this.id\n  key_vault_key_id     = azurerm_key_vault_key.this.id\n}",
        ),
        portal: Some("The account > Resource Management > Encryption > Customer Managed Keys"),
    },
    policies: &["67121cc7-ff39-4ab8-b7e3-95b84dab487d"],
    policy_difference: "The policy is content with keySource Microsoft.KeyVault; here the vault and the key have to be named as well.",
    controls: &["mcsb-v1:DP-5", "mcsb-v2:DP-5", "nist-800-53-r5:SC-12"],
    references: &[ENCRYPT_AT_REST, DEFENDER_AI, LANDING_ZONE, ACCOUNT_POLICIES],
    judge: account,
};

/// DATA-15: Search services.
pub static SEARCH: Rule = Rule {
    id: "DATA-15",
    title: "The search service enforces customer-managed keys",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "Azure's policy only audits it: low (policy 356da939 can deny)",
    rationale: "Each index, indexer and data source names its own key, so one can be forgotten. \
                With enforcement on, the service refuses objects without a customer-managed key and reports those it has.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &["Services of the free SKU: keys of one's own need a billable one."],
    never: &[],
    reads: &[
        Read {
            path: "sku.name",
            source: SERVICES,
            absent: "not documented: judged like a billable service",
        },
        Read { path: ENFORCEMENT, source: SERVICES, absent: ENFORCEMENT_ABSENT },
        Read { path: COMPLIANCE, source: SERVICES, absent: COMPLIANCE_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Encrypt the existing objects with a key of your own, then switch enforcement on. The portal has no page for it.",
        az: Some(
            "az resource update --ids $ID --set properties.encryptionWithCmk.enforcement=Enabled",
        ),
        bicep: Some(
            "resource service 'Microsoft.Search/searchServices@2025-05-01' = {\n  properties: {\n    encryptionWithCmk: {\n      enforcement: 'Enabled'\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_search_service\" \"this\" {\n  customer_managed_key_enforcement_enabled = true\n}",
        ),
        portal: None,
    },
    policies: &["76a56461-9dc0-40f0-82f5-2453283afa2f", "356da939-f20a-4bb9-86f8-5db445b0e354"],
    policy_difference: "Policy 356da939 asks for enforcement only; here, as in 76a56461, no object without such a key may remain. Both report free services, which cannot have one.",
    controls: &[],
    references: &[SEARCH_SHAPE, SEARCH_POLICIES],
    judge: search,
};

/// DATA-21: bots.
pub static BOT: Rule = Rule {
    id: "DATA-21",
    title: "The bot's data is encrypted with a customer-managed key",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "Azure's policy only audits it: low",
    rationale: "Data at rest is always encrypted; a key of one's own can be withdrawn and its use be seen. \
                So a failure is a matter of governance, not of clear text.",
    asset_types: &[BOT_SERVICE],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read { path: IS_CMEK_ENABLED, source: BOTS, absent: "false: keys managed by Microsoft" },
        Read { path: CMEK_URL, source: BOTS, absent: NO_KEY },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Let the Bot Service CMEK application read a key in a Key Vault with purge protection, then name the key.",
        az: Some(
            "az bot update --name $NAME --resource-group GROUP --cmk-key-vault-key-url KEY_URL",
        ),
        bicep: Some(
            "resource bot 'Microsoft.BotService/botServices@2022-09-15' = {\n  properties: {\n    isCmekEnabled: true\n    cmekKeyVaultUrl: key.properties.keyUriWithVersion\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.BotService/botServices@2022-09-15\"\n  resource_id = var.bot_id\n  body = {\n    properties = {\n      isCmekEnabled   = true\n      cmekKeyVaultUrl = azurerm_key_vault_key.this.id\n    }\n  }\n}",
        ),
        portal: Some("The bot > Settings > Encryption > Customer-Managed Keys"),
    },
    policies: &["51522a96-0869-4791-82f3-981000c2c67f"],
    policy_difference: "The policy is content with isCmekEnabled; here the key has to be named as well.",
    controls: &["mcsb-v2:DP-5", "nist-800-53-r5:SC-12"],
    references: &[BOT_POLICIES],
    judge: bot,
};

fn account(asset: &AssetContext<'_>) -> Outcome {
    let kind = asset.text("kind")?;
    if kind.is_absent() {
        return Err(without_kind(&kind));
    }
    if kind.is_any_of(&EXCLUDED_KINDS) {
        let evidence = kind.expected("a kind that keeps data under a customer-managed key");
        let summary = "Accounts of this kind are left out by Azure's policy.";
        return Ok(Judgement::not_applicable(summary, evidence));
    }
    let source = asset.text(KEY_SOURCE)?;
    let evidence = source.expected_or("Microsoft.KeyVault", MICROSOFT_KEYS);
    if source.is("Microsoft.KeyVault") {
        named_key(asset, &[VAULT, KEY_NAME], evidence)
    } else {
        Ok(microsoft(evidence))
    }
}

fn search(asset: &AssetContext<'_>) -> Outcome {
    let sku = asset.text("sku.name")?;
    if sku.is("free") {
        let evidence = sku.expected("a billable SKU");
        let summary = "A free service cannot have customer-managed keys.";
        return Ok(Judgement::not_applicable(summary, evidence));
    }
    let enforcement = asset.text(ENFORCEMENT)?;
    let compliance = asset.text(COMPLIANCE)?;
    let enforced = enforcement.expected_or("Enabled", ENFORCEMENT_ABSENT);
    let compliant = compliance.expected_or("Compliant", COMPLIANCE_ABSENT);
    if !enforcement.is("Enabled") {
        let summary = "Customer-managed keys are not enforced.";
        Ok(Judgement::fail(summary, enforced).and(compliant))
    } else if compliance.is("Compliant") {
        let summary = "Customer-managed keys are enforced and used throughout.";
        Ok(Judgement::pass(summary, enforced).and(compliant))
    } else if compliance.is("NonCompliant") {
        let summary = "Customer-managed keys are enforced, but objects without one remain.";
        Ok(Judgement::fail(summary, compliant).and(enforced))
    } else {
        let note = "It is not known: Azure does not say whether objects without a customer-managed key remain.";
        Err(Unreadable::new(compliance.expected("Compliant"), note))
    }
}

fn bot(asset: &AssetContext<'_>) -> Outcome {
    let enabled = asset.flag(IS_CMEK_ENABLED)?;
    let evidence = enabled.expected_or("true", "false: keys managed by Microsoft");
    if enabled.is_true() {
        named_key(asset, &[CMEK_URL], evidence)
    } else {
        Ok(microsoft(evidence))
    }
}

/// Own keys are on; all parts of the key's name have to be there.
fn named_key(asset: &AssetContext<'_>, parts: &[&'static str], on: Evidence) -> Outcome {
    let mut parts_read = Vec::new();
    for part in parts {
        let read = asset.text(part)?;
        if !read.is_given() {
            let evidence = read.expected_or("the key's vault and name", NO_KEY);
            let summary = "A customer-managed key is asked for, but none is named.";

            return Ok(Judgement::fail(summary, evidence).and(on));
        }
        parts_read.push(read.expected("the key's vault and name"));
    }
    let passed = Judgement::pass("Data is encrypted with a customer-managed key.", on);
    Ok(parts_read.into_iter().fold(passed, Judgement::and))
}

fn microsoft(evidence: Evidence) -> Judgement {
    Judgement::fail("Data is encrypted with a key managed by Microsoft.", evidence)
}
