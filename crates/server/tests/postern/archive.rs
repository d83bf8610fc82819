//! Archives on the command line: written, checked, taken in elsewhere, refused in words.

use postern_test_support::TestDatabase;
use serde_json::Value;

use crate::program::{Ended, OPEN_ACCOUNT, folder, postern, run};

fn command(url: &str, arguments: &[&str]) -> Ended {
    run(postern(arguments.iter().copied()).env("DATABASE_URL", url))
}

fn says(url: &str, arguments: &[&str]) -> String {
    let ended = command(url, arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout
}

fn refuses(url: &str, arguments: &[&str], said: &str) {
    let ended = command(url, arguments);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{arguments:?}");
    assert!(ended.stderr.contains(said), "{arguments:?}: {}", ended.stderr);
}

#[tokio::test]
async fn an_archive_is_written_checked_and_taken_in() {
    let (here, there) = (TestDatabase::create().await, TestDatabase::create().await);
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (assets, archive) = (path("assets.json"), path("archive"));
    std::fs::write(&assets, OPEN_ACCOUNT).unwrap();
    refuses(here.url(), &["export", "--out", &archive], "there is no connection yet");
    says(here.url(), &["import", &assets, "--complete"]);

    let written = says(here.url(), &["export", "--out", &archive]);
    assert!(written.contains("verdict_changes.jsonl.gz"), "{written}");
    assert!(written.ends_with(&format!("Written to {archive}.\n")), "{written}");
    refuses(here.url(), &["export", "--out", &archive], "is not empty");
    let checked = run(&mut postern(["import-archive", &archive, "--check"]));
    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert!(checked.stdout.ends_with("Every file is what the manifest says.\n"));

    let taken = says(there.url(), &["import-archive", &archive]);
    assert!(taken.contains("Findings and scans have the numbers that they had."), "{taken}");
    let report = |url: &str| {
        let file = path("report.csv");
        says(url, &["report", "--format", "csv", "--out", &file]);
        std::fs::read_to_string(file).unwrap()
    };
    // What vouched for the pack is what a database saw itself.
    let seen_here = report(here.url()).replace("built_in", "");
    assert!(seen_here.lines().count() > 10 && seen_here == report(there.url()));
    refuses(there.url(), &["import-archive", &archive], "name another with --connection");
    let again = ["import-archive", &archive, "--connection", "again", "--json"];
    let taken: Value = serde_json::from_str(&says(there.url(), &again)).unwrap();
    assert_eq!((&taken["connection"], &taken["keeps_numbers"]), (&"again".into(), &false.into()));
    refuses(there.url(), &["import-archive", &path("nowhere")], "holds no finished archive");
}
