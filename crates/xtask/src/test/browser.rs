//! The browser tests, and what else looks at a demo with a small estate through Chromium.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::step::{self, Running};
use crate::workspace::Workspace;
use crate::{build, tools};

/// More than the 30 scans that a trend needs, and an estate that is scanned in a moment.
const DAYS: &str = "35";
const ASSETS: &str = "40";

/// The demo initialises a Postgres and judges every day's snapshot before it is ready.
const TIME_TO_READY: Duration = Duration::from_mins(5);

/// What is done with the demo.
pub enum Visit<'a> {
    /// The tests.
    Test,
    /// A picture of every screen, into this folder.
    Screenshots(&'a Path),
    /// How fast pages are painted.
    Paint,
}

/// Starts the demo, looks at it, stops it.
pub async fn run(workspace: &Workspace, visit: Visit<'_>) -> anyhow::Result<()> {
    let folder = workspace.browser_tests();
    if !folder.join("package.json").is_file() {
        bail!("{} has no package.json", folder.display());
    }
    let npm = tools::npm("the browser tests", "--no-browser").await?;
    let chromium = tools::chromium().await?;
    install_packages(&npm, &folder).await?;
    build::postern(workspace).await?;

    let data = Workspace::passing_folder("browser-tests")?;
    let address = free_address()?;
    step::announce("start a demo for the browser");
    let mut command = Command::new(workspace.postern("debug"));
    command
        .args(["demo", "--days", DAYS, "--assets", ASSETS])
        .arg("--data-dir")
        .arg(data.path().join("demo"))
        .args(["--listen", &address.to_string()])
        // The demo brings its own Postgres and its own Azure.
        .env_remove("DATABASE_URL")
        .current_dir(&workspace.root);
    let mut demo = Running::start_apart(command)?;
    wait_until_ready(&mut demo, address).await?;

    let mut node = Command::new("node");
    node.current_dir(&folder)
        .env("POSTERN_URL", format!("http://{address}"))
        // For a server of the same data that people sign in to at a provider.
        .env("POSTERN_BINARY", workspace.postern("debug"))
        .env("POSTERN_DATA", data.path().join("demo"))
        .env("CHROMIUM", chromium);
    let name = match visit {
        Visit::Test => {
            node.arg("--test");
            "test in the browser"
        }
        Visit::Screenshots(folder) => {
            node.args(["--test", "screenshots.mjs"]).env("SCREENSHOTS", folder);
            "take pictures of every screen"
        }
        Visit::Paint => {
            node.arg("paint.mjs");
            "measure when pages are painted"
        }
    };
    step::run(name, node).await
    // Dropping `demo` stops it and its Postgres, on success and on failure.
}

/// `npm ci`, unless what is installed is what the lock file says.
async fn install_packages(npm: &Path, folder: &Path) -> anyhow::Result<()> {
    let stamp = folder.join("node_modules/.installed-lock");
    let lock = std::fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", folder.display()))?;
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut command = Command::new(npm);
    command.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(folder);
    step::run("install the browser tests' packages", command).await?;
    std::fs::write(&stamp, lock).with_context(|| format!("{} cannot be written", stamp.display()))
}

/// A loopback address that nobody listens on.
fn free_address() -> anyhow::Result<SocketAddr> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on loopback")?;
    Ok(listener.local_addr()?)
}

async fn wait_until_ready(demo: &mut Running, address: SocketAddr) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        if let Some(status) = demo.ended()? {
            bail!("the demo ended before it was ready ({status})");
        }
        if is_ready(address).await {
            return Ok(());
        }
        if started.elapsed() > TIME_TO_READY {
            bail!("the demo was not ready after {} s", TIME_TO_READY.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Whether `/readyz` answers 200. Not an error while nobody listens yet.
async fn is_ready(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream
            .write_all(
                format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
                    .as_bytes(),
            )
            .await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    match tokio::time::timeout(Duration::from_secs(5), ask).await {
        Ok(Ok(answer)) => answer.split(' ').nth(1) == Some("200"),
        _ => false,
    }
}
