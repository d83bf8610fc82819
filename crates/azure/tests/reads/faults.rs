//! Reading a tenant that does not answer as it should.

use postern_azure::{
    AzureSettings, CollectError, CollectLimits, Collector, Credential, NoProgress,
};
use postern_azure_sim::{AzureSim, Fault};
use postern_domain::arm::SEARCH_SERVICE;
use postern_domain::asset::{DIAGNOSTIC_SETTINGS, Fact};
use postern_domain::gap::GapKind;
use postern_domain::snapshot::{Completeness, Snapshot};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use crate::{clock, collect, collect_within, limits, settings, start, start_expired};

const SEARCH: &str = "/Microsoft.Search/searchServices";

/// Reads with a fault in the lists of Search services: each is a gap of the kind, and all else stands.
async fn check_search(sim: &AzureSim, fault: Fault, kind: GapKind, says: &str) -> Snapshot {
    sim.set_faults(vec![]);
    let whole = collect(settings(sim)).await.unwrap();
    sim.set_faults(vec![fault.clone()]);
    let limits = CollectLimits { read_timeout: Duration::from_millis(300), ..limits() };
    let snapshot = collect_within(settings(sim), &limits).await.unwrap();
    assert!(!snapshot.gaps.is_empty(), "{fault:?}");
    for gap in &snapshot.gaps {
        assert_eq!(gap.reason.kind, kind, "{fault:?}: {gap:?}");
        assert!(gap.reason.message.contains(says), "{fault:?}: {}", gap.reason.message);
        assert_eq!(gap.asset_type.as_ref().unwrap().as_str(), SEARCH_SERVICE);
    }
    for listing in &snapshot.listings {
        let is_search =
            listing.asset_type.as_ref().is_some_and(|kind| kind.as_str() == SEARCH_SERVICE);
        let is_gap = snapshot.gaps.iter().any(|gap| gap.scope == listing.scope);
        assert_eq!(
            listing.completeness != Completeness::Complete,
            is_search && is_gap,
            "{listing:?}"
        );
    }
    for (id, asset) in &whole.assets {
        if asset.asset_type.as_str() != SEARCH_SERVICE {
            assert_eq!(snapshot.assets.get(id), Some(asset), "{fault:?}");
        }
    }
    snapshot
}

fn on_search(fault: impl Fn(String) -> Fault) -> Fault {
    fault(SEARCH.to_owned())
}

#[tokio::test]
async fn a_list_that_fails_is_a_gap_and_the_others_stand() {
    let sim = start(30).await;
    for (fault, kind, says) in [
        (
            on_search(|path| Fault::Status { path, status: 403 }),
            GapKind::Forbidden,
            "lacks Microsoft.Search/searchServices/read",
        ),
        (
            on_search(|path| Fault::Status { path, status: 404 }),
            GapKind::NotFound,
            "ResourceNotFound",
        ),
        (
            on_search(|path| Fault::Status { path, status: 500 }),
            GapKind::ServerError,
            "failed Services_ListBySubscription with 500",
        ),
        (on_search(|path| Fault::Status { path, status: 429 }), GapKind::Throttled, "throttled"),
        (on_search(|path| Fault::MalformedJson { path }), GapKind::Malformed, "is not JSON"),
        (
            on_search(|path| Fault::Body { path, body: "{}".into() }),
            GapKind::Malformed,
            "no list \"value\"",
        ),
        (
            on_search(|path| Fault::Body { path, body: r#"{"value":[{"name":"s"}]}"#.into() }),
            GapKind::Malformed,
            "without a usable id",
        ),
        (
            on_search(|path| Fault::TruncatedBody { path }),
            GapKind::Unreachable,
            "the connection broke",
        ),
        (
            on_search(|path| Fault::Hang { path }),
            GapKind::TimedOut,
            "did not answer Services_ListBySubscription in time",
        ),
    ] {
        let snapshot = check_search(&sim, fault, kind, says).await;
        let action = snapshot.gaps[0].reason.action.as_deref();
        let expected =
            (kind == GapKind::Forbidden).then_some("Microsoft.Search/searchServices/read");
        assert_eq!(action, expected);
    }
    sim.stop().await;
}

#[tokio::test]
async fn the_next_page_is_read_from_the_same_host_only_and_once() {
    let sim = start(150).await;
    let foreign = on_search(|path| Fault::ForeignNextLink {
        path,
        origin: "https://attacker.example".into(),
    });
    let looping = on_search(|path| Fault::LoopingNextLink { path });
    for (fault, says) in [(foreign, "on another host (attacker.example)"), (looping, "leads back")]
    {
        let snapshot = check_search(&sim, fault, GapKind::Malformed, says).await;
        // The pages before are kept.
        let partial =
            snapshot.listings.iter().find(|listing| listing.completeness == Completeness::Partial);
        assert!(partial.is_some_and(|listing| listing.items == 10), "{:?}", snapshot.listings);
    }
    sim.stop().await;
}

#[tokio::test]
async fn throttling_is_waited_for() {
    let sim = start(10).await;
    let throttle = Fault::Throttle {
        path: "/Microsoft.CognitiveServices/accounts".into(),
        retry_after: 1,
        times: 2,
    };
    sim.set_faults(vec![throttle]);
    let snapshot = collect(settings(&sim)).await.unwrap();
    assert_eq!(snapshot.gaps, []);
    assert_eq!(snapshot.assets.len(), 10);
    sim.stop().await;
}

#[tokio::test]
async fn refused_diagnostic_settings_are_unreadable_facts() {
    let sim = start(10).await;
    sim.set_faults(vec![Fault::Status { path: "/diagnosticSettings".into(), status: 403 }]);
    let snapshot = collect(settings(&sim)).await.unwrap();
    assert_eq!(snapshot.gaps.len(), 10);
    for gap in &snapshot.gaps {
        assert_eq!(
            gap.reason.action.as_deref(),
            Some("Microsoft.Insights/diagnosticSettings/read")
        );
        let asset = &snapshot.assets[gap.asset.as_ref().unwrap()];
        let fact = &asset.document.related[DIAGNOSTIC_SETTINGS];
        assert_eq!(fact, &Fact::Unreadable { reason: gap.reason.clone() });
    }
    sim.stop().await;
}

#[tokio::test]
async fn subscriptions_that_may_not_be_listed_are_a_gap_not_an_error() {
    let sim = start(10).await;
    // Ends with this only in the list itself, not in what is below a subscription.
    sim.set_faults(vec![Fault::Status { path: "/subscriptions".into(), status: 403 }]);
    let snapshot = collect(settings(&sim)).await.unwrap();
    assert_eq!((snapshot.assets.len(), snapshot.listings.len(), snapshot.gaps.len()), (0, 1, 1));
    assert_eq!(snapshot.listings[0].completeness, Completeness::Failed);
    sim.set_faults(vec![Fault::Body {
        path: "/subscriptions".into(),
        body: r#"{"value":[]}"#.into(),
    }]);
    let snapshot = collect(settings(&sim)).await.unwrap();
    assert_eq!((snapshot.listings.len(), snapshot.gaps.len()), (1, 0));
    assert_eq!(snapshot.listings[0].completeness, Completeness::Complete);
    sim.stop().await;
}

#[tokio::test]
async fn where_nothing_can_be_read_one_sentence_says_why() {
    let sim = start(1).await;
    let wrong_secret = AzureSettings {
        credential: Credential::ClientSecret {
            tenant_id: sim.tenant_id().to_owned(),
            client_id: sim.client_id().to_owned(),
            secret: "hunter2".into(),
        },
        ..settings(&sim)
    };
    let untrusted = AzureSettings { ca_pem: None, ..settings(&sim) };
    let expired = start_expired().await;
    let stopped = start(1).await;
    let unreachable = settings(&stopped);
    stopped.stop().await;
    for (settings, says) in [
        (
            wrong_secret,
            "Entra ID refused the credential: AADSTS7000215: Invalid client secret provided",
        ),
        (untrusted, "is not trusted"),
        (settings(&expired), "has expired"),
        (unreachable, "cannot be reached: Connection refused"),
    ] {
        let said = collect(settings).await.unwrap_err().to_string();
        assert!(said.contains(says), "{said}");
        assert!(
            !said.contains("hunter2") && !said.contains("Trace ID") && !said.contains('\n'),
            "{said}"
        );
    }
    sim.set_faults(vec![Fault::Status { path: String::new(), status: 401 }]);
    let error = collect(settings(&sim)).await.unwrap_err();
    assert!(matches!(error, CollectError::TokenRefused { .. }), "{error}");
    sim.stop().await;
    expired.stop().await;
}

#[tokio::test]
async fn where_azure_falls_silent_the_rest_is_not_asked() {
    let sim = start(40).await;
    sim.set_faults(vec![Fault::Hang { path: "/diagnosticSettings".into() }]);
    let limits = CollectLimits {
        concurrency: 2,
        retries: 0,
        read_timeout: Duration::from_millis(100),
        ..limits()
    };
    let snapshot = collect_within(settings(&sim), &limits).await.unwrap();
    assert_eq!((snapshot.assets.len(), snapshot.gaps.len()), (40, 40));
    let asked =
        sim.requests().iter().filter(|request| request.path.contains("diagnosticSettings")).count();
    assert!(asked < 10, "{asked}");
    sim.stop().await;
}

#[tokio::test]
async fn a_scan_is_called_off_while_azure_hangs() {
    let sim = start(5).await;
    sim.set_faults(vec![Fault::Hang { path: SEARCH.into() }]);
    let collector = Collector::new(settings(&sim)).unwrap();
    let cancel = CancellationToken::new();
    let (clock, reading) = (clock(), cancel.clone());
    let scan = collector.collect(&clock, &NoProgress, &reading);
    let stop = async {
        while !sim.requests().iter().any(|request| request.path.contains(SEARCH)) {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(scan, stop);
    assert!(matches!(outcome, Err(CollectError::Cancelled)));
    sim.stop().await;
}
