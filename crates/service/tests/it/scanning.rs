//! Scans of a simulated Azure through the real collector.

use postern_azure::{AzureSettings, Collector, Credential, Secret};
use postern_azure_sim::{AzureSim, EstateSource, Fault, SimOptions};
use postern_domain::clock::Clock;
use postern_domain::gap::GapKind;
use postern_service::scan::{ScanError, ScanOutcome, request_scan, run_scan};
use postern_service::scans::show_scans;
use postern_service::view::ScanState;
use postern_service::worker;
use postern_test_support::NOW;
use tokio_util::sync::CancellationToken;

use crate::world::{World, day};

async fn start_sim() -> AzureSim {
    AzureSim::start(SimOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        seed: 7,
        day: NOW.date(),
        estate: EstateSource::Seeded { assets: 30 },
        host_names: Vec::new(),
    })
    .await
    .unwrap()
}

fn collector(sim: &AzureSim) -> Collector {
    let url: url::Url = sim.base_url().parse().unwrap();
    Collector::new(AzureSettings {
        arm_endpoint: url.clone(),
        authority_host: url,
        credential: Credential::ClientSecret {
            tenant_id: sim.tenant_id().to_owned(),
            client_id: sim.client_id().to_owned(),
            secret: Secret::new(sim.client_secret()),
        },
        ca_pem: Some(sim.ca_pem().into_bytes()),
        subscriptions: Vec::new(),
    })
    .unwrap()
}

async fn scan_on(world: &World, sim: &AzureSim, number: i64) -> ScanOutcome {
    let postern = world.postern.with_clock(Clock::fixed(day(number)));
    let id = request_scan(&postern, world.connection, "test").await.unwrap();
    run_scan(&postern, id, &collector(sim), &CancellationToken::new()).await.unwrap()
}

#[tokio::test]
async fn a_scan_finds_judges_and_survives_a_refused_list() {
    let (world, sim) = (World::scanned().await, start_sim().await);
    let ScanOutcome::Finished(first) = scan_on(&world, &sim, 0).await else { panic!("it failed") };
    assert_eq!(first.point.assets_unread, 0);
    assert!(first.point.assets >= 25, "{} assets", first.point.assets);
    assert!(first.open() > 0);
    sim.set_faults(vec![Fault::Status {
        path: "/providers/Microsoft.CognitiveServices/accounts".to_owned(),
        status: 403,
    }]);
    let ScanOutcome::Finished(second) = scan_on(&world, &sim, 1).await else { panic!("it failed") };
    assert_eq!(second.point.assets, first.point.assets, "the inventory is kept");
    assert!(second.point.assets_unread > 0);
    assert_eq!(second.open(), first.open(), "a refused list mends nothing");
    let scans = show_scans(&world.postern, None).await.unwrap().unwrap().scans;
    let gaps = &scans[0].result.as_ref().unwrap().gaps;
    assert!(gaps.iter().any(|gap| gap.reason.kind == GapKind::Forbidden), "{gaps:?}");
    sim.stop().await;
}

#[tokio::test]
async fn a_refused_credential_fails_the_scan_in_one_sentence_without_the_secret() {
    let (world, sim) = (World::scanned().await, start_sim().await);
    sim.set_faults(vec![Fault::RefuseCredentials]);
    let ScanOutcome::Failed(failure) = scan_on(&world, &sim, 0).await else { panic!("it passed") };
    assert!(failure.contains("AADSTS7000215"), "{failure}");
    assert!(!failure.contains(sim.client_secret()), "{failure}");
    let scans = show_scans(&world.postern, None).await.unwrap().unwrap().scans;
    assert_eq!((scans[0].state, scans[0].failure.as_deref()), (ScanState::Failed, Some(&*failure)));
    sim.stop().await;
}

#[tokio::test]
async fn a_cancelled_scan_fails_and_the_next_one_runs() {
    let (world, sim) = (World::scanned().await, start_sim().await);
    sim.set_faults(vec![Fault::Hang { path: String::new() }]);
    let id = request_scan(&world.postern, world.connection, "test").await.unwrap();
    let cancel = CancellationToken::new();
    let collector = collector(&sim);
    let running = run_scan(&world.postern, id, &collector, &cancel);
    let cancelling = async {
        until(&world, ScanState::Running).await;
        let again = request_scan(&world.postern, world.connection, "test").await.unwrap();
        let busy = run_scan(&world.postern, again, &collector, &CancellationToken::new()).await;
        assert!(matches!(busy, Err(ScanError::Busy)), "{busy:?}");
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(running, cancelling);
    assert_eq!(outcome.unwrap(), ScanOutcome::Failed("the scan was cancelled".to_owned()));
    sim.set_faults(Vec::new());
    let next = scan_on(&world, &sim, 0).await;
    assert!(matches!(next, ScanOutcome::Finished(_)), "{next:?}");
    sim.stop().await;
}

#[tokio::test]
async fn the_worker_runs_what_is_asked_for_and_ends_when_told() {
    let (world, sim) = (World::scanned().await, start_sim().await);
    let shutdown = CancellationToken::new();
    let sim = std::sync::Arc::new(sim);
    let reached = std::sync::Arc::clone(&sim);
    let collectors = move |_: &postern_service::connection::Connection| Ok(collector(&reached));
    let working = tokio::spawn(worker::run(world.postern.clone(), collectors, shutdown.clone()));
    request_scan(&world.postern, world.connection, "button").await.unwrap();
    until(&world, ScanState::Finished).await;
    sim.set_faults(vec![Fault::Hang { path: String::new() }]);
    request_scan(&world.postern, world.connection, "button").await.unwrap();
    until(&world, ScanState::Running).await;
    shutdown.cancel();
    working.await.unwrap();
    let scans = show_scans(&world.postern, None).await.unwrap().unwrap().scans;
    assert_eq!(scans[0].failure.as_deref(), Some("the scan was cancelled"));
}

/// Waits until the latest scan is in the state.
async fn until(world: &World, state: ScanState) {
    loop {
        let scans = show_scans(&world.postern, None).await.unwrap().unwrap().scans;
        if scans.iter().take(1).any(|scan| scan.state == state) {
            return;
        }
        assert!(
            state == ScanState::Failed
                || scans.iter().take(1).all(|scan| scan.state != ScanState::Failed),
            "it failed: {:?}",
            scans[0].failure
        );
        tokio::task::yield_now().await;
    }
}
