//! Azure's names that more than one rule uses: operations with their API versions, documents, properties.

use postern_rules_sdk::Read;

/// Lists Cognitive Services accounts.
pub const ACCOUNTS: &str = "Accounts_List 2026-07-01";
/// Lists Search services.
pub const SERVICES: &str = "Services_ListBySubscription 2025-05-01";
/// Lists Machine Learning workspaces.
pub const WORKSPACES: &str = "Workspaces_ListBySubscription 2025-09-01";
/// Lists an asset's diagnostic settings.
pub const DIAGNOSTICS: &str = "DiagnosticSettings_List 2021-05-01-preview";

/// Lists bots.
pub const BOTS: &str = "Bots_List 2022-09-15";
/// Lists assets of all types; those that Resource Graph shows come from there.
pub const ALL_ASSETS: &str = "Resource Graph resources; Accounts_List 2026-07-01, Services_ListBySubscription 2025-05-01, Workspaces_ListBySubscription 2025-09-01, Bots_List 2022-09-15";
/// Lists the deployments of an account.
pub const DEPLOYMENTS: &str = "Deployments_List 2025-06-01";

/// The same name on all types.
pub const PUBLIC_NETWORK_ACCESS: &str = "properties.publicNetworkAccess";
/// The same name on accounts, Search services and bots: whether keys are refused.
pub const DISABLE_LOCAL_AUTH_PATH: &str = "properties.disableLocalAuth";

/// The kind of an account.
pub const ACCOUNT_KIND: Read = Read {
    path: "kind",
    source: ACCOUNTS,
    absent: "nothing: Azure always returns an account's kind",
};

/// Microsoft's guide to virtual networks for AI services.
pub const VIRTUAL_NETWORKS: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/0915cbd5cec3b1f2a7ca31a05a3f88f6ada38e59/articles/ai-services/cognitive-services-virtual-networks.md";
/// Microsoft's guide to switching keys off.
pub const DISABLE_LOCAL_AUTH: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/099b3e90b285e0e691c0c765b0ece87b95cc8362/articles/ai-services/disable-local-auth.md";
/// Microsoft's guide to data loss prevention for AI services.
pub const DATA_LOSS_PREVENTION: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/18d26226bc63777d1ad013b34752a819cee4e5c6/articles/ai-services/cognitive-services-data-loss-prevention.md";
/// Microsoft's guide to customer-managed keys for Azure OpenAI.
pub const ENCRYPT_AT_REST: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/2360ab44fbe0f056ded55fa9cd55463ebb3f559d/articles/ai-foundry/openai/encrypt-data-at-rest.md";
/// Defender for Cloud's recommendations on AI, which give most severities.
pub const DEFENDER_AI: &str = "https://github.com/MicrosoftDocs/defender-docs/blob/08b5648ce4bbd3e1382c7fcbddfbea2f621c205b/articles/defender-for-cloud/recommendations-reference-ai.md";
/// The AI landing zone checklist, which gives some severities.
pub const LANDING_ZONE: &str = "https://github.com/Azure/review-checklists/blob/56cc3adc6ecc98de305c83917b7fc788d518592e/checklists/ai_lz_checklist.en.json";
/// The categories of an account's resource logs.
pub const ACCOUNT_LOGS: &str = "https://github.com/MicrosoftDocs/azure-monitor-docs/blob/1b54e4dc4bb02b29cf0ffb6ffc238b0ed8dc13f2/articles/azure-monitor/reference/supported-logs/microsoft-cognitiveservices-accounts-logs.md";
/// What Azure OpenAI does with data.
pub const DATA_PRIVACY: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/03a5bd4cf06640ad2189380af5e6c01033bb5278/articles/foundry/responsible-ai/openai/data-privacy.md";
