//! What cargo knows of a pack's project.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::{WASM_TARGET, not_started};

/// A pack's project.
#[derive(Debug)]
pub(super) struct Project {
    /// The name of its crate.
    pub name: String,
    /// The name of its library, as it stands in file names.
    library: String,
    /// The folder that cargo builds into.
    target_directory: PathBuf,
    /// Folders with sources, each with the word that stands for it in the pack.
    sources: Vec<(PathBuf, String)>,
}

/// The parts of `cargo metadata` that matter here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
    target_directory: PathBuf,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    root: Option<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    manifest_path: PathBuf,
    /// The registry or repository; nothing for a crate in a folder.
    source: Option<String>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

impl Project {
    /// Asks cargo, which downloads what is missing on the way.
    pub(super) fn read(dir: &Path, cargo: &Path) -> anyhow::Result<Self> {
        let manifest = dir.join("Cargo.toml");
        if !manifest.is_file() {
            bail!(
                "{} is not there; `postern rules new` makes the project of a pack",
                manifest.display()
            );
        }
        let output = Command::new(cargo)
            .args(["metadata", "--format-version=1", "--filter-platform", WASM_TARGET])
            .arg("--manifest-path")
            .arg(&manifest)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| not_started(cargo, error))?;
        if !output.status.success() {
            bail!("cargo cannot read {}; what it wrote says why", manifest.display());
        }
        let metadata: Metadata =
            serde_json::from_slice(&output.stdout).context("cargo's answer is not understood")?;
        Self::of(metadata)
            .with_context(|| format!("{} is not the project of a pack: it needs a library with crate-type = [\"cdylib\", \"rlib\"]", manifest.display()))
    }

    fn of(metadata: Metadata) -> Option<Self> {
        let Metadata { packages, resolve, target_directory, workspace_root } = metadata;
        let root = resolve.root?;
        let package = packages.iter().find(|package| package.id == root)?;
        let library = package
            .targets
            .iter()
            .find(|target| target.crate_types.iter().any(|kind| kind == "cdylib"))?;
        Some(Self {
            name: package.name.clone(),
            library: library.name.replace('-', "_"),
            sources: sources(&packages, workspace_root),
            target_directory,
        })
    }

    /// The module that cargo makes of the library.
    pub(super) fn module(&self) -> PathBuf {
        let name = format!("{}.wasm", self.library);
        self.target_directory.join(WASM_TARGET).join("release").join(name)
    }

    /// Flags that take the machine's folders out of the pack, as cargo wants them.
    ///
    /// Panic messages hold the paths of source files; without these flags the same sources would give a pack
    /// with another digest on each machine, and verdicts name the digest of the pack that gave them.
    pub(super) fn rust_flags(&self) -> OsString {
        let mut flags = OsString::new();
        for (folder, word) in &self.sources {
            if !flags.is_empty() {
                flags.push("\u{1f}");
            }
            flags.push("--remap-path-prefix=");
            flags.push(folder);
            flags.push("=");
            flags.push(word);
        }
        flags
    }
}

/// Folders with sources; of those that match a path the last counts, so that the nearer one comes later.
fn sources(packages: &[Package], workspace_root: PathBuf) -> Vec<(PathBuf, String)> {
    let mut others = BTreeSet::new();
    for package in packages {
        let Some(folder) = package.manifest_path.parent() else { continue };
        if package.source.is_some() {
            // The folder above says which registry it was, which differs by machine too.
            others.extend(folder.parent().map(|folder| (folder.to_owned(), "registry".to_owned())));
        } else if !folder.starts_with(&workspace_root) {
            others.insert((folder.to_owned(), package.name.clone()));
        }
    }
    let mut sources = vec![(workspace_root, ".".to_owned())];
    sources.extend(others);
    sources
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata(kind: &str) -> Metadata {
        let package = |name: &str, path: &str, source: Option<&str>, kind: &str| {
            json!({
                "id": name, "name": name, "manifest_path": path, "source": source,
                "targets": [{"name": name, "crate_types": [kind]}],
            })
        };
        serde_json::from_value(json!({
            "packages": [
                package("contoso-rules", "/p/Cargo.toml", None, kind),
                package("sdk", "/p/vendor/sdk/Cargo.toml", None, "lib"),
                package("shared", "/elsewhere/shared/Cargo.toml", None, "lib"),
                package("hex", "/cargo/src/index-1/hex-0.4.3/Cargo.toml", Some("registry+x"), "lib"),
                package("time", "/cargo/src/index-1/time-0.3.0/Cargo.toml", Some("registry+x"), "lib"),
            ],
            "resolve": {"root": "contoso-rules"},
            "target_directory": "/p/target",
            "workspace_root": "/p",
        }))
        .unwrap()
    }

    #[test]
    fn the_module_and_the_flags_follow_from_what_cargo_says() {
        let project = Project::of(metadata("cdylib")).unwrap();
        assert_eq!(project.name, "contoso-rules");
        let module = Path::new("/p/target/wasm32-unknown-unknown/release/contoso_rules.wasm");
        assert_eq!(project.module(), module);
        let flags = project.rust_flags().into_string().unwrap();
        let flags: Vec<&str> = flags.split('\u{1f}').collect();
        assert_eq!(
            flags,
            [
                "--remap-path-prefix=/p=.",
                "--remap-path-prefix=/cargo/src/index-1=registry",
                "--remap-path-prefix=/elsewhere/shared=shared",
            ]
        );
    }

    #[test]
    fn a_project_without_a_cdylib_is_none() {
        assert!(Project::of(metadata("lib")).is_none());
        assert!(
            Project::of(Metadata { resolve: Resolve { root: None }, ..metadata("cdylib") })
                .is_none()
        );
    }
}
