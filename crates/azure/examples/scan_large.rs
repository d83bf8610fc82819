//! Scans large simulated tenants under Azure's quotas and says what it costs.
//!
//! ```sh
//! cargo run --release -p postern-azure --example scan_large -- 1000 10000 100000
//! ```
//!
//! For each size there are two processes: the simulated Azure, and the collector, whose own CPU time and peak memory
//! are told (read from `/proc`, so on Linux only). A subscription has 500 assets. The quotas are Azure's, scaled in time:
//! `--speed 50` (the default) makes their buckets refill, and `Retry-After` pass, fifty times as fast.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use postern_azure::{
    AzureSettings, CollectLimits, Collector, Credential, Journal, JournalError, Kept, NoProgress,
    ReadAsset, Scope,
};
use postern_azure_sim::{AzureSim, EstateSource, Quotas, SimOptions};
use postern_domain::arm::AssetId;
use postern_domain::clock::Clock;
use serde_json::{Value, json};
use time::macros::{date, datetime};
use tokio_util::sync::CancellationToken;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ASSETS_PER_SUBSCRIPTION: usize = 500;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match words.as_slice() {
        ["serve", assets, speed] => runtime.block_on(serve(assets.parse()?, speed.parse()?)),
        ["collect", connection, speed] => {
            runtime.block_on(collect(&serde_json::from_str(connection)?, speed.parse()?))
        }
        _ => compare(&words),
    }
}

/// Runs each size in processes of its own.
fn compare(words: &[&str]) -> Outcome<()> {
    let mut speed = "50";
    let mut sizes: Vec<usize> = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--speed" => speed = words.next().ok_or("--speed needs a number")?,
            number => sizes.push(number.parse().map_err(|_| format!("{number} is no number"))?),
        }
    }
    if sizes.is_empty() {
        sizes = vec![1_000, 10_000, 100_000];
    }
    println!(
        "quotas of Azure, {speed} times as fast; {ASSETS_PER_SUBSCRIPTION} assets a subscription"
    );
    println!(
        "  assets   requests   planned  ratio     429   seconds  CPU s  CPU us/asset  peak MB  gaps"
    );
    for assets in sizes {
        let mut azure = start(&["serve", &assets.to_string(), speed])?;
        let connection = first_line(&mut azure)?;
        let mut collector = start(&["collect", &connection, speed])?;
        let told: Value = serde_json::from_str(&first_line(&mut collector)?)?;
        if !collector.wait()?.success() {
            return Err("the collector failed".into());
        }
        // The end of its input is the simulated Azure's sign to stop; it then tells what it counted.
        drop(azure.stdin.take());
        let mut rest = String::new();
        if let Some(output) = azure.stdout.as_mut() {
            output.read_to_string(&mut rest)?;
        }
        azure.wait()?;
        let counted: Value = serde_json::from_str(rest.trim())?;
        let number = |value: &Value| value.as_f64().unwrap_or_default();
        let (requests, planned) = (number(&told["requests"]), number(&told["planned"]));
        let cpu = number(&told["cpu_seconds"]);
        let found = number(&told["assets"]);
        println!(
            "{found:8} {requests:10} {planned:9}  {:.3} {:7} {:9.1} {cpu:6.1} {:13.0} {:8.0} {:5}",
            requests / planned,
            number(&counted["throttled"]),
            number(&told["seconds"]),
            cpu * 1e6 / found,
            number(&told["peak_megabytes"]),
            number(&told["gaps"]),
        );
    }
    Ok(())
}

fn start(words: &[&str]) -> Outcome<Child> {
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    Ok(command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?)
}

fn first_line(child: &mut Child) -> Outcome<String> {
    let output = child.stdout.as_mut().ok_or("the process has no output")?;
    let mut line = Vec::new();
    // Byte by byte, so that nothing of what follows is taken from the pipe.
    for byte in BufReader::with_capacity(1, output).bytes() {
        match byte? {
            b'\n' => break,
            byte => line.push(byte),
        }
    }
    Ok(String::from_utf8(line)?)
}

async fn serve(assets: usize, speed: f64) -> Outcome<()> {
    let subscriptions = assets.div_ceil(ASSETS_PER_SUBSCRIPTION);
    let sim = AzureSim::start(SimOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        seed: 1,
        day: date!(2026 - 01 - 05),
        estate: EstateSource::Huge { subscriptions, assets },
        host_names: Vec::new(),
        quotas: Quotas::Scaled { speed },
    })
    .await?;
    // Made before it is measured: making the estate is none of the collector's time.
    let made = sim.resources().len();
    let connection = json!({
        "base": sim.base_url(), "ca": sim.ca_pem(), "tenant": sim.tenant_id(),
        "client": sim.client_id(), "secret": sim.client_secret(), "resources": made,
    });
    let mut output = std::io::stdout().lock();
    writeln!(output, "{connection}")?;
    output.flush()?;
    drop(output);
    tokio::task::spawn_blocking(|| std::io::stdin().lock().lines().for_each(drop)).await?;
    println!("{}", json!({"throttled": sim.throttled_count()}));
    sim.stop().await;
    Ok(())
}

/// Counts what it is given and lets it go, as a database would take it out of memory.
#[derive(Default)]
struct Counted {
    assets: AtomicU64,
}

#[async_trait::async_trait]
impl Journal for Counted {
    async fn kept(&self, _: Option<&AssetId>, _: usize) -> Result<Vec<Kept>, JournalError> {
        Ok(Vec::new())
    }

    async fn keep(&self, assets: Vec<ReadAsset>) -> Result<(), JournalError> {
        self.assets.fetch_add(assets.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    async fn forget(&self, _: Vec<AssetId>) -> Result<(), JournalError> {
        Ok(())
    }
}

async fn collect(connection: &Value, speed: f64) -> Outcome<()> {
    let text = |key: &str| connection[key].as_str().unwrap_or_default().to_owned();
    let settings = AzureSettings {
        arm_endpoint: text("base").parse()?,
        authority_host: text("base").parse()?,
        credential: Credential::ClientSecret {
            tenant_id: text("tenant"),
            client_id: text("client"),
            secret: text("secret").into(),
        },
        ca_pem: Some(text("ca").into_bytes()),
        proxy: None,
        scope: Scope::default(),
    };
    let limits = CollectLimits { time_scale: speed, ..CollectLimits::default() };
    let collector = Collector::with_limits(settings, &limits)?;
    let (clock, cancel) = (Clock::fixed(datetime!(2026-01-05 06:00 UTC)), CancellationToken::new());
    let planned = collector.plan(&clock, &cancel).await?.minimum();
    let (journal, begun, before) = (Counted::default(), Instant::now(), cpu_seconds()?);
    let snapshot = collector.collect(&clock, &journal, &NoProgress, &cancel).await?;
    let told = json!({
        "assets": journal.assets.load(Ordering::Relaxed),
        "gaps": snapshot.gaps.len(),
        "planned": planned,
        "requests": snapshot.requests,
        "seconds": begun.elapsed().as_secs_f64(),
        "cpu_seconds": cpu_seconds()? - before,
        "peak_megabytes": peak_megabytes()?,
    });
    println!("{told}");
    Ok(())
}

/// User and system time of this process: fields 14 and 15 of `/proc/self/stat`, in hundredths of a second.
fn cpu_seconds() -> Outcome<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(") ").next().ok_or("/proc/self/stat has another form")?;
    let ticks: u64 =
        after_name.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(std::time::Duration::from_millis(ticks * 10).as_secs_f64())
}

fn peak_megabytes() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).ok_or("no number in VmHWM")?.parse()?;
    Ok(kilobytes / 1000.0)
}
