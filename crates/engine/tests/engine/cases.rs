//! The shipped rules as a component, on the cases that they are tested on natively.

use std::path::Path;

use postern_domain::verdict::RuleVerdict;
use postern_engine::{Engine, Limits, Pack};
use serde_json::{Value, json};

use crate::packs::{BASELINE, asset, engine, load};

#[test]
fn the_component_judges_the_cases_as_the_functions_do() {
    let engine = engine(Limits::default());
    let pack = load(&engine, BASELINE);
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules-wasm/azure-ai-baseline/cases");
    let mut rules = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let file: Value =
            serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        rules.push(file["rule"].as_str().unwrap().to_owned());
        for case in file["cases"].as_array().unwrap() {
            check(&engine, &pack, &file, case);
        }
    }
    rules.sort();
    let known: Vec<&str> = pack.manifest().rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(rules, known, "every rule of the component has its cases");
}

fn check(engine: &Engine, pack: &Pack, file: &Value, case: &Value) {
    let rule = file["rule"].as_str().unwrap();
    let name = format!("{rule}, {}", case["name"]);
    let asset_type = case["asset_type"].as_str().or(file["asset_type"].as_str()).unwrap();
    let mut judged = asset(asset_type, "a", case["resource"].clone());
    if let Some(related) = case.get("related") {
        judged.document.related = serde_json::from_value(related.clone()).unwrap();
    }
    let evaluation = engine.evaluate(pack, &[&judged], &json!({}));
    assert_eq!(evaluation.problem, None, "{name}");
    let verdict: &RuleVerdict =
        evaluation.verdicts.iter().find(|verdict| verdict.rule.as_str() == rule).unwrap();
    assert_eq!(verdict.verdict.as_str(), case["verdict"], "{name}: {verdict:?}");
    assert_eq!(verdict.evidence[0].path, case["evidence_path"], "{name}");
    if let Some(severity) = case["severity"].as_str() {
        assert_eq!(verdict.severity.as_str(), severity, "{name}");
    }
    if let Some(note) = case["note"].as_str() {
        assert!(verdict.evidence[0].note.as_deref().unwrap_or_default().contains(note), "{name}");
    }
}
