//! Scans of a simulated Azure through the real collector.

use std::sync::Arc;

use postern_azure::{AzureSettings, CollectLimits, Collector, Credential, Secret};
use postern_azure_sim::{AzureSim, EstateSource, Fault, Quotas, SimOptions};
use postern_domain::clock::Clock;
use postern_domain::gap::GapKind;
use postern_service::scan::{
    Cancelled, ScanError, ScanOutcome, cancel_scan, request_scan, run_scan,
};
use postern_service::scans::show_scans;
use postern_service::view::{ScanState, ScanView};
use postern_service::worker;
use postern_store::scan;
use postern_test_support::NOW;
use postern_test_support::sample::{open_account, snapshot};
use time::Duration;
use tokio_util::sync::CancellationToken;

use crate::interrupted::keep;
use crate::world::{World, day};

pub(crate) async fn start_sim() -> AzureSim {
    AzureSim::start(SimOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        seed: 7,
        day: NOW.date(),
        estate: EstateSource::Company { assets: 30 },
        host_names: Vec::new(),
        quotas: Quotas::Off,
    })
    .await
    .unwrap()
}

pub(crate) fn collector(sim: &AzureSim) -> Collector {
    collector_within(sim, &CollectLimits::default())
}

fn collector_within(sim: &AzureSim, limits: &CollectLimits) -> Collector {
    let url: url::Url = sim.base_url().parse().unwrap();
    let settings = AzureSettings {
        arm_endpoint: url.clone(),
        authority_host: url,
        credential: Credential::ClientSecret {
            tenant_id: sim.tenant_id().to_owned(),
            client_id: sim.client_id().to_owned(),
            secret: Secret::new(sim.client_secret()),
        },
        ca_pem: Some(sim.ca_pem().into_bytes()),
        proxy: None,
        scope: postern_azure::Scope::default(),
    };
    Collector::with_limits(settings, limits).unwrap()
}

pub(crate) async fn scan_on(world: &World, sim: &AzureSim, number: i64) -> ScanOutcome {
    scan_within(world, sim, number, &CollectLimits::default()).await
}

pub(crate) async fn scan_within(
    world: &World,
    sim: &AzureSim,
    number: i64,
    limits: &CollectLimits,
) -> ScanOutcome {
    let postern = world.postern.with_clock(Clock::fixed(day(number)));
    let id = request_scan(&postern, world.connection, "test").await.unwrap();
    let collector = collector_within(sim, limits);
    run_scan(&postern, id, &collector, &CancellationToken::new()).await.unwrap()
}

#[tokio::test]
async fn a_scan_finds_judges_and_survives_a_refused_list() {
    let (world, sim) = (World::scanned().await, start_sim().await);
    let ScanOutcome::Finished(first) = scan_on(&world, &sim, 0).await else { panic!("it failed") };
    assert_eq!(first.point.assets_unread, 0);
    assert!(first.point.assets >= 25, "{} assets", first.point.assets);
    assert!(first.open() > 0);
    let refused = |path: &str| Fault::Status { path: path.to_owned(), status: 403 };
    sim.set_faults(vec![
        refused("Microsoft.ResourceGraph"),
        refused("/providers/Microsoft.CognitiveServices/accounts"),
    ]);
    let ScanOutcome::Finished(second) = scan_on(&world, &sim, 1).await else { panic!("it failed") };
    assert_eq!(second.point.assets, first.point.assets, "the inventory is kept");
    assert!(second.point.assets_unread > 0);
    assert_eq!(second.open(), first.open(), "a refused list mends nothing");
    let scans = show_scans(&world.postern, None, None).await.unwrap().unwrap().scans;
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
    let scans = show_scans(&world.postern, None, None).await.unwrap().unwrap().scans;
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

/// A worker that scans the simulated Azure until the token is cancelled.
pub(crate) fn work(
    world: &World,
    sim: &Arc<AzureSim>,
    shutdown: &CancellationToken,
) -> tokio::task::JoinHandle<()> {
    let reached = Arc::clone(sim);
    let collectors = move |_: &postern_service::connection::Connection| Ok(collector(&reached));
    tokio::spawn(worker::run(world.postern.clone(), collectors, None, shutdown.clone()))
}

async fn latest(world: &World) -> ScanView {
    show_scans(&world.postern, None, None).await.unwrap().unwrap().scans.swap_remove(0)
}

#[tokio::test]
async fn the_worker_runs_what_is_asked_for_and_the_next_one_goes_on_where_it_ended() {
    let (world, sim) = (World::scanned().await, Arc::new(start_sim().await));
    let shutdown = CancellationToken::new();
    let working = work(&world, &sim, &shutdown);
    request_scan(&world.postern, world.connection, "button").await.unwrap();
    until(&world, ScanState::Finished).await;
    sim.set_faults(vec![Fault::Hang { path: String::new() }]);
    let id = request_scan(&world.postern, world.connection, "button").await.unwrap();
    until(&world, ScanState::Running).await;
    shutdown.cancel();
    working.await.unwrap();
    let waiting = latest(&world).await;
    assert_eq!((waiting.state, waiting.attempts, waiting.failure), (ScanState::Queued, 1, None));
    sim.set_faults(Vec::new());
    let shutdown = CancellationToken::new();
    let working = work(&world, &sim, &shutdown);
    until(&world, ScanState::Finished).await;
    let finished = latest(&world).await;
    assert_eq!((finished.id, finished.attempts), (id, 2));
    assert_eq!(world.count("SELECT count(*) FROM scan_assets").await, 0);
    shutdown.cancel();
    working.await.unwrap();
}

#[tokio::test]
async fn a_scan_is_cancelled_by_somebody_while_it_waits_and_while_it_runs() {
    let (world, sim) = (World::scanned().await, Arc::new(start_sim().await));
    let waiting = request_scan(&world.postern, world.connection, "button").await.unwrap();
    let done = cancel_scan(&world.postern, waiting).await.unwrap();
    assert_eq!(done, Some(Cancelled::Waiting));
    let view = latest(&world).await;
    assert_eq!((view.state, view.started_at), (ScanState::Failed, None));
    assert_eq!(view.failure.as_deref(), Some("cancelled by command line"));
    assert_eq!(cancel_scan(&world.postern, waiting).await.unwrap(), None);

    sim.set_faults(vec![Fault::Hang { path: String::new() }]);
    let shutdown = CancellationToken::new();
    let working = work(&world, &sim, &shutdown);
    let running = request_scan(&world.postern, world.connection, "button").await.unwrap();
    until(&world, ScanState::Running).await;
    let done = cancel_scan(&world.postern, running).await.unwrap();
    assert_eq!(done, Some(Cancelled::Running));
    until(&world, ScanState::Failed).await;
    assert_eq!(latest(&world).await.failure.as_deref(), Some("cancelled by command line"));
    shutdown.cancel();
    working.await.unwrap();
}

#[tokio::test]
async fn what_was_read_long_ago_is_read_again() {
    let (world, sim) = (World::scanned().await, start_sim().await);
    sim.set_faults(vec![Fault::Hang { path: String::new() }]);
    let id = request_scan(&world.postern, world.connection, "test").await.unwrap();
    let reading = snapshot(NOW, &[open_account("oai-1")]);
    for (hours, kept) in [(1, 1), (8, 0)] {
        let mut session = world.database.pool().acquire().await.unwrap();
        let attempt = scan::start(&mut session, id, NOW).await.unwrap().unwrap();
        keep(&world, attempt, &reading).await;
        assert!(scan::put_back(&mut session, attempt).await.unwrap());
        let later = world.postern.with_clock(Clock::fixed(NOW + Duration::hours(hours)));
        let (cancel, collector) = (CancellationToken::new(), collector(&sim));
        let running = run_scan(&later, id, &collector, &cancel);
        let looking = async {
            until(&world, ScanState::Running).await;
            let held = "SELECT count(*) FROM scan_assets";
            assert_eq!(world.count(held).await, kept, "after {hours} hours");
            // As if the process had died.
            sqlx::query("UPDATE scans SET state = 'queued', started_at = NULL")
                .execute(&mut *session)
                .await
                .unwrap();
            cancel.cancel();
        };
        tokio::join!(running, looking).0.unwrap();
    }
    sim.stop().await;
}

/// Waits until the latest scan is in the state.
pub(crate) async fn until(world: &World, state: ScanState) {
    loop {
        let scan = latest(world).await;
        if scan.state == state {
            return;
        }
        assert!(scan.state != ScanState::Failed, "it failed: {:?}", scan.failure);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
