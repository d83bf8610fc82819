//! Retention on the command line: looked at, said, applied, and refused in words.

use postern_test_support::TestDatabase;
use serde_json::{Value, json};

use crate::program::{Ended, postern, run};

fn retention(url: &str, arguments: &[&str]) -> Ended {
    let arguments = ["retention"].into_iter().chain(arguments.iter().copied());
    run(postern(arguments).env("DATABASE_URL", url))
}

fn says(url: &str, arguments: &[&str]) -> String {
    let ended = retention(url, arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout
}

#[tokio::test]
async fn how_long_things_are_kept_is_said_and_shown() {
    let database = TestDatabase::create().await;
    let url = database.url();
    assert!(says(url, &["show"]).starts_with("History is kept for ever.\n"));
    let preview = says(url, &["preview", "--history-days", "365"]);
    assert!(preview.starts_with("History is kept for 365 days.\n"), "{preview}");
    assert!(preview.ends_with("Nothing goes.\n"), "{preview}");
    assert!(says(url, &["show"]).starts_with("History is kept for ever.\n"), "only looked at");

    let set = ["set", "--history-days", "365", "--failed-scans-days", "1", "--reason", "a test"];
    says(url, &set);
    // What is not named stays.
    says(url, &["set", "--failed-scans-days", "forever", "--reason", "another test"]);
    let shown = says(url, &["show"]);
    assert!(shown.contains("History is kept for 365 days.\n"), "{shown}");
    assert!(shown.contains("Failed scans are kept for ever.\n"), "{shown}");
    assert!(shown.contains(": another test\n"), "{shown}");
    let shown: Value = serde_json::from_str(&says(url, &["show", "--json"])).unwrap();
    assert_eq!(shown, json!({"retention": {"history_days": 365}, "connections": []}));
    assert_eq!(says(url, &["apply"]), "Nothing went.\n");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_and_changes_nothing() {
    let database = TestDatabase::create().await;
    let url = database.url();
    for (arguments, code, said) in [
        (vec!["set", "--reason", "a test"], 1, "say what is kept how long"),
        (vec!["set", "--history-days", "30", "--reason", " "], 1, "--reason is empty"),
        (vec!["set", "--trend-days", "30", "--reason", "a test"], 1, "shorter time than history"),
        (vec!["set", "--history-days", "0", "--reason", "a test"], 2, "from 1 to 65535"),
        (vec!["preview", "--history-days", "a year"], 2, "or forever"),
    ] {
        let ended = retention(url, &arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{arguments:?}");
        assert!(ended.stderr.contains(said), "{arguments:?}: {}", ended.stderr);
    }
    assert!(says(url, &["show"]).starts_with("History is kept for ever.\n"));
}
