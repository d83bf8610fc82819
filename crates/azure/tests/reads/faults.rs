//! Reading a tenant that does not answer as it should: everything arrives, except what the fault hides,
//! which stands as gaps with the right reason.

use std::collections::BTreeSet;
use std::time::Duration;

use postern_azure::CollectLimits;
use postern_azure_sim::{AzureSim, EstateSource, Fault};
use postern_domain::arm::{AssetId, AssetType, SEARCH_SERVICE};
use postern_domain::fact::{DIAGNOSTIC_SETTINGS, Fact};
use postern_domain::gap::GapKind;
use postern_domain::snapshot::{Absence, Completeness};

use crate::truth::{differences, documents, unreadable};
use crate::{Read, collect, collect_within, limits, settings, start, start_estate};

/// No asset is missing without a gap, and what was read is right.
fn check_honest(sim: &AzureSim, read: &Read, name: &str) {
    let missing: Vec<String> = differences(sim, read)
        .into_iter()
        .filter(|difference| !difference.ends_with(" was not read"))
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "{name}");
    for id in documents(sim).into_keys() {
        let id: AssetId = id.parse().unwrap();
        if read.assets.contains_key(&id) {
            continue;
        }
        let asset_type = postern_domain::arm::ArmId::parse(id.as_str()).unwrap();
        let absence = read.snapshot.absence(&id, asset_type.asset_type());
        assert!(matches!(absence, Absence::NotRead(_)), "{name}: {id} is {absence:?}");
    }
    let is_gap = !read.snapshot.gaps.is_empty();
    assert_eq!(is_gap, !unreadable(read).is_empty() || is_gap, "{name}");
    if !unreadable(read).is_empty() {
        assert!(is_gap, "{name}: facts are unreadable and there is no gap");
    }
}

#[tokio::test]
async fn faults_that_pass_are_waited_out_and_leave_no_gap() {
    let sim = start_estate(EstateSource::Small).await;
    let of = |path: &str| path.to_owned();
    for fault in [
        Fault::Throttle { path: of(""), retry_after: 1, times: 20 },
        Fault::Throttle { path: of("/Microsoft.ResourceGraph/"), retry_after: 1, times: 3 },
        Fault::Burst { path: of("/deployments"), status: 503, times: 2 },
        Fault::Burst { path: of("/subscriptions"), status: 500, times: 2 },
        Fault::Drop { path: of("/computes"), times: 2 },
        Fault::Slow { path: of("/diagnosticSettings"), millis: 30 },
        Fault::Flaky { percent: 20, seed: 5 },
    ] {
        sim.set_faults(vec![fault.clone()]);
        let read = collect(settings(&sim)).await.unwrap();
        assert_eq!(read.snapshot.gaps, [], "{fault:?}");
        assert_eq!(differences(&sim, &read), Vec::<String>::new(), "{fault:?}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn faults_that_stay_are_gaps_of_their_kind() {
    let sim = start_estate(EstateSource::Small).await;
    let of = || "/diagnosticSettings".to_owned();
    let short = CollectLimits { read_timeout: Duration::from_millis(300), ..limits() };
    for (fault, kind, says) in [
        (Fault::Status { path: of(), status: 403 }, GapKind::Forbidden, "the credential lacks"),
        (Fault::Status { path: of(), status: 404 }, GapKind::NotFound, "found nothing"),
        (Fault::Status { path: of(), status: 500 }, GapKind::ServerError, "with 500"),
        (Fault::MalformedJson { path: of() }, GapKind::Malformed, "is not JSON"),
        (
            Fault::Body { path: of(), body: "{}".into() },
            GapKind::Malformed,
            "has no list \"value\"",
        ),
        (Fault::TruncatedBody { path: of() }, GapKind::Unreachable, "the connection broke"),
        (Fault::Hang { path: of() }, GapKind::TimedOut, "in time"),
    ] {
        sim.set_faults(vec![fault.clone()]);
        let read = collect_within(settings(&sim), &short).await.unwrap();
        check_honest(&sim, &read, &format!("{fault:?}"));
        let gaps: Vec<_> = read.snapshot.gaps.iter().collect();
        assert!(!gaps.is_empty(), "{fault:?}");
        for gap in gaps {
            let is_given_up = gap.reason.message.contains("no longer answered");
            assert!(gap.reason.kind == kind || is_given_up, "{fault:?}: {gap:?}");
            assert!(gap.reason.message.contains(says) || is_given_up, "{fault:?}: {gap:?}");
            assert!(gap.operation.contains("DiagnosticSettings_List"), "{gap:?}");
        }
        let coverage = read.snapshot.fact_coverage.iter();
        let failed: u64 = coverage
            .map(|of_fact| {
                assert_eq!(of_fact.failed > 0, of_fact.fact == DIAGNOSTIC_SETTINGS, "{of_fact:?}");
                of_fact.failed
            })
            .sum();
        assert_eq!(failed, read.assets.len() as u64);
    }
    sim.stop().await;
}

#[tokio::test]
async fn endless_throttling_is_a_gap_in_the_end() {
    let sim = start_estate(EstateSource::Small).await;
    sim.set_faults(vec![Fault::Status { path: "/channels".into(), status: 429 }]);
    let limits = CollectLimits { throttled_retries: 2, ..limits() };
    let read = collect_within(settings(&sim), &limits).await.unwrap();
    let gaps = &read.snapshot.gaps;
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    for gap in gaps {
        assert_eq!((gap.reason.kind, gap.reason.status), (GapKind::Throttled, Some(429)));
    }
    sim.stop().await;
}

#[tokio::test]
async fn what_failed_alike_for_many_assets_is_one_gap_with_their_number() {
    let sim = start(40).await;
    sim.set_faults(vec![Fault::Status { path: "/diagnosticSettings".into(), status: 403 }]);
    let read = collect(settings(&sim)).await.unwrap();
    let assets: u64 =
        read.snapshot.gaps.iter().map(|gap| if gap.asset.is_some() { 1 } else { gap.assets }).sum();
    assert_eq!(assets, read.assets.len() as u64);
    assert!(read.snapshot.gaps.len() < read.assets.len() / 2);
    for asset in read.assets.values() {
        let Fact::Unreadable { reason, partial } = &asset.document.related[DIAGNOSTIC_SETTINGS]
        else {
            panic!("{} was read", asset.id)
        };
        let action = Some("Microsoft.Insights/diagnosticSettings/read");
        assert_eq!((reason.action.as_deref(), partial), (action, &None));
    }
    sim.stop().await;
}

#[tokio::test]
async fn a_right_that_is_missing_never_looks_like_an_empty_list() {
    let sim = start_estate(EstateSource::Small).await;
    for (action, fact) in [
        ("Microsoft.Search/searchServices/read", ""),
        ("Microsoft.CognitiveServices/accounts/deployments/read", "deployments"),
        ("Microsoft.Insights/metricAlerts/read", "metricAlerts"),
        ("Microsoft.Authorization/roleAssignments/read", "roleAssignments"),
        ("Microsoft.Authorization/locks/read", "locks"),
        ("Microsoft.Insights/eventtypes/values/read", "keyEvents"),
        ("Microsoft.KeyVault/vaults/keys/read", "keyVaultKeys"),
        ("Microsoft.Network/privateEndpoints/read", "privateEndpoints"),
        ("Microsoft.Storage/storageAccounts/read", "linkedResources"),
        ("Microsoft.Network/privateDnsZones/read", "privateDnsZones"),
        ("Microsoft.KeyVault/vaults/read", "keyVaults"),
    ] {
        sim.set_faults(vec![Fault::Denied { scope: String::new(), action: action.into() }]);
        let read = collect(settings(&sim)).await.unwrap();
        check_honest(&sim, &read, action);
        assert!(!read.snapshot.gaps.is_empty(), "{action}");
        if fact.is_empty() {
            let search = AssetType::new(SEARCH_SERVICE);
            let listings = read.snapshot.listings.iter();
            let of_search: Vec<_> =
                listings.filter(|listing| listing.asset_type == Some(search.clone())).collect();
            assert!(!of_search.is_empty());
            assert!(
                of_search.iter().all(|listing| listing.completeness == Completeness::Failed),
                "{of_search:?}"
            );
            assert!(
                read.snapshot.gaps.iter().any(|gap| gap.reason.action.as_deref() == Some(action))
            );
        } else {
            let hidden = unreadable(&read);
            assert!(
                hidden.iter().any(|text| text.contains(&format!(" {fact}: "))),
                "{action}: {hidden:?}"
            );
        }
    }
    sim.stop().await;
}

#[tokio::test]
async fn where_resource_graph_does_not_answer_the_lists_of_arm_do() {
    let sim = start_estate(EstateSource::Small).await;
    for fault in [Fault::GraphRefused { status: 403 }, Fault::GraphRefused { status: 500 }] {
        sim.set_faults(vec![fault.clone()]);
        let read = collect(settings(&sim)).await.unwrap();
        check_honest(&sim, &read, &format!("{fault:?}"));
        assert_eq!(documents(&sim).len() + read.snapshot.subscriptions.len(), read.assets.len());
        assert!(
            read.snapshot
                .listings
                .iter()
                .all(|listing| listing.completeness == Completeness::Complete),
            "{fault:?}"
        );
        assert!(!read.snapshot.gaps.is_empty());
    }
    // A result that was cut is asked for in smaller parts, and in the end from ARM.
    sim.set_faults(vec![Fault::GraphTruncated]);
    let read = collect(settings(&sim)).await.unwrap();
    check_honest(&sim, &read, "truncated");
    assert_eq!(documents(&sim).len() + read.snapshot.subscriptions.len(), read.assets.len());
    assert!(read.snapshot.gaps.iter().any(|gap| gap.reason.kind == GapKind::Truncated));
    sim.stop().await;
}

#[tokio::test]
async fn without_arms_ids_resource_graph_alone_proves_nothing() {
    let sim = start_estate(EstateSource::Small).await;
    let account = documents(&sim).into_keys().find(|id| id.contains("/accounts/")).unwrap();
    let subscription: AssetId = account.parse().unwrap();
    // Resource Graph does not know the account yet, and the list that would tell fails.
    for status in [403, 500] {
        sim.set_faults(vec![
            Fault::GraphLag { ids: vec![account.clone()] },
            Fault::Status { path: format!("{}/resources", subscription.subscription()), status },
        ]);
        let read = collect(settings(&sim)).await.unwrap();
        check_honest(&sim, &read, "no ids");
        assert!(read.assets.contains_key(&account.parse().unwrap()), "{status}");
        assert!(!read.snapshot.gaps.is_empty());
    }
    sim.stop().await;
}

#[tokio::test]
async fn an_answer_that_drips_for_ever_is_given_up() {
    let sim = start_estate(EstateSource::Small).await;
    sim.set_faults(vec![Fault::Slow { path: "/channels".into(), millis: 2000 }]);
    let limits =
        CollectLimits { request_timeout: Duration::from_millis(200), retries: 0, ..limits() };
    let read = collect_within(settings(&sim), &limits).await.unwrap();
    assert!(!read.snapshot.gaps.is_empty());
    for gap in &read.snapshot.gaps {
        assert_eq!(gap.reason.kind, GapKind::TimedOut, "{gap:?}");
        assert!(gap.operation.starts_with("Channels_List"), "{gap:?}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn what_resource_graph_does_not_know_yet_or_still_knows_is_asked_of_arm() {
    let sim = start_estate(EstateSource::Small).await;
    let ids: Vec<String> = documents(&sim).into_keys().collect();
    let account = ids.iter().find(|id| id.contains("/accounts/")).unwrap().clone();
    let search = ids.iter().find(|id| id.contains("/searchservices/")).unwrap().clone();
    sim.set_faults(vec![
        Fault::GraphLag { ids: vec![account.clone()] },
        Fault::GraphStale { ids: vec![search.clone()] },
    ]);
    let read = collect(settings(&sim)).await.unwrap();
    assert!(read.assets.contains_key(&account.parse().unwrap()));
    assert!(!read.assets.contains_key(&search.parse().unwrap()));
    assert_eq!(read.assets[&account.parse().unwrap()].source, "Accounts_Get 2026-07-01");
    let known = read.snapshot.absence(&search.parse().unwrap(), &AssetType::new(SEARCH_SERVICE));
    assert_eq!(known, Absence::Deleted);
    sim.stop().await;
}

#[tokio::test]
async fn all_faults_at_once_hide_much_and_invent_nothing() {
    let sim = start(30).await;
    let of = |path: &str| path.to_owned();
    for seed in 0..3 {
        sim.set_faults(vec![
            Fault::Flaky { percent: 25, seed },
            Fault::Throttle { path: of(""), retry_after: 1, times: 8 },
            Fault::Status { path: of("/raiPolicies"), status: 403 },
            Fault::Status { path: of("/datastores"), status: 500 },
            Fault::MalformedJson { path: of("/channels") },
            Fault::TruncatedBody { path: of("/outboundRules") },
            Fault::Denied {
                scope: String::new(),
                action: of("Microsoft.Search/searchServices/read"),
            },
            Fault::ForeignNextLink {
                path: of("/policyAssignments"),
                origin: of("https://attacker.example"),
            },
        ]);
        let patient = CollectLimits { retries: 6, ..limits() };
        let read = collect_within(settings(&sim), &patient).await.unwrap();
        check_honest(&sim, &read, "all at once");
        let kinds: BTreeSet<GapKind> =
            read.snapshot.gaps.iter().map(|gap| gap.reason.kind).collect();
        for kind in [GapKind::Forbidden, GapKind::ServerError, GapKind::Malformed] {
            assert!(kinds.contains(&kind), "{kinds:?}");
        }
    }
    sim.stop().await;
}
