//! The same assets and pack give the same verdicts, byte for byte: whatever the threads, batches, order or build.

use postern_domain::asset::Asset;
use postern_domain::digest::Digest;
use postern_engine::{Limits, PackEvaluation, applicable};
use serde_json::json;

use crate::packs::{self, BASELINE, accounts, bytes, engine, load, search_services};

fn evaluate(threads: usize, batch: usize, assets: &[&Asset]) -> PackEvaluation {
    let engine = engine(Limits { threads, batch, ..Limits::default() });
    packs::evaluate(&engine, &load(&engine, BASELINE), assets, &json!({}))
}

#[test]
fn threads_batch_size_and_order_change_nothing() {
    let assets: Vec<Asset> = search_services(23).into_iter().chain(accounts(40)).collect();
    let in_order: Vec<&Asset> = assets.iter().collect();
    let reversed: Vec<&Asset> = assets.iter().rev().collect();
    let expected = bytes(&evaluate(1, 200, &in_order));
    let ways = [
        (1, 200, &reversed),
        (1, 1, &in_order),
        (1, 7, &reversed),
        (1, 0, &in_order),
        (2, 1, &in_order),
        (2, 7, &reversed),
        (2, 200, &in_order),
        (0, 7, &in_order),
        (8, 3, &reversed),
        (100, 1, &in_order),
    ];
    for (threads, batch, assets) in ways {
        let evaluation = evaluate(threads, batch, assets);
        assert!(bytes(&evaluation) == expected, "{threads} threads, batches of {batch}");
    }
}

/// Committed digests: a build with other optimisation, or on another machine, has to come to the same.
///
/// Only of rules whose verdicts should never change: the pack of the benchmarks, and two plain rules.
#[test]
fn verdicts_are_the_same_in_every_build() {
    let engine = engine(Limits { batch: 7, threads: 2, ..Limits::default() });
    let assets: Vec<Asset> = search_services(50).into_iter().chain(accounts(210)).collect();
    let assets: Vec<&Asset> = assets.iter().collect();
    let five = load(&engine, "test-packs/five-checks.wasm");
    let five = packs::evaluate(&engine, &five, &assets, &json!({}));
    let mut baseline = packs::evaluate(&engine, &load(&engine, BASELINE), &assets, &json!({}));
    baseline.verdicts.retain(|verdict| matches!(verdict.rule.as_str(), "AUTH-01" | "AUTH-02"));
    let line = |name: &str, evaluation: &PackEvaluation| {
        let digest = Digest::of(bytes(evaluation).as_bytes());
        format!("{name}: {} verdicts, {digest}", evaluation.verdicts.len())
    };
    let lines = [line("five checks", &five), line("AUTH-01 and AUTH-02", &baseline)];
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn every_asset_and_applicable_rule_has_one_verdict_in_order() {
    let engine = engine(Limits { batch: 2, ..Limits::default() });
    let pack = load(&engine, BASELINE);
    let assets: Vec<Asset> = search_services(3).into_iter().chain(accounts(4)).collect();
    let mut list: Vec<&Asset> = assets.iter().collect();
    let other = packs::asset("microsoft.storage/storageaccounts", "s", json!({}));
    list.push(&other);
    let verdicts = packs::evaluate(&engine, &pack, &list, &json!({})).verdicts;
    assert_eq!(applicable(pack.manifest(), &other).count(), 0);
    let pairs: usize = list.iter().map(|asset| applicable(pack.manifest(), asset).count()).sum();
    assert_eq!(verdicts.len(), pairs);
    let places: Vec<_> = verdicts.iter().map(|one| (one.asset.clone(), one.rule.clone())).collect();
    assert!(places.is_sorted_by(|one, other| one < other), "by asset, then by rule, each once");
    assert!(
        verdicts.iter().all(|verdict| verdict.evidence.iter().all(|item| !item.path.is_empty()))
    );
}
