//! `postern evidence` and `postern verify`: a set is the same wherever it is made, and what was done to it is named.

use std::collections::BTreeMap;
use std::path::Path;

use postern_test_support::TestDatabase;

use crate::program::{Ended, OPEN_ACCOUNT, folder, postern, run};

/// The files of a folder, by name.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let name = |entry: &std::fs::DirEntry| entry.file_name().into_string().unwrap();
    entries.map(|entry| (name(&entry), std::fs::read(entry.path()).unwrap())).collect()
}

#[tokio::test]
async fn a_set_is_the_same_wherever_it_is_made_and_what_was_done_to_it_is_named() {
    let database = TestDatabase::create().await;
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let on_database = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = postern(arguments.iter().copied());
        run(command.env("DATABASE_URL", database.url()).envs(variables.iter().copied()))
    };
    let well = |ended: Ended| assert_eq!(ended.code, Some(0), "{ended:?}");
    let reason = ["--reason", "as our policy has it"];
    well(on_database(&[&["retention", "set", "--history-days", "400"][..], &reason].concat(), &[]));
    let (old_log, log) = (path("old.jsonl"), path("log.jsonl"));
    well(on_database(&["audit", "export", "--out", &old_log], &[]));
    well(on_database(&[&["retention", "set", "--history-days", "500"][..], &reason].concat(), &[]));
    well(on_database(&["audit", "export", "--out", &log], &[]));
    std::fs::write(path("mine.json"), OPEN_ACCOUNT).unwrap();
    well(on_database(&["import", &path("mine.json")], &[]));

    let (key, set) = (path("signing.key"), path("set"));
    well(run(&mut postern(["signing-key", "--out", &key])));
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "the secret is its owner's");
    let again = run(&mut postern(["signing-key", "--out", &key]));
    assert_eq!(again.code, Some(1), "no key is written over: {again:?}");
    well(on_database(&["evidence", "--out", &set, "--signing-key", &key], &[]));
    let files = contents(Path::new(&set));
    assert_eq!(files.len(), 9, "eight formats and the manifest: {:?}", files.keys());

    let elsewhere = [
        ("TZ", "Asia/Tokyo"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("TOKIO_WORKER_THREADS", "1"),
        ("RAYON_NUM_THREADS", "1"),
    ];
    let other = path("other");
    well(on_database(&["evidence", "--out", &other, "--signing-key", &key], &elsewhere));
    for (name, bytes) in contents(Path::new(&other)) {
        assert!(files[&name] == bytes, "{name} is the same wherever it is made");
    }

    let public = format!("{key}.pub");
    let check =
        |more: &[&str]| run(&mut postern([&["verify", &set, "--key", &public][..], more].concat()));
    let found = check(&["--log", &log]);
    assert_eq!(found.code, Some(0), "{found:?}");
    assert!(found.stdout.contains("All of it is as it was signed."), "{found:?}");
    let says = |more: &[&str], sentence: &str| {
        let found = check(more);
        assert_eq!(found.code, Some(3), "{found:?}");
        assert!(found.stdout.contains(sentence), "{sentence}: {found:?}");
    };
    says(&["--log", &old_log], "The decision log is an older one");
    let nobody = run(&mut postern(["verify", &set]));
    assert_eq!(nobody.code, Some(3), "{nobody:?}");
    assert!(nobody.stdout.contains("is not proven: name the key"), "{nobody:?}");
    let others = path("others.key");
    well(run(&mut postern(["signing-key", "--out", &others])));
    let wrong = run(&mut postern(["verify", &set, "--key", &format!("{others}.pub")]));
    assert!(wrong.stdout.contains("which is none that you named"), "{wrong:?}");

    for (name, bytes) in files.iter().filter(|(name, _)| *name != "manifest.json") {
        let file = Path::new(&set).join(name);
        let mut changed = bytes.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        std::fs::write(&file, changed).unwrap();
        says(&[], &format!("{name} was changed"));
        std::fs::remove_file(&file).unwrap();
        says(&[], &format!("{name} is missing"));
        std::fs::write(&file, bytes).unwrap();
    }
    let manifest = Path::new(&set).join("manifest.json");
    let text = String::from_utf8(files["manifest.json"].clone()).unwrap();
    std::fs::write(&manifest, text.replacen("\"scan\": \"S-", "\"scan\": \"S-9", 1)).unwrap();
    says(&[], "The manifest was changed, or another key signed it");
    std::fs::remove_file(&manifest).unwrap();
    let none = check(&[]);
    assert_eq!(none.code, Some(1), "{none:?}");
    assert!(none.stderr.contains("manifest.json"), "{none:?}");
}
