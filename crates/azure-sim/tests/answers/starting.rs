//! Starting, stopping, and being reached by another name.

use postern_azure_sim::{AzureSim, EstateSource, SimError, SimOptions};
use reqwest::{Certificate, Client, StatusCode};
use serde_json::Value;

use crate::client::options;

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
        let request = client.get(format!("{base}{path}"));
        let response =
            request.bearer_auth(token["access_token"].as_str().unwrap()).send().await.unwrap();
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    };
    for subscription in
        get("/subscriptions?api-version=2022-12-01").await["value"].as_array().unwrap()
    {
        let id = subscription["id"].as_str().unwrap();
        let page = get(&format!(
            "{id}/providers/Microsoft.CognitiveServices/accounts?api-version=2025-06-01"
        ))
        .await;
        if let Some(link) = page["nextLink"].as_str() {
            assert!(link.starts_with(&format!("{base}/subscriptions/")), "{link}");
            links += 1;
        }
    }
    assert!(links > 0);
    sim.stop().await;
}
