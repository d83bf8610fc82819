//! The operations that a scan asks for, with their API versions and the action that each needs.
//!
//! Names, versions and paths are those of Azure's API specifications;
//! each version is the newest stable one whose body we know, and a preview only where there is no stable one.

mod asset;
mod subscription;

use postern_domain::fact;

pub(crate) use asset::{asset_list, asset_read, fact_reads};
pub(crate) use subscription::{ACTIVITY_LOG, KEY_PROVIDERS, SUBSCRIPTION_FACTS};

/// One read.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Azure's name of the operation.
    pub name: &'static str,
    pub api_version: &'static str,
    /// The resource provider that answers, or `Resource Graph`: whose quota it counts on.
    pub api: &'static str,
    /// What is asked, below the scope.
    pub path: &'static str,
    /// The Azure action that the credential needs.
    pub action: &'static str,
    /// The type of the assets that it lists.
    pub asset_type: Option<&'static str>,
}

impl Operation {
    /// The name with the API version, as listings and sources show it.
    pub(crate) fn label(&self) -> String {
        format!("{} {}", self.name, self.api_version)
    }
}

pub(crate) const SUBSCRIPTIONS: Operation = Operation {
    name: "Subscriptions_List",
    api_version: "2022-12-01",
    api: "Microsoft.Resources",
    path: "/subscriptions",
    action: "Microsoft.Resources/subscriptions/read",
    asset_type: None,
};

pub(crate) const MANAGEMENT_GROUP_DESCENDANTS: Operation = Operation {
    name: "ManagementGroups_GetDescendants",
    api_version: "2020-05-01",
    api: "Microsoft.Management",
    path: "/descendants",
    action: "Microsoft.Management/managementGroups/descendants/read",
    asset_type: None,
};

/// Resource Graph's queries: lists over all subscriptions at once.
pub(crate) const RESOURCES: Operation = Operation {
    name: "ResourceGraph_Resources",
    api_version: "2024-04-01",
    api: "Resource Graph",
    path: "/providers/Microsoft.ResourceGraph/resources",
    action: "Microsoft.ResourceGraph/resources/read",
    asset_type: None,
};

/// What the credential may do in a subscription. Resource Graph leaves out silently what it may not see.
pub(crate) const PERMISSIONS: Operation = Operation {
    name: "Permissions_List",
    api_version: "2022-04-01",
    api: "Microsoft.Authorization",
    path: "/providers/Microsoft.Authorization/permissions",
    action: "Microsoft.Authorization/permissions/read",
    asset_type: None,
};

/// The ids of a subscription's resources. Resource Graph lags behind Azure by minutes; this list does not.
pub(crate) const RESOURCE_IDS: Operation = Operation {
    name: "Resources_List",
    api_version: "2021-04-01",
    api: "Microsoft.Resources",
    path: "/resources",
    action: "Microsoft.Resources/subscriptions/resources/read",
    asset_type: None,
};

/// Resources of other types that assets name: asked for one by one only where Resource Graph does not show them.
pub(crate) const LINKED: [(&str, &Operation); 4] = [
    (
        "microsoft.keyvault/vaults",
        &Operation {
            name: "Vaults_Get",
            api_version: "2025-05-01",
            api: "Microsoft.KeyVault",
            path: "",
            action: "Microsoft.KeyVault/vaults/read",
            asset_type: None,
        },
    ),
    (
        "microsoft.storage/storageaccounts",
        &Operation {
            name: "StorageAccounts_GetProperties",
            api_version: "2025-01-01",
            api: "Microsoft.Storage",
            path: "",
            action: "Microsoft.Storage/storageAccounts/read",
            asset_type: None,
        },
    ),
    (
        "microsoft.containerregistry/registries",
        &Operation {
            name: "Registries_Get",
            api_version: "2025-04-01",
            api: "Microsoft.ContainerRegistry",
            path: "",
            action: "Microsoft.ContainerRegistry/registries/read",
            asset_type: None,
        },
    ),
    (
        "microsoft.network/privateendpoints",
        &Operation {
            name: "PrivateEndpoints_Get",
            api_version: "2024-10-01",
            api: "Microsoft.Network",
            path: "",
            action: "Microsoft.Network/privateEndpoints/read",
            asset_type: None,
        },
    ),
];

pub(crate) const KEY: Operation = Operation {
    name: "Keys_Get",
    api_version: "2025-05-01",
    api: "Microsoft.KeyVault",
    path: "",
    action: "Microsoft.KeyVault/vaults/keys/read",
    asset_type: None,
};

pub(crate) const DNS_ZONE_GROUPS: Operation = Operation {
    name: "PrivateDnsZoneGroups_List",
    api_version: "2024-10-01",
    api: "Microsoft.Network",
    path: "/privateDnsZoneGroups",
    action: "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/read",
    asset_type: None,
};

pub(crate) const NETWORK_LINKS: Operation = Operation {
    name: "VirtualNetworkLinks_List",
    api_version: "2024-06-01",
    api: "Microsoft.Network/privateDnsZones",
    path: "/virtualNetworkLinks",
    action: "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read",
    asset_type: None,
};

/// The models of a region, below `/subscriptions/{id}/providers/Microsoft.CognitiveServices/locations/{location}`.
pub(crate) const MODELS: Operation = Operation {
    name: "Models_List",
    api_version: "2025-06-01",
    api: "Microsoft.CognitiveServices",
    path: "/models",
    action: "Microsoft.CognitiveServices/locations/models/read",
    asset_type: None,
};

/// The connections of a Foundry project, below the project's id.
pub(crate) const PROJECT_CONNECTIONS_LIST: Operation = Operation {
    name: "ProjectConnections_List",
    api_version: "2025-06-01",
    api: "Microsoft.CognitiveServices",
    path: "/connections",
    action: "Microsoft.CognitiveServices/accounts/projects/connections/read",
    asset_type: None,
};

/// The deployments of an online endpoint, below the endpoint's id.
pub(crate) const ONLINE_DEPLOYMENTS_LIST: Operation = Operation {
    name: "OnlineDeployments_List",
    api_version: "2025-09-01",
    api: "Microsoft.MachineLearningServices",
    path: "/deployments",
    action: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/read",
    asset_type: None,
};

/// What Resource Graph shows only to those who may read it, besides the assets: the action, and the fact that needs it.
const GRAPH_ACTIONS: [(&str, &str); 9] = [
    ("Microsoft.Resources/subscriptions/read", fact::MANAGEMENT_GROUPS),
    ("Microsoft.Network/privateEndpoints/read", fact::PRIVATE_ENDPOINTS),
    ("Microsoft.Network/privateDnsZones/read", fact::PRIVATE_DNS_ZONES),
    ("Microsoft.Insights/metricAlerts/read", fact::METRIC_ALERTS),
    ("Microsoft.Insights/activityLogAlerts/read", fact::ACTIVITY_LOG_ALERTS),
    ("Microsoft.Authorization/roleDefinitions/read", fact::CUSTOM_ROLES),
    ("Microsoft.PolicyInsights/policyStates/queryResults/read", fact::POLICY_STATES),
    ("Microsoft.Security/pricings/read", fact::DEFENDER_PLANS),
    ("Microsoft.Security/locations/alerts/read", fact::SECURITY_ALERTS),
];

/// The facts that Resource Graph gives, each with the action without which it shows nothing.
pub(crate) fn graph_facts() -> impl Iterator<Item = (&'static str, &'static str)> {
    GRAPH_ACTIONS.into_iter().map(|(action, fact)| (fact, action))
}

/// The actions that a scan needs, sorted: reads only, and none that shows a key or a secret.
pub fn required_actions() -> Vec<&'static str> {
    let single = [
        &SUBSCRIPTIONS,
        &MANAGEMENT_GROUP_DESCENDANTS,
        &RESOURCES,
        &PERMISSIONS,
        &RESOURCE_IDS,
        &KEY,
        &DNS_ZONE_GROUPS,
        &NETWORK_LINKS,
        &MODELS,
        &PROJECT_CONNECTIONS_LIST,
        &ONLINE_DEPLOYMENTS_LIST,
    ];
    let mut actions: Vec<&'static str> = single.map(|operation| operation.action).to_vec();
    actions.extend(GRAPH_ACTIONS.map(|(action, _)| action));
    actions.extend(LINKED.map(|(_, operation)| operation.action));
    actions.extend(SUBSCRIPTION_FACTS.iter().map(|read| read.operation.action));
    actions.push(ACTIVITY_LOG.action);
    for asset_type in postern_domain::arm::SCANNED_TYPES {
        actions.extend(asset_list(asset_type).map(|operation| operation.action));
        actions.extend(fact_reads(asset_type).iter().map(|read| read.operation.action));
    }
    actions.sort_unstable();
    actions.dedup();
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_reads_is_asked_for() {
        let actions = required_actions();
        assert!(actions.len() > 30, "{actions:?}");
        for action in actions {
            assert!(action.ends_with("/read"), "{action}");
            assert!(!action.to_ascii_lowercase().contains("listkeys"), "{action}");
        }
    }
}
