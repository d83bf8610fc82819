//! Where things are: the root, the target directory, what is built into `dist/`.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// The clone that the command works on.
pub struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo builds, as cargo itself says it.
    pub target: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

impl Workspace {
    /// Asks cargo, from the folder of this crate or, when started without cargo, from the current one.
    pub fn find() -> anyhow::Result<Self> {
        let start = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from("."), PathBuf::from);
        let output = cargo(&start)
            .args(["metadata", "--format-version=1", "--no-deps"])
            .output()
            .context("cargo cannot be started: install Rust from https://rustup.rs")?;
        if !output.status.success() {
            bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let metadata: Metadata = serde_json::from_slice(&output.stdout)
            .context("cargo metadata is not what was expected")?;
        Ok(Self { root: metadata.workspace_root, target: metadata.target_directory })
    }

    /// What is built for the server to embed: `dist/`.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The packs' own workspace, with its own lock file.
    pub fn rules(&self) -> PathBuf {
        self.root.join("rules-wasm")
    }

    /// Where the packs' workspace is built: apart, because it has other profiles.
    pub fn rules_target(&self) -> PathBuf {
        self.target.join("rules")
    }

    /// Where the example packs are built, with the tools of their languages.
    pub fn example_workshop(&self) -> PathBuf {
        self.target.join("xtask").join("rules-wasm")
    }

    /// The browser tests.
    pub fn browser_tests(&self) -> PathBuf {
        self.root.join("frontend/e2e")
    }

    /// Where a Postgres of these commands lives.
    ///
    /// As root, Postgres runs as somebody else, who may not enter root's home, where the target directory often is.
    pub fn postgres(&self, name: &str) -> PathBuf {
        if !postern_local_postgres::runs_as_root() {
            return self.target.join("xtask").join(name);
        }
        let clone = Sha256::digest(self.root.as_os_str().as_encoded_bytes());
        let clone = hex::encode(clone.get(..6).unwrap_or_default());
        std::env::temp_dir().join(format!("postern-{name}-{clone}"))
    }

    /// An empty folder that is gone when the value is dropped; those who run Postgres may pass through it.
    pub fn passing_folder(purpose: &str) -> anyhow::Result<TempDir> {
        tempfile::Builder::new()
            .prefix(&format!("postern-{purpose}-"))
            .permissions(Permissions::from_mode(0o711))
            .tempdir()
            .context("no folder can be made for temporary files")
    }

    /// The `postern` binary of a profile's folder, `debug` or `release`.
    pub fn postern(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join(format!("postern{}", std::env::consts::EXE_SUFFIX))
    }

    /// Cargo, in the root, with SQL judged by the committed offline data and not by whatever database is near.
    pub fn cargo(&self) -> Command {
        let mut command = cargo(&self.root);
        command.env("SQLX_OFFLINE", "true");
        command
    }
}

/// Cargo in a folder: the one that runs this command, where cargo said which.
fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    // These describe this crate and would be mistaken for the child's own.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_MANIFEST_PATH"] {
        command.env_remove(name);
    }
    command
}
