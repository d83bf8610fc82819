//! Of everything that rules judge, an estate has an example that is as it should be and one that is not.

use std::collections::BTreeMap;

use postern_azure_sim::{AzureSim, EstateSource};
use serde_json::Value;
use time::Duration;
use time::macros::date;

use crate::paths::{self, text};
use crate::start;

const ACCOUNTS: &str = "Microsoft.CognitiveServices/accounts";
const WORKSPACES: &str = "Microsoft.MachineLearningServices/workspaces";
const SEARCH: &str = "Microsoft.Search/searchServices";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
/// The days of a history that are looked at together.
const DAYS: [i64; 3] = [0, 30, 60];

/// What was seen of each thing: how it is, and how often.
#[derive(Default)]
struct Seen(BTreeMap<(&'static str, String), usize>);

impl Seen {
    fn note(&mut self, what: &'static str, how: &str) {
        *self.0.entry((what, how.to_owned())).or_default() += 1;
    }

    /// Notes `true` or `false`.
    fn whether(&mut self, what: &'static str, is_so: bool) {
        self.note(what, if is_so { "true" } else { "false" });
    }

    /// Notes each value of a pointer in a list, `absent` where there is none.
    fn note_each(&mut self, what: &'static str, entries: &[Value], pointer: &str) {
        for entry in entries {
            self.note(what, &word(entry, pointer));
        }
    }
}

fn word(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        None | Some(Value::Null) => "absent".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn of_type(sim: &AzureSim, kind: &str) -> Vec<Value> {
    let mut all = sim.resources();
    all.retain(|resource| text(resource, "type").eq_ignore_ascii_case(kind));
    all
}

fn list(sim: &AzureSim, parent: &Value, child: &str) -> Vec<Value> {
    sim.list(&format!("{}/{child}", text(parent, "id"))).unwrap_or_default()
}

fn look(sim: &AzureSim, today: &str, seen: &mut Seen) {
    for account in of_type(sim, ACCOUNTS) {
        of_account(sim, &account, seen);
        own_key(sim, &account, seen);
    }
    for workspace in of_type(sim, WORKSPACES) {
        of_workspace(sim, &workspace, seen);
        own_key(sim, &workspace, seen);
    }
    for service in of_type(sim, SEARCH) {
        let links = list(sim, &service, "sharedPrivateLinkResources");
        seen.note_each("shared private link", &links, "/properties/status");
        perimeter(sim, &service, seen);
    }
    for bot in of_type(sim, "Microsoft.BotService/botServices") {
        for channel in list(sim, &bot, "channels") {
            let sites = channel.pointer("/properties/properties/sites").cloned();
            let sites = sites.unwrap_or_default().as_array().cloned().unwrap_or_default();
            seen.note_each("Direct Line", &sites, "/isSecureSiteEnabled");
        }
    }
    for endpoint in of_type(sim, "Microsoft.Network/privateEndpoints") {
        let groups = list(sim, &endpoint, "privateDnsZoneGroups");
        seen.whether("DNS zone groups", !groups.is_empty());
    }
    for zone in of_type(sim, "Microsoft.Network/privateDnsZones") {
        seen.whether("network links", !list(sim, &zone, "virtualNetworkLinks").is_empty());
    }
    for subscription in paths::subscriptions(sim) {
        of_subscription(sim, &subscription, today, seen);
    }
}

fn of_account(sim: &AzureSim, account: &Value, seen: &mut Seen) {
    let id = text(account, "id").to_owned();
    let subscription = id.split('/').nth(2).unwrap();
    if ["OpenAI", "AIServices"].contains(&text(account, "kind")) {
        seen.note_each(
            "stored completions",
            std::slice::from_ref(account),
            "/properties/storedCompletionsDisabled",
        );
    }
    let region = text(account, "location");
    let models = format!(
        "/subscriptions/{subscription}/providers/Microsoft.CognitiveServices/locations/{region}/models"
    );
    let models = sim.list(&models).unwrap();
    for deployment in list(sim, account, "deployments") {
        let model = &deployment["properties"]["model"];
        let same = |entry: &&Value| {
            ["name", "version"].iter().all(|key| entry["model"][key] == model[key])
        };
        let found = models.iter().find(same).unwrap_or_else(|| panic!("no {model}"));
        seen.note("model", &word(found, "/model/lifecycleStatus"));
    }
    for policy in list(sim, account, "raiPolicies") {
        let filters = policy["properties"]["contentFilters"].as_array().unwrap();
        let is_weak = filters.iter().any(|filter| filter["severityThreshold"] == "High");
        seen.whether("weak filter", is_weak);
    }
    let mut connections = list(sim, account, "connections");
    for project in list(sim, account, "projects") {
        connections.extend(list(sim, &project, "connections"));
    }
    seen.note_each("connection of an account", &connections, "/properties/peStatus");
    perimeter(sim, account, seen);
    if account["properties"]["disableLocalAuth"] != true {
        let done = |operation: &str| {
            sim.events(subscription).iter().any(|event| {
                text(event, "resourceId").eq_ignore_ascii_case(&id)
                    && text(&event["operationName"], "value").ends_with(operation)
            })
        };
        seen.whether("keys rotated", done("/regenerateKey/action"));
        seen.whether("keys listed", done("/listKeys/action"));
    }
    let locks = sim
        .list(&format!("/subscriptions/{subscription}/providers/Microsoft.Authorization/locks"))
        .unwrap();
    seen.whether("lock", locks.iter().any(|lock| text(lock, "id").starts_with(&format!("{id}/"))));
    let alerts = of_type(sim, "Microsoft.Insights/metricAlerts");
    seen.whether(
        "metric alert",
        alerts.iter().any(|alert| alert["properties"]["scopes"][0] == *id),
    );
}

fn of_workspace(sim: &AzureSim, workspace: &Value, seen: &mut Seen) {
    let mut computes = list(sim, workspace, "computes");
    computes.retain(|compute| compute["properties"]["computeType"] == "ComputeInstance");
    for compute in &computes {
        let idle_time = word(compute, "/properties/properties/idleTimeBeforeShutdown");
        seen.whether("instance stops", idle_time != "absent");
    }
    seen.note_each("single sign-on", &computes, "/properties/properties/enableSSO");
    let endpoints = list(sim, workspace, "serverlessEndpoints");
    seen.note_each("serverless endpoint", &endpoints, "/properties/authMode");
    let stores = list(sim, workspace, "datastores");
    seen.note_each("datastore", &stores, "/properties/credentials/credentialsType");
    let connections = list(sim, workspace, "connections");
    seen.note_each("connection of a workspace", &connections, "/properties/peStatus");
}

fn perimeter(sim: &AzureSim, resource: &Value, seen: &mut Seen) {
    let own = list(sim, resource, "networkSecurityPerimeterConfigurations");
    seen.note_each("perimeter", &own, "/properties/resourceAssociation/accessMode");
    seen.whether("any perimeter", !own.is_empty());
}

/// Whether the version of its own key is the one that the vault gives out.
fn own_key(sim: &AzureSim, resource: &Value, seen: &mut Seen) {
    let properties = &resource["properties"]["encryption"]["keyVaultProperties"];
    let used = if let Some(identifier) = properties["keyIdentifier"].as_str() {
        identifier.to_owned()
    } else if let Some(vault) = properties["keyVaultUri"].as_str() {
        let (name, version) = (text(properties, "keyName"), text(properties, "keyVersion"));
        format!("{vault}/keys/{name}/{version}")
    } else {
        return;
    };
    let mut parts = used.trim_start_matches("https://").split('/');
    let host = parts.next().unwrap();
    let name = parts.nth(1).unwrap();
    let vault = host.trim_end_matches(".vault.azure.net");
    let vaults = of_type(sim, "Microsoft.KeyVault/vaults");
    let vault = vaults.iter().find(|entry| entry["name"] == vault).unwrap();
    let key = sim.object(&format!("{}/keys/{name}", text(vault, "id"))).unwrap();
    seen.whether("current key", key["properties"]["keyUriWithVersion"] == used);
}

fn of_subscription(sim: &AzureSim, scope: &str, today: &str, seen: &mut Seen) {
    let list = |path: &str| sim.list(&format!("{scope}/providers/{path}")).unwrap();
    for budget in list("Microsoft.Consumption/budgets") {
        let told = budget["properties"]["notifications"].as_object().unwrap();
        seen.whether("budget warns", !told.is_empty());
    }
    seen.note_each(
        "policy assignment",
        &list("Microsoft.Authorization/policyAssignments"),
        "/properties/enforcementMode",
    );
    for exemption in list("Microsoft.Authorization/policyExemptions") {
        let until = word(&exemption, "/properties/expiresOn");
        let how = if until == "absent" {
            "endless"
        } else if until.as_str() < today {
            "over"
        } else {
            "ends"
        };
        seen.note("policy exemption", how);
    }
    for plan in list("Microsoft.Security/pricings") {
        if plan["name"] == "AI" {
            seen.note("Defender plan", &word(&plan, "/properties/pricingTier"));
        }
    }
    seen.whether("security contact", !list("Microsoft.Security/securityContacts").is_empty());
    let alerts = of_type(sim, "Microsoft.Insights/activityLogAlerts");
    let own = alerts.iter().any(|alert| text(alert, "id").starts_with(scope));
    seen.whether("activity log alert", own);
    for right in list("Microsoft.Authorization/roleAssignments") {
        if text(&right["properties"], "roleDefinitionId").ends_with(OWNER) {
            seen.note("owner", &word(&right, "/properties/principalType"));
        }
    }
    let roles = list("Microsoft.Authorization/roleDefinitions");
    let lists_keys = |role: &Value| {
        role["properties"]["type"] == "CustomRole" && role.to_string().contains("listKeys")
    };
    seen.whether("custom role lists keys", roles.iter().any(lists_keys));
}

/// What there has to be of each.
const WANTED: &[(&str, &[&str])] = &[
    ("stored completions", &["true", "false", "absent"]),
    ("model", &["GenerallyAvailable", "Deprecated", "Preview"]),
    ("weak filter", &["true", "false"]),
    ("connection of an account", &["Active", "Inactive", "NotApplicable"]),
    ("connection of a workspace", &["Active", "Inactive", "absent"]),
    ("keys rotated", &["true", "false"]),
    ("keys listed", &["true", "false"]),
    ("lock", &["true", "false"]),
    ("metric alert", &["true", "false"]),
    ("perimeter", &["Enforced", "Learning"]),
    ("any perimeter", &["true", "false"]),
    ("shared private link", &["Approved", "Pending"]),
    ("Direct Line", &["true", "false"]),
    ("DNS zone groups", &["true", "false"]),
    ("network links", &["true", "false"]),
    ("instance stops", &["true", "false"]),
    ("single sign-on", &["true", "false", "absent"]),
    ("serverless endpoint", &["AAD", "Key", "KeyAndAAD"]),
    ("datastore", &["AccountKey", "None"]),
    ("current key", &["true", "false"]),
    ("budget warns", &["true", "false"]),
    ("policy assignment", &["Default", "DoNotEnforce"]),
    ("policy exemption", &["ends", "endless", "over"]),
    ("Defender plan", &["Standard", "Free"]),
    ("security contact", &["true", "false"]),
    ("activity log alert", &["true", "false"]),
    ("owner", &["User", "Group"]),
    ("custom role lists keys", &["true", "false"]),
];

#[tokio::test]
async fn there_is_a_good_and_a_bad_example_of_everything() {
    for (estate, days) in
        [(EstateSource::Small, &DAYS[..1]), (EstateSource::Company { assets: 70 }, &DAYS[..])]
    {
        let sim = start(estate.clone()).await;
        let mut seen = Seen::default();
        for age in days {
            let today = date!(2026 - 01 - 20) + Duration::days(*age);
            sim.set_day(today);
            look(&sim, &today.to_string(), &mut seen);
        }
        sim.stop().await;
        let missing: Vec<String> = WANTED
            .iter()
            .flat_map(|(what, ways)| ways.iter().map(move |way| (*what, (*way).to_owned())))
            .filter(|wanted| !seen.0.contains_key(wanted))
            .map(|(what, how)| format!("{what}: {how}"))
            .collect();
        assert!(missing.is_empty(), "{estate:?} has no {missing:#?} but {:#?}", seen.0);
        // Most follow the rotation of their key.
        let keys = |how: &str| seen.0.get(&("current key", how.to_owned())).copied();
        assert!(keys("true") >= keys("false"), "{:?}", seen.0);
    }
}
