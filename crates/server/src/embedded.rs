//! What the binary carries: rule packs, and the styles and scripts of the pages.
//!
//! Debug builds read `dist/` from disk each time, so that it can be rebuilt without rebuilding the binary.

use std::borrow::Cow;

use anyhow::Context as _;
use postern_frontend::SiteAssets;
use rust_embed::RustEmbed;
use serde::Deserialize;

// Two folders and not `dist` itself, which also holds the packs that misbehave in tests.
#[derive(RustEmbed)]
#[folder = "../../dist/packs"]
#[allow_missing = true]
struct Packs;

#[derive(RustEmbed)]
#[folder = "../../dist/site"]
#[allow_missing = true]
struct Site;

/// The names of the hashed files, as the build of the pages writes them.
#[derive(Deserialize)]
struct SiteNames {
    css: String,
    js: String,
    copy: String,
    wasm: String,
}

/// The components of the shipped rule packs, by name.
pub(crate) fn packs() -> anyhow::Result<Vec<Vec<u8>>> {
    let mut names: Vec<Cow<'static, str>> =
        Packs::iter().filter(|name| name.ends_with(".wasm")).collect();
    names.sort();
    let packs: Vec<Vec<u8>> = names
        .iter()
        .filter_map(|name| Packs::get(name))
        .map(|file| file.data.into_owned())
        .collect();
    if packs.is_empty() {
        anyhow::bail!(
            "this build of postern carries no rule packs; run `cargo xtask build-packs` and build it again"
        );
    }
    Ok(packs)
}

/// Whose data the pages show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Somebody's own tenant.
    Real,
    /// The demo, whose data is invented.
    Demo,
}

/// The addresses of the styles and scripts.
pub(crate) fn site_assets(audience: Audience) -> anyhow::Result<SiteAssets> {
    let file = Site::get("site.json").context(
        "this build of postern carries no styles and scripts; run `cargo xtask build-site` and build it again",
    )?;
    let names: SiteNames = serde_json::from_slice(&file.data)
        .context("dist/site/site.json is not what the build of the pages writes")?;
    let address = |name: String| format!("/assets/{name}");
    Ok(SiteAssets {
        css: address(names.css),
        js: address(names.js),
        copy: address(names.copy),
        wasm: address(names.wasm),
        is_demo: audience == Audience::Demo,
    })
}

/// A file of the pages, by the name after `/assets/`.
pub(crate) fn site_file(name: &str) -> Option<Cow<'static, [u8]>> {
    // Debug builds would follow a path out of the folder.
    let is_plain = !name.contains(['/', '\\']);
    is_plain.then(|| Site::get(name)).flatten().map(|file| file.data)
}
