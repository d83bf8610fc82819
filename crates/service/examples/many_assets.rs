//! Stores and judges as many assets as the argument says, twice, and says what it took.
//!
//! `DATABASE_URL=… cargo run --release --workspace --example many_assets 100000`, after `cargo xtask build-packs`.
//! The second time nothing has changed, as on most days. Memory is that of the whole process.
#![expect(clippy::unwrap_used, reason = "an example that cannot go on panics")]

use postern_domain::asset::Asset;
use postern_domain::clock::Clock;
use postern_domain::fact::{
    DEPLOYMENTS, DIAGNOSTIC_SETTINGS, Fact, RAI_POLICIES, ROLE_ASSIGNMENTS, USAGES,
};
use postern_service::Postern;
use postern_service::connection::{ConnectionKind, NewConnection, ensure_connection};
use postern_service::import::import_snapshot;
use postern_test_support::sample::{open_account, snapshot};
use postern_test_support::{NOW, TestDatabase, built_packs};
use serde_json::{Value, json};
use time::Duration;

#[tokio::main]
async fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let database = TestDatabase::create().await;
    let postern =
        Postern::open(database.pool().clone(), &built_packs(), Clock::fixed(NOW)).await.unwrap();
    let new = NewConnection {
        slug: "many".to_owned(),
        name: "Many".to_owned(),
        kind: ConnectionKind::Import,
        settings: json!({}),
        schedule: None,
    };
    let connection = ensure_connection(&postern, new).await.unwrap();
    println!("the packs are loaded: at most {} MB until here", peak_memory());
    for day in 0..2 {
        let began = std::time::Instant::now();
        let (at, cpu) = (NOW + Duration::days(day), cpu_seconds());
        let head = snapshot(at, &[]).snapshot;
        let postern = postern.with_clock(Clock::fixed(at));
        let assets = (0..count).map(account);
        let (_, summary) = import_snapshot(&postern, connection, head, assets).await.unwrap();
        println!(
            "{} assets, {} findings open, {} new: {:.1} s, {:.1} s of processor here, at most {} MB",
            summary.point.assets,
            summary.open(),
            summary.opened(),
            began.elapsed().as_secs_f64(),
            cpu_seconds() - cpu,
            peak_memory()
        );
    }
}

/// An account with related facts; some 10 KB of JSON.
fn account(number: u32) -> Asset {
    let mut asset =
        Asset::from_resource(open_account(&format!("oai-{number:06}")), "many").unwrap();
    for (fact, entries) in [
        (DEPLOYMENTS, 6),
        (RAI_POLICIES, 3),
        (USAGES, 10),
        (ROLE_ASSIGNMENTS, 4),
        (DIAGNOSTIC_SETTINGS, 1),
    ] {
        let value: Vec<Value> = (0..entries).map(|entry| part(&asset, fact, entry)).collect();
        let fact = (fact.to_owned(), Fact::Read { value: Value::Array(value) });
        asset.document.related.extend([fact]);
    }
    asset
}

fn part(asset: &Asset, fact: &str, entry: u32) -> Value {
    json!({
        "id": format!("{}/{fact}/{fact}-{entry}", asset.arm_id),
        "name": format!("{fact}-{entry}"),
        "properties": {
            "model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"},
            "provisioningState": "Succeeded",
            "versionUpgradeOption": "OnceNewDefaultVersionAvailable",
            "capabilities": {"chatCompletion": "true", "jsonObjectResponse": "true", "maxTotalToken": "128000"},
            "rateLimits": [{"key": "request", "renewalPeriod": 60, "count": 60}, {"key": "token", "renewalPeriod": 60, "count": 10000}],
        },
    })
}

/// The most memory that the process had, in MB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() / 1024
}

/// Processor time of the process so far.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The name, in parentheses, may hold spaces; user and system time are the 14th and 15th field.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |position: usize| fields[position].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}
