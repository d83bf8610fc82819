//! What was stored, how it grew and what changed, on the command line.

use postern_test_support::TestDatabase;
use serde_json::Value;

use crate::program::{OPEN_ACCOUNT, folder, postern, run};

#[tokio::test]
async fn a_change_between_two_imports_shows_with_its_size() {
    let database = TestDatabase::create().await;
    let folder = folder();
    let cache = folder.path().join("compiled");
    let command = |arguments: &[&str]| {
        let ended = run(postern(arguments.iter().copied())
            .env("DATABASE_URL", database.url())
            .env("POSTERN_PACK_CACHE", &cache));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.stdout
    };
    let file = folder.path().join("mine.json");
    let import = |text: &str| {
        std::fs::write(&file, text).unwrap();
        command(&["import", file.to_str().unwrap()]);
    };

    import(OPEN_ACCOUNT);
    assert!(command(&["storage"]).contains("shows after the second scan"));
    let closed = OPEN_ACCOUNT.replace("Enabled", "Disabled");
    assert_ne!(closed, OPEN_ACCOUNT);
    import(&closed);

    let storage: Value = serde_json::from_str(&command(&["storage", "--json"])).unwrap();
    assert_eq!(storage["growth"]["scans"], 1);
    let text = command(&["storage"]);
    assert!(text.contains("\nThe database takes ") && text.contains(" a scan, "), "{text}");
    assert!(text.contains("A forecast needs scans over a day at least."), "{text}");

    let first = storage["growth"]["from"].as_str().unwrap();
    let diff = command(&["diff", first]);
    let change = "    properties.publicNetworkAccess: \"Enabled\" -> \"Disabled\"\n";
    assert!(diff.contains("\nResources that changed: 1\n") && diff.contains(change), "{diff}");
    assert!(diff.contains("\nFindings resolved: "), "{diff}");
    let diff: Value = serde_json::from_str(&command(&["diff", first, "--json"])).unwrap();
    assert_eq!(diff["assets"][0]["changes"][0]["after"], "Disabled");

    // What --pack-cache, here by its variable, is for.
    let kept: Vec<_> = walk(&cache).collect();
    assert!(!kept.is_empty(), "nothing was kept in the pack cache");
}

fn walk(folder: &std::path::Path) -> Box<dyn Iterator<Item = std::path::PathBuf>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    Box::new(
        entries.flat_map(
            |path| {
                if path.is_dir() { walk(&path) } else { Box::new(std::iter::once(path)) }
            },
        ),
    )
}
