//! The example packs in other languages: built with the languages' own tools, so that the engine's tests can run them.
//!
//! They are built in a folder of the target directory, laid out like `rules-wasm`, so that the tools and what they
//! leave behind stay out of the clone. Two builds of the same sources differ in their bytes, and the second needs no
//! tools at all: what is current is not built again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::workspace::Workspace;
use crate::{step, tools};

/// An example: a folder of `rules-wasm/examples`.
#[derive(Clone, Copy)]
struct Example {
    /// The folder's name, and that of the component in `dist/example-packs`.
    name: &'static str,
    /// What the component is made of and tested with.
    sources: &'static [&'static str],
    /// What names the versions of the tools.
    pins: &'static [&'static str],
}

const PYTHON: Example = Example {
    name: "python",
    sources: &["app.py", "rules.py", "test_rules.py", "build.sh"],
    pins: &["requirements.txt"],
};

const JAVASCRIPT: Example = Example {
    name: "javascript",
    sources: &["app.js", "rules.js", "rules.test.js", "build.js"],
    pins: &["package.json"],
};

/// The contract, from `rules-wasm`.
const CONTRACT: &str = "wit/rules.wit";

/// Builds what is not current into `dist/example-packs`.
pub async fn build(workspace: &Workspace) -> anyhow::Result<()> {
    for example in [PYTHON, JAVASCRIPT] {
        let name = example.name;
        build_one(workspace, example)
            .await
            .with_context(|| format!("the example pack in {name} cannot be built"))?;
    }
    Ok(())
}

async fn build_one(workspace: &Workspace, example: Example) -> anyhow::Result<()> {
    let workshop =
        Workshop { source: workspace.rules(), root: workspace.example_workshop(), example };
    let current = workshop.digest_of_sources()?;
    let stamp = workshop.root.join(format!("{}.stamp", example.name));
    if !workshop.component().is_file() || !holds(&stamp, &current) {
        workshop.lay_out()?;
        match example.name {
            "python" => build_python(&workshop).await?,
            _ => build_javascript(&workshop).await?,
        }
        write(&stamp, current.as_bytes())?;
    }
    let out = workspace.dist().join("example-packs").join(format!("{}.wasm", example.name));
    hand_out(&workshop.component(), &out)
}

async fn build_python(workshop: &Workshop) -> anyhow::Result<()> {
    let python = tools::python().await?;
    let folder = workshop.folder();
    let venv = folder.join("venv");
    let installed = folder.join("venv.stamp");
    let wanted = workshop.digest_of_tools(&python).await?;
    if !holds(&installed, &wanted) {
        remove(&venv)?;
        let mut command = Command::new(&python);
        command.args(["-m", "venv"]).arg(&venv);
        step::run("make a virtual environment for the example in Python", command).await?;
        let mut command = Command::new(venv.join("bin/python"));
        command
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(["--only-binary", ":all:", "--requirement", "requirements.txt"])
            .current_dir(&folder);
        step::run("install componentize-py", command).await?;
        write(&installed, wanted.as_bytes())?;
    }
    let mut tests = Command::new(venv.join("bin/python"));
    tests.args(["-m", "unittest", "--quiet"]).current_dir(&folder);
    step::run("test the example in Python natively", tests).await?;
    let mut build = Command::new("sh");
    build
        .arg("build.sh")
        .current_dir(&folder)
        .env("VIRTUAL_ENV", &venv)
        .env("PATH", path_after(&venv.join("bin"))?);
    step::run("build the example pack in Python", build).await
}

async fn build_javascript(workshop: &Workshop) -> anyhow::Result<()> {
    let npm = tools::npm("the example pack in JavaScript", "--no-examples").await?;
    let folder = workshop.folder();
    let installed = folder.join("node_modules.stamp");
    let wanted = workshop.digest_of_tools(Path::new("node")).await?;
    if !holds(&installed, &wanted) {
        remove(&folder.join("node_modules"))?;
        let mut command = Command::new(&npm);
        // A lock file without addresses, as this project has them, makes npm leave packages out, so there is none.
        command
            .args(["install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&folder);
        step::run("install componentize-js", command).await?;
        write(&installed, wanted.as_bytes())?;
    }
    let mut tests = Command::new("node");
    tests.args(["--test", "rules.test.js"]).current_dir(&folder);
    step::run("test the example in JavaScript natively", tests).await?;
    let mut build = Command::new("node");
    build.arg("build.js").current_dir(&folder);
    step::run("build the example pack in JavaScript", build).await
}

/// Where an example is built.
struct Workshop {
    /// The clone's `rules-wasm`.
    source: PathBuf,
    /// What stands for it in the target directory.
    root: PathBuf,
    example: Example,
}

impl Workshop {
    fn below(&self, file: &str) -> PathBuf {
        Path::new("examples").join(self.example.name).join(file)
    }

    fn folder(&self) -> PathBuf {
        self.root.join("examples").join(self.example.name)
    }

    /// What the example's own build writes.
    fn component(&self) -> PathBuf {
        self.folder().join(format!("example-{}.wasm", self.example.name))
    }

    /// All that the component depends on, below `rules-wasm`.
    fn files(&self) -> Vec<PathBuf> {
        let own = self.example.sources.iter().chain(self.example.pins);
        std::iter::once(PathBuf::from(CONTRACT)).chain(own.map(|file| self.below(file))).collect()
    }

    fn digest_of_sources(&self) -> anyhow::Result<String> {
        digest(&self.source, &self.files())
    }

    /// Of the pins, and of the version of the program that the tools run in.
    async fn digest_of_tools(&self, program: &Path) -> anyhow::Result<String> {
        let mut version = Command::new(program);
        version.arg("--version");
        let version = step::output(version).await?;
        let pins: Vec<PathBuf> = self.example.pins.iter().map(|file| self.below(file)).collect();
        Ok(format!("{} {}", digest(&self.source, &pins)?, version.trim()))
    }

    fn lay_out(&self) -> anyhow::Result<()> {
        for file in self.files() {
            write(&self.root.join(&file), &read(&self.source.join(&file))?)?;
        }
        Ok(())
    }
}

/// Of the files' names and bytes.
fn digest(root: &Path, files: &[PathBuf]) -> anyhow::Result<String> {
    let mut all = Sha256::new();
    for file in files {
        let bytes = read(&root.join(file))?;
        all.update(file.as_os_str().as_encoded_bytes());
        all.update(bytes.len().to_le_bytes());
        all.update(bytes);
    }
    Ok(hex::encode(all.finalize()))
}

/// Copies a component where the tests look for it, unless it is there.
fn hand_out(component: &Path, out: &Path) -> anyhow::Result<()> {
    let bytes = read(component)?;
    if std::fs::read(out).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    // Written aside and renamed: a reader sees the old pack or the new one, never half of it.
    let aside = out.with_extension("new");
    write(&aside, &bytes)?;
    std::fs::rename(&aside, out).with_context(|| format!("{} cannot be written", out.display()))?;
    println!("{} ({} KB)", out.display(), bytes.len().div_ceil(1024));
    Ok(())
}

/// `PATH` with a folder before all others.
fn path_after(folder: &Path) -> anyhow::Result<OsString> {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&rest));
    std::env::join_paths(folders).context("the target directory's name cannot stand in PATH")
}

fn holds(stamp: &Path, text: &str) -> bool {
    std::fs::read(stamp).is_ok_and(|present| present == text.as_bytes())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().context("a file is in a folder")?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, bytes))
        .with_context(|| format!("{} cannot be written", path.display()))
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", folder.display()))
        }
        _ => Ok(()),
    }
}
