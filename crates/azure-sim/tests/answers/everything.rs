//! Whatever it holds can be read, in every kind of estate.

use postern_azure_sim::{EstateSource, SimOptions};
use serde_json::{Value, json};

use crate::client::{ACCOUNTS, Tenant, ids, options};

async fn start(estate: EstateSource) -> Tenant {
    Tenant::start_with(SimOptions { estate, ..options() }).await
}

/// The path with the newest API version, as Azure itself names it.
async fn with_version(tenant: &Tenant, path: &str) -> String {
    let refused = tenant.get(&format!("{path}?api-version=1999-01-01")).await;
    let versions = refused.message().split("are '").last().unwrap();
    let version = versions.split(['\'', ',']).next().unwrap();
    assert!(version.starts_with("20"), "{path}: {refused:?}");
    format!("{path}?api-version={version}")
}

#[tokio::test]
async fn every_resource_and_its_children() {
    let tenant = start(EstateSource::Small).await;
    let children = [
        "deployments",
        "raiPolicies",
        "projects",
        "connections",
        "defenderForAISettings",
        "networkSecurityPerimeterConfigurations",
        "usages",
        "computes",
        "onlineEndpoints",
        "batchEndpoints",
        "serverlessEndpoints",
        "datastores",
        "outboundRules",
        "sharedPrivateLinkResources",
        "channels",
        "privateDnsZoneGroups",
        "virtualNetworkLinks",
        "providers/Microsoft.Insights/diagnosticSettings",
    ];
    let (mut lists, mut entries) = (0, 0);
    for resource in tenant.sim.resources() {
        let id = resource["id"].as_str().unwrap();
        let target = with_version(&tenant, id).await;
        assert_eq!(tenant.get(&target).await.body, resource, "{target}");
        assert_eq!(tenant.sim.object(&id.to_uppercase()), Some(resource.clone()));
        for child in children {
            let path = format!("{id}/{child}");
            let Some(held) = tenant.sim.list(&path) else { continue };
            let (read, _) = tenant.read_all(&with_version(&tenant, &path).await).await;
            assert_eq!(read, held, "{path}");
            lists += 1;
            entries += read.len();
        }
    }
    assert!(lists > 50 && entries > lists / 3, "{lists} lists with {entries} entries");
    tenant.stop().await;
}

#[tokio::test]
async fn a_huge_tenant_comes_in_large_pages() {
    let tenant = start(EstateSource::Huge { subscriptions: 12, assets: 1500 }).await;
    let (subscriptions, pages) = tenant.read_all("/subscriptions?api-version=2022-12-01").await;
    assert_eq!((subscriptions.len(), pages), (12, 1));
    let query = format!("resources | where type =~ '{ACCOUNTS}' | project id | order by id asc");
    let (mut found, mut token) = (Vec::<Value>::new(), Value::Null);
    loop {
        let answer = tenant.query(&query, json!({"$top": 400, "$skipToken": token})).await;
        found.extend(answer.body["data"].as_array().unwrap().iter().cloned());
        token = answer.body["$skipToken"].clone();
        if token.is_null() {
            break;
        }
    }
    let unsorted: Vec<&str> = found.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert!(unsorted.is_sorted());
    assert_eq!(ids(&found), ids(&tenant.of_type(ACCOUNTS)));
    tenant.stop().await;
}

#[tokio::test]
async fn another_day_is_another_estate() {
    let tenant = Tenant::start().await;
    let query = "resources | project id, properties | order by id asc";
    let ask = async |options: Value| tenant.query(query, options).await.body;
    let first = ask(json!({"$top": 5})).await;
    tenant.sim.set_day(time::macros::date!(2026 - 02 - 20));
    let later = ask(json!({"$top": 1000})).await;
    assert_eq!(later["totalRecords"], tenant.sim.resources().len());
    assert_ne!(first["data"], later["data"]);
    // A token of the day before leads into the day's rows.
    let page = ask(json!({"$top": 5, "$skipToken": first["$skipToken"]})).await;
    assert_eq!(page["data"].as_array().unwrap()[..], later["data"].as_array().unwrap()[5..10]);
    tenant.stop().await;
}
