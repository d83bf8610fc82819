//! Which files an import reads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The files named and the `.json` files in the folders named, by path; with the reason where one cannot be listed.
///
/// Links to folders inside folders are not followed: they may lead in a circle.
pub(super) fn files(paths: &[PathBuf]) -> BTreeMap<PathBuf, Option<String>> {
    let mut files = BTreeMap::new();
    for path in paths {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => walk(path, &mut files),
            Ok(_) => {
                files.insert(path.clone(), None);
            }
            Err(error) => {
                files.insert(path.clone(), Some(format!("cannot be read: {error}")));
            }
        }
    }
    files
}

fn walk(folder: &Path, files: &mut BTreeMap<PathBuf, Option<String>>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            files.insert(folder.to_owned(), Some(format!("the folder cannot be read: {error}")));
            return;
        }
    };
    for entry in entries {
        match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
            Ok((path, kind)) if kind.is_dir() => walk(&path, files),
            Ok((path, _)) if is_json(&path) && !path.is_dir() => {
                files.insert(path, None);
            }
            Ok(_) => {}
            Err(error) => {
                files
                    .insert(folder.to_owned(), Some(format!("the folder cannot be read: {error}")));
            }
        }
    }
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}
