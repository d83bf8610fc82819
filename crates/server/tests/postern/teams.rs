//! Teams on the command line: from a file of rules to what is open of whose.

use std::path::Path;

use postern_test_support::TestDatabase;
use serde_json::{Value, json};

use crate::program::{Ended, OPEN_ACCOUNT, folder, postern, run};

fn teams(url: &str, arguments: &[&str]) -> Ended {
    run(postern(["teams"].into_iter().chain(arguments.iter().copied())).env("DATABASE_URL", url))
}

fn says(url: &str, arguments: &[&str]) -> String {
    let ended = teams(url, arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout
}

fn refuses(url: &str, arguments: &[&str]) -> String {
    let ended = teams(url, arguments);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{arguments:?}: {ended:?}");
    ended.stderr
}

fn import(url: &str, file: &Path) {
    let ended =
        run(postern(["import", file.to_str().unwrap(), "--complete"]).env("DATABASE_URL", url));
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test]
async fn a_file_of_rules_is_previewed_said_and_counted_by() {
    let database = TestDatabase::create().await;
    let (url, folder) = (database.url(), folder());
    let write = |name: &str, value: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, value.to_string()).unwrap();
        path
    };
    let mut account: Value = serde_json::from_str(OPEN_ACCOUNT).unwrap();
    account["tags"] = json!({"team": "nlp"});
    let assets = write("assets.json", &account);
    import(url, &assets);
    assert!(says(url, &["list"]).starts_with("There are no teams yet"));

    let said = json!({
        "teams": [{"id": "nlp", "name": "NLP Platform"}],
        "rules": [{"scope": {"tag": "team=nlp"}, "team": "nlp"}],
    });
    let file = write("teams.json", &said);
    let file = file.to_str().unwrap();
    let preview = says(url, &["preview", file]);
    assert!(preview.contains("tag team=nlp"), "{preview}");
    assert!(preview.contains("what no rule catches"), "{preview}");
    assert!(preview.contains("1 asset changes hands."), "{preview}");
    let as_json: Value = serde_json::from_str(&says(url, &["preview", file, "--json"])).unwrap();
    assert_eq!((&as_json["catches"][0]["assets"], &as_json["moved"]), (&json!(1), &json!(1)));
    assert!(
        says(url, &["list"]).starts_with("There are no teams yet"),
        "a preview changes nothing"
    );

    let done = says(url, &["set", file, "--reason", "a test"]);
    assert!(done.ends_with("This holds from each connection's next evaluation on.\n"), "{done}");
    let holds: Value = serde_json::from_str(&says(url, &["routing"])).unwrap();
    assert_eq!(holds, said, "what is printed is what `set` takes");
    import(url, &assets);
    let list: Value = serde_json::from_str(&says(url, &["list", "--json"])).unwrap();
    assert_eq!((&list[0]["team"], &list[0]["name"]), (&json!("nlp"), &json!("NLP Platform")));
    assert!(list[0]["open"]["high"].as_u64().unwrap() > 0, "{list}");
    assert_eq!(list.as_array().unwrap().len(), 1, "nothing is nobody's");
    let text = says(url, &["list"]);
    assert!(text.lines().any(|line| line.starts_with("nlp   NLP Platform")), "{text}");
    assert!(says(url, &["preview", file]).contains("Nothing changes hands."));
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said_and_nothing_changes() {
    let database = TestDatabase::create().await;
    let (url, folder) = (database.url(), folder());
    let refused = |name: &str, text: &str, said: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        for arguments in [vec!["preview", path], vec!["set", path, "--reason", "a test"]] {
            let error = refuses(url, &arguments);
            assert!(error.contains(said), "{said}: {error}");
        }
    };
    refused("no.json", "{", "does not say which teams there are");
    refused("misspelt.json", r#"{"teams": [], "rule": []}"#, "unknown field `rule`");
    refused(
        "contradiction.json",
        r#"{"teams": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}], "rules": [
            {"scope": {"subscription": "s"}, "team": "a"}, {"scope": {"subscription": "S"}, "team": "b"}]}"#,
        "rule 2 (subscription S to b) can catch nothing: rule 1 (subscription s to a), which goes before it, contradicts it",
    );
    let missing = refuses(url, &["preview", "/nowhere/teams.json"]);
    assert!(missing.contains("/nowhere/teams.json cannot be read"), "{missing}");
    let file = folder.path().join("no.json");
    let empty = refuses(url, &["set", file.to_str().unwrap(), "--reason", " "]);
    assert!(empty.contains("--reason is empty"), "{empty}");
    assert!(says(url, &["routing"]).contains("\"teams\": []"), "nothing was said");
    let none = refuses(url, &["list", "--connection", "nowhere"]);
    assert!(none.contains("there is no connection \"nowhere\""), "{none}");
}
