//! Four workers and a server on one Postgres, one of which is killed with `kill -9` every few seconds while scans of fifty
//! connections are due; in the last round Postgres itself is restarted.
//!
//! What the database holds of each connection afterwards is what a run without any of that leaves.
//! By default there are two rounds; `POSTERN_STORM_SECONDS=300` goes on for that long.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use postern_azure_sim::{AzureSim, EstateSource, Quotas, SimOptions};
use postern_domain::clock::Clock;
use postern_domain::id::ConnectionId;
use postern_local_postgres::{Cluster, ClusterOptions};
use postern_service::connection::{
    ConnectionKind, NewConnection, Schedule, ensure_connection, find_connection,
};
use postern_service::scan::request_scan;
use postern_service::{Postern, connect};
use postern_store::PgPool;
use time::Date;
use time::macros::{date, datetime};

use crate::program::{Server, connect_to, folder, postern};

/// Connections, each of which is due in every round.
const CONNECTIONS: i64 = 50;

/// How long a round may take: far longer than any does.
const PATIENCE: Duration = Duration::from_mins(4);

const FIRST_DAY: Date = date!(2026 - 01 - 05);

/// The company as it is in a round, counted from 0: it changes in between, so that there is something to find.
fn day(round: i64) -> Date {
    FIRST_DAY + time::Duration::days(9 * round)
}

#[tokio::test]
async fn a_storm_of_kills_leaves_what_calm_days_leave() {
    let folder = folder();
    let sim = AzureSim::start(SimOptions {
        listen: "127.0.0.1:0".parse().unwrap(),
        seed: 7,
        day: FIRST_DAY,
        estate: EstateSource::Company { assets: 12 },
        host_names: Vec::new(),
        quotas: Quotas::Off,
    })
    .await
    .unwrap();
    let options = ClusterOptions { data_dir: folder.path().join("postgres") };
    let cluster = Cluster::start(options.clone()).await.unwrap();
    let stormy = Place::new(cluster.url()).await;
    let calm = Place::new(&another_database(&stormy.pool, cluster.url()).await).await;

    // A server that nobody kills makes its connection and scans it; the fifty are reached like that one.
    let server = calm.serve(&sim, folder.path());
    calm.wait_for_round(0, 1, async || ()).await;
    assert_eq!(server.terminate(), Some(0));
    let model = find_connection(&calm.postern, "azure").await.unwrap().unwrap();
    let mut connections = Vec::new();
    for number in 0..CONNECTIONS {
        let new = NewConnection {
            slug: format!("storm-{number}"),
            name: format!("Storm {number}"),
            kind: ConnectionKind::Azure,
            settings: model.settings.clone(),
            // Never scanned, so due at once, and not again while this lasts.
            schedule: Some(Schedule::DAILY),
        };
        connections.push(ensure_connection(&stormy.postern, new).await.unwrap());
    }

    let mut fleet = Fleet::start(&stormy.url, &sim, folder.path());
    let ends_at = Instant::now() + lasts();
    let mut cluster = Some(cluster);
    let mut round = 0;
    loop {
        let is_last = round > 0 && Instant::now() >= ends_at;
        let mut restart_at = is_last.then(|| Instant::now() + Duration::from_secs(2));
        stormy
            .wait_for_round(round, CONNECTIONS, async || {
                fleet.tend();
                if restart_at.take_if(|at| Instant::now() >= *at).is_some() {
                    cluster.take().unwrap().stop().await.unwrap();
                    cluster = Some(Cluster::start(options.clone()).await.unwrap());
                }
            })
            .await;
        if is_last {
            assert_eq!(restart_at, None, "Postgres was not restarted while scans ran");
            break;
        }
        round += 1;
        sim.set_day(day(round));
        for of in &connections {
            request_scan(&stormy.postern, *of, "test").await.unwrap();
        }
    }
    let kills = fleet.stop();

    let server = calm.serve(&sim, folder.path());
    for number in 1..=round {
        sim.set_day(day(number));
        request_scan(&calm.postern, model.id, "test").await.unwrap();
        calm.wait_for_round(number, 1, async || ()).await;
    }
    assert_eq!(server.terminate(), Some(0));
    let expected = calm.story(model.id).await;
    let later_events = expected.iter().filter(|line| line.starts_with("event 2 ")).count();
    assert!(later_events > 0, "nothing happened after the first round");
    for of in connections {
        let told = stormy.story(of).await;
        let only = |these: &[String], those: &[String]| -> Vec<String> {
            these.iter().filter(|line| !those.contains(line)).cloned().collect()
        };
        let (more, less) = (only(&told, &expected), only(&expected, &told));
        assert!(more.is_empty() && less.is_empty(), "{of} has {more:#?} and lacks {less:#?}");
        assert_eq!(told.len(), expected.len(), "connection {of} has something twice");
    }
    let attempts: i64 =
        stormy.number("SELECT sum(attempts - 1)::bigint FROM scans WHERE attempts > 1").await;
    println!(
        "{} scans in {} rounds, {kills} kills, one restart of Postgres; {attempts} attempts were the second or later; \
         {} events a connection",
        (round + 1) * CONNECTIONS,
        round + 1,
        expected.len()
    );
    assert!(kills > 3 && attempts > 0, "{kills} kills hit nothing");
    cluster.unwrap().stop().await.unwrap();
    sim.stop().await;
}

fn lasts() -> Duration {
    let seconds = std::env::var("POSTERN_STORM_SECONDS").ok();
    Duration::from_secs(seconds.map_or(0, |text| text.parse().expect("a number of seconds")))
}

async fn another_database(pool: &PgPool, url: &str) -> String {
    sqlx::query("CREATE DATABASE calm").execute(pool).await.unwrap();
    format!("{}/calm", url.rsplit_once('/').unwrap().0)
}

/// A database, and what reads it.
struct Place {
    url: String,
    pool: PgPool,
    postern: Postern,
}

impl Place {
    async fn new(url: &str) -> Self {
        let pool = connect::open_pool(url).await.unwrap();
        connect::migrate(&pool).await.unwrap();
        let clock = Clock::fixed(datetime!(2026-01-05 2:00 UTC));
        let postern = Postern::open(pool.clone(), &[], clock).await.unwrap();
        Self { url: url.to_owned(), pool, postern }
    }

    fn serve(&self, sim: &AzureSim, folder: &Path) -> Server {
        let mut command = command("serve", &self.url, folder);
        connect_to(command.args(["--single-user", "--listen", "127.0.0.1:0"]), sim, folder);
        Server::start(&mut command)
    }

    async fn number(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap()
    }

    /// Waits until all scans of the rounds up to this one have ended.
    async fn wait_for_round(&self, round: i64, connections: i64, mut meanwhile: impl AsyncFnMut()) {
        let begun = Instant::now();
        let wanted = (round + 1) * connections;
        loop {
            meanwhile().await;
            // While Postgres is restarted, nobody answers.
            let counts: Result<(i64, i64), _> = sqlx::query_as(
                "SELECT count(*) FILTER (WHERE state IN ('finished', 'failed')), count(*) FROM scans",
            )
            .fetch_one(&self.pool)
            .await;
            match counts {
                Ok((ended, all)) if ended == all && ended >= wanted => return,
                counts => {
                    assert!(begun.elapsed() < PATIENCE, "round {round} does not end: {counts:?}");
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What happened to a connection, in lines that do not depend on when: its scans, what each found to have changed,
    /// each finding's events, the counts.
    async fn story(&self, of: ConnectionId) -> Vec<String> {
        sqlx::query_scalar(
            "WITH rounds AS (
                SELECT snapshot_id, scan_id, row_number() OVER (ORDER BY snapshot_id) AS round
                FROM snapshots
                WHERE connection_id = $1
            )
            SELECT concat_ws(' ', 'scan', row_number() OVER (ORDER BY scan_id), state, failure, round)
            FROM scans LEFT JOIN rounds USING (scan_id)
            WHERE connection_id = $1
            UNION ALL
            SELECT concat_ws(' ', 'change', round, asset_id, change, encode(content_hash, 'hex'))
            FROM asset_changes JOIN rounds USING (snapshot_id)
            WHERE connection_id = $1
            UNION ALL
            SELECT concat_ws(' ', 'event', round, asset_id, rule_id, finding_events.severity, event)
            FROM finding_events
            JOIN findings USING (finding_id)
            JOIN evaluations USING (evaluation_id)
            JOIN rounds USING (snapshot_id)
            WHERE findings.connection_id = $1
            UNION ALL
            SELECT concat_ws(' ', 'verdict', round, asset_id, rule_id, verdict)
            FROM verdict_changes
            JOIN assets USING (asset_number)
            JOIN evaluations USING (evaluation_id)
            JOIN rounds USING (snapshot_id)
            WHERE verdict_changes.connection_id = $1
            UNION ALL
            SELECT concat_ws(' ', 'point', round, to_jsonb(trend_points) - 'at' - 'evaluation_id' - 'connection_id')
            FROM trend_points
            JOIN evaluations USING (evaluation_id)
            JOIN rounds USING (snapshot_id)
            WHERE trend_points.connection_id = $1
            ORDER BY 1",
        )
        .bind(of.number())
        .fetch_all(&self.pool)
        .await
        .unwrap()
    }
}

fn command(name: &str, url: &str, folder: &Path) -> Command {
    let mut command = postern([name]);
    command.env("DATABASE_URL", url).env("POSTERN_PACK_CACHE", folder.join("compiled"));
    command
}

/// The processes, and the one who kills them.
struct Fleet {
    commands: Vec<Command>,
    running: Vec<Child>,
    random: fastrand::Rng,
    kill_at: Instant,
    kills: u32,
}

impl Fleet {
    /// Four workers, and a server that scans too.
    fn start(url: &str, sim: &AzureSim, folder: &Path) -> Self {
        let commands = ["worker", "worker", "worker", "worker", "serve"].map(|name| {
            let mut command = command(name, url, folder);
            if name == "serve" {
                command.args(["--single-user", "--listen", "127.0.0.1:0"]);
            }
            // The connections say how Azure is reached; the secret is in the environment.
            command.env("POSTERN_AZURE_CLIENT_SECRET", sim.client_secret());
            command.stdout(Stdio::null());
            command
        });
        let mut commands = Vec::from(commands);
        let running = commands.iter_mut().map(|command| command.spawn().unwrap()).collect();
        let kill_at = Instant::now() + Duration::from_secs(3);
        Self { commands, running, random: fastrand::Rng::with_seed(7), kill_at, kills: 0 }
    }

    /// Kills one now and then, and starts again what has ended, as a supervisor does.
    fn tend(&mut self) {
        if Instant::now() >= self.kill_at {
            let victim = self.random.usize(..self.running.len());
            self.running[victim].kill().unwrap();
            self.kills += 1;
            self.kill_at = Instant::now() + Duration::from_millis(self.random.u64(1_000..4_000));
        }
        for (child, command) in self.running.iter_mut().zip(&mut self.commands) {
            if child.try_wait().unwrap().is_some() {
                *child = command.spawn().unwrap();
            }
        }
    }

    /// Ends all of them, and gives the number of kills.
    fn stop(mut self) -> u32 {
        for child in &mut self.running {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        self.kills
    }
}
