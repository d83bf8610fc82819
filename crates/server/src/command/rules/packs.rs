//! Loading the packs that the command line names.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use postern_service::engine::{Engine, Limits, Pack};

use crate::embedded;

/// Loads the packs in these files; without any, those that this build carries.
pub(in crate::command) async fn load(files: &[PathBuf]) -> anyhow::Result<(Engine, Vec<Pack>)> {
    let files = files.to_vec();
    let loading = tokio::task::spawn_blocking(move || {
        let engine = Engine::new(Limits::default())?;
        let packs = if files.is_empty() {
            let carried = embedded::packs()?;
            let load = |component: &Vec<u8>| engine.load(component);
            carried.iter().map(load).collect::<Result<Vec<_>, _>>()?
        } else {
            files.iter().map(|file| load_file(&engine, file)).collect::<anyhow::Result<Vec<_>>>()?
        };
        Ok((engine, packs))
    });
    loading.await.context("loading the rule packs ended without an answer")?
}

/// Loads the pack in a file.
pub(super) fn load_file(engine: &Engine, file: &Path) -> anyhow::Result<Pack> {
    let component =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    engine.load(&component).with_context(|| format!("{} was refused", file.display()))
}

/// A digest as people compare it.
pub(super) fn short(pack: &Pack) -> String {
    pack.digest().to_string().chars().take(12).collect()
}
