//! Azure's quotas, at another speed.

use std::time::{Duration, Instant};

use postern_azure_sim::{Quotas, SimOptions};
use serde_json::json;

use crate::client::{ACCOUNTS, Tenant, options};

async fn start(speed: f64) -> Tenant {
    Tenant::start_with(SimOptions { quotas: Quotas::Scaled { speed }, ..options() }).await
}

#[tokio::test]
async fn resource_graph_takes_fifteen_queries_and_opens_again() {
    let tenant = start(5.0).await;
    let ask = async || tenant.query("resources | project id", json!({"$top": 1})).await;
    let mut answers = Vec::new();
    // A window is a second long here: sixteen queries fit into one sooner or later.
    while answers.len() < 2000 {
        let answer = ask().await;
        let is_refused = answer.status == 429;
        answers.push(answer);
        if is_refused {
            break;
        }
    }
    let refused = answers.pop().unwrap();
    assert_eq!((refused.status, refused.code()), (429, "RateLimiting"));
    assert_eq!(refused.header("x-ms-user-quota-remaining"), "0");
    assert!(refused.header("x-ms-user-quota-resets-after").starts_with("00:00:0"));
    let seconds: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=5).contains(&seconds));
    assert!(answers.len() >= 15 && answers[0].header("x-ms-user-quota-remaining") == "14");
    // Five of Azure's seconds are one of ours: before that it goes on refusing.
    let refused_at = Instant::now();
    let mut refusals = 1;
    while ask().await.status == 429 {
        refusals += 1;
    }
    assert!(refused_at.elapsed() > Duration::from_secs(1) * (seconds - 1) / 5);
    assert_eq!(tenant.sim.throttled_count(), refusals);
    tenant.stop().await;
}

#[tokio::test]
async fn a_subscriptions_reads_run_out_for_it_alone() {
    // So slow that nothing comes back during the test.
    let tenant = start(0.001).await;
    let subscription = tenant.subscription_with(ACCOUNTS);
    let locks =
        format!("{subscription}/providers/Microsoft.Authorization/locks?api-version=2020-05-01");
    let first = tenant.get(&locks).await;
    assert_eq!(first.header("x-ms-ratelimit-remaining-subscription-reads"), "249");
    assert_eq!(first.header("x-ms-ratelimit-remaining-subscription-global-reads"), "3749");
    for _ in 0..249 {
        assert_eq!(tenant.get(&locks).await.status, 200);
    }
    for _ in 0..2 {
        let refused = tenant.get(&locks).await;
        assert_eq!((refused.status, refused.code()), (429, "SubscriptionRequestsThrottled"));
        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(refused.header("x-ms-ratelimit-remaining-subscription-reads"), "0");
    }
    // Another provider has its own counter, and the tenant has one.
    let accounts =
        tenant.get(&format!("{subscription}/providers/{ACCOUNTS}?api-version=2025-06-01")).await;
    assert_eq!(accounts.header("x-ms-ratelimit-remaining-subscription-resource-requests"), "599");
    assert_eq!(accounts.header("x-ms-ratelimit-remaining-subscription-reads"), "");
    let list = tenant.get("/subscriptions?api-version=2022-12-01").await;
    assert_eq!(list.header("x-ms-ratelimit-remaining-tenant-reads"), "249");
    assert_eq!(tenant.sim.throttled_count(), 2);
    tenant.stop().await;
}

#[tokio::test]
async fn cost_queries_are_few() {
    let tenant = start(0.001).await;
    let path = format!(
        "{}/providers/Microsoft.CostManagement/query?api-version=2025-03-01",
        tenant.subscription_with(ACCOUNTS)
    );
    let mut statuses = Vec::new();
    for _ in 0..13 {
        statuses.push(tenant.post(&path, &json!({})).await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 12);
    assert_eq!(statuses[12], 429);
    tenant.stop().await;
}

#[tokio::test]
async fn without_quotas_the_headers_say_that_much_is_left() {
    let tenant = Tenant::start().await;
    for _ in 0..30 {
        let answer = tenant.query("resources | project id", json!({})).await;
        assert_eq!((answer.status, answer.header("x-ms-user-quota-remaining")), (200, "14"));
    }
    tenant.stop().await;
}
