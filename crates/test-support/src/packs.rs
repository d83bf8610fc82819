//! The rule packs, as `cargo xtask build-packs` built them.

use std::path::{Path, PathBuf};

/// The shipped packs.
pub fn built_packs() -> Vec<Vec<u8>> {
    let folder = dist().join("packs");
    let entries = std::fs::read_dir(&folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder that can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .collect();
    paths.sort();
    assert!(
        !paths.is_empty(),
        "no packs in {}: run `cargo xtask build-packs` first",
        folder.display()
    );
    paths.iter().map(|path| read(path)).collect()
}

/// A pack that misbehaves, such as `trap`.
pub fn test_pack(name: &str) -> Vec<u8> {
    read(&dist().join("test-packs").join(format!("{name}.wasm")))
}

/// An example in another language than Rust, such as `python`.
pub fn example_pack(language: &str) -> Vec<u8> {
    let path = dist().join("example-packs").join(format!("{language}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{} cannot be read ({error}): `cargo xtask test` builds it, and so does `cargo xtask build-packs --examples`",
            path.display()
        )
    })
}

fn dist() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist")
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| {
        panic!("{} cannot be read ({error}): run `cargo xtask build-packs` first", path.display())
    })
}
