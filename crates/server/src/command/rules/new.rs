//! `postern rules new`.

mod files;
mod manifest;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use self::files::ProjectFiles;
use crate::cli::NewRulesArguments;
use crate::output;

pub(super) fn run(arguments: NewRulesArguments) -> anyhow::Result<()> {
    let NewRulesArguments { name, path } = arguments;
    let folder = path.unwrap_or_else(|| PathBuf::from(name.as_str()));
    let rule = files::rule_id(&name);
    place(&folder, &files::project(&name)?)?;
    let folder = folder.display();
    output::print(&format!(
        "The pack {name} is in {folder}, with the example rule {rule} and its cases.

Next:
  cd {folder}
  cargo test             run the rule on its cases
  postern rules build    make dist/{name}.wasm

README.md says how to sign and activate it.
"
    ))
}

/// Puts the files into a folder that is new or empty: all of them, or none.
fn place(folder: &Path, files: &ProjectFiles) -> anyhow::Result<()> {
    let is_there = is_there_and_empty(folder)?;
    // Written aside first, on the same file system.
    let aside_in = if is_there { folder } else { parent(folder)? };
    let cannot_write = || format!("{} cannot be written", folder.display());
    let aside = tempfile::Builder::new()
        .prefix(".postern-")
        .tempdir_in(aside_in)
        .with_context(cannot_write)?;
    // A folder in it, because only its owner may enter a temporary one.
    let whole = aside.path().join("project");
    write(&whole, files).with_context(cannot_write)?;
    if is_there {
        move_entries(&whole, folder).with_context(cannot_write)?;
    } else {
        std::fs::rename(&whole, folder).with_context(cannot_write)?;
    }
    aside.close().with_context(|| format!("{} cannot be tidied up", aside_in.display()))
}

/// Whether there is such a folder; one that has something in it is refused.
fn is_there_and_empty(folder: &Path) -> anyhow::Result<bool> {
    let shown = folder.display();
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(true),
        Ok(false) => bail!("{shown} is not empty; name another folder with --path"),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            bail!("{shown} is not a folder; name another with --path")
        }
        Err(error) => Err(error).with_context(|| format!("{shown} cannot be read")),
    }
}

fn parent(folder: &Path) -> anyhow::Result<&Path> {
    let parent = folder.parent().context("the root of a file system is no place for a project")?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    if !parent.is_dir() {
        bail!("the folder {} does not exist; create it first", parent.display());
    }
    Ok(parent)
}

fn write(folder: &Path, files: &ProjectFiles) -> std::io::Result<()> {
    for (name, content) in files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, content)?;
    }
    Ok(())
}

/// Moves what is in `from` to `to`; where that fails, `to` is as empty as before.
fn move_entries(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut moved = Vec::new();
    for entry in std::fs::read_dir(from)? {
        let name = entry?.file_name();
        let place = to.join(&name);
        if let Err(error) = std::fs::rename(from.join(&name), &place) {
            for place in moved {
                take_back(place)?;
            }
            return Err(error);
        }
        moved.push(place);
    }
    Ok(())
}

fn take_back(place: PathBuf) -> std::io::Result<()> {
    if place.is_dir() { std::fs::remove_dir_all(place) } else { std::fs::remove_file(place) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn files(names: &[&str]) -> ProjectFiles {
        names.iter().map(|name| ((*name).to_owned(), b"content".to_vec())).collect()
    }

    #[test]
    fn a_new_folder_and_an_empty_one_get_all_files() {
        let base = tempfile::tempdir().unwrap();
        let (new, empty) = (base.path().join("new"), base.path().join("empty"));
        std::fs::create_dir(&empty).unwrap();
        for folder in [&new, &empty] {
            place(folder, &files(&["a", "b/c"])).unwrap();
            assert_eq!(entries(folder), ["a", "b"]);
            assert_eq!(entries(&folder.join("b")), ["c"]);
        }
        assert_eq!(entries(base.path()), ["empty", "new"]);
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let base = tempfile::tempdir().unwrap();
        let check = |name: &str, said: &str| {
            let error = place(&base.path().join(name), &files(&["a"])).unwrap_err();
            assert!(error.to_string().contains(said), "{name}: {error}");
            assert_eq!(entries(base.path()), ["file", "full"]);
            assert_eq!(entries(&base.path().join("full")), ["theirs"]);
        };
        std::fs::write(base.path().join("file"), "").unwrap();
        std::fs::create_dir(base.path().join("full")).unwrap();
        std::fs::write(base.path().join("full/theirs"), "").unwrap();
        check("full", "is not empty");
        check("file", "is not a folder");
        check("nowhere/project", "nowhere does not exist");
    }

    #[test]
    fn a_failure_leaves_nothing_half_written() {
        let base = tempfile::tempdir().unwrap();
        // "b" cannot be both a file and a folder.
        let impossible = files(&["a", "b", "b/c"]);
        assert!(place(&base.path().join("new"), &impossible).is_err());
        assert!(place(base.path(), &impossible).is_err());
        assert_eq!(entries(base.path()), [""; 0]);
    }
}
