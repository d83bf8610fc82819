//! Files checked without a database, and imported.

use std::path::PathBuf;

use postern_azure::import::ImportCompleteness;
use postern_domain::settings::Settings;
use postern_domain::verdict::Verdict;
use postern_engine::{Engine, Limits};
use postern_service::check::check_files;
use postern_service::import::{ImportError, ImportRequest, import_files};
use postern_test_support::sample::{closed_account, open_account};
use postern_test_support::{NOW, built_packs};

use crate::world::World;

#[test]
fn files_are_checked_without_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let open = write("open.json", open_account("oai-1").to_string());
    let closed = write("closed.json", closed_account("oai-2").to_string());
    let broken = write("broken.json", "{\"id\": ".to_owned());
    let engine = Engine::new(Limits::default()).unwrap();
    let packs: Vec<_> = built_packs().iter().map(|pack| engine.load(pack).unwrap()).collect();
    let outcome = check_files(&engine, &packs, &Settings::default(), &[open, closed, broken], NOW);
    let verdict = |name: &str| {
        let row = outcome.rows.iter().find(|row| row.name == name && row.rule.as_str() == "NET-01");
        row.map(|row| row.verdict)
    };
    assert_eq!(verdict("oai-1"), Some(Verdict::Fail));
    assert_eq!(verdict("oai-2"), Some(Verdict::Pass));
    assert!(outcome.rows.iter().all(|row| !row.evidence.is_empty()));
    assert!(outcome.rows.is_sorted_by_key(|row| (row.asset.to_lowercase(), row.rule.clone())));
    assert_eq!(outcome.files.iter().filter(|file| file.problem.is_some()).count(), 1);
    assert!(outcome.pack_problems.is_empty());
    assert!(outcome.count(Verdict::Unknown) > 0, "no file holds diagnostic settings");
}

#[tokio::test]
async fn an_import_of_nothing_is_refused_and_leaves_nothing_behind() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.json"), "[]").unwrap();
    for completeness in [ImportCompleteness::Complete, ImportCompleteness::Partial] {
        let request = ImportRequest {
            slug: "fresh".to_owned(),
            name: "Fresh".to_owned(),
            paths: vec![folder.path().to_owned(), PathBuf::from("no such file.json")],
            completeness,
        };
        let error = import_files(&world.postern, request).await.unwrap_err();
        let ImportError::Nothing { files } = error else { panic!("{error:?}") };
        assert!(files.iter().any(|file| file.problem.is_some()), "{files:?}");
    }
    assert_eq!(world.count("SELECT count(*) FROM scans").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM connections").await, 1);
}
