//! Whatever Azure does, no rule passes that would not pass on the whole truth.

use std::collections::BTreeMap;
use std::time::Duration;

use postern_azure::CollectLimits;
use postern_azure_sim::{AzureSim, Fault};
use postern_domain::arm::AssetId;
use postern_domain::id::RuleId;
use postern_domain::verdict::Verdict;
use postern_service::scan::ScanOutcome;
use postern_store::{inventory, verdict};

use crate::scanning::{scan_within, start_sim};
use crate::world::World;

type Verdicts = BTreeMap<(AssetId, RuleId), Verdict>;

/// Scans into a database of its own and gives all verdicts.
async fn judge(sim: &AzureSim, faults: Vec<Fault>) -> Verdicts {
    let name = format!("{faults:?}");
    sim.set_faults(faults);
    let world = World::scanned().await;
    let limits = CollectLimits {
        retries: 3,
        first_wait: Duration::from_millis(1),
        read_timeout: Duration::from_secs(2),
        time_scale: 100.0,
        ..CollectLimits::default()
    };
    let outcome = scan_within(&world, sim, 0, &limits).await;
    assert!(matches!(outcome, ScanOutcome::Finished(_)), "{name}: {outcome:?}");
    let mut session = world.database.pool().acquire().await.unwrap();
    let known = inventory::known(&mut session, world.connection).await.unwrap();
    let ids: Vec<String> = known.keys().map(ToString::to_string).collect();
    let current = verdict::current(&mut session, world.connection, &ids).await.unwrap();
    current.into_iter().map(|(check, found)| (check, found.verdict)).collect()
}

#[tokio::test]
async fn no_fault_makes_a_rule_pass() {
    let sim = start_sim().await;
    let truth = judge(&sim, Vec::new()).await;
    assert!(truth.len() > 200, "{} verdicts", truth.len());
    let of = |path: &str| path.to_owned();
    let denied = |action: &str| Fault::Denied { scope: String::new(), action: action.to_owned() };
    for faults in [
        vec![Fault::Flaky { percent: 20, seed: 3 }],
        vec![Fault::Status { path: of("/diagnosticSettings"), status: 403 }],
        vec![Fault::Body { path: of("/diagnosticSettings"), body: "{\"value\":[]".into() }],
        vec![Fault::GraphRefused { status: 500 }],
        vec![Fault::GraphTruncated],
        vec![denied("Microsoft.CognitiveServices/accounts/read")],
        vec![denied("Microsoft.Insights/*")],
        vec![
            Fault::Flaky { percent: 10, seed: 4 },
            Fault::TruncatedBody { path: of("/diagnosticSettings") },
            denied("Microsoft.Search/searchServices/read"),
            Fault::Throttle { path: String::new(), retry_after: 1, times: 10 },
        ],
    ] {
        let name = format!("{faults:?}");
        let verdicts = judge(&sim, faults).await;
        for (check, verdict) in &verdicts {
            let expected = truth.get(check);
            assert!(
                expected == Some(verdict) || *verdict == Verdict::Unknown,
                "{name}: {check:?} is {verdict:?} and should be {expected:?}"
            );
        }
        let certain = verdicts.values().filter(|verdict| **verdict != Verdict::Unknown);
        assert!(certain.count() > 20, "{name}: hardly anything was judged");
    }
    sim.stop().await;
}
