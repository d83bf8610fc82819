//! `demo` and `test` share what they build: a dependency whose features differ between them is compiled twice.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};

use super::Problem;
use crate::workspace::Workspace;

/// Compares the dependencies' features of a build (`demo`) with those of the tests.
pub fn problems(workspace: &Workspace) -> anyhow::Result<Vec<Problem>> {
    Ok(compared(&resolved(workspace, "normal,build")?, &resolved(workspace, "normal,build,dev")?))
}

/// A line per crate, version and features.
fn resolved(workspace: &Workspace, edges: &str) -> anyhow::Result<BTreeSet<String>> {
    let output = workspace
        .cargo()
        .args([
            "tree",
            "--workspace",
            "--edges",
            edges,
            "--prefix",
            "none",
            "--format",
            "{p} [{f}]",
        ])
        .output()
        .context("cargo cannot be started")?;
    if !output.status.success() {
        bail!("cargo tree failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .filter(|line| !line.is_empty())
        .collect())
}

fn compared(build: &BTreeSet<String>, tests: &BTreeSet<String>) -> Vec<Problem> {
    build
        .difference(tests)
        .map(|line| {
            let name = line.split(' ').next().unwrap_or(line);
            Problem::in_file(
                name,
                "a dev-dependency gives it other features, so it is compiled twice: \
                 move the features into the workspace's dependencies",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_that_only_tests_have_are_named() {
        let set = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        let build: BTreeSet<String> = set(&["tokio v1.0.0 [fs]", "serde v1.0.0 [std]"]);
        let more: BTreeSet<String> =
            set(&["tokio v1.0.0 [fs,test-util]", "serde v1.0.0 [std]", "insta v1.0.0 []"]);
        assert_eq!(compared(&build, &build), []);
        assert_eq!(compared(&build, &more).len(), 1);
    }
}
