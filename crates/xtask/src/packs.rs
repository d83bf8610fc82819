//! Rule packs: compiled to WASM modules by cargo, then wrapped into components.
//!
//! `wasm32-unknown-unknown` and `wit-component` rather than `wasm32-wasip2`: the same code then imports nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use wit_component::ComponentEncoder;

use crate::tools::WASM_TARGET;

/// The packs that are shipped: the names of crates in `rules-wasm`.
const PACKS: [&str; 1] = ["azure-ai-baseline"];

/// The packs that misbehave, and a version after one of them, for tests: examples of the crate `hostile`.
const TEST_PACKS: [&str; 17] = [
    "bad_manifest",
    "endless_loop",
    "endless_recursion",
    "giant_output",
    "importing",
    "liar",
    "manifest_not_json",
    "memory_bomb",
    "reads_more",
    "second_version",
    "slow_describe",
    "slow_start",
    "trap",
    "unsorted",
    "wrong_index",
    "wrong_json",
    "wrong_world",
];

/// The packs that are only measured, by the engine's benchmarks: the names of crates in `rules-wasm`.
const BENCH_PACKS: [&str; 1] = ["five-checks"];

/// Builds the shipped packs into `out`, and those of the tests and benchmarks into `test-packs` beside it.
///
/// A file whose bytes would stay the same is not touched, so that what embeds it is not built again.
pub fn build_packs(root: &Path, out: &Path) -> anyhow::Result<()> {
    let workspace = root.join("rules-wasm");
    let target_dir = target_dir(root);
    compile(root, &workspace, &target_dir)?;
    let built = target_dir.join(WASM_TARGET).join("release");
    for name in PACKS {
        write_component(&built.join(module(name)), &out.join(format!("{name}.wasm")))?;
    }
    let test_out = out.with_file_name("test-packs");
    for name in BENCH_PACKS {
        write_component(&built.join(module(name)), &test_out.join(format!("{name}.wasm")))?;
    }
    for name in TEST_PACKS {
        let module = built.join("examples").join(format!("{name}.wasm"));
        write_component(&module, &test_out.join(format!("{name}.wasm")))?;
    }
    Ok(())
}

/// The file that cargo makes of a crate.
fn module(name: &str) -> String {
    format!("{}.wasm", name.replace('-', "_"))
}

/// A folder of its own inside the build directory: cargo holds one lock for each.
fn target_dir(root: &Path) -> PathBuf {
    let base =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let base = if base.is_absolute() { base } else { root.join(base) };
    base.join("rules")
}

fn compile(root: &Path, workspace: &Path, target_dir: &Path) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--locked", "--release", "--target", WASM_TARGET])
        .args(PACKS.iter().chain(&BENCH_PACKS).flat_map(|name| ["--package", name]))
        .args(["--package", "hostile", "--lib", "--examples"])
        .current_dir(workspace)
        .env("CARGO_TARGET_DIR", target_dir)
        .env("CARGO_ENCODED_RUSTFLAGS", rust_flags(root).join("\u{1f}"))
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("the rule packs do not compile ({status})");
    }
    Ok(())
}

/// Panic messages hold the paths of source files; without these flags the same source would give a pack
/// with another digest on each machine, and verdicts name the digest of the pack that gave them.
fn rust_flags(root: &Path) -> Vec<String> {
    let mut flags = vec![format!("--remap-path-prefix={}=.", root.display())];
    let cargo_home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    if let Some(cargo_home) = cargo_home {
        // The folder's name says which registry the sources came from, which differs by machine too.
        let sources = cargo_home.join("registry").join("src");
        for registry in std::fs::read_dir(&sources).into_iter().flatten().flatten() {
            flags.push(format!("--remap-path-prefix={}=registry", registry.path().display()));
        }
    }
    flags.sort();
    flags
}

fn write_component(module: &Path, out: &Path) -> anyhow::Result<()> {
    let bytes =
        std::fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&bytes)
        .and_then(ComponentEncoder::encode)
        .with_context(|| format!("{} cannot be made a component", module.display()))?;
    if std::fs::read(out).is_ok_and(|present| present == component) {
        return Ok(());
    }
    let folder = out.parent().context("a pack's file is in a folder")?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    // Written aside and renamed: a reader sees the old pack or the new one, never half of it.
    let aside = out.with_extension("new");
    std::fs::write(&aside, &component)
        .with_context(|| format!("cannot write {}", aside.display()))?;
    std::fs::rename(&aside, out).with_context(|| format!("cannot write {}", out.display()))?;
    println!("{} ({} KB)", out.display(), component.len().div_ceil(1024));
    Ok(())
}
