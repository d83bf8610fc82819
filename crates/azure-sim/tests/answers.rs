//! The simulated Azure answers as Azure does, seen by a plain HTTPS client.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

use postern_azure_sim::{AzureSim, EstateSource, Fault, SimError, SimOptions};
use reqwest::{Certificate, Client, StatusCode};
use serde_json::Value;
use time::macros::date;

fn options() -> SimOptions {
    SimOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        seed: 3,
        day: date!(2026 - 01 - 05),
        estate: EstateSource::Seeded { assets: 60 },
        host_names: vec!["azure-sim".to_owned()],
    }
}

fn client(sim: &AzureSim) -> Client {
    let ca = Certificate::from_pem(sim.ca_pem().as_bytes()).unwrap();
    Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap()
}

async fn ask_entra(sim: &AzureSim, tenant: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let response = client(sim)
        .post(format!("{}/{tenant}/oauth2/v2.0/token", sim.base_url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .unwrap();
    (response.status(), serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}

async fn token(sim: &AzureSim) -> String {
    let scope = format!("{}/.default", sim.base_url());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", sim.client_id()),
        ("client_secret", sim.client_secret()),
        ("scope", &scope),
    ];
    let (status, body) = ask_entra(sim, sim.tenant_id(), &form).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn entra_names_what_is_wrong() {
    let sim = AzureSim::start(options()).await.unwrap();
    let scope = format!("{}/.default", sim.base_url());
    let (tenant, id, secret) = (sim.tenant_id(), sim.client_id(), sim.client_secret());
    for (tenant, grant, id, secret, scope, code) in [
        ("elsewhere", "client_credentials", id, secret, scope.as_str(), 90_002),
        (tenant, "password", id, secret, &scope, 70_003),
        (tenant, "client_credentials", "nobody", secret, &scope, 700_016),
        (tenant, "client_credentials", id, "wrong", &scope, 7_000_215),
        (tenant, "client_credentials", id, secret, "https://elsewhere/.default", 500_011),
    ] {
        let form =
            [("grant_type", grant), ("client_id", id), ("client_secret", secret), ("scope", scope)];
        let (status, body) = ask_entra(&sim, tenant, &form).await;
        assert!(status.is_client_error());
        assert_eq!(body["error_codes"][0], code);
        assert!(
            body["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{code}: "))
        );
    }
    sim.stop().await;
}

#[tokio::test]
async fn arm_checks_the_token_and_the_api_version_and_pages() {
    let sim = AzureSim::start(options()).await.unwrap();
    let (client, token, base) = (client(&sim), token(&sim).await, sim.base_url());
    let ask = async |url: &str, bearer: &str| {
        let mut request = client.get(url);
        if !bearer.is_empty() {
            request = request.bearer_auth(bearer);
        }
        let response = request.send().await.unwrap();
        assert!(response.headers().contains_key("x-ms-request-id"));
        let status = response.status().as_u16();
        let body: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned(), body)
    };
    let subscriptions = format!("{base}/subscriptions?api-version=2022-12-01");
    for (url, bearer, status, code) in [
        (subscriptions.clone(), "", 401, "AuthenticationFailed"),
        (subscriptions.clone(), "wrong", 401, "InvalidAuthenticationToken"),
        (format!("{base}/subscriptions"), token.as_str(), 400, "MissingApiVersionParameter"),
        (
            format!(
                "{base}/subscriptions/none/providers/Microsoft.Search/searchServices?api-version=1"
            ),
            &token,
            404,
            "SubscriptionNotFound",
        ),
        (format!("{base}/nothing?api-version=1"), &token, 404, "ResourceNotFound"),
    ] {
        let (answered, said, _) = ask(&url, bearer).await;
        assert_eq!((answered, said.as_str()), (status, code), "{url}");
    }
    let (_, _, listed) = ask(&subscriptions, &token).await;
    let mut total = 0;
    let mut pages = 0;
    for subscription in listed["value"].as_array().unwrap() {
        let id = subscription["id"].as_str().unwrap();
        for list in [
            "CognitiveServices/accounts",
            "Search/searchServices",
            "MachineLearningServices/workspaces",
        ] {
            let mut next = Some(format!("{base}{id}/providers/Microsoft.{list}?api-version=1"));
            while let Some(url) = next {
                let (status, _, page) = ask(&url, &token).await;
                assert_eq!(status, 200);
                total += page["value"].as_array().unwrap().len();
                pages += 1;
                next = page["nextLink"].as_str().map(str::to_owned);
            }
        }
    }
    assert_eq!(total, 60);
    assert!(pages > 12, "{pages}");
    assert!(sim.requests().len() > pages);
    sim.set_faults(vec![Fault::Throttle { path: String::new(), retry_after: 7, times: 1 }]);
    let throttled = client.get(&subscriptions).bearer_auth(&token).send().await.unwrap();
    assert_eq!(
        (throttled.status().as_u16(), throttled.headers()["retry-after"].to_str().unwrap()),
        (429, "7")
    );
    assert_eq!(ask(&subscriptions, &token).await.0, 200);
    sim.stop().await;
}

#[tokio::test]
async fn what_keeps_it_from_starting_is_said() {
    let sim = AzureSim::start(options()).await.unwrap();
    let taken = sim.base_url().trim_start_matches("https://").parse().unwrap();
    let error = AzureSim::start(SimOptions { listen: taken, ..options() }).await.unwrap_err();
    assert_eq!(error.to_string(), format!("the simulated Azure cannot listen on {taken}"));
    let estate = EstateSource::Folder("no/such/folder".into());
    let error = AzureSim::start(SimOptions { estate, ..options() }).await.unwrap_err();
    assert!(matches!(error, SimError::Folder { .. }), "{error}");
    sim.stop().await;
    // Stopping frees the port.
    AzureSim::start(SimOptions { listen: taken, ..options() }).await.unwrap().stop().await;
}

#[tokio::test]
async fn behind_a_host_name_its_links_and_its_audience_have_that_name() {
    let sim = AzureSim::start(options()).await.unwrap();
    let address: std::net::SocketAddr =
        sim.base_url().trim_start_matches("https://").parse().unwrap();
    let ca = Certificate::from_pem(sim.ca_pem().as_bytes()).unwrap();
    let client = Client::builder()
        .no_proxy()
        .tls_certs_only([ca])
        .resolve("azure-sim", address)
        .build()
        .unwrap();
    let base = format!("https://azure-sim:{}", address.port());
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", sim.client_id())
        .append_pair("client_secret", sim.client_secret())
        .append_pair("scope", &format!("{base}/.default"))
        .finish();
    let response = client
        .post(format!("{base}/{}/oauth2/v2.0/token", sim.tenant_id()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let token: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    let mut links = 0;
    let get = async |path: &str| -> Value {
        let request = client.get(format!("{base}{path}?api-version=1"));
        let response =
            request.bearer_auth(token["access_token"].as_str().unwrap()).send().await.unwrap();
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    };
    for subscription in get("/subscriptions").await["value"].as_array().unwrap() {
        let id = subscription["id"].as_str().unwrap();
        let page = get(&format!("{id}/providers/Microsoft.CognitiveServices/accounts")).await;
        if let Some(link) = page["nextLink"].as_str() {
            assert!(link.starts_with(&format!("{base}/subscriptions/")), "{link}");
            links += 1;
        }
    }
    assert!(links > 0);
    sim.stop().await;
}
