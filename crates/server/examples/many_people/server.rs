//! The server that is measured: the binary itself, on loopback, for as long as this runs.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

/// A running `postern serve`.
pub struct Server {
    /// Where it is.
    pub url: String,
    process: Child,
}

impl Server {
    /// Starts it, and waits until it is ready.
    pub async fn start(postern: &Path) -> Self {
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let process = Command::new(postern)
            .args(["serve", "--single-user", "--no-worker", "--listen", &listen])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let url = format!("http://{listen}");
        for _ in 0..600 {
            let ready = reqwest::get(format!("{url}/readyz")).await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return Self { url, process };
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the server was not ready after a minute; is DATABASE_URL right?");
    }

    /// The most memory that it has held so far, as Linux tells it.
    pub fn memory(&self) -> String {
        let id = self.process.id().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = most.and_then(|most| most.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kilobytes.map_or_else(
            || "not known on this system".to_owned(),
            |kb| format!("{} MB", kb / 1_000),
        )
    }

    /// Ends it.
    pub async fn stop(mut self) {
        self.process.kill().await.unwrap();
    }
}
