//! A pack that says what it reads is handed that and nothing else.

use postern_domain::arm::COGNITIVE_SERVICES_ACCOUNT;
use postern_domain::asset::Asset;
use postern_domain::verdict::Verdict;
use postern_engine::{Limits, PackProblem};
use postern_rules_sdk::{AssetContext, Evidence, Value};
use serde_json::json;

use crate::packs::{self, accounts, asset, engine, hostile, load, search_services};

#[test]
fn verdicts_and_evidence_are_those_of_the_whole_document() {
    let engine = engine(Limits::default());
    let pack = load(&engine, "test-packs/five-checks.wasm");
    assert!(pack.manifest().reads_only);
    let accounts = accounts(210);
    let all: Vec<&Asset> = accounts.iter().collect();
    let evaluation = packs::evaluate(&engine, &pack, &all, &json!({}));
    assert_eq!(evaluation.problem, None);
    for asset in accounts {
        let document = asset.document.canonical_text();
        let document: Value<'_> = serde_json::from_str(&document).unwrap();
        let settings = Value::Null;
        let id = asset.id.as_str();
        let context =
            AssetContext::new(id, COGNITIVE_SERVICES_ACCOUNT, &document, &settings, "2026-01-01");
        for rule in five_checks::PACK.sorted_rules() {
            let whole = rule.judge(&context);
            let is_it = |verdict: &&postern_domain::verdict::RuleVerdict| {
                verdict.asset == asset.id && verdict.rule.as_str() == rule.id
            };
            let cut = evaluation.verdicts.iter().find(is_it).unwrap();
            assert_eq!(cut.verdict, whole.verdict, "{} on {id}", rule.id);
            let evidence: Vec<_> = whole.evidence.iter().map(Evidence::to_domain).collect();
            assert_eq!(cut.evidence, evidence, "{} on {id}", rule.id);
        }
    }
}

#[test]
fn what_a_rule_does_not_say_it_reads_is_unknown_and_never_absent() {
    let engine = engine(Limits::default());
    let pack = engine.load(&hostile("reads_more")).unwrap();
    let services = search_services(4);
    let all: Vec<&Asset> = services.iter().collect();
    let evaluation = packs::evaluate(&engine, &pack, &all, &json!({}));
    assert_eq!(evaluation.problem, None);
    for verdict in &evaluation.verdicts {
        let (expected, note) = match verdict.rule.as_str() {
            "READS-01" => (Verdict::Unknown, Some("The rule does not name it in what it reads.")),
            _ => (Verdict::Pass, None),
        };
        assert_eq!(verdict.verdict, expected, "{verdict:?}");
        assert_eq!(verdict.evidence[0].note.as_deref(), note);
    }
    // Who takes a value whole of which it was handed parts is stopped, and all that the pack says is unknown.
    let account = asset(COGNITIVE_SERVICES_ACCOUNT, "oai-1", json!({"name": "oai-1"}));
    let evaluation = packs::evaluate(&engine, &pack, &[&account], &json!({}));
    assert!(matches!(evaluation.problem, Some(PackProblem::Trapped { .. })), "{evaluation:?}");
    assert!(evaluation.verdicts.iter().all(|verdict| verdict.verdict == Verdict::Unknown));
}
