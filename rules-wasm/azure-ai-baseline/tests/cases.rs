//! Every rule on the cases of `cases/`, natively; the engine's tests run the same cases through the component.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use azure_ai_baseline::PACK;
use postern_rules_sdk::{AssetContext, Judgement, Rule, Verdict};
use serde_json::{Value, json};

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
    assert!(rule.concerns(asset_type), "{name}: {asset_type}");
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
    let judgement = rule.judge(&asset);
    judges_alike_on_what_it_names(&name, rule, &asset, &judgement);

    assert_eq!(judgement.verdict.as_str(), case["verdict"], "{name}: {judgement:?}");
    assert!(!rule.never.contains(&judgement.verdict), "{name}: it says never");
    assert!(!judgement.summary.is_blank(), "{name}");
    let evidence: Vec<_> =
        judgement.evidence.iter().map(postern_rules_sdk::Evidence::to_domain).collect();
    let first = &evidence[0];
    assert_eq!(first.path, case["evidence_path"].as_str().unwrap(), "{name}: {evidence:?}");
    assert!(evidence.iter().all(|item| !item.expected.is_empty()), "{name}");
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

/// What a rule's `reads` leave out the host leaves out, so that the rule may not miss it.
fn judges_alike_on_what_it_names(
    name: &str,
    rule: &Rule,
    asset: &AssetContext<'_>,
    judgement: &Judgement,
) {
    let reads = rule.all_reads();
    let seen = std::panic::catch_unwind(|| rule.judge(&asset.seen_through(&reads)))
        .unwrap_or_else(|_| panic!("{name}: it looks at what its reads do not name"));
    let path = &seen.evidence[0].path;
    assert_eq!(seen, *judgement, "{name}: on what its reads name it judges otherwise, by {path}");
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

#[test]
fn the_manifest_says_what_people_need() {
    let manifest = PACK.manifest();
    let ids: BTreeSet<&str> = manifest.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids.len(), manifest.rules.len(), "ids are there once each");
    for rule in &manifest.rules {
        let id = &rule.id;
        let remedy = &rule.remediation;
        let texts = [&rule.title, &rule.severity_reason, &rule.rationale, &remedy.summary];
        assert!(texts.iter().all(|text| !text.trim().is_empty()), "{id}");
        assert!(!rule.title.ends_with('.'), "{id}: a title is no sentence");
        assert!(
            rule.rationale.ends_with('.') && rule.rationale.contains(". "),
            "{id}: 2 sentences"
        );
        assert!(!rule.reads.is_empty(), "{id}");
        for policy in &rule.policies {
            assert!(is_guid(policy), "{id}: {policy}");
        }
        for control in &rule.controls {
            assert!(
                control.split_once(':').is_some_and(|(_, id)| !id.is_empty()),
                "{id}: {control}"
            );
        }
        for way in [&remedy.az, &remedy.bicep, &remedy.terraform, &remedy.portal] {
            assert!(way.as_ref().is_none_or(|text| !text.trim().is_empty()), "{id}");
        }
        assert!(rule.references.iter().all(|address| address.starts_with("https://")), "{id}");
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
    for rule in PACK.sorted_rules() {
        let start = format!("| {} |", rule.id);
        // Rules that join several rows have ids of their own.
        let row = facts.lines().find(|line| line.starts_with(&start)).unwrap_or(&facts);
        for policy in rule.policies {
            assert!(row.contains(policy), "{}: {policy}", rule.id);
        }
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
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
