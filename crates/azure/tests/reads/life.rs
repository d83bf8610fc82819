//! The life of a scan: progress, cancelling, deadline, going on after a crash, plan and diagnosis.

use std::sync::Mutex;
use std::time::Duration;

use postern_azure::{
    AzureSettings, CollectError, CollectLimits, Collector, Journal, MemoryJournal, NoProgress,
    Progress, ProgressSink, Scope, required_actions,
};
use postern_azure_sim::{AzureSim, EstateSource, Fault, Quotas, SimOptions};
use postern_domain::gap::GapKind;
use tokio_util::sync::CancellationToken;

use crate::truth::differences;
use crate::{
    Read, clock, collect_into, collect_within, limits, options, settings, start, start_estate,
};

struct Told(Mutex<Vec<Progress>>);

impl ProgressSink for Told {
    fn report(&self, progress: Progress) {
        self.0.lock().unwrap().push(progress);
    }
}

#[tokio::test]
async fn progress_has_a_true_denominator_and_ends_there() {
    let sim = start(40).await;
    let told = Told(Mutex::default());
    let collector = Collector::with_limits(settings(&sim), &limits()).unwrap();
    let journal = MemoryJournal::default();
    collector.collect(&clock(), &journal, &told, &CancellationToken::new()).await.unwrap();
    let told = told.0.into_inner().unwrap();
    let assets = journal.len() as u64;
    assert!(told.windows(2).all(|pair| pair[0].done <= pair[1].done), "{told:?}");
    let known: Vec<_> = told.iter().filter_map(|progress| progress.total).collect();
    assert!(known.iter().all(|total| *total == assets), "{assets}: {told:?}");
    assert_eq!(told.last().map(|progress| progress.done), Some(assets));
    sim.stop().await;
}

#[tokio::test]
async fn a_scan_is_called_off_while_azure_hangs() {
    let sim = start_estate(EstateSource::Small).await;
    sim.set_faults(vec![Fault::Hang { path: "/channels".into() }]);
    let collector = Collector::new(settings(&sim)).unwrap();
    let cancel = CancellationToken::new();
    let (clock, journal, reading) = (clock(), MemoryJournal::default(), cancel.clone());
    let scan = collector.collect(&clock, &journal, &NoProgress, &reading);
    let stop = async {
        while !sim.requests().iter().any(|request| request.path.contains("/channels")) {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(scan, stop);
    assert!(matches!(outcome, Err(CollectError::Cancelled)));
    sim.stop().await;
}

#[tokio::test]
async fn a_deadline_ends_a_scan_with_gaps() {
    let sim = start_estate(EstateSource::Small).await;
    sim.set_faults(vec![Fault::Slow { path: "/diagnosticSettings".into(), millis: 700 }]);
    let limits = CollectLimits { deadline: Some(Duration::from_millis(500)), ..limits() };
    let begun = std::time::Instant::now();
    let read = collect_within(settings(&sim), &limits).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20));
    let is_late = |message: &str| message.contains("deadline had passed");
    assert!(
        read.snapshot
            .gaps
            .iter()
            .any(|gap| gap.reason.kind == GapKind::TimedOut && is_late(&gap.reason.message))
    );
    sim.stop().await;
}

#[tokio::test]
async fn an_attempt_that_was_cut_off_goes_on_from_its_journal() {
    let sim = start_estate(EstateSource::Huge { subscriptions: 6, assets: 900 }).await;
    let whole = MemoryJournal::default();
    let expected = collect_into(settings(&sim), &limits(), &whole).await.unwrap();
    let all = sim.request_count();
    let journal = MemoryJournal::default();
    let collector = Collector::with_limits(settings(&sim), &limits()).unwrap();
    let mut attempts = 0;
    let mut sent = Vec::new();
    let snapshot = loop {
        attempts += 1;
        let before = (sim.request_count(), journal.len());
        let cancel = CancellationToken::new();
        let clock = clock();
        let scan = collector.collect(&clock, &journal, &NoProgress, &cancel);
        let cut = async {
            // Cut off as soon as two more batches are kept.
            while journal.len() < before.1 + 400 && !cancel.is_cancelled() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            cancel.cancel();
        };
        let outcome = tokio::select! {
            outcome = scan => outcome,
            () = cut => Err(CollectError::Cancelled),
        };
        sent.push(sim.request_count() - before.0);
        if let Ok(snapshot) = outcome {
            break snapshot;
        }
        assert!(attempts < 10, "{} kept", journal.len());
    };
    assert!(attempts > 1, "it was never cut off");
    assert!(*sent.last().unwrap() < all * 3 / 4, "{sent:?} of {all}");
    assert_eq!(journal.len(), whole.len());
    assert_eq!(snapshot.gaps, expected.gaps);
    assert_eq!(snapshot.listings, expected.listings);
    assert_eq!(snapshot.fact_coverage, expected.fact_coverage);
    let read = Read { snapshot, assets: journal.into_assets() };
    assert_eq!(differences(&sim, &read), Vec::<String>::new());
    sim.stop().await;
}

#[tokio::test]
async fn what_failed_for_a_passing_reason_is_asked_for_again() {
    let sim = start_estate(EstateSource::Small).await;
    let journal = MemoryJournal::default();
    sim.set_faults(vec![
        Fault::Status { path: "/channels".into(), status: 503 },
        Fault::Status { path: "/datastores".into(), status: 403 },
    ]);
    let before = collect_into(settings(&sim), &limits(), &journal).await.unwrap();
    assert!(before.gaps.iter().any(|gap| gap.reason.kind == GapKind::ServerError));
    sim.set_faults(Vec::new());
    let after = collect_into(settings(&sim), &limits(), &journal).await.unwrap();
    assert!(after.gaps.iter().all(|gap| gap.reason.kind == GapKind::Forbidden), "{:?}", after.gaps);
    assert!(!after.gaps.is_empty(), "a refusal stands as it was kept");
    sim.stop().await;
}

#[tokio::test]
async fn what_was_kept_and_is_gone_is_forgotten() {
    let sim = start_estate(EstateSource::Small).await;
    let journal = MemoryJournal::default();
    collect_into(settings(&sim), &limits(), &journal).await.unwrap();
    let kept = journal.kept(None, 1000).await.unwrap();
    let gone = kept.iter().find(|kept| kept.asset.as_str().contains("/botservices/")).unwrap();
    sim.set_faults(vec![Fault::DeletedAfter { id: gone.asset.to_string(), requests: 0 }]);
    let snapshot = collect_into(settings(&sim), &limits(), &journal).await.unwrap();
    assert!(!journal.into_assets().contains_key(&gone.asset));
    assert_eq!(snapshot.gaps, []);
    sim.stop().await;
}

/// Reads under Azure's quotas and says how many requests it took, and how many at least.
async fn count_requests(estate: EstateSource, speed: f64) -> (u64, u64) {
    let sim = AzureSim::start(SimOptions { quotas: Quotas::Scaled { speed }, ..options(estate) })
        .await
        .unwrap();
    let limits = CollectLimits { time_scale: speed, ..limits() };
    let collector = Collector::with_limits(settings(&sim), &limits).unwrap();
    let plan = collector.plan(&clock(), &CancellationToken::new()).await.unwrap();
    let before = sim.request_count();
    let journal = MemoryJournal::default();
    let snapshot = collect_into(settings(&sim), &limits, &journal).await.unwrap();
    assert_eq!(snapshot.gaps, []);
    let tokens = 1;
    let sent = (sim.request_count() - before - tokens) as u64;
    println!("{} requests, {} planned, {} throttled", sent, plan.minimum(), sim.throttled_count());
    let read = Read { snapshot, assets: journal.into_assets() };
    assert_eq!(differences(&sim, &read), Vec::<String>::new());
    let planned: u64 = plan.assets.values().sum();
    assert_eq!(planned + plan.subscriptions, read.assets.len() as u64);
    sim.stop().await;
    (sent, plan.minimum())
}

#[tokio::test]
async fn quotas_slow_a_scan_down_and_it_asks_hardly_more_than_the_plan_says() {
    let estate = EstateSource::Huge { subscriptions: 3, assets: 600 };
    let (sent, planned) = count_requests(estate, 20.0).await;
    assert!(sent >= planned, "{sent} of {planned}");
    assert!(sent * 100 <= planned * 115, "{sent} of {planned}");
}

#[tokio::test]
async fn the_diagnosis_names_what_is_missing_and_what_for() {
    let sim = start_estate(EstateSource::Small).await;
    let collector = Collector::with_limits(settings(&sim), &limits()).unwrap();
    let cancel = CancellationToken::new();
    let diagnosis = collector.diagnose(&clock(), &cancel).await.unwrap();
    assert!(!diagnosis.subscriptions.is_empty());
    for access in &diagnosis.subscriptions {
        assert_eq!(access.missing, Ok(Vec::new()), "{}", access.name);
    }
    sim.set_faults(vec![
        Fault::Denied {
            scope: String::new(),
            action: "Microsoft.Insights/diagnosticSettings/read".into(),
        },
        Fault::Denied {
            scope: String::new(),
            action: "Microsoft.Search/searchServices/read".into(),
        },
    ]);
    let diagnosis = collector.diagnose(&clock(), &cancel).await.unwrap();
    for access in diagnosis.subscriptions {
        let missing = access.missing.unwrap();
        let named: Vec<_> = missing.iter().map(|missing| missing.action).collect();
        assert_eq!(
            named,
            ["Microsoft.Insights/diagnosticSettings/read", "Microsoft.Search/searchServices/read"]
        );
        assert_eq!(missing[0].facts, ["diagnosticSettings"]);
        assert_eq!(missing[1].asset_types[0].as_str(), "microsoft.search/searchservices");
    }
    sim.set_faults(vec![Fault::Denied {
        scope: String::new(),
        action: "Microsoft.Authorization/permissions/read".into(),
    }]);
    let diagnosis = collector.diagnose(&clock(), &cancel).await.unwrap();
    assert!(diagnosis.subscriptions.iter().all(|access| access.missing.is_err()));
    sim.stop().await;
}

#[tokio::test]
async fn a_role_with_exactly_the_actions_in_use_is_enough() {
    let sim = start_estate(EstateSource::Small).await;
    let all: Vec<&str> = required_actions();
    let actions = all.iter().map(|action| (*action).to_owned()).collect();
    sim.set_faults(vec![Fault::Role { actions }]);
    let read = collect_within(settings(&sim), &limits()).await.unwrap();
    assert_eq!(read.snapshot.gaps, []);
    assert_eq!(differences(&sim, &read), Vec::<String>::new());
    let is_granted = |action: &str| all.iter().any(|granted| granted.eq_ignore_ascii_case(action));
    for action in [
        "Microsoft.CognitiveServices/accounts/encryptionScopes/read",
        "Microsoft.CognitiveServices/accounts/commitmentPlans/read",
        "Microsoft.CognitiveServices/accounts/listKeys/action",
        "Microsoft.CostManagement/query/action",
        "Microsoft.Insights/metrics/read",
    ] {
        assert!(!is_granted(action), "{action}");
    }
    let faults = all
        .iter()
        .map(|action| Fault::Denied { scope: String::new(), action: (*action).to_owned() });
    // Each action alone is missed: none of them is in the role for nothing.
    for fault in faults {
        sim.set_faults(vec![fault.clone()]);
        let management_groups = vec![sim.tenant_id().to_owned()];
        let scope = Scope { management_groups, ..Scope::default() };
        let settings = AzureSettings { scope, ..settings(&sim) };
        let read = collect_within(settings, &limits()).await;
        let is_missed = read.map_or(true, |read| !read.snapshot.gaps.is_empty());
        assert!(is_missed, "{fault:?} is in the role and nobody misses it");
    }
    sim.stop().await;
}
