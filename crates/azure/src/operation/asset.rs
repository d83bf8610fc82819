//! The reads of each asset type: the list of the assets, and the related facts of each asset.

use postern_domain::arm::{
    BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE, SEARCH_SERVICE,
};
use postern_domain::fact;

use super::Operation;

/// A related fact that has a list of its own below the asset.
#[derive(Debug)]
pub(crate) struct FactRead {
    /// The fact's name.
    pub fact: &'static str,
    pub operation: Operation,
    /// Whether it is a single object, or nothing, instead of a list.
    pub is_object: bool,
    /// The assets that have it, of those of the type.
    pub concerns: Concerns,
}

/// Which accounts have a fact; assets of the other types have all of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concerns {
    Every,
    /// Accounts that can have deployments of models.
    ModelAccounts,
    /// Accounts of Foundry that manage projects.
    ProjectAccounts,
}

impl FactRead {
    /// Whether an asset of this kind has the fact. `manages_projects` is `properties.allowProjectManagement`.
    pub(crate) fn concerns(&self, kind: Option<&str>, manages_projects: bool) -> bool {
        let is = |name: &str| kind.is_some_and(|kind| kind.eq_ignore_ascii_case(name));
        match self.concerns {
            Concerns::Every => true,
            Concerns::ModelAccounts => is("OpenAI") || is("AIServices"),
            Concerns::ProjectAccounts => manages_projects,
        }
    }
}

const COGNITIVE: &str = "Microsoft.CognitiveServices";
const LEARNING: &str = "Microsoft.MachineLearningServices";

/// The list of the assets of a type in a subscription, for where Resource Graph does not answer.
pub(crate) fn asset_list(asset_type: &str) -> Option<&'static Operation> {
    ASSET_LISTS.iter().find(|operation| operation.asset_type == Some(asset_type))
}

/// The read of a single asset of the type that a list gives.
pub(crate) fn asset_read(list: &Operation) -> Operation {
    let name = match list.asset_type {
        Some(COGNITIVE_SERVICES_ACCOUNT) => "Accounts_Get",
        Some(SEARCH_SERVICE) => "Services_Get",
        Some(MACHINE_LEARNING_WORKSPACE) => "Workspaces_Get",
        _ => "Bots_Get",
    };
    Operation { name, path: "", ..*list }
}

static ASSET_LISTS: [Operation; 4] = [
    Operation {
        name: "Accounts_List",
        // `storedCompletionsDisabled` came after 2025-06-01.
        api_version: "2026-07-01",
        api: COGNITIVE,
        path: "/providers/Microsoft.CognitiveServices/accounts",
        action: "Microsoft.CognitiveServices/accounts/read",
        asset_type: Some(COGNITIVE_SERVICES_ACCOUNT),
    },
    Operation {
        name: "Services_ListBySubscription",
        api_version: "2025-05-01",
        api: "Microsoft.Search",
        path: "/providers/Microsoft.Search/searchServices",
        action: "Microsoft.Search/searchServices/read",
        asset_type: Some(SEARCH_SERVICE),
    },
    Operation {
        name: "Workspaces_ListBySubscription",
        api_version: "2025-09-01",
        api: LEARNING,
        path: "/providers/Microsoft.MachineLearningServices/workspaces",
        action: "Microsoft.MachineLearningServices/workspaces/read",
        asset_type: Some(MACHINE_LEARNING_WORKSPACE),
    },
    Operation {
        name: "Bots_List",
        api_version: "2022-09-15",
        api: "Microsoft.BotService",
        path: "/providers/Microsoft.BotService/botServices",
        action: "Microsoft.BotService/botServices/read",
        asset_type: Some(BOT_SERVICE),
    },
];

/// The facts of the assets of a type that need a list each.
pub(crate) fn fact_reads(asset_type: &str) -> &'static [FactRead] {
    match asset_type {
        COGNITIVE_SERVICES_ACCOUNT => &ACCOUNT,
        SEARCH_SERVICE => &SEARCH,
        MACHINE_LEARNING_WORKSPACE => &WORKSPACE,
        BOT_SERVICE => &BOT,
        _ => &[],
    }
}

/// A fact of every asset of a type.
pub(super) const fn read(
    fact: &'static str,
    name: &'static str,
    api: &'static str,
    api_version: &'static str,
    path: &'static str,
    action: &'static str,
) -> FactRead {
    let operation = Operation { name, api_version, api, path, action, asset_type: None };
    FactRead { fact, operation, is_object: false, concerns: Concerns::Every }
}

/// There is no list over a subscription, and Resource Graph does not know them.
const DIAGNOSTIC_SETTINGS: FactRead = read(
    fact::DIAGNOSTIC_SETTINGS,
    "DiagnosticSettings_List",
    "Microsoft.Insights",
    "2021-05-01-preview",
    "/providers/Microsoft.Insights/diagnosticSettings",
    "Microsoft.Insights/diagnosticSettings/read",
);

const fn account(
    fact: &'static str,
    name: &'static str,
    path: &'static str,
    action: &'static str,
    concerns: Concerns,
) -> FactRead {
    FactRead { concerns, ..read(fact, name, COGNITIVE, "2025-06-01", path, action) }
}

static ACCOUNT: [FactRead; 9] = [
    DIAGNOSTIC_SETTINGS,
    account(
        fact::DEPLOYMENTS,
        "Deployments_List",
        "/deployments",
        "Microsoft.CognitiveServices/accounts/deployments/read",
        Concerns::ModelAccounts,
    ),
    account(
        fact::RAI_POLICIES,
        "RaiPolicies_List",
        "/raiPolicies",
        "Microsoft.CognitiveServices/accounts/raiPolicies/read",
        Concerns::ModelAccounts,
    ),
    account(
        fact::DEFENDER_FOR_AI_SETTINGS,
        "DefenderForAISettings_List",
        "/defenderForAISettings",
        "Microsoft.CognitiveServices/accounts/defenderForAISettings/read",
        Concerns::ModelAccounts,
    ),
    account(
        fact::USAGES,
        "Accounts_ListUsages",
        "/usages",
        "Microsoft.CognitiveServices/accounts/usages/read",
        Concerns::ModelAccounts,
    ),
    account(
        fact::NETWORK_SECURITY_PERIMETER_CONFIGURATIONS,
        "NetworkSecurityPerimeterConfigurations_List",
        "/networkSecurityPerimeterConfigurations",
        "Microsoft.CognitiveServices/accounts/networkSecurityPerimeterConfigurations/read",
        Concerns::Every,
    ),
    account(
        fact::PROJECTS,
        "Projects_List",
        "/projects",
        "Microsoft.CognitiveServices/accounts/projects/read",
        Concerns::ProjectAccounts,
    ),
    account(
        fact::CONNECTIONS,
        "AccountConnections_List",
        "/connections",
        "Microsoft.CognitiveServices/accounts/connections/read",
        Concerns::ProjectAccounts,
    ),
    FactRead {
        is_object: true,
        concerns: Concerns::ProjectAccounts,
        ..read(
            fact::MANAGED_NETWORKS,
            "ManagedNetworkSettings_Get",
            COGNITIVE,
            "2025-12-01",
            "/managedNetworks/default",
            "Microsoft.CognitiveServices/accounts/managedNetworks/read",
        )
    },
];

static SEARCH: [FactRead; 3] = [
    DIAGNOSTIC_SETTINGS,
    read(
        fact::SHARED_PRIVATE_LINK_RESOURCES,
        "SharedPrivateLinkResources_ListByService",
        "Microsoft.Search",
        "2025-05-01",
        "/sharedPrivateLinkResources",
        "Microsoft.Search/searchServices/sharedPrivateLinkResources/read",
    ),
    read(
        fact::NETWORK_SECURITY_PERIMETER_CONFIGURATIONS,
        "NetworkSecurityPerimeterConfigurations_ListByService",
        "Microsoft.Search",
        "2025-05-01",
        "/networkSecurityPerimeterConfigurations",
        "Microsoft.Search/searchServices/networkSecurityPerimeterConfigurations/read",
    ),
];

const fn workspace(
    fact: &'static str,
    name: &'static str,
    path: &'static str,
    action: &'static str,
) -> FactRead {
    read(fact, name, LEARNING, "2025-09-01", path, action)
}

/// What has properties since then that rules need: `idleTimeBeforeShutdown` and `enableSSO` of computes,
/// the modes `AAD` and `KeyAndAAD` of serverless endpoints, `peRequirement` and `peStatus` of connections.
const fn workspace_2026(
    fact: &'static str,
    name: &'static str,
    path: &'static str,
    action: &'static str,
) -> FactRead {
    read(fact, name, LEARNING, "2026-05-01", path, action)
}

static WORKSPACE: [FactRead; 8] = [
    DIAGNOSTIC_SETTINGS,
    workspace_2026(
        fact::COMPUTES,
        "Compute_List",
        "/computes",
        "Microsoft.MachineLearningServices/workspaces/computes/read",
    ),
    workspace(
        fact::ONLINE_ENDPOINTS,
        "OnlineEndpoints_List",
        "/onlineEndpoints",
        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/read",
    ),
    workspace(
        fact::BATCH_ENDPOINTS,
        "BatchEndpoints_List",
        "/batchEndpoints",
        "Microsoft.MachineLearningServices/workspaces/batchEndpoints/read",
    ),
    workspace_2026(
        fact::SERVERLESS_ENDPOINTS,
        "ServerlessEndpoints_List",
        "/serverlessEndpoints",
        "Microsoft.MachineLearningServices/workspaces/serverlessEndpoints/read",
    ),
    workspace(
        fact::DATASTORES,
        "Datastores_List",
        "/datastores",
        "Microsoft.MachineLearningServices/workspaces/datastores/read",
    ),
    workspace_2026(
        fact::CONNECTIONS,
        "WorkspaceConnections_List",
        "/connections",
        "Microsoft.MachineLearningServices/workspaces/connections/read",
    ),
    workspace(
        fact::OUTBOUND_RULES,
        "ManagedNetworkSettingsRule_List",
        "/outboundRules",
        "Microsoft.MachineLearningServices/workspaces/outboundRules/read",
    ),
];

static BOT: [FactRead; 2] = [
    DIAGNOSTIC_SETTINGS,
    read(
        fact::CHANNELS,
        "Channels_ListByResourceGroup",
        "Microsoft.BotService",
        "2022-09-15",
        "/channels",
        "Microsoft.BotService/botServices/channels/read",
    ),
];
