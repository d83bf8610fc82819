//! Connections that are removed, also in the middle of a scan.

use std::sync::Arc;

use postern_azure_sim::Fault;
use postern_domain::clock::Clock;
use postern_service::connection::{
    ConnectionKind, NewConnection, ensure_connection, find_connection, list_connections,
    remove_connection,
};
use postern_service::finding::{list_findings, show_finding};
use postern_service::overview::show_overview;
use postern_service::scan::{ScanError, request_scan, show_scan};
use postern_service::view::{FindingQuery, ScanState};
use postern_test_support::NOW;
use serde_json::json;
use time::Duration;
use tokio_util::sync::CancellationToken;

use crate::scanning::{start_sim, until, work};
use crate::world::World;

#[tokio::test]
async fn a_connection_removed_in_mid_scan_is_gone_and_its_history_comes_back_with_it() {
    let (world, sim) = (World::scanned().await, Arc::new(start_sim().await));
    let shutdown = CancellationToken::new();
    let working = work(&world, &sim, &shutdown);
    request_scan(&world.postern, world.connection, "test").await.unwrap();
    until(&world, ScanState::Finished).await;
    let before = show_overview(&world.postern, None, None).await.unwrap().unwrap();
    let findings = list_findings(&world.postern, FindingQuery::default()).await.unwrap().unwrap();
    sim.set_faults(vec![Fault::Hang { path: String::new() }]);
    let running = request_scan(&world.postern, world.connection, "test").await.unwrap();
    until(&world, ScanState::Running).await;
    let waiting = request_scan(&world.postern, world.connection, "test").await.unwrap();

    assert!(remove_connection(&world.postern, world.connection).await.unwrap());
    assert!(!remove_connection(&world.postern, world.connection).await.unwrap());
    for (scan, failure) in [
        (waiting, "the connection was removed by command line"),
        (running, "cancelled by command line"),
    ] {
        loop {
            let view = show_scan(&world.postern, scan).await.unwrap().unwrap();
            if view.state == ScanState::Failed {
                assert_eq!(view.failure.as_deref(), Some(failure));
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    assert_eq!(world.count("SELECT count(*) FROM scan_assets").await, 0);
    assert_eq!(list_connections(&world.postern).await.unwrap(), []);
    assert!(find_connection(&world.postern, "sample").await.unwrap().is_none());
    assert!(show_overview(&world.postern, None, None).await.unwrap().is_none());
    assert!(show_finding(&world.postern, findings.rows[0].id, None).await.unwrap().is_none());
    let asked = request_scan(&world.postern, world.connection, "test").await;
    assert!(matches!(asked, Err(ScanError::NoSuchConnection(_))), "{asked:?}");

    // Asked for at the very moment of the removal: it does not wait for ever.
    let mut session = world.database.pool().acquire().await.unwrap();
    let late =
        postern_store::scan::queue(&mut session, world.connection, "test", NOW).await.unwrap();
    loop {
        let view = show_scan(&world.postern, late).await.unwrap().unwrap();
        if view.state == ScanState::Failed {
            assert_eq!(view.failure.as_deref(), Some("its connection was removed"));
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }

    let later = world.postern.with_clock(Clock::fixed(NOW + Duration::days(3)));
    let again = NewConnection {
        slug: "sample".to_owned(),
        name: "Sample".to_owned(),
        kind: ConnectionKind::Azure,
        settings: json!({}),
        schedule: None,
    };
    assert_eq!(ensure_connection(&later, again).await.unwrap(), world.connection);
    let after = show_overview(&world.postern, None, None).await.unwrap().unwrap();
    assert_eq!(after.trend, before.trend);
    shutdown.cancel();
    working.await.unwrap();
}
