//! Bad input: credentials, clocks, bodies and links that cannot be trusted.

use std::time::Duration;

use postern_azure::{AzureSettings, CollectError, CollectLimits, Credential, Scope};
use postern_azure_sim::{EstateSource, Fault, RecordedAnswer, Replay};
use postern_domain::arm::{AssetType, SEARCH_SERVICE};
use postern_domain::gap::{Gap, GapKind};
use postern_domain::snapshot::{Absence, Completeness};
use serde_json::json;

use crate::truth::{differences, documents};
use crate::{collect, collect_within, limits, settings, start_estate, start_expired};

#[tokio::test]
async fn where_nothing_can_be_read_one_sentence_says_why() {
    let sim = start_estate(EstateSource::Small).await;
    let credential = |tenant_id: &str, secret: &str| Credential::ClientSecret {
        tenant_id: tenant_id.to_owned(),
        client_id: sim.client_id().to_owned(),
        secret: secret.into(),
    };
    let wrong_secret =
        AzureSettings { credential: credential(sim.tenant_id(), "hunter2"), ..settings(&sim) };
    let no_tenant = AzureSettings {
        credential: credential("00000000-0000-0000-0000-00000000dead", "hunter2"),
        ..settings(&sim)
    };
    let untrusted = AzureSettings { ca_pem: None, ..settings(&sim) };
    let expired = start_expired().await;
    let stopped = start_estate(EstateSource::Small).await;
    let unreachable = settings(&stopped);
    stopped.stop().await;
    for (settings, says) in [
        (
            wrong_secret,
            "Entra ID refused the credential: AADSTS7000215: Invalid client secret provided",
        ),
        (no_tenant, "Entra ID refused the credential: AADSTS90002: Tenant"),
        (untrusted, "is not trusted"),
        (settings(&expired), "has expired"),
        (unreachable, "cannot be reached: Connection refused"),
    ] {
        let said = collect(settings).await.err().unwrap().to_string();
        assert!(said.contains(says), "{said}");
        assert!(
            !said.contains("hunter2") && !said.contains("Trace ID") && !said.contains('\n'),
            "{said}"
        );
    }
    sim.set_faults(vec![Fault::Status { path: String::new(), status: 401 }]);
    let error = collect(settings(&sim)).await.err().unwrap();
    assert!(matches!(error, CollectError::TokenRefused { .. }), "{error}");
    sim.stop().await;
    expired.stop().await;
}

#[tokio::test]
async fn a_secret_that_is_revoked_during_the_scan_ends_it_with_entras_sentence() {
    let sim = start_estate(EstateSource::Small).await;
    sim.set_faults(vec![
        Fault::ExpiringTokens { seconds: 1 },
        Fault::RevokedSecret { tokens: 1 },
        Fault::Slow { path: "/diagnosticSettings".into(), millis: 1200 },
    ]);
    let error = collect(settings(&sim)).await.err().unwrap();
    assert!(matches!(error, CollectError::CredentialRefused { .. }), "{error}");
    assert!(error.to_string().contains("AADSTS7000222"), "{error}");
    sim.stop().await;
}

#[tokio::test]
async fn tokens_that_expire_during_the_scan_are_renewed() {
    let sim = start_estate(EstateSource::Small).await;
    sim.set_faults(vec![
        Fault::ExpiringTokens { seconds: 1 },
        Fault::Slow { path: "/diagnosticSettings".into(), millis: 600 },
    ]);
    let read = collect(settings(&sim)).await.unwrap();
    assert_eq!(read.snapshot.gaps, []);
    let requests = sim.requests();
    let tokens = requests.iter().filter(|request| request.path.ends_with("/oauth2/v2.0/token"));
    assert!(tokens.count() > 1);
    sim.stop().await;
}

#[tokio::test]
async fn a_clock_that_is_off_is_named_as_the_cause() {
    let sim = start_estate(EstateSource::Small).await;
    sim.set_faults(vec![Fault::WrongClock { seconds: 3 * 3600 }]);
    let error = collect(settings(&sim)).await.err().unwrap();
    let said = error.to_string();
    assert!(matches!(error, CollectError::TokenRefused { .. }), "{said}");
    assert!(said.contains("clock is"), "{said}");
    sim.stop().await;
}

#[tokio::test]
async fn a_huge_body_is_not_read_and_the_rest_stands() {
    let sim = start_estate(EstateSource::Small).await;
    sim.set_faults(vec![Fault::Oversized { path: "/computes".into(), megabytes: 200 }]);
    let read = collect(settings(&sim)).await.unwrap();
    assert!(!read.snapshot.gaps.is_empty());
    for gap in &read.snapshot.gaps {
        assert_eq!(gap.reason.kind, GapKind::Malformed);
        assert!(gap.reason.message.contains("larger than 64 MB"), "{gap:?}");
    }
    assert_eq!(differences(&sim, &read), Vec::<String>::new());
    sim.stop().await;
}

#[tokio::test]
async fn the_next_page_is_read_from_the_same_host_only_and_once() {
    let sim = start_estate(EstateSource::Company { assets: 60 }).await;
    let of = || "/roleAssignments".to_owned();
    let foreign = Fault::ForeignNextLink { path: of(), origin: "https://attacker.example".into() };
    for (fault, kind, says) in [
        (foreign, GapKind::Malformed, "on another host (attacker.example)"),
        (Fault::LoopingNextLink { path: of() }, GapKind::Malformed, "leads back"),
        (Fault::EndlessNextLink { path: of() }, GapKind::Truncated, "has more than 50 pages"),
    ] {
        sim.set_faults(vec![fault.clone()]);
        let limits = CollectLimits { pages: 50, ..limits() };
        let read = collect_within(settings(&sim), &limits).await.unwrap();
        assert!(!read.snapshot.gaps.is_empty(), "{fault:?}");
        for gap in &read.snapshot.gaps {
            assert_eq!(gap.reason.kind, kind, "{gap:?}");
            assert!(gap.reason.message.contains(says), "{gap:?}");
        }
        // The pages before are kept, and said to be some of it.
        let partial = read.snapshot.fact_coverage.iter().any(|coverage| coverage.partial > 0);
        assert!(partial, "{fault:?}: {:?}", read.snapshot.fact_coverage);
    }
    sim.stop().await;
}

#[tokio::test]
async fn a_next_page_that_is_no_url_is_no_end_of_the_list() {
    let sim = start_estate(EstateSource::Small).await;
    for link in [json!(7), json!(["https://elsewhere"]), json!("not a URL")] {
        let body = json!({"value": [], "nextLink": link}).to_string();
        sim.set_faults(vec![Fault::Body { path: "/channels".into(), body }]);
        let read = collect(settings(&sim)).await.unwrap();
        assert!(!read.snapshot.gaps.is_empty(), "{link}");
        for gap in &read.snapshot.gaps {
            assert_eq!(gap.reason.kind, GapKind::Malformed, "{link}: {gap:?}");
        }
    }
    sim.stop().await;
}

#[tokio::test]
async fn a_subscription_of_another_tenant_stops_nothing() {
    let (own, others) =
        ("11111111-0000-0000-0000-000000000001", "22222222-0000-0000-0000-000000000002");
    let replay = Replay::start(move |_, path| {
        let answer = |status, body: serde_json::Value| RecordedAnswer {
            status,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        };
        if path.ends_with("/oauth2/v2.0/token") {
            let token = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": "t"});
            return answer(200, token);
        }
        if path.starts_with(&format!("/subscriptions/{others}/")) {
            let error = json!({"code": "InvalidAuthenticationTokenTenant", "message": "moved"});
            return answer(401, json!({"error": error}));
        }
        match path {
            "/subscriptions" => {
                answer(200, json!({"value": [{"subscriptionId": own}, {"subscriptionId": others}]}))
            }
            _ if path.ends_with("/microsoft.resourcegraph/resources") => {
                answer(200, json!({"resultTruncated": "false", "data": []}))
            }
            _ if path.ends_with("/permissions") => {
                answer(200, json!({"value": [{"actions": ["*/read"], "notActions": []}]}))
            }
            _ => answer(200, json!({"value": []})),
        }
    })
    .await
    .unwrap();
    let base: url::Url = replay.base_url().parse().unwrap();
    let read = collect(AzureSettings {
        arm_endpoint: base.clone(),
        authority_host: base,
        credential: Credential::ClientSecret {
            tenant_id: "33333333-0000-0000-0000-000000000003".to_owned(),
            client_id: "44444444-0000-0000-0000-000000000004".to_owned(),
            secret: "not a secret".into(),
        },
        ca_pem: Some(replay.ca_pem().as_bytes().to_vec()),
        proxy: None,
        scope: Scope::default(),
    })
    .await
    .unwrap();
    // Resource Graph shows nothing here, not even what is above the subscriptions.
    let is_above = |gap: &&Gap| gap.reason.message.contains("management groups above");
    assert_eq!(read.snapshot.gaps.iter().filter(is_above).count(), 2);
    assert!(read.snapshot.gaps.len() > 2);
    for gap in read.snapshot.gaps.iter().filter(|gap| !is_above(gap)) {
        assert_eq!(gap.reason.kind, GapKind::Forbidden, "{gap:?}");
        assert!(gap.scope.contains(others), "{gap:?}");
    }
}

#[tokio::test]
async fn an_odd_resource_is_kept_as_it_is_and_noted() {
    let sim = start_estate(EstateSource::Small).await;
    let id = documents(&sim).into_keys().find(|id| id.contains("/searchservices/")).unwrap();
    for with in [
        json!({"id": id, "name": "s", "properties": "not an object"}),
        json!({"properties": {"publicNetworkAccess": {"odd": [1]}}}),
        json!(["not", "an", "object"]),
    ] {
        sim.set_faults(vec![Fault::OddResource { id: id.clone(), with: with.clone() }]);
        let read = collect(settings(&sim)).await.unwrap();
        assert!(!read.snapshot.gaps.is_empty(), "{with}");
        let key = id.parse().unwrap();
        if let Some(asset) = read.assets.get(&key) {
            assert_eq!(asset.document.resource["properties"], with["properties"], "{with}");
            let is_noted = |gap: &Gap| gap.asset.as_ref() == Some(&key);
            assert!(read.snapshot.gaps.iter().any(is_noted), "{:?}", read.snapshot.gaps);
        } else {
            // Nobody can tell which one it is; it is not taken for deleted.
            assert!(with.get("id").is_none(), "{with}");
            let absence = read.snapshot.absence(&key, &AssetType::new(SEARCH_SERVICE));
            assert!(matches!(absence, Absence::NotRead(_)), "{with}: {absence:?}");
        }
    }
    for row in [json!({"name": "no id"}), json!({"id": 7}), json!("a text"), json!(null)] {
        sim.set_faults(vec![Fault::OddRow { row: row.clone() }]);
        let read = collect(settings(&sim)).await.unwrap();
        assert_eq!(differences(&sim, &read), Vec::<String>::new(), "{row}");
        assert!(
            read.snapshot.gaps.iter().any(|gap| gap.reason.kind == GapKind::Malformed),
            "{row}"
        );
    }
    sim.stop().await;
}

#[tokio::test]
async fn what_disappears_during_the_scan_leaves_gaps_and_stops_nothing() {
    let sim = start_estate(EstateSource::Small).await;
    let whole = collect(settings(&sim)).await.unwrap();
    let subscription = whole.snapshot.subscriptions[0].id.clone();
    let asset = documents(&sim).into_keys().find(|id| id.contains("/accounts/")).unwrap();
    for fault in [
        Fault::SubscriptionGone { id: subscription, requests: 40 },
        Fault::DeletedAfter { id: asset, requests: 40 },
    ] {
        sim.set_faults(vec![fault.clone()]);
        let read = collect(settings(&sim)).await.unwrap();
        for gap in &read.snapshot.gaps {
            assert_eq!(gap.reason.kind, GapKind::NotFound, "{fault:?}: {gap:?}");
        }
        assert!(read.assets.len() + 2 >= whole.assets.len(), "{fault:?}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn subscriptions_that_may_not_be_listed_are_a_gap_not_an_error() {
    let sim = start_estate(EstateSource::Small).await;
    sim.set_faults(vec![Fault::Status { path: "/subscriptions".into(), status: 403 }]);
    let read = collect(settings(&sim)).await.unwrap();
    assert_eq!((read.assets.len(), read.snapshot.gaps.len()), (0, 1));
    assert_eq!(read.snapshot.listings[0].completeness, Completeness::Failed);
    sim.set_faults(vec![Fault::Body {
        path: "/subscriptions".into(),
        body: r#"{"value":[]}"#.into(),
    }]);
    let read = collect(settings(&sim)).await.unwrap();
    // An identity that lost its roles: nothing of what was known is taken for gone.
    assert_eq!((read.snapshot.listings.len(), read.snapshot.gaps.len()), (1, 1));
    assert_eq!(read.snapshot.gaps[0].reason.kind, GapKind::Forbidden);
    sim.stop().await;
}

#[tokio::test]
async fn where_azure_falls_silent_the_rest_is_not_asked() {
    let sim = start_estate(EstateSource::Huge { subscriptions: 2, assets: 60 }).await;
    sim.set_faults(vec![Fault::Hang {
        path: "/providers/Microsoft.Insights/diagnosticSettings".into(),
    }]);
    let limits = CollectLimits {
        concurrency: 2,
        retries: 0,
        read_timeout: Duration::from_millis(100),
        ..limits()
    };
    let read = collect_within(settings(&sim), &limits).await.unwrap();
    assert_eq!(read.assets.len(), 62);
    let requests = sim.requests();
    let asked =
        requests.iter().filter(|request| request.path.ends_with("diagnosticSettings")).count();
    assert!(asked >= 62, "other answers came in between, so each was asked: {asked}");
    // Nobody answers anything: a few questions are enough.
    sim.set_faults(vec![Fault::Hang { path: "/resourceGroups/".into() }]);
    let before = sim.request_count();
    let read = collect_within(settings(&sim), &limits).await.unwrap();
    assert_eq!(read.assets.len(), 62);
    assert!(sim.request_count() - before < 120, "{}", sim.request_count() - before);
    sim.stop().await;
}
