//! `postern scan --plan`: the calls of a scan, before one is made.

use postern_azure_sim::{AzureSim, EstateSource, Quotas, SimOptions};
use serde_json::Value;
use time::macros::date;

use crate::program::{connect_to, folder, postern, run};

#[tokio::test]
async fn a_plan_counts_and_reads_nothing_else() {
    let options = SimOptions {
        listen: "127.0.0.1:0".parse().unwrap(),
        seed: 7,
        day: date!(2026 - 01 - 05),
        estate: EstateSource::Company { assets: 40 },
        host_names: Vec::new(),
        quotas: Quotas::Off,
    };
    let sim = AzureSim::start(options).await.unwrap();
    let folder = folder();
    let mut plan = postern(["scan", "--plan", "--json"]);
    connect_to(&mut plan, &sim, folder.path());
    let ended = tokio::task::spawn_blocking(move || run(&mut plan)).await.unwrap();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let plan: Value = serde_json::from_str(&ended.stdout).unwrap();
    let calls = plan["calls"].as_array().unwrap();
    let sum: u64 = calls.iter().map(|calls| calls["calls"].as_u64().unwrap()).sum();
    assert_eq!(plan["minimum"], sum);
    assert!(calls.iter().any(|calls| calls["api"] == "Resource Graph"), "{plan:#}");
    let assets: u64 =
        plan["assets"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert!(assets > 0, "{plan:#}");

    let asked = sim.requests();
    let to_arm = asked.iter().filter(|request| !request.path.ends_with("/oauth2/v2.0/token"));
    let to_arm: Vec<&str> = to_arm.map(|request| request.path.as_str()).collect();
    assert_eq!(plan["counting_calls"], to_arm.len(), "{to_arm:?}");
    assert!(sum > to_arm.len() as u64, "{plan:#}");
    let counts = ["/subscriptions", "/providers/microsoft.resourcegraph/resources"];
    let is_count = |path: &&str| counts.contains(&path.to_ascii_lowercase().as_str());
    assert!(to_arm.iter().all(is_count), "{to_arm:?}");

    let mut plan = postern(["scan", "--plan"]);
    connect_to(&mut plan, &sim, folder.path());
    let ended = tokio::task::spawn_blocking(move || run(&mut plan)).await.unwrap();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("None of these calls was made."), "{ended:?}");
    sim.stop().await;
}
