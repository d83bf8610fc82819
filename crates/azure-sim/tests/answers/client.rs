//! A plain HTTPS client of a simulated Azure.

use postern_azure_sim::{AzureSim, EstateSource, Quotas, SimOptions};
use reqwest::header::HeaderMap;
use reqwest::{Certificate, Client, Method, StatusCode};
use serde_json::{Value, json};
use time::macros::date;

pub fn options() -> SimOptions {
    SimOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        seed: 3,
        day: date!(2026 - 01 - 05),
        estate: EstateSource::Company { assets: 60 },
        host_names: vec!["azure-sim".to_owned()],
        quotas: Quotas::Off,
    }
}

/// A simulated Azure with somebody signed in.
pub struct Tenant {
    pub sim: AzureSim,
    pub client: Client,
    pub token: String,
}

/// An answer, or that there was none.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Null where it is not JSON.
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        let error = if self.body["error"].is_object() { &self.body["error"] } else { &self.body };
        error["code"].as_str().unwrap_or_default()
    }

    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn values(&self) -> &Vec<Value> {
        self.body["value"].as_array().unwrap_or_else(|| panic!("no list: {self:?}"))
    }
}

pub fn client(sim: &AzureSim) -> Client {
    let ca = Certificate::from_pem(sim.ca_pem().as_bytes()).unwrap();
    Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap()
}

pub async fn ask_entra(sim: &AzureSim, tenant: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
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

/// Asks for a token with the right secret.
pub async fn sign_in(sim: &AzureSim) -> (StatusCode, Value) {
    let scope = format!("{}/.default", sim.base_url());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", sim.client_id()),
        ("client_secret", sim.client_secret()),
        ("scope", &scope),
    ];
    ask_entra(sim, sim.tenant_id(), &form).await
}

impl Tenant {
    pub async fn start() -> Self {
        Self::start_with(options()).await
    }

    pub async fn start_with(options: SimOptions) -> Self {
        let sim = AzureSim::start(options).await.unwrap();
        let (status, body) = sign_in(&sim).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let token = body["access_token"].as_str().unwrap().to_owned();
        Self { client: client(&sim), sim, token }
    }

    /// Sends a request with a path (or a whole URL) and a query; the error where the connection broke.
    pub async fn try_send(
        &self,
        method: Method,
        target: &str,
        body: Option<&Value>,
    ) -> Result<Answer, reqwest::Error> {
        let url = if target.starts_with("https://") {
            target.to_owned()
        } else {
            format!("{}{target}", self.sim.base_url())
        };
        let mut request = self.client.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
        Ok(Answer { status, headers, body })
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.try_send(Method::GET, target, None).await.unwrap()
    }

    pub async fn post(&self, target: &str, body: &Value) -> Answer {
        self.try_send(Method::POST, target, Some(body)).await.unwrap()
    }

    /// All entries of a list, page after page, and how many pages.
    pub async fn read_all(&self, target: &str) -> (Vec<Value>, usize) {
        let (mut entries, mut pages) = (Vec::new(), 0);
        let mut next = Some(target.to_owned());
        while let Some(target) = next {
            let page = self.get(&target).await;
            assert_eq!(page.status, 200, "{target}: {page:?}");
            entries.extend(page.values().iter().cloned());
            pages += 1;
            next = page.body["nextLink"].as_str().map(str::to_owned);
        }
        (entries, pages)
    }

    /// A query with options.
    pub async fn query(&self, query: &str, options: Value) -> Answer {
        self.graph(&json!({"query": query, "options": options})).await
    }

    /// A query's whole body.
    pub async fn graph(&self, body: &Value) -> Answer {
        self.post("/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01", body).await
    }

    pub async fn stop(self) {
        self.sim.stop().await;
    }

    /// `/subscriptions/…`, those that hold assets of a type.
    pub fn subscription_with(&self, asset_type: &str) -> String {
        let id = self.resource(asset_type)["id"].as_str().unwrap().to_owned();
        id.split('/').take(3).collect::<Vec<_>>().join("/")
    }

    /// The first resource of a type.
    pub fn resource(&self, asset_type: &str) -> Value {
        self.of_type(asset_type).remove(0)
    }

    pub fn of_type(&self, asset_type: &str) -> Vec<Value> {
        let mut all = self.sim.resources();
        all.retain(|resource| {
            resource["type"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(asset_type))
        });
        all
    }
}

pub const ACCOUNTS: &str = "Microsoft.CognitiveServices/accounts";
pub const SEARCH: &str = "Microsoft.Search/searchServices";

pub fn ids(rows: &[Value]) -> Vec<String> {
    let mut ids: Vec<String> =
        rows.iter().map(|row| row["id"].as_str().unwrap_or("?").to_ascii_lowercase()).collect();
    ids.sort_unstable();
    ids
}
