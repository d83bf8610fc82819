//! Which crate may depend on which, as `cargo metadata` tells it.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::Problem;
use crate::workspace::Workspace;

/// The crates of a workspace with their direct dependencies.
#[derive(Deserialize)]
pub struct Graph {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
pub struct Package {
    pub name: String,
    pub features: std::collections::BTreeMap<String, Vec<String>>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev` or `build`; nothing for a normal one.
    kind: Option<String>,
    /// Set for a dependency in a folder: one of ours.
    path: Option<String>,
}

impl Dependency {
    fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

impl Graph {
    pub fn read(workspace: &Workspace, manifest: &Path) -> anyhow::Result<Self> {
        let output = workspace
            .cargo()
            .args(["metadata", "--format-version=1", "--no-deps", "--manifest-path"])
            .arg(manifest)
            .output()
            .context("cargo cannot be started")?;
        if !output.status.success() {
            bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        serde_json::from_slice(&output.stdout).context("cargo metadata is not what was expected")
    }

    pub fn packages(&self) -> &[Package] {
        &self.packages
    }
}

/// A crate with the crates of ours that it may depend on. `ARCHITECTURE.md` gives the reasons.
const ALLOWED: [(&str, &[&str]); 13] = [
    ("postern-domain", &[]),
    ("postern-local-postgres", &[]),
    ("postern-azure", &["postern-domain"]),
    ("postern-engine", &["postern-domain"]),
    ("postern-store", &["postern-domain"]),
    ("postern-report", &["postern-domain"]),
    ("postern-azure-sim", &["postern-domain"]),
    (
        "postern-service",
        &["postern-domain", "postern-azure", "postern-engine", "postern-store", "postern-report"],
    ),
    ("postern-frontend", &["postern-domain", "postern-service"]),
    (
        "postern-server",
        &[
            "postern-domain",
            "postern-service",
            "postern-frontend",
            "postern-store",
            "postern-azure-sim",
            "postern-local-postgres",
        ],
    ),
    ("postern-test-support", &["postern-domain", "postern-local-postgres", "postern-store"]),
    ("postern-css", &[]),
    ("xtask", &["postern-local-postgres"]),
];

/// What tests may use besides: doubles, sample data and the database of a test.
const FOR_TESTS: [&str; 6] = [
    "postern-test-support",
    "postern-azure-sim",
    "postern-domain",
    // The engine is compared with the shipped rules as functions.
    "azure-ai-baseline",
    "five-checks",
    "postern-rules-sdk",
];

/// Heavy or sharp dependencies, by the beginning of their names, and the one crate that may have them.
const KEPT_APART: [(&str, &str); 4] = [
    ("wasmtime", "postern-engine"),
    ("azure_", "postern-azure"),
    ("typst", "postern-report"),
    ("postgresql_embedded", "postern-local-postgres"),
];

pub fn problems(graph: &Graph) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &graph.packages {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == package.name) else {
            let message = "a new crate: say in `tidy/dependencies.rs` what it may depend on, and in ARCHITECTURE.md why";
            problems.push(Problem::in_file(&package.name, message));
            continue;
        };
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            let fine =
                allowed.contains(&name) || (dependency.is_dev() && FOR_TESTS.contains(&name));
            if dependency.path.is_some() && !fine {
                problems
                    .push(Problem::in_file(&package.name, format!("must not depend on {name}")));
            }
        }
        problems.extend(kept_apart(package));
    }
    problems
}

fn kept_apart(package: &Package) -> Vec<Problem> {
    let mut problems = Vec::new();
    for dependency in &package.dependencies {
        for (prefix, owner) in KEPT_APART {
            if dependency.name.starts_with(prefix) && package.name != owner {
                let message = format!("must not depend on {}: only {owner} may", dependency.name);
                problems.push(Problem::in_file(&package.name, message));
            }
        }
    }
    problems
}

/// In the packs' workspace a pack sees the SDK, and only the SDK sees the domain's types.
pub fn problems_of_the_rules(graph: &Graph) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &graph.packages {
        let is_sdk = package.name.ends_with("-sdk");
        for dependency in package.dependencies.iter().filter(|dependency| dependency.path.is_some())
        {
            let fine = if is_sdk {
                dependency.name == "postern-domain"
            } else {
                dependency.name.ends_with("-sdk")
            };
            if !fine {
                let message = format!(
                    "must not depend on {}: a pack uses the SDK, the SDK the domain",
                    dependency.name
                );
                problems.push(Problem::in_file(&package.name, message));
            }
        }
        problems.extend(kept_apart(package));
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn graph(package: &str, dependency: &str, kind: Option<&str>, ours: bool) -> Graph {
        let path = ours.then_some("somewhere");
        serde_json::from_value(json!({"packages": [{
            "name": package,
            "features": {},
            "dependencies": [{"name": dependency, "kind": kind, "path": path}],
        }]}))
        .unwrap()
    }

    #[test]
    fn an_edge_that_is_not_in_the_table_is_refused() {
        for (package, dependency, kind, broken) in [
            ("postern-service", "postern-store", None, 0),
            ("postern-store", "postern-engine", None, 1),
            ("postern-domain", "postern-store", None, 1),
            ("postern-report", "postern-service", Some("dev"), 1),
            ("postern-store", "postern-test-support", Some("dev"), 0),
            ("postern-store", "postern-test-support", None, 1),
            ("postern-frontend", "postern-store", None, 1),
            ("postern-unheard-of", "postern-domain", None, 1),
        ] {
            let problems = problems(&graph(package, dependency, kind, true));
            assert_eq!(problems.len(), broken, "{package} -> {dependency}: {problems:?}");
        }
    }

    #[test]
    fn a_heavy_dependency_elsewhere_is_refused() {
        for (package, dependency, broken) in [
            ("postern-engine", "wasmtime", 0),
            ("postern-service", "wasmtime", 1),
            ("postern-service", "wasmtime-wasi", 1),
            ("postern-azure", "azure_core", 0),
            ("postern-server", "azure_identity", 1),
            ("postern-server", "typst-pdf", 1),
            ("postern-server", "serde", 0),
        ] {
            let problems = problems(&graph(package, dependency, None, false));
            assert_eq!(problems.len(), broken, "{package} -> {dependency}: {problems:?}");
        }
    }

    #[test]
    fn a_pack_sees_the_sdk_only() {
        for (package, dependency, broken) in [
            ("azure-ai-baseline", "postern-rules-sdk", 0),
            ("azure-ai-baseline", "postern-domain", 1),
            ("postern-rules-sdk", "postern-domain", 0),
            ("postern-rules-sdk", "postern-store", 1),
        ] {
            let problems = problems_of_the_rules(&graph(package, dependency, None, true));
            assert_eq!(problems.len(), broken, "{package} -> {dependency}: {problems:?}");
        }
    }
}
