//! `kill -9` during a scan, at whatever moment.

use std::time::{Duration, Instant};

use postern_azure_sim::{AzureSim, EstateSource, Fault, Quotas, SimOptions};
use postern_domain::clock::Clock;
use postern_domain::id::ScanId;
use postern_service::connection::find_connection;
use postern_service::scan::{request_scan, show_scan, show_scans};
use postern_service::view::{ScanState, ScanView};
use postern_service::{Postern, connect, overview};
use postern_store::scan_asset::KeptAsset;
use postern_store::{PgPool, scan_asset};
use postern_test_support::TestDatabase;
use tempfile::TempDir;
use time::macros::{date, datetime};

use crate::program::{Server, connect_to, folder, postern, wait_for};

/// How soon after its process died a scan goes on or is seen to have failed.
const SOON: Duration = Duration::from_mins(1);

/// A simulated Azure, a database, and what reads it.
pub struct World {
    pub sim: AzureSim,
    pub reader: Postern,
    pub folder: TempDir,
    pool: PgPool,
    database: TestDatabase,
}

impl World {
    pub async fn new(assets: usize) -> Self {
        let database = TestDatabase::create().await;
        let sim = AzureSim::start(SimOptions {
            listen: "127.0.0.1:0".parse().unwrap(),
            seed: 7,
            day: date!(2026 - 01 - 05),
            estate: EstateSource::Company { assets },
            host_names: Vec::new(),
            quotas: Quotas::Off,
        })
        .await
        .unwrap();
        let pool = connect::open_pool(database.url()).await.unwrap();
        let clock = Clock::fixed(datetime!(2026-01-05 2:00 UTC));
        let reader = Postern::open(pool.clone(), &[], clock).await.unwrap();
        Self { sim, reader, folder: folder(), pool, database }
    }

    pub fn serve(&self) -> Server {
        Server::start(&mut self.command(&["serve", "--single-user", "--listen", "127.0.0.1:0"]))
    }

    pub fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = postern(arguments.iter().copied());
        // A server that is killed again and again need not compile the packs each time.
        command.env("POSTERN_PACK_CACHE", self.folder.path().join("compiled"));
        connect_to(command.env("DATABASE_URL", self.database.url()), &self.sim, self.folder.path());
        command
    }

    /// The requests counted when none arrives any more: those on the way when a process is killed still do.
    async fn requests_that_arrived(&self) -> usize {
        let mut last = usize::MAX;
        wait_for("requests to cease", async || {
            let now = self.sim.request_count();
            (std::mem::replace(&mut last, now) == now).then_some(now)
        })
        .await
    }

    pub async fn scans(&self) -> Vec<ScanView> {
        let view = show_scans(&self.reader, None, None).await.unwrap();
        view.map(|view| view.scans).unwrap_or_default()
    }

    pub async fn scan(&self, id: ScanId) -> ScanView {
        show_scan(&self.reader, id).await.unwrap().unwrap()
    }

    pub async fn wait_for_end(&self, id: ScanId) -> ScanView {
        wait_for("the scan to end", async || {
            let scan = self.scan(id).await;
            matches!(scan.state, ScanState::Failed | ScanState::Finished).then_some(scan)
        })
        .await
    }

    /// What the scan has read so far: subscriptions, and resources in them.
    async fn kept(&self, id: ScanId) -> (usize, usize) {
        let mut session = self.pool.acquire().await.unwrap();
        let kept = scan_asset::list_kept(&mut session, id, None, 100_000).await.unwrap();
        let is_resource = |kept: &&KeptAsset| kept.id.as_str().contains("/providers/");
        let resources = kept.iter().filter(is_resource).count();
        (kept.len() - resources, resources)
    }
}

#[tokio::test]
async fn a_killed_scan_goes_on() {
    let world = World::new(12).await;
    world.sim.set_faults(vec![Fault::Hang { path: "diagnosticSettings".to_owned() }]);
    let server = world.serve();
    wait_for("a scan to be under way", async || {
        let requests = world.sim.requests();
        requests.iter().any(|request| request.path.contains("diagnosticSettings")).then_some(())
    })
    .await;
    server.kill_9();
    world.sim.set_faults(Vec::new());

    let killed = world.scans().await;
    assert_eq!(killed.len(), 1, "{killed:?}");
    assert_eq!(killed[0].state, ScanState::Running, "nobody could say that it ended");
    let nothing_yet = overview::show_overview(&world.reader, None, None).await.unwrap().unwrap();
    assert!(nothing_yet.latest.is_none(), "half a scan is no snapshot");

    let server = world.serve();
    let ended = world.wait_for_end(killed[0].id).await;
    assert_eq!((ended.state, ended.attempts), (ScanState::Finished, 2), "{ended:?}");
    assert!(ended.result.is_some_and(|result| result.gaps.is_empty()));
    let view = overview::show_overview(&world.reader, None, None).await.unwrap().unwrap();
    assert_eq!(view.trend.len(), 1, "one evaluation for the one whole scan");
    let page = reqwest::get(format!("{}/scans", server.url)).await.unwrap();
    assert!(page.text().await.unwrap().contains("went on 1 time after its process had ended"));
    assert_eq!(server.terminate(), Some(0));
    world.sim.stop().await;
}

#[tokio::test]
async fn a_scan_killed_at_ten_moments_goes_on_and_does_not_ask_all_again() {
    // Some hundred, because a scan keeps many at once.
    let world = World::new(600).await;
    let mut server = world.serve();
    let first = wait_for("the scheduled scan", async || world.scans().await.pop()).await;
    let whole = world.wait_for_end(first.id).await;
    assert_eq!(whole.state, ScanState::Finished, "{whole:?}");
    let calls_of_whole = world.sim.request_count();
    let assets = whole.result.unwrap().assets;
    let connection = find_connection(&world.reader, "azure").await.unwrap().unwrap().id;

    let mut with_assets = 0;
    for moment in 1..=10 {
        let begun_at = world.sim.request_count();
        let id = request_scan(&world.reader, connection, "test").await.unwrap();
        // From the first call to the last.
        let kill_at = begun_at + (calls_of_whole * moment).div_ceil(11);
        while world.sim.request_count() < kill_at
            && world.scan(id).await.state != ScanState::Finished
        {
            tokio::task::yield_now().await;
        }
        server.kill_9();
        let (_, kept) = world.kept(id).await;
        let killed_at = world.requests_that_arrived().await;
        let restarted = Instant::now();
        server = world.serve();
        wait_for("the killed scan to go on or to end", async || {
            let scan = world.scan(id).await;
            let goes_on = scan.state == ScanState::Running && scan.attempts > 1;
            (goes_on || scan.finished_at.is_some()).then_some(())
        })
        .await;
        assert!(restarted.elapsed() < SOON, "moment {moment}: {:?}", restarted.elapsed());
        let ended = world.wait_for_end(id).await;
        assert_eq!(ended.state, ScanState::Finished, "moment {moment}: {ended:?}");
        let result = ended.result.unwrap();
        assert_eq!((result.assets, result.gaps), (assets, Vec::new()), "moment {moment}");
        // An asset that was read is worth one call at the least, its diagnostic settings.
        let again = world.sim.request_count() - killed_at;
        assert!(
            again + kept <= calls_of_whole,
            "moment {moment}: {again} calls of {calls_of_whole} although {kept} assets were read"
        );
        assert_eq!(world.kept(id).await, (0, 0), "moment {moment}");
        with_assets += usize::from(kept > 0);
    }
    assert!(with_assets >= 3, "only {with_assets} moments came after something was read");
    assert_eq!(server.terminate(), Some(0));
    world.sim.stop().await;
}
