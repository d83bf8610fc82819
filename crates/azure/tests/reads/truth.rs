//! What a scan should find, made from the simulator's own lists without the collector's tables.

use std::collections::{BTreeMap, BTreeSet};

use postern_azure_sim::AzureSim;
use postern_domain::fact::Fact;
use serde_json::Value;

use crate::Read;

const ACCOUNT: &str = "microsoft.cognitiveservices/accounts";
const SEARCH: &str = "microsoft.search/searchservices";
const WORKSPACE: &str = "microsoft.machinelearningservices/workspaces";
const BOT: &str = "microsoft.botservice/botservices";

/// Entries by their order, because Azure promises none.
pub(crate) type Entries = Vec<String>;

/// The documents that there should be: resource and facts by lower-case id.
pub(crate) fn documents(sim: &AzureSim) -> BTreeMap<String, (Value, BTreeMap<String, Entries>)> {
    let resources = sim.resources();
    let tables = Tables {
        states: sim.rows("policyresources"),
        containers: sim.rows("resourcecontainers"),
        alerts: resources
            .iter()
            .filter(|it| type_of(it) == "microsoft.insights/metricalerts")
            .cloned()
            .collect(),
        endpoints: resources
            .iter()
            .filter(|it| type_of(it) == "microsoft.network/privateendpoints")
            .cloned()
            .collect(),
        resources: resources.iter().map(|it| (lower(it, "/id"), it.clone())).collect(),
    };
    resources
        .into_iter()
        .filter(|resource| [ACCOUNT, SEARCH, WORKSPACE, BOT].contains(&type_of(resource).as_str()))
        .map(|resource| {
            let facts = facts(sim, &tables, &resource);
            (lower(&resource, "/id"), (resource, facts))
        })
        .collect()
}

struct Tables {
    states: Vec<Value>,
    containers: Vec<Value>,
    alerts: Vec<Value>,
    endpoints: Vec<Value>,
    resources: BTreeMap<String, Value>,
}

fn facts(sim: &AzureSim, tables: &Tables, resource: &Value) -> BTreeMap<String, Entries> {
    let id = lower(resource, "/id");
    let kind = resource["kind"].as_str().unwrap_or_default();
    let mut facts = BTreeMap::new();
    let list = |path: &str| {
        let path = format!("{id}/{path}");
        sorted(&sim.list(&path).unwrap_or_else(|| panic!("no list {path}")))
    };
    let mut add = |name: &str, path: &str| {
        facts.insert(name.to_owned(), list(path));
    };
    add("diagnosticSettings", "providers/Microsoft.Insights/diagnosticSettings");
    match type_of(resource).as_str() {
        ACCOUNT => {
            add("networkSecurityPerimeterConfigurations", "networkSecurityPerimeterConfigurations");
            if ["OpenAI", "AIServices"].contains(&kind) {
                for name in ["deployments", "raiPolicies", "defenderForAISettings", "usages"] {
                    add(name, name);
                }
            }
            if resource["properties"]["allowProjectManagement"] == true {
                add("projects", "projects");
                add("connections", "connections");
                let projects = sim.list(&format!("{id}/projects")).unwrap();
                facts.insert("projectConnections".into(), below(sim, &projects, "connections"));
                let network = sim.object(&format!("{id}/managedNetworks/default"));
                let network: Vec<Value> = network.into_iter().collect();
                facts.insert("managedNetworks".into(), sorted(&network));
            }
        }
        SEARCH => {
            add("sharedPrivateLinkResources", "sharedPrivateLinkResources");
            add("networkSecurityPerimeterConfigurations", "networkSecurityPerimeterConfigurations");
        }
        WORKSPACE => {
            for name in [
                "computes",
                "onlineEndpoints",
                "batchEndpoints",
                "serverlessEndpoints",
                "datastores",
                "connections",
                "outboundRules",
            ] {
                add(name, name);
            }
            let endpoints = sim.list(&format!("{id}/onlineEndpoints")).unwrap();
            facts.insert("onlineDeployments".into(), below(sim, &endpoints, "deployments"));
        }
        _ => add("channels", "channels"),
    }
    around(sim, tables, resource, &mut facts);
    facts
}

fn around(
    sim: &AzureSim,
    tables: &Tables,
    resource: &Value,
    facts: &mut BTreeMap<String, Entries>,
) {
    let id = lower(resource, "/id");
    let group = id.split("/providers/").next().unwrap().to_owned();
    let subscription = group.split("/resourcegroups/").next().unwrap().to_owned();
    let states = tables.states.iter().filter(|row| {
        lower(row, "/properties/resourceId") == id
            && lower(row, "/properties/complianceState") == "noncompliant"
    });
    facts.insert("policyStates".into(), ids(states));
    facts.insert("managementGroups".into(), management_groups(tables, &subscription));
    let alerts = tables.alerts.iter().filter(|alert| {
        let scopes = alert["properties"]["scopes"].as_array().unwrap();
        scopes.iter().any(|scope| {
            let scope = scope.as_str().unwrap().to_ascii_lowercase();
            [&id, &group, &subscription].contains(&&scope)
        })
    });
    facts.insert("metricAlerts".into(), ids(alerts));
    // From the end points' side, the other than the collector's.
    let endpoints: Vec<&Value> = tables
        .endpoints
        .iter()
        .filter(|endpoint| {
            ["privateLinkServiceConnections", "manualPrivateLinkServiceConnections"].iter().any(
                |name| {
                    let connections = endpoint["properties"][name].as_array();
                    connections.into_iter().flatten().any(|connection| {
                        lower(connection, "/properties/privateLinkServiceId") == id
                    })
                },
            )
        })
        .collect();
    facts.insert("privateEndpoints".into(), ids(endpoints.iter().copied()));
    if !endpoints.is_empty() {
        let groups: Vec<Value> = endpoints
            .iter()
            .flat_map(|endpoint| {
                sim.list(&format!("{}/privateDnsZoneGroups", lower(endpoint, "/id"))).unwrap()
            })
            .collect();
        let zones: BTreeSet<String> = groups
            .iter()
            .flat_map(|group| {
                group["properties"]["privateDnsZoneConfigs"].as_array().into_iter().flatten()
            })
            .map(|config| lower(config, "/properties/privateDnsZoneId"))
            .collect();
        let links: Vec<Value> = zones
            .iter()
            .flat_map(|zone| sim.list(&format!("{zone}/virtualNetworkLinks")).unwrap())
            .collect();
        facts.insert("privateDnsZoneGroups".into(), sorted(&groups));
        facts.insert(
            "privateDnsZones".into(),
            ids(zones.iter().map(|zone| &tables.resources[zone])),
        );
        facts.insert("virtualNetworkLinks".into(), sorted(&links));
    }
    let locks =
        sim.list(&format!("{subscription}/providers/Microsoft.Authorization/locks")).unwrap();
    let locks = locks.iter().filter(|lock| {
        let lock = lower(lock, "/id");
        let on = lock.split("/providers/microsoft.authorization/").next().unwrap().to_owned();
        [&id, &group, &subscription].contains(&&on)
    });
    facts.insert("locks".into(), ids(locks));
    let keys = [
        "listkeys",
        "regeneratekey",
        "listadminkeys",
        "regenerateadminkey",
        "listquerykeys",
        "listchannelwithkeys",
    ];
    // The log of 89 days, as of the tests' clock; times in one form sort as texts.
    let (from, to) = ("2025-10-08T06:00:00", "2026-01-05T06:00:00");
    let mut events = sim.events(&subscription);
    events.retain(|event| (from..=to).contains(&event["eventTimestamp"].as_str().unwrap()));
    let events = events.iter().filter(|event| {
        let operation = lower(event, "/operationName/value");
        lower(event, "/resourceId") == id
            && keys.iter().any(|key| operation.split('/').any(|part| part == *key))
    });
    facts.insert(
        "keyEvents".into(),
        sorted(&events.map(|event| event["eventDataId"].clone()).collect::<Vec<_>>()),
    );
    let mut linked = Vec::new();
    for name in ["storageAccount", "keyVault", "containerRegistry"] {
        linked.extend(resource["properties"][name].as_str().map(str::to_ascii_lowercase));
    }
    let owned = resource["properties"]["userOwnedStorage"].as_array();
    linked.extend(owned.into_iter().flatten().map(|storage| lower(storage, "/resourceId")));
    if !linked.is_empty() {
        let linked = linked.iter().map(|id| {
            tables
                .resources
                .get(id)
                .unwrap_or_else(|| panic!("the estate names {id}, which is not there"))
        });
        facts.insert("linkedResources".into(), ids(linked));
    }
}

fn management_groups(tables: &Tables, subscription: &str) -> Entries {
    let container = tables.containers.iter().find(|row| lower(row, "/id") == subscription);
    let chain = &container.unwrap()["properties"]["managementGroupAncestorsChain"];
    sorted(chain.as_array().unwrap())
}

fn below(sim: &AzureSim, parents: &[Value], name: &str) -> Entries {
    let all = parents
        .iter()
        .flat_map(|parent| sim.list(&format!("{}/{name}", lower(parent, "/id"))).unwrap());
    sorted(&all.collect::<Vec<_>>())
}

fn ids<'a>(values: impl Iterator<Item = &'a Value>) -> Entries {
    let mut ids: Vec<String> = values.map(|value| lower(value, "/id")).collect();
    ids.sort();
    ids
}

fn sorted(values: &[Value]) -> Entries {
    let mut texts: Vec<String> = values.iter().map(Value::to_string).collect();
    texts.sort();
    texts
}

fn lower(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase()
}

fn type_of(resource: &Value) -> String {
    lower(resource, "/type")
}

/// Facts whose entries are compared by their ids: the row of Resource Graph has other columns than ARM's body.
const BY_ID: [&str; 5] =
    ["policyStates", "metricAlerts", "privateEndpoints", "privateDnsZones", "linkedResources"];

/// Differences between what was read and what there is, except where a fact says that it is unreadable.
pub(crate) fn differences(sim: &AzureSim, read: &Read) -> Vec<String> {
    let mut differences = Vec::new();
    let expected = documents(sim);
    for (id, (resource, facts)) in &expected {
        let Some(asset) = read.assets.get(&id.parse().unwrap()) else {
            differences.push(format!("{id} was not read"));
            continue;
        };
        for column in ["name", "location", "kind", "sku", "identity", "tags", "properties"] {
            let (is, should) = (&asset.document.resource[column], &resource[column]);
            if is != should {
                differences.push(format!("{id}: {column} is {is} and should be {should}"));
            }
        }
        for (fact, should) in facts {
            match asset.document.related.get(fact) {
                Some(Fact::Read { value }) => {
                    let entries = value.as_array().unwrap();
                    let is = match fact.as_str() {
                        "locks" => ids(entries.iter()),
                        name if BY_ID.contains(&name) => ids(entries.iter()),
                        "keyEvents" => sorted(
                            &entries
                                .iter()
                                .map(|event| event["eventDataId"].clone())
                                .collect::<Vec<_>>(),
                        ),
                        _ => sorted(entries),
                    };
                    if &is != should {
                        differences
                            .push(format!("{id}: {fact} is {is:?} and should be {should:?}"));
                    }
                }
                Some(Fact::Unreadable { .. }) => {}
                None => differences.push(format!("{id} has no {fact}")),
            }
        }
    }
    for (id, asset) in &read.assets {
        let is_known = expected.contains_key(id.as_str())
            || asset.asset_type.as_str() == "microsoft.resources/subscriptions";
        if !is_known {
            differences.push(format!("{id} was read and is not there"));
        }
    }
    differences
}

/// Facts that could not be read, as `id fact: reason`.
pub(crate) fn unreadable(read: &Read) -> Vec<String> {
    let mut found = Vec::new();
    for (id, asset) in &read.assets {
        for (name, fact) in &asset.document.related {
            if let Fact::Unreadable { reason, .. } = fact {
                found.push(format!("{id} {name}: {}", reason.message));
            }
        }
    }
    found
}
