//! Role-based access control: what is refused, and what is silently left out.

use postern_azure_sim::Fault;
use serde_json::{Value, json};

use crate::client::{ACCOUNTS, SEARCH, Tenant, ids};

fn denied(scope: &str, action: &str) -> Fault {
    Fault::Denied { scope: scope.to_owned(), action: action.to_owned() }
}

#[tokio::test]
async fn what_is_denied_is_refused_by_name_and_missing_in_the_graph() {
    let tenant = Tenant::start().await;
    let subscription = tenant.subscription_with(SEARCH);
    let list = format!("{subscription}/providers/{SEARCH}?api-version=2025-05-01");
    tenant.sim.set_faults(vec![denied(&subscription, "Microsoft.Search/searchServices/read")]);
    let refused = tenant.get(&list).await;
    assert_eq!((refused.status, refused.code()), (403, "AuthorizationFailed"));
    let expected = format!(
        "to perform action 'Microsoft.Search/searchServices/read' over scope '{subscription}'"
    );
    assert!(refused.message().contains(&expected), "{}", refused.message());
    let service = tenant.resource(SEARCH)["id"].as_str().unwrap().to_owned();
    assert_eq!(tenant.get(&format!("{service}?api-version=2025-05-01")).await.status, 403);
    let rows = tenant.query("resources", json!({"$top": 1000})).await.body["data"].clone();
    let rows: Vec<Value> = rows.as_array().unwrap().clone();
    let hidden = rows.iter().filter(|row| {
        row["type"] == "microsoft.search/searchservices"
            && row["id"].as_str().unwrap().starts_with(&subscription)
    });
    assert_eq!(hidden.count(), 0);
    assert!(rows.iter().any(|row| row["type"] == "microsoft.cognitiveservices/accounts"));
    // Its children need another action.
    let children = format!("{service}/sharedPrivateLinkResources?api-version=2025-05-01");
    assert_eq!(tenant.get(&children).await.status, 200);
    tenant.stop().await;
}

#[tokio::test]
async fn permissions_say_what_is_denied() {
    let tenant = Tenant::start().await;
    let subscription = tenant.subscription_with(ACCOUNTS);
    let path = format!(
        "{subscription}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
    );
    let reader = tenant.get(&path).await;
    assert_eq!(
        reader.values()[0],
        json!({"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []})
    );
    let locks = "Microsoft.Authorization/locks/read";
    tenant.sim.set_faults(vec![
        denied(&subscription, locks),
        denied(
            &format!("{subscription}/resourceGroups/rg"),
            "Microsoft.Insights/diagnosticSettings/read",
        ),
        denied("", "Microsoft.CostManagement/query/action"),
    ]);
    let less = tenant.get(&path).await;
    for entry in less.values() {
        assert_eq!(entry["notActions"], json!([locks, "Microsoft.CostManagement/query/action"]));
    }
    let list =
        format!("{subscription}/providers/Microsoft.Authorization/locks?api-version=2020-05-01");
    assert_eq!(tenant.get(&list).await.status, 403);
    let cost =
        format!("{subscription}/providers/Microsoft.CostManagement/query?api-version=2025-03-01");
    assert_eq!(tenant.post(&cost, &json!({})).await.code(), "AuthorizationFailed");
    tenant.stop().await;
}

#[tokio::test]
async fn a_denial_below_a_list_leaves_entries_out() {
    let tenant = Tenant::start().await;
    let subscription = tenant.subscription_with(ACCOUNTS);
    let list = format!("{subscription}/providers/{ACCOUNTS}?api-version=2025-06-01");
    let (all, _) = tenant.read_all(&list).await;
    let hidden = all[0]["id"].as_str().unwrap();
    tenant.sim.set_faults(vec![denied(hidden, "Microsoft.CognitiveServices/accounts/read")]);
    let (rest, _) = tenant.read_all(&list).await;
    assert_eq!(rest[..], all[1..]);
    let diagnostics = format!(
        "{hidden}/providers/Microsoft.Insights/diagnosticSettings?api-version=2021-05-01-preview"
    );
    assert_eq!(tenant.get(&diagnostics).await.status, 200);
    tenant.stop().await;
}

#[tokio::test]
async fn an_invisible_subscription_is_not_listed() {
    let tenant = Tenant::start().await;
    let subscriptions = "/subscriptions?api-version=2022-12-01";
    let (all, _) = tenant.read_all(subscriptions).await;
    let subscription = tenant.subscription_with(ACCOUNTS);
    tenant.sim.set_faults(vec![denied(&subscription, "*")]);
    let (seen, _) = tenant.read_all(subscriptions).await;
    assert_eq!(seen.len(), all.len() - 1);
    assert!(!ids(&seen).contains(&subscription.to_lowercase()));
    let list = format!("{subscription}/providers/{ACCOUNTS}?api-version=2025-06-01");
    assert_eq!(tenant.get(&list).await.code(), "AuthorizationFailed");
    let id = subscription.trim_start_matches("/subscriptions/");
    let query = tenant.graph(&json!({"query": "resources", "subscriptions": [id]})).await;
    assert_eq!(query.status, 403);
    tenant.stop().await;
}
