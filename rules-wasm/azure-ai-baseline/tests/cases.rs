//! Every rule on the cases of `cases/`, natively; the engine's tests run the same cases through the component.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use azure_ai_baseline::PACK;
use postern_rules_sdk::{AssetContext, AssetDocument, Fact, Rule, Value, Verdict};

#[test]
fn every_rule_judges_its_cases() {
    for rule in PACK.rules {
        let file = read(rule);
        for case in file["cases"].as_array().unwrap() {
            check(rule, file["asset_type"].as_str().unwrap(), case);
        }
    }
}

fn check(rule: &Rule, asset_type: &str, case: &Value) {
    let name = format!("{}, {}", rule.id, case["name"]);
    let asset_type = case["asset_type"].as_str().unwrap_or(asset_type);
    assert!(rule.concerns(asset_type), "{name}: {asset_type}");
    let related: BTreeMap<String, Fact> = case
        .get("related")
        .map(|related| serde_json::from_value(related.clone()).unwrap())
        .unwrap_or_default();
    let document = AssetDocument { resource: case["resource"].clone(), related };
    let asset = AssetContext::new(asset_type, document, Value::Null);
    let judgement = rule.judge(&asset);

    assert_eq!(judgement.verdict.as_str(), case["verdict"], "{name}: {judgement:?}");
    let first = &judgement.evidence[0];
    assert_eq!(first.path, case["evidence_path"], "{name}");
    assert!(judgement.evidence.iter().all(|evidence| !evidence.expected.is_empty()), "{name}");
    if let Some(severity) = case["severity"].as_str() {
        assert_eq!(judgement.severity.unwrap_or(rule.severity).as_str(), severity, "{name}");
    }
    if let Some(note) = case["note"].as_str() {
        assert!(first.note.as_deref().is_some_and(|said| said.contains(note)), "{name}: {first:?}");
    }
    if judgement.verdict == Verdict::Unknown {
        assert!(first.note.is_some(), "{name}: an unknown verdict gives its reason");
    }
}

#[test]
fn every_rule_has_a_case_of_each_verdict_that_it_can_give() {
    for rule in PACK.rules {
        let file = read(rule);
        assert_eq!(file["rule"], rule.id);
        let verdicts: BTreeSet<&str> = file["cases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|case| case["verdict"].as_str().unwrap())
            .collect();
        let mut wanted = vec!["fail", "unknown"];
        // TLS cannot be read from ARM, so its rule never passes; see its rationale.
        if rule.id != "DATA-22" {
            wanted.push("pass");
        }
        for verdict in wanted {
            assert!(verdicts.contains(verdict), "{} has no case that is {verdict}", rule.id);
        }
    }
}

#[test]
fn the_manifest_says_what_people_need() {
    let manifest = PACK.manifest();
    let ids: BTreeSet<&str> = manifest.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids.len(), PACK.rules.len(), "ids are there once each");
    for rule in &manifest.rules {
        let texts =
            [&rule.title, &rule.severity_reason, &rule.rationale, &rule.remediation.summary];
        assert!(texts.iter().all(|text| !text.trim().is_empty()), "{}", rule.id);
        assert!(!rule.title.ends_with('.'), "{}: a title is no sentence", rule.id);
        assert!(!rule.reads.is_empty(), "{}", rule.id);
        for policy in &rule.policies {
            assert!(is_guid(policy), "{}: {policy}", rule.id);
        }
    }
}

/// Each policy id stands in the row of its rule in the table of Azure facts.
#[test]
fn policies_and_rules_are_those_of_the_facts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/azure/facts.md");
    let Ok(facts) = std::fs::read_to_string(&path) else {
        eprintln!(
            "left out: the table of Azure facts is not beside the clone ({})",
            path.display()
        );
        return;
    };
    for rule in PACK.rules {
        let start = format!("| {} |", rule.id);
        let row = facts.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("{} has no row", rule.id));
        for policy in rule.policies {
            assert!(row.contains(policy), "{}: {policy}", rule.id);
        }
        for read in rule.reads {
            let word = read.path.rsplit('.').next().unwrap();
            assert!(facts.contains(word), "{}: {word}", rule.id);
        }
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

fn read(rule: &Rule) -> Value {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(format!("{}.json", rule.id));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}
