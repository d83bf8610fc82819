//! Packs that misbehave, beside one that does not.

use postern_domain::finding::FindingState;
use postern_service::{OpenError, Postern};
use postern_test_support::sample::{open_account, search_service, snapshot};
use postern_test_support::{TestDatabase, built_packs, fixed_clock, test_pack};

use crate::world::{World, day};

#[tokio::test]
async fn a_pack_that_misbehaves_spoils_its_own_rules_alone() {
    let resources = [open_account("oai-1"), search_service("find-1")];
    let alone = World::new().await;
    let honest = alone.take(snapshot(day(0), &resources)).await;
    for name in ["trap", "liar", "memory_bomb"] {
        let mut packs = built_packs();
        packs.push(test_pack(name));
        let world = World::with_packs(&packs).await;
        let summary = world.take(snapshot(day(0), &resources)).await;
        assert_eq!(summary.pack_problems.len(), 1, "{name}: {:?}", summary.pack_problems);
        assert_eq!(summary.open(), honest.open(), "{name}");
        assert_eq!(
            world.state("find-1", "HOSTILE-01").await,
            Some(FindingState::Unknown),
            "{name}"
        );
        assert_eq!(world.state("oai-1", "NET-01").await, Some(FindingState::Open), "{name}");
        let stored = "SELECT count(*) FROM evaluation_packs WHERE problem IS NOT NULL";
        assert_eq!(world.count(stored).await, 1, "{name}");
    }
}

#[tokio::test]
async fn a_pack_that_fails_late_is_trusted_with_nothing() {
    // It judges Search services alone, and more accounts come before the first of them than are judged at a time.
    let mut resources: Vec<_> =
        (0..450).map(|number| open_account(&format!("oai-{number:03}"))).collect();
    resources.push(search_service("find-1"));
    let alone = World::new().await;
    let honest = alone.take(snapshot(day(0), &resources)).await;
    let mut packs = built_packs();
    packs.push(test_pack("trap"));
    let world = World::with_packs(&packs).await;
    let summary = world.take(snapshot(day(0), &resources)).await;
    assert_eq!(summary.pack_problems.len(), 1, "{:?}", summary.pack_problems);
    assert_eq!(summary.open(), honest.open());
    assert_eq!(summary.point.checks.fail, honest.point.checks.fail, "nothing is counted twice");
    assert_eq!(world.state("find-1", "HOSTILE-01").await, Some(FindingState::Unknown));
    assert_eq!(world.count("SELECT count(*) FROM evaluations").await, 1);
    let unsure = "SELECT count(*) FROM current_verdicts WHERE rule_id = 'HOSTILE-01' AND verdict <> 'unknown'";
    assert_eq!(world.count(unsure).await, 0);
}

#[tokio::test]
async fn packs_that_cannot_be_used_are_refused_at_the_start() {
    let database = TestDatabase::create().await;
    let pool = database.pool().clone();
    let import = [test_pack("importing")];
    let error = Postern::open(pool.clone(), &import, fixed_clock()).await.unwrap_err();
    assert!(matches!(error, OpenError::Pack { position: 1, count: 1, .. }), "{error:?}");
    let twice = [test_pack("trap"), test_pack("liar")];
    let error = Postern::open(pool, &twice, fixed_clock()).await.unwrap_err();
    assert!(matches!(error, OpenError::SameRule { .. }), "{error:?}");
}
