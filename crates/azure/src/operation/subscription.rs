//! The reads of each subscription.

use postern_domain::arm::{
    BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE, SEARCH_SERVICE,
};
use postern_domain::fact;

use super::Operation;
use super::asset::{FactRead, read};

const AUTHORIZATION: &str = "Microsoft.Authorization";

/// What is read of every subscription.
///
/// Assignments and exemptions come from ARM, because its lists hold what management groups above pass down,
/// and because Resource Graph would leave out silently what the credential may not see.
pub(crate) static SUBSCRIPTION_FACTS: [FactRead; 7] = [
    read(
        fact::POLICY_ASSIGNMENTS,
        "PolicyAssignments_List",
        AUTHORIZATION,
        "2025-03-01",
        "/providers/Microsoft.Authorization/policyAssignments",
        "Microsoft.Authorization/policyAssignments/read",
    ),
    read(
        fact::POLICY_EXEMPTIONS,
        "PolicyExemptions_List",
        AUTHORIZATION,
        "2022-07-01-preview",
        "/providers/Microsoft.Authorization/policyExemptions",
        "Microsoft.Authorization/policyExemptions/read",
    ),
    read(
        fact::ROLE_ASSIGNMENTS,
        "RoleAssignments_ListForSubscription",
        AUTHORIZATION,
        "2022-04-01",
        "/providers/Microsoft.Authorization/roleAssignments",
        "Microsoft.Authorization/roleAssignments/read",
    ),
    read(
        fact::LOCKS,
        "ManagementLocks_ListAtSubscriptionLevel",
        AUTHORIZATION,
        "2020-05-01",
        "/providers/Microsoft.Authorization/locks",
        "Microsoft.Authorization/locks/read",
    ),
    read(
        fact::DIAGNOSTIC_SETTINGS,
        "SubscriptionDiagnosticSettings_List",
        "Microsoft.Insights",
        "2021-05-01-preview",
        "/providers/Microsoft.Insights/diagnosticSettings",
        "Microsoft.Insights/diagnosticSettings/read",
    ),
    read(
        fact::SECURITY_CONTACTS,
        "SecurityContacts_List",
        "Microsoft.Security",
        "2023-12-01-preview",
        "/providers/Microsoft.Security/securityContacts",
        "Microsoft.Security/securityContacts/read",
    ),
    read(
        fact::BUDGETS,
        "Budgets_List",
        "Microsoft.Consumption",
        "2024-08-01",
        "/providers/Microsoft.Consumption/budgets",
        "Microsoft.Consumption/budgets/read",
    ),
];

/// The activity log of one resource provider. Its filter cannot name operations, so the rest is left out here.
pub(crate) const ACTIVITY_LOG: Operation = Operation {
    name: "ActivityLogs_List",
    api_version: "2015-04-01",
    api: "Microsoft.Insights",
    path: "/providers/Microsoft.Insights/eventtypes/management/values",
    action: "Microsoft.Insights/eventtypes/values/read",
    asset_type: None,
};

/// The providers whose assets have keys, with the type of these assets.
pub(crate) const KEY_PROVIDERS: [(&str, &str); 4] = [
    (COGNITIVE_SERVICES_ACCOUNT, "Microsoft.CognitiveServices"),
    (SEARCH_SERVICE, "Microsoft.Search"),
    (MACHINE_LEARNING_WORKSPACE, "Microsoft.MachineLearningServices"),
    (BOT_SERVICE, "Microsoft.BotService"),
];
