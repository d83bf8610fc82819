//! `postern audit`: what happened is exported, verified without a database, and what was changed is named.

use postern_test_support::TestDatabase;

use crate::program::{folder, postern, run};

#[tokio::test]
async fn an_export_is_verified_and_a_change_of_it_named() {
    let database = TestDatabase::create().await;
    let folder = folder();
    let file = folder.path().join("decisions.jsonl");
    let path = file.to_str().unwrap();
    let on_database = |arguments: &[&str]| {
        run(postern(arguments.iter().copied()).env("DATABASE_URL", database.url()))
    };
    for days in ["400", "500"] {
        let reason = "as our policy has it";
        let ended = on_database(&["retention", "set", "--history-days", days, "--reason", reason]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    let head = on_database(&["audit", "head"]);
    let head = head.stdout.trim();
    assert!(head.starts_with("2:"), "{head}");
    let ended = on_database(&["audit", "verify", "--head", head]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("is where the log ends"), "{ended:?}");
    let ended = on_database(&["audit", "export", "--out", path]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains(head), "{ended:?}");
    let again = on_database(&["audit", "export", "--out", path]);
    assert_eq!(again.code, Some(1), "nothing is written over");

    let alone = |arguments: &[&str]| run(&mut postern(arguments.iter().copied()));
    let ended = alone(&["audit", "verify", path, "--head", head]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("Nothing was changed"), "{ended:?}");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("500", "900", 1)).unwrap();
    let ended = alone(&["audit", "verify", path]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stdout.contains("entry 2"), "{ended:?}");
    let first = text.lines().next().unwrap();
    std::fs::write(&file, format!("{first}\n")).unwrap();
    assert_eq!(alone(&["audit", "verify", path]).code, Some(0), "a lost end does not show");
    let ended = alone(&["audit", "verify", path, "--head", head]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stdout.contains("is NOT in the log"), "{ended:?}");
    let ended = alone(&["audit", "verify", path, "--head", "nonsense"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
}
