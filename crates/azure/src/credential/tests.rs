//! What Entra ID is sent by each credential, and what is said where one cannot be had.

use std::collections::BTreeMap;
use std::sync::Mutex;

use azure_core::Bytes;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request, StatusCode};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};

use super::*;

const SCOPE: &str = "https://management.azure.com/.default";

/// Gives everybody a token, and keeps what it was asked.
#[derive(Debug, Default)]
struct Entra {
    asked: Mutex<Vec<(String, BTreeMap<String, String>)>>,
}

#[async_trait::async_trait]
impl HttpClient for Entra {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let Body::Bytes(body) = request.body() else { panic!("a form is sent at once") };
        let form = url::form_urlencoded::parse(body).into_owned().collect();
        self.asked.lock().unwrap().push((request.url().to_string(), form));
        let token = r#"{"access_token":"token","expires_in":3600,"token_type":"Bearer"}"#;
        Ok(AsyncRawResponse::from_bytes(StatusCode::Ok, Headers::new(), Bytes::from(token)))
    }
}

/// What Entra ID is sent, and where, when the credential is used.
async fn sent(credential: Credential) -> (String, BTreeMap<String, String>) {
    let entra = Arc::new(Entra::default());
    let (settings, limits) = (AzureSettings::public_cloud(credential), CollectLimits::default());
    let options = ClientOptions {
        transport: Some(Transport::new(entra.clone())),
        ..transport::client_options(&settings, &limits).unwrap()
    };
    let made = token_credential(&settings, &limits, options).unwrap();
    made.get_token(&[SCOPE], None).await.unwrap();
    entra.asked.lock().unwrap().pop().unwrap()
}

fn refused(credential: Credential) -> String {
    let (settings, limits) = (AzureSettings::public_cloud(credential), CollectLimits::default());
    let options = transport::client_options(&settings, &limits).unwrap();
    token_credential(&settings, &limits, options).unwrap_err().to_string()
}

fn ids() -> (String, String) {
    ("5a0e0000-0000-4000-8000-00000000000a".to_owned(), "app".to_owned())
}

#[tokio::test]
async fn an_application_proves_itself_by_secret_certificate_or_anothers_token() {
    let (tenant_id, client_id) = ids();
    let end_point = format!("https://login.microsoftonline.com/{tenant_id}/oauth2/v2.0/token");
    let check = async |credential: Credential, key: &str| {
        let (url, form) = sent(credential).await;
        assert_eq!(url, end_point);
        let value = |key: &str| form.get(key).map(String::as_str).unwrap_or_default().to_owned();
        assert_eq!((value("client_id"), value("scope")), ("app".to_owned(), SCOPE.to_owned()));
        assert_eq!(value("grant_type"), "client_credentials");
        value(key)
    };
    let ids = || (tenant_id.clone(), client_id.clone());

    let (tenant_id, client_id) = ids();
    let secret = Credential::ClientSecret { tenant_id, client_id, secret: "hunter2".into() };
    assert_eq!(check(secret, "client_secret").await, "hunter2");

    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let params = CertificateParams::new(["postern".to_owned()]).unwrap();
    let pem = key.serialize_pem() + &params.self_signed(&key).unwrap().pem();
    let certificate = ClientCertificate::parse(pem.as_bytes(), None).unwrap();
    let (tenant_id, client_id) = ids();
    let signed = Credential::ClientCertificate { tenant_id, client_id, certificate };
    let assertion = check(signed, "client_assertion").await;
    let claims = assertion.split('.').nth(1).unwrap();
    let claims = azure_core::base64::decode_url_safe(claims).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!((&claims["aud"], &claims["iss"]), (&end_point.clone().into(), &"app".into()));

    let (tenant_id, client_id) = ids();
    let given = Credential::ClientAssertion { tenant_id, client_id, assertion: "jwt".into() };
    assert_eq!(check(given, "client_assertion").await, "jwt");

    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "pod").unwrap();
    let (tenant_id, client_id) = ids();
    let workload = Credential::WorkloadIdentity {
        tenant_id: Some(tenant_id),
        client_id: Some(client_id),
        token_file: Some(token_file),
    };
    assert_eq!(check(workload, "client_assertion").await, "pod");
}

#[test]
fn what_a_credential_lacks_is_one_sentence() {
    let check = |credential: Credential, expected: &str| {
        let said = refused(credential);
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains('\n') && !said.contains("hunter2"), "{said}");
    };
    let (tenant_id, client_id) = ids();
    check(
        Credential::WorkloadIdentity {
            tenant_id: Some(tenant_id.clone()),
            client_id: Some(client_id.clone()),
            token_file: Some("/nowhere/token".into()),
        },
        "failed to read federated token from file /nowhere/token",
    );
    check(
        Credential::WorkloadIdentity { tenant_id: None, client_id: None, token_file: None },
        "no tenant ID specified, neither by the settings nor by AZURE_TENANT_ID",
    );
    check(
        Credential::AzurePipelines {
            tenant_id,
            client_id,
            service_connection_id: "s".into(),
            access_token: "hunter2".into(),
        },
        "no value for environment variable SYSTEM_OIDCREQUESTURI",
    );
    check(
        Credential::AzureCli { tenant_id: Some("not a tenant".into()), subscription: None },
        "tenant",
    );
    check(
        Credential::AzureCli { tenant_id: None, subscription: Some("\"; rm -rf".into()) },
        "subscription",
    );
}
