//! Lists, single resources, and what is refused before they are looked at.

use postern_azure_sim::Fault;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{ACCOUNTS, SEARCH, Tenant, ids};

#[tokio::test]
async fn the_token_the_method_and_the_version_come_first() {
    let mut tenant = Tenant::start().await;
    let account = tenant.resource(ACCOUNTS)["id"].as_str().unwrap().to_owned();
    for (target, status, code) in [
        ("/subscriptions".to_owned(), 400, "MissingApiVersionParameter"),
        ("/subscriptions?api-version=2000-01-01".to_owned(), 400, "InvalidApiVersionParameter"),
        (format!("{account}?api-version=1"), 400, "InvalidApiVersionParameter"),
        (format!("{account}?api-version=2031-01-01"), 400, "NoRegisteredProviderFound"),
        (format!("{account}/deployments?api-version=2025-12-01"), 400, "NoRegisteredProviderFound"),
        (format!("{account}x?api-version=2025-06-01"), 404, "ResourceNotFound"),
        (format!("{account}x/deployments?api-version=2025-06-01"), 404, "ResourceNotFound"),
        (
            format!("/subscriptions/none/providers/{SEARCH}?api-version=2025-05-01"),
            404,
            "SubscriptionNotFound",
        ),
        ("/nothing?api-version=1".to_owned(), 404, "ResourceNotFound"),
    ] {
        let answer = tenant.get(&target).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{target}: {answer:?}");
        assert!(answer.headers.contains_key("x-ms-request-id"));
    }
    let version = tenant.get(&format!("{account}?api-version=2031-01-01")).await;
    let message = version.message();
    assert!(
        message.starts_with(
            "No registered resource provider found for location 'global' and API version '2031-01-01' for type \
             'accounts'. The supported api-versions are '2026-07-01"
        ),
        "{message}"
    );
    let target = format!("{account}?api-version=2025-06-01");
    assert_eq!(tenant.get(&target).await.body["id"], account);
    assert_eq!(
        tenant.get(&target.to_uppercase().replace("API-VERSION", "api-version")).await.body["id"],
        account
    );
    let put = tenant.try_send(Method::PUT, &target, Some(&json!({}))).await.unwrap();
    assert_eq!((put.status, put.code()), (405, "MethodNotAllowed"));
    tenant.token = "wrong".to_owned();
    assert_eq!(tenant.get(&target).await.code(), "InvalidAuthenticationToken");
    let bare = tenant.client.get(format!("{}{target}", tenant.sim.base_url()));
    assert_eq!(bare.send().await.unwrap().status(), 401);
    tenant.stop().await;
}

#[tokio::test]
async fn a_property_is_seen_from_its_first_version_on() {
    let tenant = Tenant::start().await;
    let account = tenant.resource(ACCOUNTS);
    let id = account["id"].as_str().unwrap();
    let list = id.rsplit_once('/').unwrap().0.split("/resourceGroups/").next().unwrap().to_owned();
    for (version, is_seen) in [("2025-06-01", false), ("2025-12-01", true), ("2026-07-01", true)] {
        let list = format!("{list}/providers/{ACCOUNTS}?api-version={version}");
        let (entries, _) = tenant.read_all(&list).await;
        let has_it = |entry: &Value| !entry["properties"]["storedCompletionsDisabled"].is_null();
        assert_eq!(entries.iter().any(has_it), is_seen, "{version}");
        for entry in entries.iter().filter(|entry| is_seen && has_it(entry)).take(1) {
            let target = format!("{}?api-version={version}", entry["id"].as_str().unwrap());
            assert_eq!(&tenant.get(&target).await.body, entry);
        }
    }
    tenant.stop().await;
}

#[tokio::test]
async fn lists_come_in_pages_and_hold_everything() {
    let tenant = Tenant::start().await;
    let (subscriptions, _) = tenant.read_all("/subscriptions?api-version=2022-12-01").await;
    let (mut total, mut pages) = (0, 0);
    for subscription in &subscriptions {
        let id = subscription["id"].as_str().unwrap();
        for (kind, version) in [
            (ACCOUNTS, "2026-07-01"),
            (SEARCH, "2025-05-01"),
            ("Microsoft.MachineLearningServices/workspaces", "2025-09-01"),
            ("Microsoft.BotService/botServices", "2022-09-15"),
        ] {
            let path = format!("{id}/providers/{kind}");
            let (entries, read) = tenant.read_all(&format!("{path}?api-version={version}")).await;
            assert_eq!(Some(&entries), tenant.sim.list(&path).as_ref());
            total += entries.len();
            pages += read;
        }
    }
    let assets = tenant.of_type(ACCOUNTS).len()
        + tenant.of_type(SEARCH).len()
        + tenant.of_type("Microsoft.MachineLearningServices/workspaces").len()
        + tenant.of_type("Microsoft.BotService/botServices").len();
    assert_eq!(total, assets);
    assert!(total >= 60);
    assert!(pages > subscriptions.len() * 4, "{pages}");
    assert!(tenant.sim.requests().len() > pages);
    assert_eq!(tenant.sim.request_count(), tenant.sim.requests().len());
    tenant.stop().await;
}

#[tokio::test]
async fn every_list_that_it_says_it_has_is_read() {
    let tenant = Tenant::start().await;
    let account = tenant.resource(ACCOUNTS)["id"].as_str().unwrap().to_owned();
    let subscription = tenant.subscription_with(ACCOUNTS);
    for (path, version) in [
        (format!("{account}/deployments"), "2025-06-01"),
        (format!("{account}/raiPolicies"), "2025-06-01"),
        (
            format!("{account}/providers/Microsoft.Insights/diagnosticSettings"),
            "2021-05-01-preview",
        ),
        (
            format!("{subscription}/providers/Microsoft.Insights/diagnosticSettings"),
            "2021-05-01-preview",
        ),
        (format!("{subscription}/providers/Microsoft.Authorization/locks"), "2020-05-01"),
        (
            format!("{subscription}/providers/Microsoft.Authorization/policyAssignments"),
            "2025-03-01",
        ),
        (format!("{subscription}/providers/Microsoft.Authorization/roleAssignments"), "2022-04-01"),
        (format!("{subscription}/providers/Microsoft.Authorization/roleDefinitions"), "2022-04-01"),
        (format!("{subscription}/providers/Microsoft.Security/pricings"), "2024-01-01"),
        (format!("{subscription}/providers/Microsoft.Consumption/budgets"), "2024-08-01"),
        (format!("{subscription}/providers/Microsoft.Network/privateEndpoints"), "2024-10-01"),
    ] {
        let (entries, _) = tenant.read_all(&format!("{path}?api-version={version}")).await;
        assert_eq!(Some(entries), tenant.sim.list(&path.to_uppercase()), "{path}");
    }
    tenant.stop().await;
}

#[tokio::test]
async fn generic_resources_are_filtered_by_type() {
    let tenant = Tenant::start().await;
    let subscription = tenant.subscription_with(SEARCH);
    let list = format!("{subscription}/resources?api-version=2021-04-01");
    let filter = format!("&$filter=resourceType eq '{ACCOUNTS}' or resourceType eq '{SEARCH}'");
    let (all, _) = tenant.read_all(&list).await;
    let (some, _) = tenant.read_all(&format!("{list}{filter}")).await;
    let mut expected: Vec<_> = tenant.of_type(ACCOUNTS);
    expected.extend(tenant.of_type(SEARCH));
    expected.retain(|value| value["id"].as_str().unwrap().starts_with(&format!("{subscription}/")));
    assert_eq!(ids(&some), ids(&expected));
    assert!(all.len() >= some.len() && !some.is_empty());
    assert!(
        some.iter().all(|value| value["properties"].is_null() && value["location"].is_string())
    );
    let odd = tenant.get(&format!("{list}&$filter=tagName eq 'owner'")).await;
    assert_eq!((odd.status, odd.code()), (400, "InvalidFilterInQueryString"));
    tenant.stop().await;
}

#[tokio::test]
async fn the_activity_log_wants_a_filter() {
    let tenant = Tenant::start().await;
    let subscription = tenant.subscription_with(ACCOUNTS);
    let path = format!("{subscription}/providers/Microsoft.Insights/eventtypes/management/values");
    let list = format!("{path}?api-version=2015-04-01");
    let refused = tenant.get(&list).await;
    assert_eq!((refused.status, refused.code()), (400, "BadRequest"));
    assert!(refused.body["error"].is_null(), "Azure Monitor's errors are bare: {refused:?}");
    let window = |from: &str| {
        format!(
            "&$filter=eventTimestamp ge '{from}' and eventTimestamp le '2026-01-06T00:00:00Z' and \
             resourceProvider eq 'Microsoft.CognitiveServices'&$select=eventTimestamp,operationName"
        )
    };
    let old = tenant.get(&format!("{list}{}", window("2025-06-01T00:00:00Z"))).await;
    assert_eq!(old.body["message"], "The start time cannot be more than 90 days in the past.");
    let target = format!("{list}{}", window("2025-12-01T00:00:00Z"));
    let (events, _) = tenant.read_all(&target).await;
    let query = target.split_once('?').unwrap().1;
    assert_eq!(Some(&events), tenant.sim.list(&format!("{path}?{query}")).as_ref());
    let held = tenant.sim.events(&subscription);
    assert!(events.len() <= held.len());
    for event in &events {
        assert_eq!(event.as_object().unwrap().len(), 2, "{event}");
    }
    let odd = tenant.get(&format!("{list}&$filter=caller eq 'somebody'")).await;
    assert_eq!(odd.status, 400);
    tenant.stop().await;
}

#[tokio::test]
async fn costs_are_summed_by_day_service_and_resource() {
    let tenant = Tenant::start().await;
    let subscription = tenant.subscription_with(ACCOUNTS);
    let path =
        format!("{subscription}/providers/Microsoft.CostManagement/query?api-version=2025-03-01");
    let mut body = json!({
        "type": "ActualCost", "timeframe": "MonthToDate",
        "dataset": {
            "granularity": "Daily",
            "aggregation": {"totalCost": {"name": "Cost", "function": "Sum"}},
            "grouping": [
                {"type": "Dimension", "name": "ServiceName"},
                {"type": "Dimension", "name": "ResourceId"}
            ]
        }
    });
    let answer = tenant.post(&path, &body).await;
    let properties = &answer.body["properties"];
    let names: Vec<&str> = properties["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Cost", "UsageDate", "ServiceName", "ResourceId", "Currency"]);
    for row in properties["rows"].as_array().unwrap() {
        assert_eq!(row.as_array().unwrap().len(), 5, "{row}");
    }
    assert!(answer.headers.contains_key("x-ms-ratelimit-microsoft.costmanagement-qpu-remaining"));
    body["timeframe"] = json!("Forever");
    assert_eq!(tenant.post(&path, &body).await.status, 400);
    assert_eq!(tenant.get(&path).await.status, 405);
    tenant.stop().await;
}

#[tokio::test]
async fn an_account_has_metrics_of_its_use() {
    let tenant = Tenant::start().await;
    let accounts = tenant.sim.resources().into_iter();
    let account = accounts
        .filter_map(|resource| resource["id"].as_str().map(str::to_owned))
        .find(|id| id.contains("/Microsoft.CognitiveServices/accounts/"))
        .unwrap();
    let path = |id: &str, query: &str| {
        format!("{id}/providers/Microsoft.Insights/metrics?api-version=2024-02-01&{query}")
    };
    let asked = "metricnames=ProcessedPromptTokens,GeneratedTokens&interval=P1D\
                 &timespan=2025-12-29T00:00:00Z/2026-01-05T00:00:00Z";
    let answer = tenant.get(&path(&account, asked)).await;
    assert_eq!(answer.values().len(), 2);
    for metric in answer.values() {
        assert_eq!(metric["timeseries"][0]["data"].as_array().unwrap().len(), 7, "{metric}");
    }
    assert_eq!(tenant.get(&path(&account, "metricnames=Nonsense")).await.status, 400);
    assert_eq!(tenant.get(&path(&format!("{account}-gone"), asked)).await.status, 404);
    tenant.stop().await;
}

#[tokio::test]
async fn management_groups_have_descendants() {
    let tenant = Tenant::start().await;
    let path = |name: &str| {
        format!(
            "/providers/Microsoft.Management/managementGroups/{name}/descendants?api-version=2020-05-01"
        )
    };
    let missing = tenant.get(&path("nobody")).await;
    assert_eq!((missing.status, missing.code()), (404, "NotFound"));
    let (subscriptions, _) = tenant.read_all("/subscriptions?api-version=2022-12-01").await;
    let root = tenant.sim.tenant_id().to_owned();
    let (below, _) = tenant.read_all(&path(&root)).await;
    let found: Vec<_> = below
        .iter()
        .filter(|entry| entry["type"] == "Microsoft.Management/managementGroups/subscriptions")
        .cloned()
        .collect();
    assert_eq!(ids(&found), ids(&subscriptions));
    for entry in &below {
        let parent = entry["properties"]["parent"]["id"].as_str().unwrap();
        assert!(parent.starts_with("/providers/Microsoft.Management/managementGroups/"), "{entry}");
    }
    tenant.sim.set_faults(vec![Fault::Denied {
        scope: String::new(),
        action: "Microsoft.Management/managementGroups/descendants/read".into(),
    }]);
    let denied = tenant.get(&path(&root)).await;
    assert_eq!((denied.status, denied.code()), (403, "AuthorizationFailed"));
    tenant.stop().await;
}
