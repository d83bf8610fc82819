//! Compiled packs are kept in a folder, and a folder that is broken costs time, nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use postern_domain::asset::Asset;
use postern_engine::{Engine, EngineError};
use serde_json::json;

use crate::hostile::small;
use crate::packs::{bytes, evaluate, hostile, search_services};

/// What happens to a file.
type Spoil = fn(&[u8]) -> Vec<u8>;

/// Loads a pack with the folder and judges by it; gives its verdicts, and the folder's hits and misses.
fn judge(folder: &Path) -> (String, (usize, usize)) {
    let engine = Engine::with_cache(small(), folder).unwrap();
    let pack = engine.load(&hostile("liar")).unwrap();
    let assets = search_services(3);
    let assets: Vec<&Asset> = assets.iter().collect();
    let verdicts = bytes(&evaluate(&engine, &pack, &assets, &json!({"lie": "none"})));
    (verdicts, engine.cache_hits_and_misses().unwrap())
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn a_pack_is_compiled_once_for_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    // A folder that is not there yet, by a path with a link in it, as an operator may set it.
    let place = folder.path().join("compiled/packs");
    let (first, counts) = judge(&place);
    assert_eq!(counts, (0, 1));
    let (second, counts) = judge(&place);
    assert_eq!(counts, (1, 0));
    assert!(first == second);
    assert_eq!(Engine::new(small()).unwrap().cache_hits_and_misses(), None);
}

#[test]
fn a_broken_file_in_the_folder_is_survived() {
    let folder = tempfile::tempdir().unwrap();
    let (expected, _) = judge(folder.path());
    let spoilings: [Spoil; 4] = [
        |_| Vec::new(),
        |_| b"not what was compiled".to_vec(),
        |bytes| bytes[..bytes.len() / 2].to_vec(),
        |bytes| bytes.iter().rev().copied().collect(),
    ];
    for (number, spoil) in spoilings.into_iter().enumerate() {
        for file in files_below(folder.path()) {
            let bytes = fs::read(&file).unwrap();
            fs::write(&file, spoil(&bytes)).unwrap();
        }
        let (verdicts, counts) = judge(folder.path());
        assert!(verdicts == expected, "way {number}");
        assert_eq!(counts, (0, 1), "way {number}: it is compiled anew");
        let (_, counts) = judge(folder.path());
        assert_eq!(counts, (1, 0), "way {number}: and kept");
    }
}

#[test]
fn a_folder_that_cannot_be_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Engine::with_cache(small(), &file).expect_err("it is a file");
    assert!(matches!(error, EngineError::Cache { .. }), "{error:?}");
    assert!(error.to_string().starts_with("the folder for compiled packs cannot be used: "));
}
