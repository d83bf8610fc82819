//! A real cluster: started, adopted, killed, started again, stopped.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use postern_local_postgres::{Cluster, ClusterError, ClusterOptions};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

fn new_directory() -> (TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    // The user that runs Postgres has to get through when the tests run as root.
    std::fs::set_permissions(parent.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let data_dir = parent.path().join("cluster");
    (parent, data_dir)
}

async fn start(data_dir: &Path) -> Cluster {
    Cluster::start(ClusterOptions { data_dir: data_dir.to_owned() }).await.unwrap()
}

async fn execute(url: &str, statement: &'static str) -> Result<u64, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let done = sqlx::query(statement).execute(&mut connection).await?;
    connection.close().await?;
    Ok(done.rows_affected())
}

fn postmaster_pid(data_dir: &Path) -> String {
    let text = std::fs::read_to_string(data_dir.join("postgres/postmaster.pid")).unwrap();
    text.lines().next().unwrap().to_owned()
}

fn kill_9(pid: &str) {
    assert!(Command::new("kill").args(["-9", pid]).status().unwrap().success());
}

#[tokio::test]
async fn a_cluster_starts_is_shared_survives_kill_9_and_stops() {
    let (_parent, data_dir) = new_directory();
    let first = start(&data_dir).await;
    execute(first.url(), "CREATE TABLE kept AS SELECT 1 AS number").await.unwrap();
    let settings = std::fs::metadata(data_dir.join("cluster.json")).unwrap();
    assert_eq!(settings.permissions().mode() & 0o777, 0o600);

    let second = start(&data_dir).await;
    assert_eq!(second.url(), first.url(), "the running server is adopted");
    let url = first.url().to_owned();
    first.stop().await.unwrap();
    execute(&url, "SELECT 1").await.expect("the second one still uses it");

    kill_9(&postmaster_pid(&data_dir));
    let third = start(&data_dir).await;
    assert_eq!(execute(third.url(), "SELECT * FROM kept").await.unwrap(), 1, "nothing is lost");
    drop(second);
    execute(third.url(), "SELECT 1").await.expect("the third one still uses it");
    let url = third.url().to_owned();
    third.stop().await.unwrap();
    assert!(execute(&url, "SELECT 1").await.is_err(), "the last one stopped it");
    assert!(!data_dir.join("postgres/postmaster.pid").exists());

    let fourth = start(&data_dir).await;
    let refused = Cluster::remove(&data_dir).await.unwrap_err();
    assert!(matches!(refused, ClusterError::InUse(_)), "{refused}");
    drop(fourth);
    Cluster::remove(&data_dir).await.unwrap();
    assert!(!data_dir.join("postgres").exists());
}

#[tokio::test]
async fn two_starters_at_once_share_one_server() {
    let (_parent, data_dir) = new_directory();
    let (left, right) = tokio::join!(start(&data_dir), start(&data_dir));
    assert_eq!(left.url(), right.url());
}

#[tokio::test]
async fn a_stale_pid_of_another_process_is_no_server() {
    let (_parent, data_dir) = new_directory();
    start(&data_dir).await.stop().await.unwrap();
    let stale = format!("{}\n{}\n0\n5432\n", std::process::id(), data_dir.display());
    std::fs::write(data_dir.join("postgres/postmaster.pid"), stale).unwrap();
    let cluster = start(&data_dir).await;
    execute(cluster.url(), "SELECT 1").await.unwrap();
}

#[tokio::test]
async fn a_directory_of_somebody_else_is_left_alone() {
    let (_parent, data_dir) = new_directory();
    std::fs::create_dir(&data_dir).unwrap();
    std::fs::write(data_dir.join("thesis.txt"), "years of work").unwrap();
    let error = Cluster::start(ClusterOptions { data_dir }).await.unwrap_err();
    assert!(error.to_string().contains("is not empty and is not a directory that Postern made"));
}

#[tokio::test]
async fn a_parent_closed_to_the_unprivileged_user_is_named() {
    let (parent, data_dir) = new_directory();
    let closed = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(parent.path(), closed).unwrap();
    match Cluster::start(ClusterOptions { data_dir }).await {
        Err(error @ ClusterError::NotTraversable { .. }) => {
            assert!(error.to_string().contains("choose another data directory"));
        }
        Ok(cluster) => cluster.stop().await.unwrap(),
        Err(other) => panic!("{other}"),
    }
}

/// The variable that turns this test program into a process that holds a cluster until it is killed.
const HOLD: &str = "POSTERN_TEST_HOLD_CLUSTER";

#[tokio::test]
async fn hold_a_cluster_until_killed() {
    let Some(data_dir) = std::env::var_os(HOLD) else { return };
    let cluster = start(Path::new(&data_dir)).await;
    println!("\nholding {}", cluster.url());
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_server_whose_starter_was_killed_is_adopted() {
    let (_parent, data_dir) = new_directory();
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hold_a_cluster_until_killed", "--nocapture"])
        .env(HOLD, &data_dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let held = BufReader::new(holder.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("holding ").map(str::to_owned))
        .expect("the holder prints its address");
    holder.kill().unwrap();
    holder.wait().unwrap();

    let pid = postmaster_pid(&data_dir);
    let cluster = start(&data_dir).await;
    assert_eq!(cluster.url(), held);
    assert_eq!(postmaster_pid(&data_dir), pid, "it is the same server");
    cluster.stop().await.unwrap();
    let begun = Instant::now();
    while data_dir.join("postgres/postmaster.pid").exists() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the adopted server is still there");
        tokio::task::yield_now().await;
    }
}
