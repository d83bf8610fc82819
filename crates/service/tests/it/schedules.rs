//! Workers that follow a schedule.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use postern_azure_sim::Fault;
use postern_domain::clock::Clock;
use postern_service::connection::{ConnectionKind, NewConnection, Schedule, ensure_connection};
use postern_service::scans::show_scans;
use postern_service::schedule::{pause_schedule, resume_schedule};
use postern_service::view::{ScanState, ScansView};
use postern_service::worker;
use postern_test_support::NOW;
use serde_json::json;
use time::Duration;
use tokio_util::sync::CancellationToken;

use crate::scanning::{collector, start_sim, work};
use crate::world::World;

/// Longer than a worker takes to look for work twice.
const TWO_LOOKS: std::time::Duration = std::time::Duration::from_millis(2_500);

#[tokio::test]
async fn four_workers_follow_a_schedule_catch_up_once_and_respect_a_pause() {
    let (mut world, sim) = (World::scanned().await, Arc::new(start_sim().await));
    let hours = Arc::new(AtomicI64::new(0));
    let passed = Arc::clone(&hours);
    let clock = Clock::new(move || NOW + Duration::hours(passed.load(Ordering::SeqCst)));
    world.postern = world.postern.with_clock(clock);
    let nightly = NewConnection {
        slug: "sample".to_owned(),
        name: "Sample".to_owned(),
        kind: ConnectionKind::Azure,
        settings: json!({}),
        schedule: Some(Schedule::Cron {
            expression: "0 2 * * *".to_owned(),
            time_zone: "Europe/Amsterdam".to_owned(),
        }),
    };
    ensure_connection(&world.postern, nightly).await.unwrap();
    let shutdown = CancellationToken::new();
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let reached = Arc::clone(&sim);
            let collectors =
                move |_: &postern_service::connection::Connection| Ok(collector(&reached));
            tokio::spawn(worker::run(world.postern.clone(), collectors, None, shutdown.clone()))
        })
        .collect();
    scans_stay(&world, 0).await;
    // Ten nights pass at once, as if no worker had run: they are caught up by one scan.
    hours.fetch_add(240, Ordering::SeqCst);
    scans_become(&world, 1).await;
    hours.fetch_add(24, Ordering::SeqCst);
    scans_become(&world, 2).await;

    assert!(pause_schedule(&world.postern, world.connection).await.unwrap());
    hours.fetch_add(72, Ordering::SeqCst);
    scans_stay(&world, 2).await;
    let view = shown(&world).await.schedule.unwrap();
    assert!(view.next.is_empty() && view.paused.is_some(), "{view:?}");
    assert!(resume_schedule(&world.postern, world.connection).await.unwrap());
    scans_stay(&world, 2).await;
    assert_eq!(shown(&world).await.schedule.unwrap().next.len(), 3);
    hours.fetch_add(24, Ordering::SeqCst);
    scans_become(&world, 3).await;

    shutdown.cancel();
    for worker in workers {
        worker.await.unwrap();
    }
}

#[tokio::test]
async fn a_scan_that_is_longer_than_its_interval_is_followed_by_one() {
    let (mut world, sim) = (World::scanned().await, Arc::new(start_sim().await));
    let minutes = Arc::new(AtomicI64::new(0));
    let passed = Arc::clone(&minutes);
    let clock = Clock::new(move || NOW + Duration::minutes(passed.load(Ordering::SeqCst)));
    world.postern = world.postern.with_clock(clock);
    let often = NewConnection {
        slug: "sample".to_owned(),
        name: "Sample".to_owned(),
        kind: ConnectionKind::Azure,
        settings: json!({}),
        schedule: Some(Schedule::Every { seconds: 60 }),
    };
    sim.set_faults(vec![Fault::Slow { path: "diagnosticSettings".to_owned(), millis: 4_000 }]);
    ensure_connection(&world.postern, often).await.unwrap();
    let shutdown = CancellationToken::new();
    let working = work(&world, &sim, &shutdown);
    while shown(&world).await.scans.iter().all(|scan| scan.state != ScanState::Running) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // Ten intervals long: nothing is put behind it.
    minutes.fetch_add(10, Ordering::SeqCst);
    scans_stay(&world, 1).await;
    sim.set_faults(Vec::new());
    scans_become(&world, 2).await;
    shutdown.cancel();
    working.await.unwrap();
}

async fn shown(world: &World) -> ScansView {
    show_scans(&world.postern, Some("sample"), None).await.unwrap().unwrap()
}

/// Waits for as many finished scans, and looks that there are no more.
async fn scans_become(world: &World, number: usize) {
    loop {
        let scans = shown(world).await.scans;
        if scans.len() >= number && scans.iter().all(|scan| scan.state == ScanState::Finished) {
            break;
        }
        assert!(scans.iter().all(|scan| scan.state != ScanState::Failed), "{scans:?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    scans_stay(world, number).await;
}

async fn scans_stay(world: &World, number: usize) {
    tokio::time::sleep(TWO_LOOKS).await;
    let scans = shown(world).await.scans;
    assert_eq!(scans.len(), number, "{scans:?}");
    assert!(scans.iter().all(|scan| scan.requested_by == "schedule"), "{scans:?}");
}
