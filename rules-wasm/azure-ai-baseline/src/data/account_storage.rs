//! Storage accounts of one's own for what an account keeps.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement, Outcome, Read, Remedy, Rule,
    Severity, Topic, Words,
};

use super::capability::{self, CAPABILITIES, CAPABILITIES_ABSENT};
use super::sources::{ACCOUNT_POLICIES, ACCOUNT_SHAPE};
use crate::groundwork::azure::ACCOUNTS;

const STORAGE: &str = "properties.userOwnedStorage";
const STORAGE_ABSENT: &str = "Microsoft's storage holds what the account keeps";

/// DATA-10.
pub static OWN: Rule = Rule {
    id: "DATA-10",
    title: "What the account keeps lies in the customer's own storage",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "Azure's policy only audits it: low",
    rationale: "Speech and language accounts keep recordings, transcripts and training data. \
                In a storage account of one's own, one's own rules on access, retention and deletion hold for them.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        "Accounts without the capability CustomerManagedStorage: they cannot have storage of one's own.",
    ],
    never: &[],
    reads: &[
        Read { path: CAPABILITIES, source: ACCOUNTS, absent: CAPABILITIES_ABSENT },
        Read { path: STORAGE, source: ACCOUNTS, absent: STORAGE_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create the account again with a storage account of your own; most kinds cannot change it later.",
        az: Some(
            "az cognitiveservices account create --name NEW_NAME --resource-group GROUP --kind KIND --sku S0 --location REGION --assign-identity --storage '[{\"resourceId\":\"STORAGE_ID\"}]'",
        ),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  properties: {\n    userOwnedStorage: [\n      {\n        resourceId: storage.id\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  storage {\n    storage_account_id = azurerm_storage_account.this.id\n  }\n}",
        ),
        portal: Some("Create the account > Storage > Bring your own storage"),
    },
    policies: &["46aa9b05-0e60-4eae-a88b-1e9d374fa515"],
    policy_difference: "The policy counts entries; here each has to name a storage account.",
    controls: &["nist-800-53-r5:SC-28(1)"],
    references: &[ACCOUNT_SHAPE, ACCOUNT_POLICIES],
    judge: own,
};

fn own(asset: &AssetContext<'_>) -> Outcome {
    let wanted = "an entry CustomerManagedStorage";
    if let Err(without) = capability::find(asset, "CustomerManagedStorage", wanted)? {
        let summary = "The account cannot have storage of one's own.";
        return Ok(Judgement::not_applicable(summary, without));
    }
    let storage = asset.list(STORAGE)?;
    if storage.value.unwrap_or_default().is_empty() {
        let evidence = storage.expected_or("a storage account", STORAGE_ABSENT);
        return Ok(Judgement::fail(
            "What the account keeps lies in Microsoft's storage.",
            evidence,
        ));
    }
    let words = Words {
        pass: "What the account keeps lies in the customer's own storage.",
        fail: "A storage account is asked for, but none is named.",
        none: "The account has no storage of one's own.",
    };
    storage.entries().every(words, |entry| {
        let id = entry.text("resourceId")?;
        Ok(Check::of(id.is_given(), id.expected_or("the id of a storage account", "none is named")))
    })
}
