//! Failures on demand.

use std::time::{Duration, Instant};

use postern_azure_sim::Fault;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{ACCOUNTS, Tenant};

const SUBSCRIPTIONS: &str = "/subscriptions?api-version=2022-12-01";

fn everywhere() -> String {
    String::new()
}

async fn statuses(tenant: &Tenant, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(tenant.get(SUBSCRIPTIONS).await.status);
    }
    statuses
}

#[tokio::test]
async fn errors_for_a_while_and_for_good() {
    let tenant = Tenant::start().await;
    tenant.sim.set_faults(vec![Fault::Throttle { path: everywhere(), retry_after: 7, times: 1 }]);
    let throttled = tenant.get(SUBSCRIPTIONS).await;
    assert_eq!((throttled.status, throttled.header("retry-after")), (429, "7"));
    assert_eq!(throttled.code(), "TooManyRequests");
    assert_eq!(statuses(&tenant, 1).await, [200]);
    tenant.sim.set_faults(vec![Fault::Burst { path: everywhere(), status: 503, times: 2 }]);
    assert_eq!(statuses(&tenant, 3).await, [503, 503, 200]);
    let fault = |status| vec![Fault::Status { path: "/SUBSCRIPTIONS".into(), status }];
    for (status, code) in [
        (401, "InvalidAuthenticationToken"),
        (403, "AuthorizationFailed"),
        (404, "ResourceNotFound"),
        (500, "InternalServerError"),
        (502, "BadGateway"),
    ] {
        tenant.sim.set_faults(fault(status));
        let answer = tenant.get(SUBSCRIPTIONS).await;
        assert_eq!((answer.status, answer.code()), (status, code));
    }
    tenant.sim.set_faults(vec![Fault::Status { path: "resourcegraph".into(), status: 403 }]);
    let graph = tenant.query("resources", json!({})).await;
    assert!(graph.message().contains("'Microsoft.ResourceGraph/resources/read'"), "{graph:?}");
    tenant.stop().await;
}

#[tokio::test]
async fn connections_that_break_and_bodies_that_are_wrong() {
    let tenant = Tenant::start().await;
    tenant.sim.set_faults(vec![Fault::Drop { path: everywhere(), times: 1 }]);
    let dropped = tenant.try_send(Method::GET, SUBSCRIPTIONS, None).await.unwrap_err();
    assert!(dropped.is_request(), "{dropped:?}");
    assert_eq!(statuses(&tenant, 1).await, [200]);
    tenant.sim.set_faults(vec![Fault::TruncatedBody { path: everywhere() }]);
    let truncated = tenant.try_send(Method::GET, SUBSCRIPTIONS, None).await.unwrap_err();
    assert!(truncated.is_body() || truncated.is_decode(), "{truncated:?}");
    tenant.sim.set_faults(vec![Fault::MalformedJson { path: everywhere() }]);
    let malformed = tenant.get(SUBSCRIPTIONS).await;
    assert_eq!((malformed.status, malformed.body), (200, Value::Null));
    tenant.sim.set_faults(vec![Fault::Body { path: everywhere(), body: "[1]".into() }]);
    assert_eq!(tenant.get(SUBSCRIPTIONS).await.body, json!([1]));
    tenant.sim.set_faults(vec![Fault::Oversized { path: everywhere(), megabytes: 2 }]);
    let long = tenant.get(SUBSCRIPTIONS).await;
    assert_eq!((long.status, long.values().len()), (200, 33));
    assert!(long.body.to_string().len() > 2_000_000);
    tenant.stop().await;
}

#[tokio::test]
async fn answers_that_are_late_or_never_come() {
    let tenant = Tenant::start().await;
    tenant.sim.set_faults(vec![Fault::Slow { path: everywhere(), millis: 200 }]);
    let begun = Instant::now();
    assert_eq!(statuses(&tenant, 1).await, [200]);
    assert!(begun.elapsed() >= Duration::from_millis(200));
    tenant.sim.set_faults(vec![Fault::Hang { path: everywhere() }]);
    let waiting = tenant.try_send(Method::GET, SUBSCRIPTIONS, None);
    assert!(tokio::time::timeout(Duration::from_millis(100), waiting).await.is_err());
    tenant.stop().await;
}

#[tokio::test]
async fn flaky_answers_come_at_the_third_try() {
    let tenant = Tenant::start().await;
    tenant.sim.set_faults(vec![Fault::Flaky { percent: 70, seed: 5 }]);
    let mut failures = 0;
    for (round, query) in
        (0..20).flat_map(|round| [(round, "resources"), (round, "policyresources")])
    {
        let body = json!({"query": format!("{query} | limit {}", round + 1)});
        let mut tries = 0;
        loop {
            tries += 1;
            let path = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01";
            let answer = tenant.try_send(Method::POST, path, Some(&body)).await;
            if answer.is_ok_and(|answer| answer.status == 200 && answer.body.is_object()) {
                break;
            }
            failures += 1;
        }
        assert!(tries <= 3, "{tries}");
    }
    assert!(failures > 15, "{failures}");
    tenant.stop().await;
}

#[tokio::test]
async fn links_that_lead_astray() {
    let tenant = Tenant::start().await;
    let list = format!("{}/providers/{ACCOUNTS}?api-version=2025-06-01", largest_list(&tenant));
    let path = ACCOUNTS.to_owned();
    let link = async |fault: Fault, target: &str| {
        tenant.sim.set_faults(vec![fault]);
        tenant.get(target).await.body["nextLink"].as_str().map(str::to_owned)
    };
    let origin = "https://attacker.example".to_owned();
    let foreign = link(Fault::ForeignNextLink { path: path.clone(), origin }, &list).await.unwrap();
    assert!(foreign.starts_with("https://attacker.example/subscriptions/"), "{foreign}");
    let looping = Fault::LoopingNextLink { path: path.clone() };
    let once = link(looping.clone(), &list).await.unwrap();
    assert_eq!(link(looping, &once).await, Some(once));
    let mut seen = vec![list];
    for _ in 0..30 {
        let fault = Fault::EndlessNextLink { path: path.clone() };
        let next = link(fault, seen.last().unwrap()).await.unwrap();
        assert!(!seen.contains(&next));
        seen.push(next);
    }
    tenant.stop().await;
}

/// The subscription with the most accounts.
fn largest_list(tenant: &Tenant) -> String {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for account in tenant.of_type(ACCOUNTS) {
        let id = account["id"].as_str().unwrap();
        *counts.entry(id.split('/').take(3).collect::<Vec<_>>().join("/")).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).unwrap().0
}

#[tokio::test]
async fn things_that_go_during_a_scan() {
    let tenant = Tenant::start().await;
    let account = tenant.resource(ACCOUNTS)["id"].as_str().unwrap().to_owned();
    let subscription = tenant.subscription_with(ACCOUNTS);
    let target = format!("{account}?api-version=2025-06-01");
    let children = format!("{account}/deployments?api-version=2025-06-01");
    tenant.sim.set_faults(vec![Fault::DeletedAfter { id: account.to_uppercase(), requests: 2 }]);
    assert_eq!(tenant.get(&target).await.status, 200);
    assert_eq!(tenant.get(&children).await.status, 200);
    assert_eq!(tenant.get(&target).await.code(), "ResourceNotFound");
    assert_eq!(tenant.get(&children).await.code(), "ResourceNotFound");
    let query = format!("resources | where id =~ '{account}' | project id");
    assert_eq!(tenant.query(&query, json!({})).await.body["totalRecords"], 0);
    assert!(tenant.sim.object(&account).is_some(), "the truth is untouched");
    tenant.sim.set_faults(vec![Fault::SubscriptionGone { id: subscription.clone(), requests: 1 }]);
    assert_eq!(tenant.get(&target).await.status, 200);
    assert_eq!(tenant.get(&target).await.code(), "SubscriptionNotFound");
    let (seen, _) = tenant.read_all(SUBSCRIPTIONS).await;
    assert!(seen.iter().all(|own| own["id"] != subscription.as_str()));
    tenant.stop().await;
}
