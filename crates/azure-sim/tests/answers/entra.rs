//! Entra ID's token end point, and how long its tokens are good for.

use postern_azure_sim::{AzureSim, Fault};

use crate::client::{Tenant, ask_entra, options, sign_in};

const SUBSCRIPTIONS: &str = "/subscriptions?api-version=2022-12-01";

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
async fn tokens_differ_and_expire() {
    let mut tenant = Tenant::start().await;
    tenant.sim.set_faults(vec![Fault::ExpiringTokens { seconds: 1 }]);
    let (_, body) = sign_in(&tenant.sim).await;
    let first = std::mem::replace(&mut tenant.token, body["access_token"].as_str().unwrap().into());
    assert_ne!(first, tenant.token);
    assert_eq!(body["expires_in"], 1);
    let mut answers = vec![tenant.get(SUBSCRIPTIONS).await];
    while answers.last().unwrap().status == 200 {
        answers.push(tenant.get(SUBSCRIPTIONS).await);
    }
    let last = answers.last().unwrap();
    assert_eq!((last.status, last.code()), (401, "ExpiredAuthenticationToken"));
    assert!(last.header("www-authenticate").contains("expired"));
    assert!(answers.len() > 1);
    // The one that was issued before lives on.
    tenant.token = first;
    assert_eq!(tenant.get(SUBSCRIPTIONS).await.status, 200);
    tenant.stop().await;
}

#[tokio::test]
async fn a_wrong_clock_shows_in_the_date_and_in_tokens() {
    let tenant = Tenant::start().await;
    let right = tenant.get(SUBSCRIPTIONS).await;
    tenant.sim.set_faults(vec![Fault::WrongClock { seconds: -86_400 }]);
    let early = tenant.get(SUBSCRIPTIONS).await;
    assert_eq!(early.status, 200);
    assert_ne!(early.header("date").get(..16), right.header("date").get(..16));
    assert!(early.header("date").ends_with(" GMT"), "{early:?}");
    tenant.sim.set_faults(vec![Fault::WrongClock { seconds: 86_400 }]);
    assert_eq!(tenant.get(SUBSCRIPTIONS).await.code(), "ExpiredAuthenticationToken");
    tenant.stop().await;
}

#[tokio::test]
async fn a_secret_can_expire_between_two_tokens() {
    let tenant = Tenant::start().await;
    tenant.sim.set_faults(vec![Fault::RevokedSecret { tokens: 1 }]);
    assert_eq!(sign_in(&tenant.sim).await.0, 200);
    let (status, body) = sign_in(&tenant.sim).await;
    assert_eq!((status.as_u16(), &body["error_codes"][0]), (401, &7_000_222.into()));
    tenant.sim.set_faults(vec![Fault::RefuseCredentials]);
    assert_eq!(sign_in(&tenant.sim).await.1["error_codes"][0], 7_000_215);
    tenant.stop().await;
}
