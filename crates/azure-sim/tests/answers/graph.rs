//! Resource Graph: what it understands, what it refuses, and its pages.

use postern_azure_sim::Fault;
use serde_json::{Value, json};

use crate::client::{ACCOUNTS, SEARCH, Tenant, ids};

const ASSETS: &str = "resources | where type in~ ('Microsoft.CognitiveServices/accounts', \
                      'microsoft.search/searchservices') | project id, name, type, properties";

fn rows(answer: &crate::client::Answer) -> &Vec<Value> {
    answer.body["data"].as_array().unwrap_or_else(|| panic!("no rows: {answer:?}"))
}

#[tokio::test]
async fn rows_have_azures_columns() {
    let tenant = Tenant::start().await;
    let answer = tenant
        .query("Resources | where type == 'microsoft.search/searchservices'", json!({}))
        .await;
    let row = &rows(&answer)[0];
    let resource = tenant.sim.object(row["id"].as_str().unwrap()).unwrap();
    assert_eq!(row["type"], "microsoft.search/searchservices");
    assert_eq!((&row["kind"], &row["managedBy"]), (&json!(""), &json!("")));
    assert_eq!(row["properties"], resource["properties"]);
    assert_eq!(row["zones"], Value::Null);
    assert_eq!(row["tenantId"], tenant.sim.tenant_id());
    let group = row["resourceGroup"].as_str().unwrap();
    assert_eq!(group, group.to_lowercase());
    assert!(row["id"].as_str().unwrap().contains(row["subscriptionId"].as_str().unwrap()));
    assert_eq!(row.as_object().unwrap().len(), 16);
    assert_eq!(answer.body["facets"], json!([]));
    let mine: Vec<Value> = tenant.sim.rows("resources");
    assert!(mine.contains(row));
    assert_eq!(mine.len(), tenant.sim.resources().len());
    tenant.stop().await;
}

#[tokio::test]
async fn pages_follow_the_token() {
    let tenant = Tenant::start().await;
    let (mut found, mut token, mut pages) = (Vec::new(), None, 0);
    loop {
        let mut options = json!({"$top": 7});
        if let Some(token) = &token {
            options["$skipToken"] = json!(token);
        }
        let answer = tenant.query(ASSETS, options).await;
        assert_eq!(answer.body["resultTruncated"], "false");
        assert_eq!(answer.body["count"], rows(&answer).len());
        found.extend(rows(&answer).clone());
        assert_eq!(rows(&answer)[0].as_object().unwrap().len(), 4);
        pages += 1;
        token = answer.body["$skipToken"].as_str().map(str::to_owned);
        if token.is_none() {
            assert_eq!(answer.body["totalRecords"], found.len());
            break;
        }
    }
    let mut expected = tenant.of_type(ACCOUNTS);
    expected.extend(tenant.of_type(SEARCH));
    assert_eq!(ids(&found), ids(&expected));
    assert_eq!(pages, found.len().div_ceil(7));
    // Another query does not take the token, and without an id there is none.
    let token = tenant.query(ASSETS, json!({"$top": 1})).await.body["$skipToken"].clone();
    let stolen = tenant.query("resources", json!({"$skipToken": token})).await;
    assert_eq!((stolen.status, stolen.code()), (400, "BadRequest"));
    let cut = tenant.query("resources | project name", json!({"$top": 2})).await;
    assert_eq!(
        (&cut.body["resultTruncated"], &cut.body["$skipToken"]),
        (&json!("true"), &Value::Null)
    );
    for top in [json!(0), json!(1001), json!("5")] {
        assert_eq!(tenant.query("resources", json!({"$top": top})).await.status, 400);
    }
    let skipped = tenant.query(ASSETS, json!({"$top": 3, "$skip": 2})).await;
    assert_eq!(rows(&skipped)[..], found[2..5]);
    tenant.stop().await;
}

#[tokio::test]
async fn the_language_filters_sorts_and_counts() {
    let tenant = Tenant::start().await;
    let accounts = tenant.of_type(ACCOUNTS);
    let count = async |condition: &str| {
        let query = format!("resources | where type =~ '{ACCOUNTS}' | where {condition} | count");
        let answer = tenant.query(&query, json!({})).await;
        assert_eq!(answer.status, 200, "{condition}: {answer:?}");
        usize::try_from(rows(&answer)[0]["Count"].as_u64().unwrap()).unwrap()
    };
    let expect = |holds: fn(&Value) -> bool| accounts.iter().filter(|own| holds(own)).count();
    let kind = |own: &Value, text: &str| own["kind"] == text;
    assert_eq!(count("kind == 'OpenAI'").await, expect(|own| own["kind"] == "OpenAI"));
    assert_eq!(count("kind == 'openai'").await, 0);
    assert_eq!(
        count("kind != 'OpenAI' and not(kind =~ 'aiservices')").await,
        accounts.iter().filter(|own| !kind(own, "OpenAI") && !kind(own, "AIServices")).count()
    );
    assert_eq!(
        count("properties.disableLocalAuth == true").await,
        expect(|own| own["properties"]["disableLocalAuth"] == true)
    );
    assert_eq!(
        count("isnotnull(properties.disableLocalAuth)").await,
        expect(|own| !own["properties"]["disableLocalAuth"].is_null())
    );
    assert_eq!(
        count("properties.disableLocalAuth != true").await,
        expect(|own| own["properties"]["disableLocalAuth"] != true)
    );
    assert_eq!(
        count("isempty(tostring(properties['disableLocalAuth']))").await,
        expect(|own| own["properties"]["disableLocalAuth"].is_null())
    );
    assert_eq!(
        count("properties.callRateLimit.rules[0].count >= 10").await,
        expect(|own| own["properties"]["callRateLimit"]["rules"][0]["count"].as_u64() >= Some(10))
    );
    assert_eq!(count("name has_any ('nothing-has-this') or id !contains 'providers'").await, 0);
    assert_eq!(
        count("id startswith '/SUBSCRIPTIONS/' and tolower(type) endswith 'accounts'").await,
        accounts.len()
    );
    assert_eq!(
        count("kind !in~ ('openai', 'aiservices')").await,
        count("kind !in ('OpenAI', 'AIServices')").await
    );
    let by_kind = tenant
        .query(
            &format!(
                "resources | where type =~ '{ACCOUNTS}' | summarize n = count() by kind | order by kind asc"
            ),
            json!({}),
        )
        .await;
    let total: u64 = rows(&by_kind).iter().map(|row| row["n"].as_u64().unwrap()).sum();
    assert_eq!(total, accounts.len() as u64);
    let by_text = "resources | summarize count() by tostring(properties.provisioningState)";
    let by_text = tenant.query(by_text, json!({})).await;
    assert!(
        rows(&by_text).iter().all(|row| {
            row["count_"].is_u64() && row["properties_provisioningState"].is_string()
        })
    );
    let distinct = tenant.query("resources | distinct location", json!({})).await;
    assert!(rows(&distinct).len() > 1);
    let sorted = tenant
        .query(
            "resources | extend lower = tolower(name) | order by lower desc \
             | project id, lower, first = properties.provisioningState | limit 5",
            json!({}),
        )
        .await;
    let names: Vec<&str> = rows(&sorted).iter().map(|row| row["lower"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 5);
    assert!(names.is_sorted_by(|a, b| a >= b), "{names:?}");
    tenant.stop().await;
}

#[tokio::test]
async fn what_is_not_known_is_refused_by_name() {
    let tenant = Tenant::start().await;
    for (query, code, token) in [
        ("resourcez", "InvalidTable", "resourcez"),
        ("resources | mv-expand properties", "UnsupportedOperator", "mv"),
        ("resources | join (policyresources) on id", "UnsupportedOperator", "join"),
        ("resources | where names == 'a'", "InvalidColumnName", "names"),
        ("resources | project id | where name == 'a'", "InvalidColumnName", "name"),
        ("resources | where parse_json(name) == 'a'", "UnknownFunction", "parse_json"),
        ("resources | where name matches 'a'", "ParserFailure", "matches"),
        ("resources | where name.first == 'a'", "InvalidPath", "first"),
        ("resources | where properties.x", "InvalidCondition", "x"),
        ("resources | where", "ParserFailure", "<EOF>"),
        ("resources | where name == 'a", "ParserFailure", "'"),
        ("resources | order by properties.x", "OrderByDynamic", "x"),
        ("resources | summarize max(name) by kind", "UnsupportedAggregation", "max"),
        ("resources | summarize count() by properties.x", "DynamicKey", "x"),
    ] {
        let answer = tenant.query(query, json!({})).await;
        assert_eq!((answer.status, answer.code()), (400, "BadRequest"), "{query}");
        let details = &answer.body["error"]["details"];
        assert_eq!(details[0]["code"], "InvalidQuery", "{query}");
        assert_eq!(
            (&details[1]["code"], &details[1]["token"]),
            (&json!(code), &json!(token)),
            "{query}: {details}"
        );
    }
    let tables = ["authorizationresources", "policyresources", "SecurityResources"];
    for table in tables {
        let answer = tenant
            .query(table, json!({"$top": 1000, "authorizationScopeFilter": "AtScopeAboveAndBelow"}))
            .await;
        assert_eq!(answer.body["totalRecords"], tenant.sim.rows(table).len(), "{table}");
    }
    tenant.stop().await;
}

#[tokio::test]
async fn a_query_is_over_the_subscriptions_that_it_names() {
    let tenant = Tenant::start().await;
    let subscription = tenant.subscription_with(SEARCH);
    let id = subscription.trim_start_matches("/subscriptions/");
    let answer = tenant
        .graph(&json!({"query": "resources", "subscriptions": [id.to_uppercase(), "other"]}))
        .await;
    assert!(!rows(&answer).is_empty());
    assert!(rows(&answer).iter().all(|row| row["subscriptionId"] == id));
    let none = tenant.graph(&json!({"query": "resources", "subscriptions": ["other"]})).await;
    assert_eq!((none.status, none.code()), (403, "AccessDenied"));
    let all =
        json!({"query": "resources | project id", "managementGroups": [tenant.sim.tenant_id()]});
    assert_eq!(tenant.graph(&all).await.body["totalRecords"], tenant.sim.resources().len());
    tenant.stop().await;
}

#[tokio::test]
async fn faults_of_the_graph() {
    let tenant = Tenant::start().await;
    let total = tenant.query(ASSETS, json!({})).await.body["totalRecords"].as_u64().unwrap();
    tenant.sim.set_faults(vec![Fault::GraphTruncated]);
    let half = tenant.query(ASSETS, json!({"$top": 1000})).await;
    assert_eq!(
        (&half.body["resultTruncated"], &half.body["$skipToken"]),
        (&json!("true"), &Value::Null)
    );
    assert_eq!(half.body["count"], total / 2);
    tenant.sim.set_faults(vec![Fault::GraphRefused { status: 500 }]);
    assert_eq!(tenant.query(ASSETS, json!({})).await.status, 500);
    let account = tenant.resource(ACCOUNTS)["id"].as_str().unwrap().to_owned();
    let shows = async || {
        let answer = tenant.query(ASSETS, json!({"$top": 1000})).await;
        let is_known = ids(rows(&answer)).contains(&account.to_lowercase());
        (is_known, tenant.get(&format!("{account}?api-version=2025-06-01")).await.status)
    };
    assert_eq!(
        {
            tenant.sim.set_faults(vec![]);
            shows().await
        },
        (true, 200)
    );
    tenant.sim.set_faults(vec![Fault::GraphLag { ids: vec![account.clone()] }]);
    assert_eq!(shows().await, (false, 200));
    tenant.sim.set_faults(vec![Fault::GraphStale { ids: vec![account.clone()] }]);
    assert_eq!(shows().await, (true, 404));
    let subscription = tenant.subscription_with(ACCOUNTS);
    tenant.sim.set_faults(vec![
        Fault::OddResource { id: account.clone(), with: json!({"id": 5, "properties": "none"}) },
        Fault::OddRow { row: json!({"type": SEARCH, "name": "nameless"}) },
        Fault::OddRow { row: json!(null) },
    ]);
    let odd = tenant.query(ASSETS, json!({"$top": 1000})).await;
    assert!(rows(&odd).iter().any(|row| row["id"] == 5 && row["properties"] == "none"));
    assert!(rows(&odd).iter().any(|row| row["name"] == "nameless"));
    assert!(rows(&odd).contains(&Value::Null));
    assert_eq!(odd.body["totalRecords"], total + 2);
    assert_eq!(tenant.get(&format!("{account}?api-version=2025-06-01")).await.body["id"], 5);
    let (accounts, _) = tenant
        .read_all(&format!("{subscription}/providers/{ACCOUNTS}?api-version=2025-06-01"))
        .await;
    assert!(
        accounts.contains(&Value::Null) && !accounts.iter().any(|own| own["name"] == "nameless")
    );
    tenant.stop().await;
}
