//! Every list path of an estate that Azure would answer, made of the types of its resources.

use postern_azure_sim::AzureSim;
use serde_json::Value;

/// The children of each type, by the type in lower case.
const CHILDREN: [(&str, &[&str]); 7] = [
    (
        "microsoft.cognitiveservices/accounts",
        &[
            "deployments",
            "raiPolicies",
            "projects",
            "connections",
            "defenderForAISettings",
            "networkSecurityPerimeterConfigurations",
            "usages",
            "providers/Microsoft.Insights/diagnosticSettings",
        ],
    ),
    (
        "microsoft.machinelearningservices/workspaces",
        &[
            "computes",
            "onlineEndpoints",
            "batchEndpoints",
            "serverlessEndpoints",
            "datastores",
            "connections",
            "outboundRules",
            "providers/Microsoft.Insights/diagnosticSettings",
        ],
    ),
    (
        "microsoft.search/searchservices",
        &[
            "sharedPrivateLinkResources",
            "networkSecurityPerimeterConfigurations",
            "providers/Microsoft.Insights/diagnosticSettings",
        ],
    ),
    (
        "microsoft.botservice/botservices",
        &["channels", "providers/Microsoft.Insights/diagnosticSettings"],
    ),
    ("microsoft.network/privateendpoints", &["privateDnsZoneGroups"]),
    ("microsoft.network/privatednszones", &["virtualNetworkLinks"]),
    ("microsoft.cognitiveservices/accounts/projects", &["connections"]),
];

/// What a subscription lists.
const OF_SUBSCRIPTION: [&str; 9] = [
    "Microsoft.Consumption/budgets",
    "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Authorization/locks",
    "Microsoft.Authorization/policyAssignments",
    "Microsoft.Authorization/policyExemptions",
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Authorization/roleDefinitions",
    "Microsoft.Security/pricings",
    "Microsoft.Security/securityContacts",
];

/// The ids of the subscriptions.
pub fn subscriptions(sim: &AzureSim) -> Vec<String> {
    let listed = sim.list("/subscriptions").unwrap();
    listed.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// Every list path, those of children of children included.
pub fn lists(sim: &AzureSim) -> Vec<String> {
    let mut paths = Vec::new();
    for subscription in subscriptions(sim) {
        paths.extend(OF_SUBSCRIPTION.map(|list| format!("{subscription}/providers/{list}")));
    }
    for resource in sim.resources() {
        let (id, kind) = (text(&resource, "id"), text(&resource, "type").to_ascii_lowercase());
        for (_, children) in CHILDREN.iter().filter(|(parent, _)| *parent == kind) {
            paths.extend(children.iter().map(|child| format!("{id}/{child}")));
        }
        if kind == "microsoft.cognitiveservices/accounts" {
            let subscription = id.split('/').nth(2).unwrap();
            let location = text(&resource, "location");
            paths.push(format!(
                "/subscriptions/{subscription}/providers/Microsoft.CognitiveServices/locations/{location}/models"
            ));
        }
        for (list, child) in [("projects", "connections"), ("onlineEndpoints", "deployments")] {
            let parents = sim.list(&format!("{id}/{list}")).unwrap_or_default();
            let names = parents.iter().map(|parent| text(parent, "name").to_owned());
            paths.extend(names.map(|name| format!("{id}/{list}/{name}/{child}")));
        }
    }
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// Objects that are neither tracked resources nor entries of lists.
pub fn objects(sim: &AzureSim) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for resource in sim.resources() {
        let id = text(&resource, "id");
        let names = ["keys/cmk-ai", "keys/cmk-claims", "keys/cmk-hub", "managedNetworks/default"];
        for path in names.map(|name| format!("{id}/{name}")) {
            found.extend(sim.object(&path).map(|object| (path.clone(), object)));
        }
    }
    found
}

/// A property that is a text.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The type that a path names in lower case: `…/providers/A/b/name/c` gives `a/b/c`.
pub fn type_of(path: &str) -> String {
    let lower = path.to_ascii_lowercase();
    let tail = lower.rsplit_once("/providers/").map_or("", |(_, tail)| tail);
    let parts: Vec<&str> = tail.split('/').collect();
    let mut named = parts.first().copied().unwrap_or_default().to_owned();
    for kind in parts.iter().skip(1).step_by(2) {
        named.push('/');
        named.push_str(kind);
    }
    named
}
