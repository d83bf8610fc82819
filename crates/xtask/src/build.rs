//! Building: packs and pages first, because the binary embeds them.

use std::fs;

use anyhow::Context as _;

use crate::workspace::Workspace;
use crate::{packs, site, step, tools};

/// How `postern` is built.
#[derive(clap::Args)]
pub struct BuildArguments {
    /// Optimised, with packs and pages inside: the single file to hand out.
    #[arg(long)]
    release: bool,
}

/// Builds the packs, the pages and the binary, and says where it is.
pub async fn run(workspace: &Workspace, arguments: &BuildArguments) -> anyhow::Result<()> {
    dist(workspace).await?;
    let binary = if arguments.release {
        embed_anew(workspace)?;
        let mut cargo = workspace.cargo();
        cargo.args(["build", "--release", "--package", "postern-server"]);
        step::run("build postern, optimised", cargo).await?;
        workspace.postern("release")
    } else {
        postern(workspace).await?;
        workspace.postern("debug")
    };
    let size =
        fs::metadata(&binary).with_context(|| format!("{} is not there", binary.display()))?.len();
    println!("{} ({}.{} MB)", binary.display(), size / 1_000_000, size % 1_000_000 / 100_000);
    Ok(())
}

/// The file that embeds `dist`.
const EMBEDDING: &str = "crates/server/src/embedded.rs";

/// An optimised build embeds the files that were there when it was compiled, and cargo does not see new ones:
/// a source that looks changed makes it look again.
fn embed_anew(workspace: &Workspace) -> anyhow::Result<()> {
    let source = workspace.root.join(EMBEDDING);
    let text = fs::read(&source).with_context(|| format!("{} cannot be read", source.display()))?;
    fs::write(&source, text).with_context(|| format!("{} cannot be written", source.display()))
}

/// Everything that the server embeds.
pub async fn dist(workspace: &Workspace) -> anyhow::Result<()> {
    packs(workspace).await?;
    site(workspace).await
}

/// `dist/packs`.
pub async fn packs(workspace: &Workspace) -> anyhow::Result<()> {
    tools::ensure_wasm_target(workspace).await?;
    step::announce("build the rule packs");
    packs::build_packs(&workspace.root, &workspace.dist().join("packs"))
        .context("the packs cannot be built")
}

/// `dist/site`.
pub async fn site(workspace: &Workspace) -> anyhow::Result<()> {
    tools::ensure_wasm_target(workspace).await?;
    step::announce("build the styles and the browser module");
    site::build_site(&workspace.root, &workspace.dist().join("site"))
        .context("the pages cannot be built")
}

/// The `postern` that `demo` and the browser tests start.
///
/// Chosen by `--bin` from the root, cargo unites the features of the whole workspace, as `test` does;
/// chosen by `--package`, a part of the dependencies would be built a second time.
pub async fn postern(workspace: &Workspace) -> anyhow::Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--bin", "postern"]);
    step::run("build postern", cargo).await
}
