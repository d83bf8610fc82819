//! Imports of files, of our own and of Azure's.

use std::path::{Path, PathBuf};

use postern_azure::import::{ImportCompleteness, Imported, read_files};
use postern_domain::fact::{DIAGNOSTIC_SETTINGS, Fact};
use postern_domain::gap::GapKind;
use postern_domain::snapshot::Completeness;
use serde_json::{Value, json};
use time::macros::datetime;

const ACCOUNT: &str =
    "/subscriptions/S1/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a";

fn import(paths: &[PathBuf], completeness: ImportCompleteness) -> Imported {
    read_files(paths, datetime!(2026-01-05 06:00 UTC), completeness)
}

fn folder(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn problem_of<'a>(imported: &'a Imported, name: &str) -> Option<&'a str> {
    imported.files.iter().find(|file| file.path.ends_with(name)).unwrap().problem.as_deref()
}

#[test]
fn one_bad_file_does_not_stop_the_rest() {
    let account =
        json!({"id": ACCOUNT, "kind": "OpenAI", "properties": {"publicNetworkAccess": "Enabled"}});
    let setting = json!({"value": [{"id": format!("{ACCOUNT}/providers/microsoft.insights/diagnosticSettings/d")}]});
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(json!({"value": [account]}).to_string().encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let folder = folder(&[
        ("a/account.json", utf16),
        ("a/settings.json", bytes(&setting)),
        ("b/cut.json", b"{\"value\": [{\"id\":".to_vec()),
        ("b/error.json", bytes(&json!({"error": {"code": "ResourceNotFound"}}))),
        (
            "b/other.json",
            bytes(&json!([{"id": "/subscriptions/s1", "displayName": "One"}, {"type": "X/y"}, {}])),
        ),
        ("b/nothing.json", b"{}".to_vec()),
        ("c/notes.tsv", b"not\topened".to_vec()),
    ]);
    let imported = import(&[folder.path().to_owned()], ImportCompleteness::Complete);
    let snapshot = &imported.snapshot;
    assert_eq!(imported.assets.len(), 1);
    let asset = imported.assets.values().next().unwrap();
    assert_eq!(asset.source, folder.path().join("a/account.json").display().to_string());
    assert!(
        matches!(&asset.document.related[DIAGNOSTIC_SETTINGS], Fact::Read { value } if value.as_array().unwrap().len() == 1)
    );
    assert_eq!(snapshot.subscriptions[0].name, "One");
    assert_eq!(imported.files.len(), 6);
    assert!(problem_of(&imported, "b/cut.json").unwrap().starts_with("is cut short"));
    assert_eq!(
        problem_of(&imported, "b/error.json"),
        Some("holds an error response of Azure (ResourceNotFound), no resource")
    );
    assert_eq!(problem_of(&imported, "b/nothing.json"), Some("holds no Azure resource"));
    assert_eq!(problem_of(&imported, "b/other.json"), None);
    let other = imported.files.iter().find(|file| file.path.ends_with("b/other.json")).unwrap();
    assert_eq!(
        serde_json::to_value(&other.passed_over).unwrap(),
        json!({"microsoft.resources/subscriptions": 1, "x/y": 1, "no type": 1})
    );
    // A file that could not be read may have held an asset.
    assert_eq!(snapshot.listings[0].completeness, Completeness::Partial);
    assert_eq!(snapshot.gaps.len(), 2);
}

#[test]
fn completeness_is_what_the_user_said_where_all_was_read() {
    let folder = folder(&[("a.json", bytes(&json!({"id": ACCOUNT, "properties": {}})))]);
    for (said, expected) in [
        (ImportCompleteness::Complete, Completeness::Complete),
        (ImportCompleteness::Partial, Completeness::Partial),
    ] {
        let imported = import(&[folder.path().to_owned()], said);
        assert_eq!(imported.snapshot.listings[0].completeness, expected);
        assert_eq!(imported.snapshot.gaps.len(), usize::from(said == ImportCompleteness::Partial));
    }
}

#[test]
fn the_later_path_wins_and_the_replaced_is_counted() {
    let of = |kind: &str| bytes(&json!({"id": ACCOUNT, "kind": kind, "properties": {}}));
    let folder = folder(&[("2.json", of("later")), ("1.json", of("earlier"))]);
    let named = [folder.path().join("2.json"), folder.path().join("1.json")];
    for paths in [&[folder.path().to_owned()][..], &named] {
        let imported = import(paths, ImportCompleteness::Complete);
        assert_eq!(imported.assets.values().next().unwrap().kind.as_deref(), Some("later"));
        let counts: Vec<_> =
            imported.files.iter().map(|file| (file.assets, file.replaced)).collect();
        assert_eq!(counts, [(1, 1), (1, 0)]);
    }
}

#[test]
fn what_is_missing_is_said() {
    let imported = import(&[PathBuf::from("no/such/file")], ImportCompleteness::Complete);
    assert!(imported.files[0].problem.as_ref().unwrap().starts_with("cannot be read"));
    let folder = folder(&[("list.txt", bytes(&json!([{"id": ACCOUNT, "properties": null}])))]);
    let imported = import(&[folder.path().join("list.txt")], ImportCompleteness::Complete);
    assert_eq!(imported.assets.len(), 1);
    assert_eq!(imported.snapshot.gaps[0].reason.kind, GapKind::NotInImport);
}

#[test]
fn azures_own_answers_are_read() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/azure");
    if !shared.is_dir() {
        eprintln!(
            "left out: {} is not there, so no real answers of Azure were read",
            shared.display()
        );
        return;
    }
    let folders = [shared.join("recordings"), shared.join("examples")];
    let imported = import(&folders, ImportCompleteness::Partial);
    let assets: usize = imported.files.iter().map(|file| file.assets).sum();
    let problems: Vec<_> =
        imported.files.iter().filter_map(|file| file.problem.as_deref()).collect();
    eprintln!(
        "{} files, {assets} assets read, {} distinct",
        imported.files.len(),
        imported.assets.len()
    );
    assert!(imported.files.len() >= 500, "{}", imported.files.len());
    assert!(assets >= 40, "{assets}");
    assert!(imported.assets.len() >= 20, "{}", imported.assets.len());
    for problem in problems {
        assert!(problem.starts_with("holds "), "{problem}");
    }
}
