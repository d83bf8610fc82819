//! `postern check`: no database.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{OPEN_ACCOUNT, folder, postern, run, shared_azure};

fn lines(stdout: &str) -> Vec<Value> {
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_line_per_asset_and_rule_says_what_it_rests_on() {
    let folder = folder();
    let file = folder.path().join("account.json");
    std::fs::write(&file, OPEN_ACCOUNT).unwrap();
    let file = file.to_str().unwrap();

    let ended = run(&mut postern(["check", file, "--format", "jsonl"]));
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let verdicts = lines(&ended.stdout);
    assert!(!verdicts.is_empty());
    for verdict in &verdicts {
        let keys: Vec<&str> = verdict.as_object().unwrap().keys().map(String::as_str).collect();
        let expected =
            ["asset", "asset_type", "rule", "verdict", "severity", "summary", "evidence", "source"];
        let keys: BTreeSet<_> = keys.into_iter().collect();
        assert_eq!(keys, BTreeSet::from(expected));
        assert_eq!(verdict["asset_type"], "microsoft.cognitiveservices/accounts");
        assert!(verdict["source"].as_str().unwrap().contains("account.json"));
    }
    assert!(verdicts.iter().any(|verdict| verdict["verdict"] == "fail"));
    // No file says anything of diagnostic settings, so nothing is known of them.
    assert!(verdicts.iter().any(|verdict| verdict["verdict"] == "unknown"));

    let ended = run(&mut postern(["check", file, "--fail-on", "low"]));
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stdout.contains("oai-open"), "{}", ended.stdout);
    let ended = run(&mut postern(["check", file, "--format", "jsonl", "--fail-on", "critical"]));
    let has_critical = lines(&ended.stdout)
        .iter()
        .any(|verdict| verdict["verdict"] == "fail" && verdict["severity"] == "critical");
    assert_eq!(ended.code, Some(if has_critical { 3 } else { 0 }));
}

#[test]
fn a_broken_file_is_named_and_the_rest_goes_on() {
    let folder = folder();
    std::fs::write(folder.path().join("good.json"), OPEN_ACCOUNT).unwrap();
    let truncated = folder.path().join("truncated.json");
    std::fs::write(&truncated, &OPEN_ACCOUNT[..OPEN_ACCOUNT.len() / 2]).unwrap();

    let whole_folder = folder.path().to_str().unwrap();
    let ended = run(&mut postern(["check", whole_folder, "--format", "jsonl"]));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("truncated.json"), "{}", ended.stderr);
    assert!(!lines(&ended.stdout).is_empty());

    let named = truncated.to_str().unwrap();
    let good = folder.path().join("good.json");
    let ended = run(&mut postern(["check", named, good.to_str().unwrap(), "--format", "jsonl"]));
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("truncated.json"), "{}", ended.stderr);
    assert!(!lines(&ended.stdout).is_empty(), "the good file is judged all the same");

    let ended = run(&mut postern(["check", named]));
    assert_eq!(ended.code, Some(1));
    let ended = run(&mut postern(["check", "/nowhere/at/all.json"]));
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("/nowhere/at/all.json"), "{}", ended.stderr);
}

#[test]
fn every_verdict_on_real_answers_names_the_property_it_read() {
    let Some(shared) = shared_azure() else { return };
    let recordings = shared.join("recordings");
    let examples = shared.join("examples");
    let paths = [recordings.to_str().unwrap(), examples.to_str().unwrap()];
    let ended = run(&mut postern(["check", paths[0], paths[1], "--format", "jsonl"]));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let verdicts = lines(&ended.stdout);
    let types: BTreeSet<&str> =
        verdicts.iter().map(|verdict| verdict["asset_type"].as_str().unwrap()).collect();
    assert_eq!(types.len(), 4, "all the asset types of resources are in these files: {types:?}");
    for verdict in &verdicts {
        let evidence = verdict["evidence"].as_array().unwrap();
        assert!(!evidence.is_empty(), "{verdict}");
        assert!(evidence.iter().all(|one| !one["path"].as_str().unwrap().is_empty()), "{verdict}");
    }
}
