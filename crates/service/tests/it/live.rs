//! Scans as pages that are open see them go on.

use std::time::{Duration, Instant};

use futures::future::join_all;
use postern_service::live::{LiveScan, LiveScans, Watch};
use postern_service::scan::{cancel_scan, request_scan};
use postern_service::view::ScanState;
use postern_store::scan;
use postern_test_support::NOW;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::world::World;

/// Far less than a page that is told nothing takes to look by itself, which is five seconds.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Two servers that show the same scans, neither of which runs them.
struct Replicas {
    world: World,
    watches: Vec<Watch>,
}

impl Replicas {
    /// Waits for what both tell while `change` happens, and how long that takes.
    async fn tell<T>(&mut self, change: impl Future<Output = T>) -> (T, Told, Duration) {
        let change = async {
            // They wait already.
            tokio::time::sleep(Duration::from_millis(200)).await;
            (change.await, Instant::now())
        };
        let told = join_all(self.watches.iter_mut().map(Watch::next));
        let ((done, changed), mut told) = tokio::join!(change, told);
        let took = changed.elapsed();
        let told_last = told.pop().unwrap();
        assert!(told.iter().all(|told| *told == told_last), "both tell the same");
        let of_scan = |scan: LiveScan| (scan.state, scan.progress.map(|progress| progress.done));
        (done, told_last.unwrap().into_iter().map(of_scan).collect(), took)
    }

    async fn tell_at_once<T>(&mut self, change: impl Future<Output = T>) -> (T, Told) {
        let (done, told, took) = self.tell(change).await;
        assert!(took < AT_ONCE, "it took {took:?}");
        (done, told)
    }

    async fn execute(&self, statement: &'static str) {
        sqlx::query(statement).execute(self.world.database.pool()).await.unwrap();
    }
}

type Told = Vec<(ScanState, Option<u64>)>;

#[tokio::test]
async fn every_replica_is_told_at_once_and_looks_by_itself_where_nothing_is_told() {
    let world = World::scanned().await;
    let shutdown = CancellationToken::new();
    let live = [(); 2].map(|()| LiveScans::start(&world.postern, shutdown.clone()));
    let watches =
        live.iter().map(|live| live.watch(&world.postern, world.connection).unwrap()).collect();
    let (postern, of, pool) =
        (world.postern.clone(), world.connection, world.database.pool().clone());
    let mut session = pool.acquire().await.unwrap();
    let mut replicas = Replicas { world, watches };
    let ((), told) = replicas.tell_at_once(async {}).await;
    assert_eq!(told, [], "first what there is");
    wait_for_listeners(&replicas.world, 2).await;

    let (id, told) = replicas.tell_at_once(Box::pin(request_scan(&postern, of, "test"))).await;
    assert_eq!(told, [(ScanState::Queued, None)]);
    let (attempt, told) = replicas.tell_at_once(scan::start(&mut session, id.unwrap(), NOW)).await;
    assert_eq!(told, [(ScanState::Running, None)]);
    let attempt = attempt.unwrap().unwrap();
    let progress = json!({"step": "Reading", "done": 3, "total": 9});
    let note = scan::note_progress(&mut session, attempt, Some(&progress), NOW);
    let (_, told) = replicas.tell_at_once(note).await;
    assert_eq!(told, [(ScanState::Running, Some(3))]);

    // Word from the database is cut: nobody hears of the end.
    replicas.execute("ALTER TABLE scans DISABLE TRIGGER USER").await;
    let (_, told, took) = replicas.tell(scan::fail(&mut session, attempt, "it ended", NOW)).await;
    assert_eq!(told, []);
    assert!(took > AT_ONCE, "it was told after {took:?}");
    replicas.execute("ALTER TABLE scans ENABLE TRIGGER USER").await;

    // The sessions that listen end, as when Postgres is restarted: listening begins anew.
    replicas
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND query LIKE 'LISTEN%'",
        )
        .await;
    wait_for_listeners(&replicas.world, 2).await;
    let (id, told) = replicas.tell_at_once(Box::pin(request_scan(&postern, of, "test"))).await;
    assert_eq!(told, [(ScanState::Queued, None)]);
    let (_, told) = replicas.tell_at_once(Box::pin(cancel_scan(&postern, id.unwrap()))).await;
    assert_eq!(told, []);

    shutdown.cancel();
    for watch in &mut replicas.watches {
        assert_eq!(watch.next().await, None, "it ends with the process");
    }
}

async fn wait_for_listeners(world: &World, number: i64) {
    let listening = "SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    for _ in 0..200 {
        if world.count(listening).await == number {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{number} sessions should listen");
}
