//! Every rule on its cases, natively: quick to run, and a debugger works.
//! `postern rules test` runs the same cases through the built pack.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use postern_rules_sdk::{AssetContext, Rule, Verdict};
use serde_json::{Value, json};

use __CRATE__::PACK;

/// When the snapshot of a case was taken unless it says otherwise.
const TAKEN_AT: &str = "2026-01-15T12:00:00Z";

#[test]
fn every_rule_judges_its_cases() {
    for rule in PACK.sorted_rules() {
        let file = read(rule);
        assert_eq!(file["rule"], rule.id);
        for case in file["cases"].as_array().unwrap() {
            check(rule, &file, case);
        }
    }
}

fn check(rule: &Rule, file: &Value, case: &Value) {
    let name = format!("{}, {}", rule.id, case["name"]);
    let text = |key: &str| case[key].as_str().or(file[key].as_str());
    let asset_type = text("asset_type").unwrap();
    assert!(rule.concerns(asset_type), "{name}: the rule is not about {asset_type}");
    let document = json!({
        "resource": case["resource"],
        "related": case.get("related").unwrap_or(&json!({})),
    });
    let document = document.to_string();
    let document = serde_json::from_str(&document).unwrap();
    let settings = case.get("settings").unwrap_or(&json!({})).to_string();
    let settings = serde_json::from_str(&settings).unwrap();
    let id = text("id").unwrap_or("/subscriptions/s/resourcegroups/g/providers/x/y/z");
    let taken_at = text("taken_at").unwrap_or(TAKEN_AT);
    let asset = AssetContext::new(id, asset_type, &document, &settings, taken_at);
    // As the host does it: a rule of such a pack sees what its `reads` name.
    let reads = rule.all_reads();
    let asset = if PACK.reads_only { asset.seen_through(&reads) } else { asset };
    let judgement = rule.judge(&asset);

    assert_eq!(judgement.verdict.as_str(), case["verdict"], "{name}: {judgement:?}");
    assert!(!judgement.summary.is_blank(), "{name}: there is no summary");
    let first = judgement.evidence.first().expect("a judgement has evidence").to_domain();
    assert_eq!(first.path, case["evidence_path"].as_str().unwrap(), "{name}: {first:?}");
    if let Some(severity) = case["severity"].as_str() {
        assert_eq!(judgement.severity.unwrap_or(rule.severity).as_str(), severity, "{name}");
    }
    if let Some(note) = case["note"].as_str() {
        assert!(first.note.as_deref().is_some_and(|said| said.contains(note)), "{name}: {first:?}");
    }
}

#[test]
fn every_rule_has_a_case_of_each_verdict_that_it_can_give_and_one_of_an_absent_value() {
    let mut lacks = Vec::new();
    for rule in PACK.sorted_rules() {
        let file = read(rule);
        let cases = file["cases"].as_array().unwrap();
        for verdict in Verdict::ALL.iter().filter(|verdict| !rule.never.contains(verdict)) {
            if cases.iter().all(|case| case["verdict"] != verdict.as_str()) {
                lacks.push(format!("{} has no case that is {verdict}", rule.id));
            }
        }
        if cases.iter().all(|case| case["absent"] != true) {
            lacks.push(format!("{} has no case of an absent value", rule.id));
        }
    }
    assert!(lacks.is_empty(), "{}", lacks.join("\n"));
}

#[test]
fn every_file_of_cases_has_its_rule() {
    let known: BTreeSet<String> =
        PACK.sorted_rules().iter().map(|rule| format!("{}.json", rule.id)).collect();
    let files: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, known);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

fn read(rule: &Rule) -> Value {
    let path = folder().join(format!("{}.json", rule.id));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
