//! Related facts: what belongs to an asset and needed a read of its own.
//!
//! A fact's value is the array of Azure's entries, each as Azure returned it, unless its constant says otherwise.
//! A fact that does not concern an asset, such as the deployments of a speech account, is not in its document.

pub mod summary;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::gap::GapReason;

/// A fact that needed a read of its own: read, or not, with the reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Fact {
    /// Azure answered to the end.
    Read {
        /// The answer.
        value: Value,
    },
    /// Azure did not answer, or not to the end, or not with something readable.
    Unreadable {
        /// Why.
        reason: GapReason,
        /// What was read before it ended: enough to fail a rule, never to pass one.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        partial: Option<Value>,
    },
}

impl Fact {
    /// Nothing was read, for this reason.
    pub fn unreadable(reason: GapReason) -> Self {
        Self::Unreadable { reason, partial: None }
    }
}

// Of every resource.

/// `Microsoft.Insights/diagnosticSettings` (API 2021-05-01-preview), of a resource or of a subscription.
pub const DIAGNOSTIC_SETTINGS: &str = "diagnosticSettings";
/// `Microsoft.Authorization/locks` (2020-05-01) at the resource, its group or its subscription.
pub const LOCKS: &str = "locks";
/// `Microsoft.Authorization/roleAssignments` of roles that own, or that list or regenerate keys, at the resource
/// or its group; of a subscription those at it and at management groups above.
/// Entries: `{"assignment": …, "definition": …}`; the definition is null where Azure did not show it.
pub const ROLE_ASSIGNMENTS: &str = "roleAssignments";
/// `Microsoft.PolicyInsights/policyStates` that are `NonCompliant`, as Resource Graph shows them, without their
/// `timestamp`: when Azure evaluated the policy last.
pub const POLICY_STATES: &str = "policyStates";
/// The management groups above the resource's subscription, up to the tenant's root group, in no order of meaning:
/// `properties.managementGroupAncestorsChain` of the subscription in Resource Graph's table `resourcecontainers`.
/// Entries: `{"name": "contoso-ai", "displayName": "Contoso AI"}`.
pub const MANAGEMENT_GROUPS: &str = "managementGroups";
/// `Microsoft.Network/privateEndpoints` that lead to the resource.
pub const PRIVATE_ENDPOINTS: &str = "privateEndpoints";
/// `privateDnsZoneGroups` (2024-10-01) of these private endpoints.
pub const PRIVATE_DNS_ZONE_GROUPS: &str = "privateDnsZoneGroups";
/// `Microsoft.Network/privateDnsZones` that these groups name.
pub const PRIVATE_DNS_ZONES: &str = "privateDnsZones";
/// `virtualNetworkLinks` (2024-06-01) of these zones.
pub const VIRTUAL_NETWORK_LINKS: &str = "virtualNetworkLinks";
/// `Microsoft.Insights/metricAlerts` whose scopes reach the resource.
pub const METRIC_ALERTS: &str = "metricAlerts";
/// Events of the activity log (2015-04-01) of the last 89 days in which keys of the resource were listed or regenerated.
pub const KEY_EVENTS: &str = "keyEvents";
/// Key vaults that encrypt the resource (`Microsoft.KeyVault/vaults`).
pub const KEY_VAULTS: &str = "keyVaults";
/// The keys that encrypt it (`Microsoft.KeyVault/vaults/keys`, 2025-05-01): the resource manager's view, never key material.
pub const KEY_VAULT_KEYS: &str = "keyVaultKeys";
/// Storage accounts, key vaults and container registries that the resource names.
pub const LINKED_RESOURCES: &str = "linkedResources";

// Of an account (`Microsoft.CognitiveServices/accounts`, API 2025-06-01 where no other is named; the account itself 2026-07-01).

/// `deployments`.
pub const DEPLOYMENTS: &str = "deployments";
/// The models of the account's region (`locations/{location}/models`) that its deployments use.
pub const DEPLOYED_MODELS: &str = "deployedModels";
/// `raiPolicies`: content filters.
pub const RAI_POLICIES: &str = "raiPolicies";
/// `projects` of a Foundry account.
pub const PROJECTS: &str = "projects";
/// `connections`, of an account or a workspace (2026-05-01).
pub const CONNECTIONS: &str = "connections";
/// `projects/{project}/connections` of all its projects.
pub const PROJECT_CONNECTIONS: &str = "projectConnections";
/// `defenderForAISettings`.
pub const DEFENDER_FOR_AI_SETTINGS: &str = "defenderForAISettings";
/// `networkSecurityPerimeterConfigurations`, of an account or a search service.
pub const NETWORK_SECURITY_PERIMETER_CONFIGURATIONS: &str =
    "networkSecurityPerimeterConfigurations";
/// `managedNetworks/default` (2025-12-01): the network that Foundry manages for its agents; none, or one.
pub const MANAGED_NETWORKS: &str = "managedNetworks";
/// `usages`: quota used and available.
pub const USAGES: &str = "usages";

// Of a workspace (`Microsoft.MachineLearningServices/workspaces`, API 2025-09-01 where no other is named).

/// `computes` (2026-05-01).
pub const COMPUTES: &str = "computes";
/// `onlineEndpoints`.
pub const ONLINE_ENDPOINTS: &str = "onlineEndpoints";
/// `onlineEndpoints/{endpoint}/deployments` of all its endpoints.
pub const ONLINE_DEPLOYMENTS: &str = "onlineDeployments";
/// `batchEndpoints`.
pub const BATCH_ENDPOINTS: &str = "batchEndpoints";
/// `serverlessEndpoints` (2026-05-01).
pub const SERVERLESS_ENDPOINTS: &str = "serverlessEndpoints";
/// `datastores`.
pub const DATASTORES: &str = "datastores";
/// `outboundRules` of the managed network.
pub const OUTBOUND_RULES: &str = "outboundRules";

// Of a search service (`Microsoft.Search/searchServices`, API 2025-05-01) and a bot (`Microsoft.BotService/botServices`, 2022-09-15).

/// `sharedPrivateLinkResources`.
pub const SHARED_PRIVATE_LINK_RESOURCES: &str = "sharedPrivateLinkResources";
/// `channels`.
pub const CHANNELS: &str = "channels";

// Of a subscription.

/// `Microsoft.Security/pricings`: Defender for Cloud's plans.
pub const DEFENDER_PLANS: &str = "defenderPlans";
/// `Microsoft.Security/locations/alerts` that concern AI resources.
pub const SECURITY_ALERTS: &str = "securityAlerts";
/// `Microsoft.Security/securityContacts` (2023-12-01-preview).
pub const SECURITY_CONTACTS: &str = "securityContacts";
/// `Microsoft.Authorization/policyAssignments` at the subscription, below it and above it.
pub const POLICY_ASSIGNMENTS: &str = "policyAssignments";
/// `Microsoft.Authorization/policyExemptions` likewise.
pub const POLICY_EXEMPTIONS: &str = "policyExemptions";
/// `Microsoft.Consumption/budgets` (2024-08-01).
pub const BUDGETS: &str = "budgets";
/// `Microsoft.Insights/activityLogAlerts`.
pub const ACTIVITY_LOG_ALERTS: &str = "activityLogAlerts";
/// `Microsoft.Authorization/roleDefinitions` of type `CustomRole` that list or regenerate keys of AI resources.
pub const CUSTOM_ROLES: &str = "customRoles";
