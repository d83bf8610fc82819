//! The list paths that Azure answers for each type of resource, with or without entries.

use super::Territory;

const DIAGNOSTIC_SETTINGS: &str = "providers/microsoft.insights/diagnosticsettings";

/// Makes an empty list for each path of the subscription that Azure would answer and that has no entries.
pub(super) fn complete(territory: &mut Territory, subscription: &str) {
    let mut paths: Vec<String> = [
        "microsoft.consumption/budgets",
        "microsoft.insights/diagnosticsettings",
        "microsoft.authorization/locks",
        "microsoft.security/securitycontacts",
    ]
    .map(|path| format!("/subscriptions/{subscription}/providers/{path}"))
    .to_vec();
    for (id, resource) in &territory.resources {
        paths.extend(of_type(&type_of(id)).iter().map(|child| format!("{id}/{child}")));
        if let Some(location) = resource["location"].as_str()
            && type_of(id) == "microsoft.cognitiveservices/accounts"
        {
            let location = location.to_ascii_lowercase();
            paths.push(format!(
                "/subscriptions/{subscription}/providers/microsoft.cognitiveservices/locations/{location}/models"
            ));
        }
    }
    for (path, entries) in &territory.lists {
        let child = match path.rsplit('/').next() {
            Some("projects") => "connections",
            Some("onlineendpoints") => "deployments",
            _ => continue,
        };
        let names = entries.iter().filter_map(|entry| {
            entry["name"].as_str()?.rsplit('/').next().map(str::to_ascii_lowercase)
        });
        paths.extend(names.map(|name| format!("{path}/{name}/{child}")));
    }
    for path in paths {
        territory.lists.entry(path).or_default();
    }
    for table in ["authorizationresources", "policyresources", "securityresources"] {
        territory.tables.entry(table).or_default();
    }
}

/// The child lists of a resource of this lower-case type.
fn of_type(resource_type: &str) -> &'static [&'static str] {
    match resource_type {
        "microsoft.cognitiveservices/accounts" => &[
            "deployments",
            "raipolicies",
            "projects",
            "connections",
            "defenderforaisettings",
            "networksecurityperimeterconfigurations",
            "usages",
            DIAGNOSTIC_SETTINGS,
        ],
        "microsoft.machinelearningservices/workspaces" => &[
            "computes",
            "onlineendpoints",
            "batchendpoints",
            "serverlessendpoints",
            "datastores",
            "connections",
            "outboundrules",
            DIAGNOSTIC_SETTINGS,
        ],
        "microsoft.search/searchservices" => &[
            "sharedprivatelinkresources",
            "networksecurityperimeterconfigurations",
            DIAGNOSTIC_SETTINGS,
        ],
        "microsoft.botservice/botservices" => &["channels", DIAGNOSTIC_SETTINGS],
        "microsoft.network/privateendpoints" => &["privatednszonegroups"],
        "microsoft.network/privatednszones" => &["virtualnetworklinks"],
        "microsoft.keyvault/vaults"
        | "microsoft.storage/storageaccounts"
        | "microsoft.containerregistry/registries" => &[DIAGNOSTIC_SETTINGS],
        _ => &[],
    }
}

/// The type that a lower-case id of a tracked resource names.
pub(super) fn type_of(id: &str) -> String {
    let mut parts = id.rsplit_once("/providers/").map_or("", |(_, tail)| tail).split('/');
    match (parts.next(), parts.next()) {
        (Some(namespace), Some(kind)) => format!("{namespace}/{kind}"),
        _ => String::new(),
    }
}
