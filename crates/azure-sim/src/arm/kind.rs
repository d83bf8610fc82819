//! The types that can be read: their names in Azure's case, API versions and actions.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A type of resource, or an operation that Azure treats as one.
#[derive(Debug)]
pub(crate) struct Kind {
    /// In Azure's case, such as `Microsoft.CognitiveServices/accounts/deployments`.
    pub name: &'static str,
    /// The API versions that Azure would take, the newest first.
    pub versions: &'static [&'static str],
    /// Whether it is asked with POST instead of GET.
    pub is_post: bool,
}

impl Kind {
    /// The action of Azure's role-based access control that reading it needs.
    pub(crate) fn action(&self) -> String {
        match self.name {
            "Microsoft.CostManagement/query" => "Microsoft.CostManagement/query/action".to_owned(),
            name => format!("{name}/read"),
        }
    }

    /// The part of the name after the namespace, as ARM's messages have it.
    pub(crate) fn short_name(&self) -> &'static str {
        self.name.split_once('/').map_or(self.name, |(_, name)| name)
    }

    /// Finds a type by its name in lower case.
    pub(crate) fn find(lower_name: &str) -> Option<&'static Self> {
        KINDS.get(lower_name).copied()
    }
}

/// The types of the assets.
pub(crate) const ASSETS: [&str; 4] = [
    "microsoft.botservice/botservices",
    "microsoft.cognitiveservices/accounts",
    "microsoft.machinelearningservices/workspaces",
    "microsoft.search/searchservices",
];
pub(crate) const SUBSCRIPTIONS: &str = "microsoft.resources/subscriptions";
pub(crate) const GENERIC_RESOURCES: &str = "microsoft.resources/subscriptions/resources";
pub(crate) const DESCENDANTS: &str = "microsoft.management/managementgroups/descendants";
pub(crate) const GRAPH: &str = "microsoft.resourcegraph/resources";
pub(crate) const PERMISSIONS: &str = "microsoft.authorization/permissions";
pub(crate) const ACTIVITY_LOG: &str = "microsoft.insights/eventtypes/values";
pub(crate) const METRICS: &str = "microsoft.insights/metrics";
pub(crate) const COST_QUERY: &str = "microsoft.costmanagement/query";

static KINDS: LazyLock<HashMap<String, &'static Kind>> =
    LazyLock::new(|| ALL.iter().map(|kind| (kind.name.to_ascii_lowercase(), kind)).collect());

const ACCOUNT: &[&str] = &["2026-07-01", "2025-12-01", "2025-06-01", "2024-10-01", "2023-05-01"];
const COGNITIVE: &[&str] = &["2025-06-01", "2024-10-01", "2023-05-01"];
const LEARNING: &[&str] = &["2026-05-01", "2025-09-01", "2025-06-01", "2024-10-01"];
const SEARCH: &[&str] = &["2025-05-01", "2023-11-01"];
const BOT: &[&str] = &["2022-09-15"];
const NETWORK: &[&str] = &["2024-10-01", "2024-05-01"];

const fn get(name: &'static str, versions: &'static [&'static str]) -> Kind {
    Kind { name, versions, is_post: false }
}

const fn post(name: &'static str, versions: &'static [&'static str]) -> Kind {
    Kind { name, versions, is_post: true }
}

static ALL: &[Kind] = &[
    get("Microsoft.Resources/subscriptions", &["2022-12-01", "2020-01-01"]),
    get("Microsoft.Resources/subscriptions/resources", &["2021-04-01"]),
    get("Microsoft.Management/managementGroups/descendants", &["2023-04-01", "2020-05-01"]),
    post("Microsoft.ResourceGraph/resources", &["2024-04-01", "2022-10-01", "2021-03-01"]),
    get("Microsoft.Authorization/permissions", &["2022-04-01"]),
    get("Microsoft.Authorization/locks", &["2020-05-01"]),
    get("Microsoft.Authorization/policyAssignments", &["2025-03-01"]),
    get("Microsoft.Authorization/policyExemptions", &["2022-07-01-preview"]),
    get("Microsoft.Authorization/roleAssignments", &["2022-04-01"]),
    get("Microsoft.Authorization/roleDefinitions", &["2022-04-01"]),
    get("Microsoft.BotService/botServices", BOT),
    get("Microsoft.BotService/botServices/channels", BOT),
    get("Microsoft.CognitiveServices/accounts", ACCOUNT),
    get("Microsoft.CognitiveServices/accounts/connections", COGNITIVE),
    get("Microsoft.CognitiveServices/accounts/defenderForAISettings", COGNITIVE),
    get("Microsoft.CognitiveServices/accounts/deployments", COGNITIVE),
    get("Microsoft.CognitiveServices/accounts/managedNetworks", &["2025-12-01"]),
    get("Microsoft.CognitiveServices/accounts/networkSecurityPerimeterConfigurations", COGNITIVE),
    get("Microsoft.CognitiveServices/accounts/projects", COGNITIVE),
    get("Microsoft.CognitiveServices/accounts/projects/connections", COGNITIVE),
    get("Microsoft.CognitiveServices/accounts/raiPolicies", COGNITIVE),
    get("Microsoft.CognitiveServices/accounts/usages", COGNITIVE),
    get("Microsoft.CognitiveServices/locations/models", COGNITIVE),
    get("Microsoft.Consumption/budgets", &["2024-08-01"]),
    get("Microsoft.ContainerRegistry/registries", &["2025-04-01"]),
    post("Microsoft.CostManagement/query", &["2025-03-01"]),
    get("Microsoft.Insights/actionGroups", &["2023-01-01"]),
    get("Microsoft.Insights/activityLogAlerts", &["2020-10-01"]),
    get("Microsoft.Insights/diagnosticSettings", &["2021-05-01-preview"]),
    get("Microsoft.Insights/eventtypes/values", &["2015-04-01"]),
    get("Microsoft.Insights/metricAlerts", &["2018-03-01"]),
    get("Microsoft.Insights/metrics", &["2024-02-01", "2023-10-01"]),
    get("Microsoft.KeyVault/vaults", &["2025-05-01", "2023-07-01"]),
    get("Microsoft.KeyVault/vaults/keys", &["2025-05-01", "2023-07-01"]),
    get("Microsoft.MachineLearningServices/workspaces", LEARNING),
    get("Microsoft.MachineLearningServices/workspaces/batchEndpoints", LEARNING),
    get("Microsoft.MachineLearningServices/workspaces/computes", LEARNING),
    get("Microsoft.MachineLearningServices/workspaces/connections", LEARNING),
    get("Microsoft.MachineLearningServices/workspaces/datastores", LEARNING),
    get("Microsoft.MachineLearningServices/workspaces/onlineEndpoints", LEARNING),
    get("Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments", LEARNING),
    get("Microsoft.MachineLearningServices/workspaces/outboundRules", LEARNING),
    get("Microsoft.MachineLearningServices/workspaces/serverlessEndpoints", LEARNING),
    get("Microsoft.Network/privateDnsZones", &["2024-06-01"]),
    get("Microsoft.Network/privateDnsZones/virtualNetworkLinks", &["2024-06-01"]),
    get("Microsoft.Network/privateEndpoints", NETWORK),
    get("Microsoft.Network/privateEndpoints/privateDnsZoneGroups", NETWORK),
    get("Microsoft.Network/virtualNetworks", NETWORK),
    get("Microsoft.OperationalInsights/workspaces", &["2023-09-01"]),
    get("Microsoft.Search/searchServices", SEARCH),
    get("Microsoft.Search/searchServices/networkSecurityPerimeterConfigurations", SEARCH),
    get("Microsoft.Search/searchServices/sharedPrivateLinkResources", SEARCH),
    get("Microsoft.Security/pricings", &["2024-01-01", "2023-01-01"]),
    get("Microsoft.Security/securityContacts", &["2023-12-01-preview"]),
    get("Microsoft.Storage/storageAccounts", &["2025-01-01"]),
];
