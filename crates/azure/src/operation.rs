//! The ARM operations that a scan asks for, with their API versions and the action that each needs.

use postern_domain::arm::{
    AssetType, COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE, SEARCH_SERVICE,
};

/// One ARM read.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Azure's name of the operation.
    pub name: &'static str,
    /// The newest stable API version whose body we know.
    pub api_version: &'static str,
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

    pub(crate) fn asset_type(&self) -> Option<AssetType> {
        self.asset_type.map(AssetType::new)
    }
}

pub(crate) const SUBSCRIPTIONS: Operation = Operation {
    name: "Subscriptions_List",
    api_version: "2022-12-01",
    path: "/subscriptions",
    action: "Microsoft.Resources/subscriptions/read",
    asset_type: None,
};

/// The lists of each subscription.
pub(crate) const ASSET_LISTS: [&Operation; 3] = [
    &Operation {
        name: "Accounts_List",
        api_version: "2025-06-01",
        path: "/providers/Microsoft.CognitiveServices/accounts",
        action: "Microsoft.CognitiveServices/accounts/read",
        asset_type: Some(COGNITIVE_SERVICES_ACCOUNT),
    },
    &Operation {
        name: "Services_ListBySubscription",
        api_version: "2025-05-01",
        path: "/providers/Microsoft.Search/searchServices",
        action: "Microsoft.Search/searchServices/read",
        asset_type: Some(SEARCH_SERVICE),
    },
    &Operation {
        name: "Workspaces_ListBySubscription",
        api_version: "2025-09-01",
        path: "/providers/Microsoft.MachineLearningServices/workspaces",
        action: "Microsoft.MachineLearningServices/workspaces/read",
        asset_type: Some(MACHINE_LEARNING_WORKSPACE),
    },
];

/// Asked for each asset; there is no list over a subscription and Resource Graph does not know it.
pub(crate) const DIAGNOSTIC_SETTINGS_LIST: Operation = Operation {
    name: "DiagnosticSettings_List",
    api_version: "2021-05-01-preview",
    path: "/providers/Microsoft.Insights/diagnosticSettings",
    action: "Microsoft.Insights/diagnosticSettings/read",
    asset_type: None,
};
