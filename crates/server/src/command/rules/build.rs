//! `postern rules build`.

mod project;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use postern_service::engine::{Engine, Limits, Pack};
use wit_component::ComponentEncoder;

use self::project::Project;
use crate::cli::BuildRulesArguments;
use crate::output;

/// Not `wasm32-wasip2`: the same code then imports nothing.
const WASM_TARGET: &str = "wasm32-unknown-unknown";

pub(super) async fn run(arguments: BuildRulesArguments) -> anyhow::Result<()> {
    let building = tokio::task::spawn_blocking(move || build(&arguments));
    let (file, pack) = building.await.context("the build ended without an answer")??;
    let manifest = pack.manifest();
    output::print(&format!(
        "pack     {}\nversion  {}\nrules    {}\ndigest   {}\nsize     {} KB\nfile     {}\n",
        manifest.name,
        manifest.version,
        manifest.rules.len(),
        pack.digest(),
        pack.component().len().div_ceil(1024),
        file.display(),
    ))
}

/// Compiles the pack, loads it, and writes what can be loaded.
fn build(arguments: &BuildRulesArguments) -> anyhow::Result<(PathBuf, Pack)> {
    let BuildRulesArguments { dir, out, cargo } = arguments;
    let project = Project::read(dir, cargo)?;
    compile(dir, cargo, &project)?;
    let module = project.module();
    let bytes =
        std::fs::read(&module).with_context(|| format!("{} cannot be read", module.display()))?;
    let component = component(&bytes).map_err(|error| {
        anyhow::anyhow!("the module of {} cannot be made a component: {error:#}", project.name)
    })?;
    let file = match out {
        Some(file) => file.clone(),
        None => made_dist(dir)?.join(format!("{}.wasm", project.name)),
    };
    let engine = Engine::new(Limits::default())?;
    let pack = engine.load(&component).map_err(|error| {
        let error = anyhow::Error::from(error);
        anyhow::anyhow!(
            "the pack compiles, but Postern refuses it, so {} was not written: {error:#}",
            file.display()
        )
    })?;
    replace(&file, &component)?;
    Ok((file, pack))
}

fn compile(dir: &Path, cargo: &Path, project: &Project) -> anyhow::Result<()> {
    let status = Command::new(cargo)
        .args(["build", "--release", "--lib", "--target", WASM_TARGET, "--manifest-path"])
        .arg(dir.join("Cargo.toml"))
        // In place of the caller's: the same sources have to give the same bytes.
        .env("CARGO_ENCODED_RUSTFLAGS", project.rust_flags())
        .status()
        .map_err(|error| not_started(cargo, error))?;
    if status.success() {
        return Ok(());
    }
    if target_is_missing(dir) {
        bail!(
            "Rust's target {WASM_TARGET} is not installed; `rustup target add {WASM_TARGET}` installs it"
        );
    }
    bail!("the pack does not compile; what cargo wrote says why")
}

/// Whether rustc knows no libraries for WebAssembly; not where it cannot be asked.
fn target_is_missing(dir: &Path) -> bool {
    let asked = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", WASM_TARGET])
        // A project can choose its own Rust (rust-toolchain.toml).
        .current_dir(dir)
        .output();
    asked.is_ok_and(|output| {
        let folder = String::from_utf8_lossy(&output.stdout);
        output.status.success() && !Path::new(folder.trim()).is_dir()
    })
}

fn not_started(cargo: &Path, error: std::io::Error) -> anyhow::Error {
    let shown = cargo.display();
    let sentence = if error.kind() == std::io::ErrorKind::NotFound {
        format!(
            "{shown} is not installed, or not in the PATH; https://rustup.rs installs Rust with it"
        )
    } else {
        format!("{shown} cannot be started")
    };
    anyhow::Error::from(error).context(sentence)
}

/// Wraps a module, whose custom section says which world it is for.
fn component(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    ComponentEncoder::default().validate(true).module(module).and_then(ComponentEncoder::encode)
}

fn made_dist(dir: &Path) -> anyhow::Result<PathBuf> {
    let dist = dir.join("dist");
    std::fs::create_dir_all(&dist).with_context(|| format!("{} cannot be made", dist.display()))?;
    Ok(dist)
}

/// Writes aside and renames: a reader sees the old pack or the new one, never half of it.
fn replace(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    let name =
        file.file_name().with_context(|| format!("{} is no name of a file", file.display()))?;
    let mut aside = OsString::from(".");
    aside.push(name);
    aside.push(".new");
    let aside = file.with_file_name(aside);
    let written = std::fs::write(&aside, content).and_then(|()| std::fs::rename(&aside, file));
    if written.is_err() {
        // It may not be there at all; what counts is why it could not be written.
        std::fs::remove_file(&aside).ok();
    }
    written.with_context(|| format!("{} cannot be written", file.display()))
}
