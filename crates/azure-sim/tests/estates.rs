//! The estates hold what they promise, the same for the same seed and day.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

#[path = "estates/examples.rs"]
mod examples;
#[path = "shapes/paths.rs"]
mod paths;

use std::collections::{BTreeMap, BTreeSet};

use paths::{text, type_of};
use postern_azure_sim::{AzureSim, EstateSource, Quotas, SimOptions};
use serde_json::{Value, json};
use time::Duration;
use time::macros::date;

const LIVE: &str = "/subscriptions/11111111-aaaa-4aaa-8aaa-000000000001";
const LAB: &str = "/subscriptions/22222222-bbbb-4bbb-8bbb-000000000002";
const SCANNED: [&str; 4] = [
    "microsoft.cognitiveservices/accounts",
    "microsoft.search/searchservices",
    "microsoft.machinelearningservices/workspaces",
    "microsoft.botservice/botservices",
];

async fn start(estate: EstateSource) -> AzureSim {
    AzureSim::start(SimOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        seed: 5,
        day: date!(2026 - 01 - 20),
        estate,
        host_names: Vec::new(),
        quotas: Quotas::Off,
    })
    .await
    .unwrap()
}

/// The names of the resources whose type ends like this.
fn names(sim: &AzureSim, kind: &str) -> Vec<String> {
    let all = sim.resources();
    let own = all.iter().filter(|one| text(one, "type").to_ascii_lowercase().ends_with(kind));
    let mut names: Vec<String> = own.map(|one| text(one, "name").to_owned()).collect();
    names.sort_unstable();
    names
}

fn id(sim: &AzureSim, name: &str) -> String {
    let all = sim.resources();
    let found = all.iter().find(|one| one["name"] == name);
    text(found.unwrap_or_else(|| panic!("no {name}")), "id").to_owned()
}

/// The values of a pointer in the entries of a list.
fn values(sim: &AzureSim, list: &str, pointer: &str) -> Vec<Value> {
    let entries = sim.list(list).unwrap_or_else(|| panic!("no {list}"));
    entries.iter().map(|entry| entry.pointer(pointer).cloned().unwrap_or_default()).collect()
}

fn assets(sim: &AzureSim) -> usize {
    let all = sim.resources();
    all.iter().filter(|one| SCANNED.contains(&type_of(text(one, "id")).as_str())).count()
}

#[tokio::test]
async fn small_has_its_assets() {
    let sim = start(EstateSource::Small).await;
    assert_eq!(
        names(&sim, "cognitiveservices/accounts"),
        ["forms-invoices", "foundry-agents", "oai-claims", "oai-legacy", "oai-sandbox"]
    );
    assert_eq!(
        names(&sim, "machinelearningservices/workspaces"),
        ["hub-knowledge", "mlw-forecast", "prj-handbook"]
    );
    assert_eq!(names(&sim, "search/searchservices"), ["srch-handbook", "srch-sandbox"]);
    assert_eq!(names(&sim, "botservice/botservices"), ["bot-claims", "bot-demo"]);
    assert_eq!(
        names(&sim, "network/privateendpoints"),
        ["pe-hub-knowledge", "pe-oai-claims", "pe-oai-legacy", "pe-srch-handbook"]
    );
    assert_eq!(names(&sim, "keyvault/vaults"), ["kv-forecast", "kv-hub-cmk", "kv-live-cmk"]);
    assert_eq!(names(&sim, "storage/storageaccounts"), ["stforecast", "sthub"]);
    assert_eq!(names(&sim, "containerregistry/registries"), ["crforecast", "crhub"]);
    assert_eq!(names(&sim, "network/privatednszones").len(), 6);
    assert_eq!(names(&sim, "insights/metricalerts"), ["alert-claims-blocked"]);
    assert_eq!(names(&sim, "insights/activitylogalerts"), ["alert-keys"]);
    assert_eq!(paths::subscriptions(&sim), [LIVE, LAB]);
    sim.stop().await;
}

#[tokio::test]
async fn small_has_what_its_table_says_of_accounts() {
    let sim = start(EstateSource::Small).await;
    let legacy = id(&sim, "oai-legacy");
    let models = values(&sim, &format!("{legacy}/deployments"), "/properties/model/name");
    assert_eq!(models, ["gpt-35-turbo", "gpt-4o-mini"]);
    let retired = sim
        .list(&format!("{LIVE}/providers/Microsoft.CognitiveServices/locations/westeurope/models"))
        .unwrap();
    let retired = retired.iter().find(|entry| entry["model"]["name"] == "gpt-35-turbo").unwrap();
    assert_eq!(retired["model"]["lifecycleStatus"], "Deprecated");
    assert!(text(&retired["model"]["deprecation"], "inference") < "2026-01-20");
    let filters = sim.list(&format!("{legacy}/raiPolicies")).unwrap();
    assert_eq!(filters.len(), 3);
    let weak = filters.iter().find(|filter| filter["name"] == "anything-goes").unwrap();
    let jailbreak = weak["properties"]["contentFilters"].as_array().unwrap();
    let jailbreak = jailbreak.iter().find(|filter| filter["name"] == "Jailbreak").unwrap();
    assert_eq!(jailbreak["enabled"], false);
    assert!(sim.object(&legacy).unwrap()["properties"].get("disableLocalAuth").is_none());

    let foundry = id(&sim, "foundry-agents");
    assert_eq!(values(&sim, &format!("{foundry}/projects"), "/name"), ["handbook", "sandbox"]);
    let auth = values(&sim, &format!("{foundry}/connections"), "/properties/authType");
    assert_eq!(auth, ["AAD", "ApiKey"]);
    let own = format!("{foundry}/projects/handbook/connections");
    assert_eq!(values(&sim, &own, "/name"), ["partner-feed", "telemetry"]);
    let none = format!("{foundry}/projects/sandbox/connections");
    assert_eq!(sim.list(&none), Some(Vec::new()));
    let network = sim.object(&format!("{foundry}/managedNetworks/default")).unwrap();
    assert_eq!(
        network["properties"]["managedNetwork"]["isolationMode"],
        "AllowOnlyApprovedOutbound"
    );
    assert!(sim.object(&format!("{legacy}/managedNetworks/default")).is_none());
    for (name, mode) in [("oai-claims", "Enforced"), ("foundry-agents", "Learning")] {
        let list = format!("{}/networkSecurityPerimeterConfigurations", id(&sim, name));
        let found = values(&sim, &list, "/properties/resourceAssociation/accessMode");
        assert_eq!(found, [mode], "{name}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn small_has_what_its_table_says_of_workspaces_and_networks() {
    let sim = start(EstateSource::Small).await;
    let workspace = id(&sim, "mlw-forecast");
    let computes = values(&sim, &format!("{workspace}/computes"), "/properties/computeType");
    let computes: BTreeSet<&str> = computes.iter().map(|kind| kind.as_str().unwrap()).collect();
    assert_eq!(computes.len(), 10);
    let rules = values(&sim, &format!("{workspace}/outboundRules"), "/properties/type");
    assert_eq!(rules, ["FQDN", "PrivateEndpoint", "ServiceTag"]);
    let stores = format!("{workspace}/datastores");
    let credentials = values(&sim, &stores, "/properties/credentials/credentialsType");
    assert_eq!(credentials, ["AccountKey", "None"]);
    for (list, count) in [
        ("onlineEndpoints", 2),
        ("batchEndpoints", 1),
        ("serverlessEndpoints", 3),
        ("connections", 2),
    ] {
        assert_eq!(sim.list(&format!("{workspace}/{list}")).unwrap().len(), count, "{list}");
    }
    for endpoint in ["demand-score", "demand-closed"] {
        let list = format!("{workspace}/onlineEndpoints/{endpoint}/deployments");
        assert_eq!(sim.list(&list).unwrap().len(), 1);
    }
    for (name, zones) in [
        ("pe-oai-claims", 3),
        ("pe-hub-knowledge", 2),
        ("pe-oai-legacy", 0),
        ("pe-srch-handbook", 0),
    ] {
        let groups = sim.list(&format!("{}/privateDnsZoneGroups", id(&sim, name))).unwrap();
        let configured = groups
            .iter()
            .flat_map(|group| group["properties"]["privateDnsZoneConfigs"].as_array().unwrap());
        assert_eq!(configured.count(), zones, "{name}");
    }
    let linked = |zone: &str| sim.list(&format!("{}/virtualNetworkLinks", id(&sim, zone))).unwrap();
    assert_eq!(linked("privatelink.cognitiveservices.azure.com").len(), 1);
    assert_eq!(linked("privatelink.openai.azure.com").len(), 0);
    let vault = |name: &str| sim.object(&id(&sim, name)).unwrap()["properties"].clone();
    assert_eq!(vault("kv-live-cmk")["enablePurgeProtection"], true);
    assert!(vault("kv-hub-cmk").get("enablePurgeProtection").is_none());
    let key = |path: &str| sim.object(path).unwrap()["properties"]["attributes"].clone();
    assert!(key(&format!("{}/keys/cmk-claims", id(&sim, "kv-live-cmk")))["exp"].is_number());
    assert!(key(&format!("{}/keys/cmk-hub", id(&sim, "kv-hub-cmk"))).get("exp").is_none());
    sim.stop().await;
}

#[tokio::test]
async fn small_has_what_its_table_says_of_subscriptions() {
    let sim = start(EstateSource::Small).await;
    for (list, live, lab) in [
        ("Microsoft.Authorization/locks", 2, 0),
        ("Microsoft.Consumption/budgets", 1, 1),
        ("Microsoft.Insights/diagnosticSettings", 1, 0),
        ("Microsoft.Security/securityContacts", 1, 0),
        ("Microsoft.Security/pricings", 5, 5),
        ("Microsoft.Authorization/policyExemptions", 3, 0),
    ] {
        let count = |scope: &str| sim.list(&format!("{scope}/providers/{list}")).unwrap().len();
        assert_eq!((count(LIVE), count(LAB)), (live, lab), "{list}");
    }
    let own = |table: &str, kind: &str, scope: &str| {
        let rows = sim.rows(table).into_iter();
        rows.filter(|row| text(row, "type") == kind && text(row, "id").starts_with(scope)).count()
    };
    for (table, kind, live, lab) in [
        ("authorizationresources", "microsoft.authorization/roleassignments", 4, 2),
        ("authorizationresources", "microsoft.authorization/roledefinitions", 0, 1),
        ("policyresources", "microsoft.authorization/policyassignments", 5, 1),
        ("policyresources", "microsoft.authorization/policyexemptions", 3, 0),
        ("policyresources", "microsoft.policyinsights/policystates", 4, 1),
        ("securityresources", "microsoft.security/pricings", 5, 5),
    ] {
        let found = (own(table, kind, LIVE), own(table, kind, LAB));
        assert_eq!(found, (live, lab), "{kind}");
    }
    let operations = |scope: &str| -> Vec<String> {
        let events = sim.events(scope);
        events.iter().map(|event| text(&event["operationName"], "value").to_owned()).collect()
    };
    let of_accounts = operations(LIVE);
    let of_accounts = of_accounts.iter().filter(|name| name.starts_with("Microsoft.Cognitive"));
    assert_eq!((of_accounts.count(), operations(LIVE).len(), operations(LAB).len()), (5, 7, 1));
    let budget = sim.list(&format!("{LAB}/providers/Microsoft.Consumption/budgets")).unwrap();
    assert_eq!(budget[0]["properties"]["notifications"], json!({}));
    let spent = budget[0]["properties"]["currentSpend"]["amount"].as_f64().unwrap();
    assert!(spent > budget[0]["properties"]["amount"].as_f64().unwrap());
    sim.stop().await;
}

/// All that an estate shows, by path.
fn everything(sim: &AzureSim) -> BTreeMap<String, Vec<Value>> {
    let mut all: BTreeMap<String, Vec<Value>> = paths::lists(sim)
        .into_iter()
        .map(|path| (path.clone(), sim.list(&path).unwrap_or_else(|| panic!("no {path}"))))
        .collect();
    all.insert("resources".to_owned(), sim.resources());
    for table in
        ["resourcecontainers", "authorizationresources", "policyresources", "securityresources"]
    {
        all.insert(table.to_owned(), sim.rows(table));
    }
    for subscription in paths::subscriptions(sim) {
        let id = subscription.rsplit('/').next().unwrap();
        all.insert(format!("events of {id}"), sim.events(id));
    }
    all.extend(paths::objects(sim).into_iter().map(|(path, object)| (path, vec![object])));
    all
}

#[tokio::test]
async fn the_same_seed_and_day_are_the_same_estate() {
    for estate in [
        EstateSource::Small,
        EstateSource::Company { assets: 70 },
        EstateSource::Huge { subscriptions: 2, assets: 40 },
    ] {
        let (one, two) = (start(estate.clone()).await, start(estate).await);
        for age in [0, 100, 365] {
            one.set_day(date!(2026 - 01 - 20) + Duration::days(age));
            // The days between make no difference.
            two.set_day(date!(2026 - 01 - 20) + Duration::days(age / 2));
            two.set_day(date!(2026 - 01 - 20) + Duration::days(age));
            let (one, two) = (everything(&one), everything(&two));
            assert!(one.keys().eq(two.keys()));
            assert!(one == two);
        }
        one.stop().await;
        two.stop().await;
    }
}

#[tokio::test]
async fn huge_has_as_many_assets_as_were_asked_for() {
    let sim = start(EstateSource::Huge { subscriptions: 3, assets: 301 }).await;
    assert_eq!(sim.list("/subscriptions").unwrap().len(), 3);
    assert_eq!(assets(&sim), 301);
    let ids: BTreeSet<String> =
        sim.resources().iter().map(|one| text(one, "id").to_ascii_lowercase()).collect();
    assert_eq!(ids.len(), sim.resources().len());
    let kinds: BTreeSet<String> = ids.iter().map(|id| type_of(id)).collect();
    assert!(SCANNED.iter().all(|kind| kinds.contains(*kind)));
    everything(&sim);
    sim.stop().await;
}

#[tokio::test]
async fn company_grows_bots_and_children_and_spends_too_much_some_day() {
    let sim = start(EstateSource::Company { assets: 70 }).await;
    assert_eq!(names(&sim, "botservice/botservices").len(), 4);
    assert_eq!(assets(&sim), 74);
    let mut months_exceeded = 0;
    let mut exemptions = BTreeSet::new();
    let mut rotations = 0;
    for month in 0..12 {
        sim.set_day(date!(2026 - 01 - 28) + Duration::days(month * 30));
        let everything = everything(&sim);
        for (path, entries) in &everything {
            if path.ends_with("/budgets") {
                let exceeded = |budget: &&Value| {
                    let of = |path: &str| budget.pointer(path).and_then(Value::as_f64).unwrap();
                    of("/properties/currentSpend/amount") > of("/properties/amount")
                };
                months_exceeded += entries.iter().filter(exceeded).count();
            }
            if path.ends_with("/policyExemptions") {
                exemptions.insert(entries.len());
            }
            rotations += entries
                .iter()
                .filter(|entry| {
                    text(&entry["operationName"], "value").ends_with("/regenerateKey/action")
                })
                .count();
        }
    }
    assert!((3..36).contains(&months_exceeded), "{months_exceeded}");
    assert!(exemptions.len() > 1, "{exemptions:?}");
    assert!(rotations > 10, "{rotations}");
    sim.stop().await;
}

#[tokio::test]
async fn a_folder_has_a_list_for_each_child_path_and_what_its_files_hold() {
    let folder = std::env::temp_dir().join(format!("postern-folder-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let account =
        format!("{LIVE}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/a");
    let bot = format!("{LIVE}/resourceGroups/rg/providers/Microsoft.BotService/botServices/b");
    let lock = format!("{account}/providers/Microsoft.Authorization/locks/keep");
    let right = format!("{LIVE}/providers/Microsoft.Authorization/roleAssignments/r");
    let files = json!({"value": [
        {"id": account, "name": "a", "type": "Microsoft.CognitiveServices/accounts", "location": "westeurope"},
        {"id": format!("{account}/deployments/d"), "name": "d"},
        {"id": format!("{account}/providers/microsoft.insights/diagnosticSettings/s"), "name": "s"},
        {"id": bot, "name": "b", "type": "Microsoft.BotService/botServices", "location": "global"},
        {"id": lock, "name": "keep", "type": "Microsoft.Authorization/locks"},
        {"id": right, "name": "r", "type": "Microsoft.Authorization/roleAssignments", "properties": {}}
    ]});
    std::fs::write(folder.join("all.json"), files.to_string()).unwrap();
    let sim = start(EstateSource::Folder(folder.clone())).await;
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(sim.resources().len(), 2);
    let all = everything(&sim);
    assert_eq!(all[&format!("{account}/deployments")].len(), 1);
    assert_eq!(all[&format!("{account}/raiPolicies")].len(), 0);
    let settings = format!("{account}/providers/Microsoft.Insights/diagnosticSettings");
    assert_eq!(all[&settings].len(), 1);
    assert_eq!(all[&format!("{bot}/channels")].len(), 0);
    assert_eq!(sim.rows("authorizationresources").len(), 1);
    assert_eq!(all[&format!("{LIVE}/providers/Microsoft.Authorization/locks")].len(), 1);
    sim.stop().await;
}
