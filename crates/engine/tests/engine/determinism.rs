//! The same assets and pack give the same verdicts, byte for byte.

use postern_domain::asset::Asset;
use postern_engine::{Limits, PackEvaluation, applicable};
use serde_json::json;

use crate::packs::{BASELINE, engine, load, search_services};

fn evaluate(batch: usize, assets: &[&Asset]) -> PackEvaluation {
    let engine = engine(Limits { batch, ..Limits::default() });
    engine.evaluate(&load(&engine, BASELINE), assets, &json!({}))
}

#[test]
fn batch_size_order_and_repetition_change_nothing() {
    let assets = search_services(23);
    let in_order: Vec<&Asset> = assets.iter().collect();
    let reversed: Vec<&Asset> = assets.iter().rev().collect();
    let expected = serde_json::to_string(&evaluate(200, &in_order).verdicts).unwrap();
    for (batch, assets) in
        [(200, &in_order), (200, &reversed), (1, &in_order), (7, &reversed), (0, &in_order)]
    {
        let evaluation = evaluate(batch, assets);
        assert_eq!(evaluation.problem, None);
        assert!(
            serde_json::to_string(&evaluation.verdicts).unwrap() == expected,
            "batches of {batch}"
        );
    }
}

#[test]
fn every_asset_and_applicable_rule_has_one_verdict_in_order() {
    let engine = engine(Limits::default());
    let pack = load(&engine, BASELINE);
    let assets = search_services(3);
    let mut list: Vec<&Asset> = assets.iter().collect();
    let other = crate::packs::asset("microsoft.storage/storageaccounts", "s", json!({}));
    list.push(&other);
    let verdicts = engine.evaluate(&pack, &list, &json!({})).verdicts;
    assert_eq!(applicable(pack.manifest(), &other).count(), 0);
    assert_eq!(verdicts.len(), 3 * applicable(pack.manifest(), &assets[0]).count());
    assert!(verdicts.is_sorted_by_key(|verdict| (verdict.asset.clone(), verdict.rule.clone())));
    assert!(
        verdicts.iter().all(|verdict| verdict.evidence.iter().all(|item| !item.path.is_empty()))
    );
}

#[test]
fn settings_reach_the_rules() {
    let engine = engine(Limits::default());
    let pack = load(&engine, BASELINE);
    let rules = json!({"properties": {"networkRuleSet": {"ipRules": [{"value": "10.1.0.0/16"}]}}});
    let service = crate::packs::asset(postern_domain::arm::SEARCH_SERVICE, "s", rules);
    for (settings, expected) in [(json!({}), "pass"), (json!({"minimumPrefixLength": 24}), "fail")]
    {
        let verdicts = engine.evaluate(&pack, &[&service], &settings).verdicts;
        let verdict = verdicts.iter().find(|verdict| verdict.rule.as_str() == "NET-28").unwrap();
        assert_eq!(verdict.verdict.as_str(), expected);
    }
}
