//! What if: other settings, or another version, on the snapshots that are stored.

use std::collections::BTreeSet;

use postern_azure::NoProgress;
use postern_domain::settings::PackSettings;
use postern_domain::verdict::Verdict;
use postern_service::rules::{RuleSet, compare, find_pack, read_pack};
use postern_test_support::sample::{search_service, snapshot};
use postern_test_support::test_pack;
use serde_json::json;

use crate::setting::{PACK, RULE, parse, tagged};
use crate::world::{World, day};

#[tokio::test]
async fn two_settings_differ_in_the_checks_that_they_are_about_and_nothing_is_written() {
    let world = World::new().await;
    let plain = tagged("oai-1", json!({}));
    let owned = tagged("oai-2", json!({"owner": "team-claims"}));
    world.take(snapshot(day(0), &[plain.clone(), owned.clone()])).await;
    world.take(snapshot(day(1), &[tagged("oai-1", json!({"owner": "me"})), owned.clone()])).await;
    world.take(snapshot(day(2), &[plain, owned])).await;
    let pack = find_pack(&world.postern, PACK).await.unwrap();
    let old = RuleSet { pack, settings: PackSettings::default() };
    let settings = parse(json!({"values": {"requiredTags": ["owner"]}}));
    let new = RuleSet { settings, ..old.clone() };
    let tables =
        "SELECT (SELECT count(*) FROM evaluations) + (SELECT count(*) FROM verdict_changes)
                  + (SELECT count(*) FROM finding_events) + (SELECT count(*) FROM setting_changes)";
    let written = world.count(tables).await;

    let latest = compare(&world.postern, &old, &new, None, &NoProgress).await.unwrap();
    assert_eq!((latest.snapshots, latest.assets), (1, 2));
    let rules: BTreeSet<&str> =
        latest.differences.iter().map(|difference| difference.rule.as_str()).collect();
    assert_eq!(rules, BTreeSet::from([RULE]), "no other rule reads the setting");
    let said: Vec<_> = latest
        .differences
        .iter()
        .map(|one| (one.before.unwrap().0, one.after.unwrap().0))
        .collect();
    let (none, fail, pass) = (Verdict::NotApplicable, Verdict::Fail, Verdict::Pass);
    assert_eq!(said, [(none, fail), (none, pass)], "by asset");
    assert_eq!(latest.differences[0].summary, "Required tags are missing.");
    let checks = usize::try_from(world.count("SELECT count(*) FROM current_verdicts").await);
    assert_eq!(latest.same + latest.differences.len(), checks.unwrap());

    let all = compare(&world.postern, &old, &new, Some(day(0)), &NoProgress).await.unwrap();
    assert_eq!((all.snapshots, all.assets), (3, 6));
    assert_eq!(all.differences, latest.differences, "those of the latest snapshot");
    let appear: Vec<_> = all.over_time.iter().map(|one| (one.at, one.appear, one.vanish)).collect();
    assert_eq!(appear, [(day(0), 1, 0), (day(1), 0, 0), (day(2), 1, 0)]);
    let since = compare(&world.postern, &old, &new, Some(day(1)), &NoProgress).await.unwrap();
    assert_eq!(since.over_time, all.over_time[1..]);
    let back = compare(&world.postern, &new, &old, Some(day(0)), &NoProgress).await.unwrap();
    let vanish: Vec<_> = back.over_time.iter().map(|one| (one.appear, one.vanish)).collect();
    assert_eq!(vanish, [(0, 1), (0, 0), (0, 1)]);
    let itself = compare(&world.postern, &new, &new, None, &NoProgress).await.unwrap();
    assert_eq!((itself.same, itself.differences.len()), (checks_of(&latest), 0));
    assert_eq!(world.count(tables).await, written);
}

fn checks_of(comparison: &postern_service::rules::Comparison) -> usize {
    comparison.same + comparison.differences.len()
}

#[tokio::test]
async fn two_versions_are_compared_before_one_is_activated() {
    let world = World::with_packs(&[test_pack("unsorted")]).await;
    world.take(snapshot(day(0), &[search_service("find-1")])).await;
    let second = read_pack(&world.postern, test_pack("second_version")).await.unwrap();
    let old = find_pack(&world.postern, "hostile").await.unwrap();
    let set = |pack| RuleSet { pack, settings: PackSettings::default() };
    let compared =
        compare(&world.postern, &set(old), &set(second), None, &NoProgress).await.unwrap();
    let [difference] = compared.differences.as_slice() else { panic!("{compared:?}") };
    assert_eq!(difference.rule.as_str(), "HOSTILE-02");
    assert_eq!(difference.before.unwrap().0, Verdict::Fail);
    assert_eq!(difference.after.unwrap().0, Verdict::Pass);
    let unknown = find_pack(&world.postern, "hostile@0.2.0").await.unwrap_err();
    assert!(unknown.to_string().contains("no rule pack hostile@0.2.0 is known"), "{unknown}");
}
