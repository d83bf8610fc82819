//! Addresses to read on, and operations that only this topic reads.

/// The properties of accounts, with what their schema says of each.
pub const ACCOUNT_SCHEMA: &str = "https://github.com/Azure/bicep-types-az/blob/1f896de2db966ad91e8f7d7d981e11d32e4f5d8d/generated/cognitiveservices/microsoft.cognitiveservices/2025-06-01/types.md";
/// The same, with managed networks.
pub const MANAGED_NETWORK_SCHEMA: &str = "https://github.com/Azure/bicep-types-az/blob/1f896de2db966ad91e8f7d7d981e11d32e4f5d8d/generated/cognitiveservices/microsoft.cognitiveservices/2025-12-01/types.md";
/// The properties of Search services.
pub const SEARCH_SCHEMA: &str = "https://github.com/Azure/bicep-types-az/blob/1f896de2db966ad91e8f7d7d981e11d32e4f5d8d/generated/search/microsoft.search/2025-05-01/types.md";
/// The properties of bots.
pub const BOT_SCHEMA: &str = "https://github.com/Azure/bicep-types-az/blob/1f896de2db966ad91e8f7d7d981e11d32e4f5d8d/generated/botservice/microsoft.botservice/2022-09-15/types.md";

/// Reads the network that Foundry manages for an account's agents.
pub const MANAGED_NETWORK: &str = "ManagedNetworkSettings_Get 2025-12-01";
/// Lists private endpoints, storage accounts, key vaults and registries.
pub const RESOURCE_GRAPH: &str = "Resources (Resource Graph) 2024-04-01";
/// Lists what rules on accounts and Search services read alike.
pub const ACCOUNTS_AND_SERVICES: &str =
    "Accounts_List 2026-07-01, Services_ListBySubscription 2025-05-01";
/// Likewise, with bots.
pub const ACCOUNTS_SERVICES_AND_BOTS: &str =
    "Accounts_List 2026-07-01, Services_ListBySubscription 2025-05-01, Bots_List 2022-09-15";
