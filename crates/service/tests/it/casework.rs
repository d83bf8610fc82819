//! The cases of packs, run against the built components.

use std::path::Path;

use postern_domain::verdict::Verdict;
use postern_engine::{Engine, Limits};
use postern_service::rules::cases::{CaseFile, read_cases, run_cases};
use postern_test_support::built_packs;
use serde_json::json;

#[test]
fn the_built_baseline_says_what_its_cases_expect_and_they_show_every_verdict_of_every_rule() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules-wasm/azure-ai-baseline/cases");
    let files = read_cases(&folder).unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    let packs: Vec<_> = built_packs().iter().map(|pack| engine.load(pack).unwrap()).collect();
    let named = |pack: &&postern_engine::Pack| pack.manifest().name == "azure-ai-baseline";
    let pack = packs.iter().find(named).unwrap();
    let report = run_cases(&engine, pack, &files).unwrap();
    assert_eq!(report.failures, Vec::<String>::new());
    assert_eq!(report.not_covered, Vec::<String>::new());
    assert_eq!(report.rules.len(), pack.manifest().rules.len());
    assert_eq!(report.cases, files.iter().map(|file| file.cases.len()).sum::<usize>());
}

#[test]
fn what_cases_expect_wrongly_and_what_they_leave_out_is_said() {
    let engine = Engine::new(Limits::default()).unwrap();
    let pack = engine.load(&postern_test_support::test_pack("unsorted")).unwrap();
    let case = |name: &str, verdict: Verdict| {
        json!({
            "name": name, "resource": {"name": "find-1"}, "verdict": verdict, "evidence_path": "name",
        })
    };
    let file = |rule: &str, cases: serde_json::Value| -> CaseFile {
        let kind = "microsoft.search/searchservices";
        serde_json::from_value(json!({"rule": rule, "asset_type": kind, "cases": cases})).unwrap()
    };
    let files = [
        file("HOSTILE-01", json!([case("right", Verdict::Pass), case("wrong", Verdict::Fail)])),
        file("HOSTILE-03", json!([case("of another type", Verdict::Pass)])),
        file("HOSTILE-77", json!([case("of no rule", Verdict::Pass)])),
    ];
    let report = run_cases(&engine, &pack, &files).unwrap();
    assert_eq!(report.cases, 4);
    assert_eq!(
        report.failures,
        [
            "HOSTILE-01, wrong: it is pass and not fail: All is well.",
            "HOSTILE-03, of another type: the rule is not about microsoft.search/searchservices",
            "HOSTILE-77, of no rule: the rule is not about microsoft.search/searchservices",
            "the pack has no rule HOSTILE-77",
        ]
    );
    assert!(report.not_covered.contains(&"HOSTILE-02 has no cases".to_owned()), "{report:?}");
}
