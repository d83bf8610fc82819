//! Programs beside Rust: finding them, adding them where that may be done, else one sentence that names the fix.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::step;
use crate::workspace::Workspace;

/// The target that packs and the browser module are built for.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program on `PATH`.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Adds the WASM target to the toolchain where it is missing.
pub async fn ensure_wasm_target(workspace: &Workspace) -> anyhow::Result<()> {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--print", "target-libdir", "--target", WASM_TARGET]).current_dir(&workspace.root);
    let folder = step::output(rustc).await?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    let fix = format!("the target {WASM_TARGET} is missing: run `rustup target add {WASM_TARGET}`");
    let rustup = find("rustup").with_context(|| fix.clone())?;
    let mut command = Command::new(rustup);
    command.args(["target", "add", WASM_TARGET]).current_dir(&workspace.root);
    step::run("add the WASM target", command).await.context(fix)
}

/// A Chromium for the browser tests.
pub async fn chromium() -> anyhow::Result<PathBuf> {
    if let Some(given) = std::env::var_os("CHROMIUM") {
        let given = PathBuf::from(given);
        if !given.is_file() {
            bail!("CHROMIUM names {}, which is not a file", given.display());
        }
        return Ok(given);
    }
    let known = || ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find);
    if known().is_none() {
        apt_install(&["chromium"]).await?;
    }
    known().context(
        "no Chromium for the browser tests: install one (Debian: `apt-get install chromium`) or name it in CHROMIUM, \
         or leave them out with `cargo xtask test --no-browser`",
    )
}

/// The oldest Node.js whose test runner the browser tests use.
const NODE_MAJOR: u32 = 20;

/// Node.js with npm; gives npm. `purpose` needs it, and the tests leave that out with `option`.
pub async fn npm(purpose: &str, option: &str) -> anyhow::Result<PathBuf> {
    if find("node").is_none() || find("npm").is_none() {
        apt_install(&["nodejs", "npm"]).await?;
    }
    let fix = format!(
        "Node.js {NODE_MAJOR} or newer with npm is needed on PATH for {purpose}: install it, or do without by \
         `cargo xtask test {option}`"
    );
    let (Some(node), Some(npm)) = (find("node"), find("npm")) else { bail!(fix) };
    let mut version = Command::new(node);
    version.arg("--version");
    let version = step::output(version).await?;
    match node_major(&version) {
        Some(major) if major >= NODE_MAJOR => Ok(npm),
        _ => bail!("{fix} (found {})", version.trim()),
    }
}

/// Python with what makes virtual environments, for the example pack in it.
pub async fn python() -> anyhow::Result<PathBuf> {
    if !has_venv().await {
        apt_install(&["python3", "python3-venv"]).await?;
    }
    match find("python3") {
        Some(python) if has_venv().await => Ok(python),
        _ => bail!(
            "Python 3.10 or newer with venv and pip is needed on PATH for the example pack in Python: install it \
             (Debian: `apt-get install python3-venv`), or do without by `cargo xtask test --no-examples`"
        ),
    }
}

async fn has_venv() -> bool {
    let Some(python) = find("python3") else { return false };
    let mut command = Command::new(python);
    command.args(["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))"]);
    step::output(command).await.is_ok()
}

/// The first number of `v20.11.1`.
fn node_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// What the tests of the PDF read it with; without it they say that they were left out.
pub async fn pdf_readers() -> anyhow::Result<()> {
    let mut missing: Vec<&str> = [("qpdf", "qpdf"), ("pdfinfo", "poppler-utils")]
        .into_iter()
        .filter(|(program, _)| find(program).is_none())
        .map(|(_, package)| package)
        .collect();
    // The validator is a Java program that lost this library to its packers.
    if find("java").is_some() && !Path::new("/usr/share/java/jaxb-runtime.jar").is_file() {
        missing.push("libjaxb-java");
    }
    if missing.is_empty() {
        return Ok(());
    }
    if !apt_install(&missing).await? {
        eprintln!("note: tests of the PDF that need {} are left out", missing.join(", "));
    }
    Ok(())
}

/// A cargo subcommand, installed by cargo where it is missing.
pub async fn ensure_cargo_tool(workspace: &Workspace, name: &str) -> anyhow::Result<()> {
    if find(name).is_some() {
        return Ok(());
    }
    eprintln!(
        "note: {name} is missing and is installed now, which takes some minutes the first time"
    );
    let mut cargo = workspace.cargo();
    cargo.args(["install", "--locked", name]);
    step::run(&format!("install {name}"), cargo)
        .await
        .with_context(|| format!("{name} is missing: run `cargo install --locked {name}`"))
}

/// Installs Debian packages where this user may; says whether it did.
async fn apt_install(packages: &[&str]) -> anyhow::Result<bool> {
    let Some(apt) = find("apt-get") else { return Ok(false) };
    if !is_root().await {
        return Ok(false);
    }
    let install = || {
        let mut command = Command::new(&apt);
        command
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let name = format!("install {}", packages.join(", "));
    if step::run(&name, install()).await.is_ok() {
        return Ok(true);
    }
    // A machine that never asked for the package lists finds no package.
    let mut update = Command::new(&apt);
    update.arg("update");
    if step::run("read the package lists", update).await.is_err() {
        return Ok(false);
    }
    Ok(step::run(&name, install()).await.is_ok())
}

async fn is_root() -> bool {
    let mut id = Command::new("id");
    id.arg("-u");
    step::output(id).await.is_ok_and(|user| user.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_node_is_read() {
        for (text, major) in
            [("v20.20.2\n", Some(20)), ("v8.1.0", Some(8)), ("20", None), ("", None)]
        {
            assert_eq!(node_major(text), major, "{text}");
        }
    }
}
