//! Documents that rules of this topic point to.

/// The schema of accounts, projects and their connections.
pub const ACCOUNT_SCHEMA: &str = "https://github.com/Azure/bicep-types-az/blob/1f896de2db966ad91e8f7d7d981e11d32e4f5d8d/generated/cognitiveservices/microsoft.cognitiveservices/2025-06-01/types.md";
/// The schema of Search services.
pub const SEARCH_SCHEMA: &str = "https://github.com/Azure/bicep-types-az/blob/1f896de2db966ad91e8f7d7d981e11d32e4f5d8d/generated/search/microsoft.search/2025-05-01/types.md";
/// The schema of bots and their channels.
pub const BOT_SCHEMA: &str = "https://github.com/Azure/bicep-types-az/blob/1f896de2db966ad91e8f7d7d981e11d32e4f5d8d/generated/botservice/microsoft.botservice/2022-09-15/types.md";
/// What the activity log answers.
pub const ACTIVITY_LOG: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/monitor/resource-manager/Microsoft.Insights/stable/2015-04-01/examples/GetActivityLogsFilteredAndSelected.json";
/// What role assignments say.
pub const ROLE_ASSIGNMENTS: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/authorization/resource-manager/Microsoft.Authorization/stable/2022-04-01/authorization-RoleAssignmentsCalls.json";
/// Azure's policy on local authentication of bots.
pub const BOT_POLICY: &str = "https://github.com/Azure/azure-policy/blob/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Bot%20Service/DisableLocalAuth_Audit.json";
/// Azure's policy on identities of accounts.
pub const IDENTITY_POLICY: &str = "https://github.com/Azure/azure-policy/blob/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Cognitive%20Services/ManagedIdentity_Audit.json";
/// Azure's policy on custom roles.
pub const CUSTOM_ROLES_POLICY: &str = "https://github.com/Azure/azure-policy/blob/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/General/Subscription_AuditCustomRBACRoles_Audit.json";
/// Azure's policy on shared keys of storage accounts.
pub const SHARED_KEY_POLICY: &str = "https://github.com/Azure/azure-policy/blob/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Storage/StorageAccountAllowSharedKeyAccess_Audit.json";
/// Identities of Search services, and which tiers can have one.
pub const SEARCH_IDENTITIES: &str =
    "https://learn.microsoft.com/en-us/azure/search/search-howto-managed-identities-data-sources";
/// Enhanced authentication of Direct Line.
pub const ENHANCED_AUTHENTICATION: &str = "https://learn.microsoft.com/en-us/azure/bot-service/bot-builder-security-enhanced?view=azure-bot-service-4.0";
