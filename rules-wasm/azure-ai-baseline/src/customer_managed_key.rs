//! Customer-managed keys: encryption at rest whose key the customer can withdraw.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, MACHINE_LEARNING_WORKSPACE, Outcome, Read,
    Rule, SEARCH_SERVICE, Severity, Topic,
};

use crate::azure::{ACCOUNTS, DEFENDER_AI, ENCRYPT_AT_REST, SERVICES, WORKSPACES};

const SOURCE: &str = "properties.encryption.keySource";
const MICROSOFT_KEYS: &str =
    "keys managed by Microsoft: still encrypted at rest, but with no key to withdraw";
const VAULT: &str = "properties.encryption.keyVaultProperties.keyVaultUri";
const KEY: &str = "properties.encryption.keyVaultProperties.keyName";
const NO_KEY: &str = "no key is named";
const STATUS: &str = "properties.encryption.status";
const VAULT_ID: &str = "properties.encryption.keyVaultProperties.keyVaultArmId";
const KEY_ID: &str = "properties.encryption.keyVaultProperties.keyIdentifier";
const ENFORCEMENT: &str = "properties.encryptionWithCmk.enforcement";
const ENFORCEMENT_ABSENT: &str = "Unspecified: keys of one's own are not enforced";
const COMPLIANCE: &str = "properties.encryptionWithCmk.encryptionComplianceStatus";
const COMPLIANCE_ABSENT: &str = "not known to be compliant";

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
                This is governance, not clear text. Kinds that Azure's policy 67121cc7 leaves out are not judged.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    reads: &[
        Read {
            path: "kind",
            source: ACCOUNTS,
            absent: "nothing: Azure always returns an account's kind",
        },
        Read { path: SOURCE, source: ACCOUNTS, absent: MICROSOFT_KEYS },
        Read { path: VAULT, source: ACCOUNTS, absent: NO_KEY },
        Read { path: KEY, source: ACCOUNTS, absent: NO_KEY },
    ],
    remediation: "Give the account an identity with access to a Key Vault with soft delete and purge protection, \
                  then set the encryption's key source, vault and key.",
    az: None,
    policies: &["67121cc7-ff39-4ab8-b7e3-95b84dab487d"],
    references: &[ENCRYPT_AT_REST, DEFENDER_AI],
    judge: account,
};

/// DATA-18: workspaces.
pub static WORKSPACE: Rule = Rule {
    id: "DATA-18",
    title: "The workspace's data is encrypted with a customer-managed key",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "Azure's policy only audits it: low (Defender for Cloud for Foundry, enable if required: medium)",
    rationale: "Data at rest is always encrypted; a key of one's own can be withdrawn and its use be seen. \
                The key can only be chosen when the workspace is created. Projects use their hub's, so they are judged there.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    reads: &[
        Read { path: "kind", source: WORKSPACES, absent: "Default" },
        Read { path: STATUS, source: WORKSPACES, absent: MICROSOFT_KEYS },
        Read { path: VAULT_ID, source: WORKSPACES, absent: NO_KEY },
        Read { path: KEY_ID, source: WORKSPACES, absent: NO_KEY },
    ],
    remediation: "Create the workspace again with a customer-managed key.",
    az: None,
    policies: &["ba769a63-b8cc-4b2d-abf6-ac33c7204be8", "7f40cee6-e933-4d0f-a782-b96615e0f4a6"],
    references: &[],
    judge: workspace,
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
    reads: &[
        Read { path: ENFORCEMENT, source: SERVICES, absent: ENFORCEMENT_ABSENT },
        Read { path: COMPLIANCE, source: SERVICES, absent: COMPLIANCE_ABSENT },
    ],
    remediation: "Encrypt the existing objects with a key of your own, then switch enforcement on.",
    az: Some("az resource update --ids $ID --set properties.encryptionWithCmk.enforcement=Enabled"),
    policies: &["76a56461-9dc0-40f0-82f5-2453283afa2f", "356da939-f20a-4bb9-86f8-5db445b0e354"],
    references: &[],
    judge: search,
};

fn account(asset: &AssetContext) -> Outcome {
    let kind = asset.text("kind")?;
    if kind.is_any_of(&EXCLUDED_KINDS) {
        let evidence = kind.expected("a kind that keeps data under a customer-managed key");
        return Ok(Judgement::not_applicable(
            "Accounts of this kind are left out by Azure's policy.",
            evidence,
        ));
    }
    let source = asset.text(SOURCE)?;
    let evidence = source.expected_or("Microsoft.KeyVault", MICROSOFT_KEYS);
    if source.is("Microsoft.KeyVault") {
        named_key(asset, [VAULT, KEY], evidence)
    } else {
        Ok(microsoft(evidence))
    }
}

fn workspace(asset: &AssetContext) -> Outcome {
    let kind = asset.text("kind")?;
    if kind.is("project") {
        let evidence = kind.expected("a workspace that is not a project");
        return Ok(Judgement::not_applicable("A project uses its hub's encryption.", evidence));
    }
    let status = asset.text(STATUS)?;
    let evidence = status.expected_or("Enabled", MICROSOFT_KEYS);
    if status.is("Enabled") {
        named_key(asset, [VAULT_ID, KEY_ID], evidence)
    } else {
        Ok(microsoft(evidence))
    }
}

fn search(asset: &AssetContext) -> Outcome {
    let enforcement = asset.text(ENFORCEMENT)?;
    let compliance = asset.text(COMPLIANCE)?;
    let enforced = enforcement.expected_or("Enabled", ENFORCEMENT_ABSENT);
    let compliant = compliance.expected_or("Compliant", COMPLIANCE_ABSENT);
    Ok(if !enforcement.is("Enabled") {
        Judgement::fail("Customer-managed keys are not enforced.", enforced).and(compliant)
    } else if compliance.is("Compliant") {
        Judgement::pass("Customer-managed keys are enforced and used throughout.", enforced)
            .and(compliant)
    } else {
        Judgement::fail(
            "Customer-managed keys are enforced, but objects without one remain.",
            compliant,
        )
        .and(enforced)
    })
}

/// Own keys are on; both parts of the key's name have to be there.
fn named_key(asset: &AssetContext, parts: [&str; 2], on: postern_rules_sdk::Evidence) -> Outcome {
    for part in parts {
        let read = asset.text(part)?;
        if !read.is_given() {
            let evidence = read.expected_or("the key's vault and name", NO_KEY);
            return Ok(Judgement::fail(
                "A customer-managed key is asked for, but none is named.",
                evidence,
            )
            .and(on));
        }
    }
    let [vault, key] = parts;
    Ok(Judgement::pass("Data is encrypted with a customer-managed key.", on)
        .and(asset.text(vault)?.expected("a Key Vault"))
        .and(asset.text(key)?.expected("a key")))
}

fn microsoft(evidence: postern_rules_sdk::Evidence) -> Judgement {
    Judgement::fail("Data is encrypted with a key managed by Microsoft.", evidence)
}
