//! The rules of the house that no compiler knows, each with a test that breaks it.

mod builds;
mod colours;
mod dependencies;
mod features;
mod files;
mod rust;
mod sql;

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::workspace::Workspace;

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, and the line where there is one.
    place: String,
    /// What is wrong and what to do, in one sentence.
    message: String,
}

impl Problem {
    fn in_file(path: &str, message: impl Into<String>) -> Self {
        Self { place: path.to_owned(), message: message.into() }
    }

    /// `line` counts from 0, as iterators do.
    fn in_line(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { place: format!("{path}:{}", line + 1), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)
    }
}

/// A file of the project: its path from the root with `/`, and its text.
pub struct SourceFile {
    path: String,
    text: String,
}

impl SourceFile {
    fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|own| own == extension)
    }

    /// The lines that are not comments, with their numbers from 0.
    fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// Judges the tree and prints what is wrong.
pub fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let problems = problems(workspace)?;
    for problem in &problems {
        eprintln!("{problem}");
    }
    if !problems.is_empty() {
        bail!("{} rule(s) of the house are broken", problems.len());
    }
    Ok(())
}

fn problems(workspace: &Workspace) -> anyhow::Result<Vec<Problem>> {
    let files = source_files(&workspace.root)?;
    let mut problems: Vec<Problem> = files.iter().flat_map(file_problems).collect();
    let graph = dependencies::Graph::read(workspace, &workspace.root.join("Cargo.toml"))?;
    problems.extend(dependencies::problems(&graph));
    problems.extend(features::problems(&graph));
    if workspace.rules().join("Cargo.toml").is_file() {
        let rules = dependencies::Graph::read(workspace, &workspace.rules().join("Cargo.toml"))?;
        problems.extend(dependencies::problems_of_the_rules(&rules));
    }
    problems.extend(builds::problems(workspace)?);
    Ok(problems)
}

/// The rules that look at one file at a time.
fn file_problems(file: &SourceFile) -> Vec<Problem> {
    [files::problems, rust::problems, sql::problems, colours::problems]
        .iter()
        .flat_map(|rule| rule(file))
        .collect()
}

/// What git tracks or would track; binary files are passed over.
fn source_files(root: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root)
        .output()
        .context("git is needed to know which files belong to the project")?;
    if !output.status.success() {
        bail!("git ls-files failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let listing = String::from_utf8(output.stdout).context("a file's name is not UTF-8")?;
    let mut files = Vec::new();
    for path in listing.split('\0').filter(|path| !path.is_empty()) {
        // A deleted file stays listed until the deletion is staged.
        let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(SourceFile { path: path.to_owned(), text });
        }
    }
    Ok(files)
}

#[cfg(test)]
fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_tidy() {
        let workspace = Workspace::find().unwrap();
        if !workspace.root.join(".git").exists() {
            eprintln!("left out: the tree is not a git clone, so its files are not known");
            return;
        }
        let problems: Vec<String> =
            problems(&workspace).unwrap().iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    }
}
