//! `kill -9` during a scan.

use postern_azure_sim::{AzureSim, EstateSource, Fault, SimOptions};
use postern_domain::clock::Clock;
use postern_service::scan::show_scans;
use postern_service::view::{ScanState, ScanView};
use postern_service::{Postern, connect, overview};
use postern_test_support::TestDatabase;
use time::macros::{date, datetime};

use crate::program::{Server, connect_to, folder, postern, run, wait_for};

async fn scans(postern: &Postern) -> Vec<ScanView> {
    show_scans(postern, None).await.unwrap().map(|view| view.scans).unwrap_or_default()
}

#[tokio::test]
async fn a_killed_scan_is_seen_to_have_failed_and_the_next_one_finishes() {
    let database = TestDatabase::create().await;
    let sim = AzureSim::start(SimOptions {
        listen: "127.0.0.1:0".parse().unwrap(),
        seed: 7,
        day: date!(2026 - 01 - 05),
        estate: EstateSource::Seeded { assets: 12 },
        host_names: Vec::new(),
    })
    .await
    .unwrap();
    sim.set_faults(vec![Fault::Hang { path: "diagnosticSettings".to_owned() }]);
    let folder = folder();
    let serve = || {
        let mut command = postern(["serve", "--listen", "127.0.0.1:0"]);
        connect_to(command.env("DATABASE_URL", database.url()), &sim, folder.path());
        Server::start(&mut command)
    };

    let server = serve();
    wait_for("a scan to be under way", async || {
        sim.requests()
            .iter()
            .any(|request| request.path.contains("diagnosticSettings"))
            .then_some(())
    })
    .await;
    server.kill_9();
    sim.set_faults(Vec::new());

    let pool = connect::open_pool(database.url()).await.unwrap();
    let reader =
        Postern::open(pool, &[], Clock::fixed(datetime!(2026-01-05 2:00 UTC))).await.unwrap();
    let killed = scans(&reader).await;
    assert_eq!(killed.len(), 1, "{killed:?}");
    assert_eq!(killed[0].state, ScanState::Running, "nobody could say that it ended");
    let nothing_yet = overview::show_overview(&reader, None).await.unwrap().unwrap();
    assert!(nothing_yet.latest.is_none(), "half a scan is no snapshot");

    let server = serve();
    wait_for("the killed scan to end", async || {
        let all = scans(&reader).await;
        let first = all.iter().find(|scan| scan.id == killed[0].id).unwrap();
        matches!(first.state, ScanState::Failed | ScanState::Finished).then_some(())
    })
    .await;
    // The schedule comes again tomorrow; this is somebody who does not want to wait for it.
    let mut command = postern(["scan", "--connection", "azure", "--wait", "--json"]);
    connect_to(command.env("DATABASE_URL", database.url()), &sim, folder.path());
    let ended = tokio::task::spawn_blocking(move || run(&mut command)).await.unwrap();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let result: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(result["state"], "finished", "{result}");
    assert_eq!(result["gaps"], serde_json::json!([]), "{result}");
    let all = scans(&reader).await;
    for scan in &all {
        assert_eq!(scan.state == ScanState::Failed, scan.failure.is_some(), "{scan:?}");
        assert_eq!(scan.state == ScanState::Finished, scan.result.is_some(), "{scan:?}");
    }
    let view = overview::show_overview(&reader, None).await.unwrap().unwrap();
    assert_eq!(view.trend.len(), 1, "one evaluation for the one whole scan");
    let page = reqwest::get(format!("{}/scans", server.url)).await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(server.terminate(), Some(0));
    sim.stop().await;
}
