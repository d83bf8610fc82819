//! Files: their size, their names, no path of somebody's machine, a reason on top of each migration.

use std::path::Path;

use super::{Problem, SourceFile};

/// Past this a file is past reading; `style.md` asks to look again at about 500.
const MOST_LINES: usize = 600;

/// Kinds of files that people write and read.
const READ_BY_PEOPLE: [&str; 6] = ["rs", "css", "js", "mjs", "typ", "wit"];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] =
    ["mod", "util", "utils", "common", "helper", "helpers", "manager", "misc"];

pub fn problems(file: &SourceFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(too_long(file));
    problems.extend(empty_name(file));
    problems.extend(machine_paths(file));
    problems.extend(migration_without_reason(file));
    problems
}

fn too_long(file: &SourceFile) -> Option<Problem> {
    let lines = file.text.lines().count();
    let read = READ_BY_PEOPLE.iter().any(|extension| file.has_extension(extension));
    (read && lines > MOST_LINES).then(|| {
        Problem::in_file(
            &file.path,
            format!("{lines} lines are past reading: split it (at most {MOST_LINES})"),
        )
    })
}

fn empty_name(file: &SourceFile) -> Option<Problem> {
    if !file.has_extension("rs") {
        return None;
    }
    let stem = Path::new(&file.path).file_stem()?.to_str()?;
    EMPTY_NAMES.contains(&stem).then(|| {
        Problem::in_file(
            &file.path,
            format!("`{stem}` says nothing: name the file for what it holds"),
        )
    })
}

/// Written in parts, because this file is judged too.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

fn machine_paths(file: &SourceFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        for path in MACHINE_PATHS {
            if begins_a_path(line, path) {
                problems.push(Problem::in_line(
                    &file.path,
                    number,
                    format!("`{path}` is a path of one machine"),
                ));
            }
        }
    }
    problems
}

/// Whether the path stands at the beginning of a word and not within a longer path or address.
fn begins_a_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before
            .is_none_or(|character| !character.is_alphanumeric() && !"._-}*~/)".contains(character))
    })
}

fn migration_without_reason(file: &SourceFile) -> Option<Problem> {
    if !file.path.starts_with("migrations/") || !file.has_extension("sql") {
        return None;
    }
    let reason = file
        .text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("-- "))
        .is_some_and(|why| !why.trim().is_empty());
    (!reason).then(|| {
        Problem::in_file(&file.path, "the first line of a migration is a comment that says why")
    })
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn check(path: &str, text: &str, broken: usize) {
        let problems = problems(&file(path, text));
        assert_eq!(problems.len(), broken, "{path}: {problems:?}");
    }

    #[test]
    fn a_file_past_reading_is_refused() {
        check("crates/a/src/lib.rs", &"//\n".repeat(MOST_LINES), 0);
        check("crates/a/src/lib.rs", &"//\n".repeat(MOST_LINES + 1), 1);
        check("Cargo.lock", &"a\n".repeat(MOST_LINES + 1), 0);
    }

    #[test]
    fn an_empty_name_is_refused() {
        check("crates/a/src/asset.rs", "", 0);
        check("crates/a/src/asset/mod.rs", "", 1);
        check("crates/a/src/helpers.rs", "", 1);
    }

    #[test]
    fn a_path_of_a_machine_is_refused() {
        let [root, _, home, _] = MACHINE_PATHS;
        check("README.md", &format!("see {root}x"), 1);
        check("crates/a/src/lib.rs", &format!("const A: &str = \"{home}me/x\";"), 1);
        check("README.md", &format!("see https://learn.example{home}me and crates{root}x"), 0);
    }

    #[test]
    fn a_migration_without_a_reason_is_refused() {
        check("migrations/0001_a.sql", "-- Because.\nSELECT 1;", 0);
        check("migrations/0001_a.sql", "SELECT 1;", 1);
        check("migrations/0001_a.sql", "--\nSELECT 1;", 1);
    }
}
