//! Names that several subjects of the topic use: operations, kinds, documents.

use postern_rules_sdk::{Reading, Unreadable};

/// How Resource Graph gives key vaults and storage accounts.
pub const LINKED: &str = "ResourceGraph_Resources 2024-04-01";
/// Reads a key of a vault through the resource manager.
pub const KEYS: &str = "Keys_Get 2025-05-01";

/// The kinds of account that can have deployments of models.
pub const MODEL_KINDS: &[&str] = &["OpenAI", "AIServices"];

/// The shapes of an account's properties.
pub const ACCOUNT_SHAPE: &str = "https://github.com/Azure/bicep-types-az/blob/1f896de2db966ad91e8f7d7d981e11d32e4f5d8d/generated/cognitiveservices/microsoft.cognitiveservices/2025-12-01/types.md";
/// The shapes of a search service's properties.
pub const SEARCH_SHAPE: &str = "https://github.com/Azure/bicep-types-az/blob/1f896de2db966ad91e8f7d7d981e11d32e4f5d8d/generated/search/microsoft.search/2025-05-01/types.md";
/// Azure's policies on key vaults.
pub const KEY_VAULT_POLICIES: &str = "https://github.com/Azure/azure-policy/tree/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Key%20Vault";
/// Azure's policies on storage accounts.
pub const STORAGE_POLICIES: &str = "https://github.com/Azure/azure-policy/tree/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Storage";
/// Azure's policies on search services.
pub const SEARCH_POLICIES: &str = "https://github.com/Azure/azure-policy/tree/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Search";
/// Azure's policies on bots.
pub const BOT_POLICIES: &str = "https://github.com/Azure/azure-policy/tree/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Bot%20Service";
/// Azure's policies on accounts.
pub const ACCOUNT_POLICIES: &str = "https://github.com/Azure/azure-policy/tree/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Cognitive%20Services";

/// For an account whose kind is not there.
pub fn without_kind(kind: &Reading<'_, &str>) -> Unreadable {
    Unreadable::new(kind.expected("a kind of account"), "Azure's answer does not say the kind.")
}
