//! Builds what browsers load: the island module, its script and the style sheet, each named by its content.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

/// The style sheets in the order of their layers; those in `component/` follow, by name, then `print.css`.
const STYLES: [&str; 4] = ["tokens.css", "reset.css", "base.css", "layout.css"];

/// Bytes of script and WASM together that a page may load, compressed with brotli.
const BUDGET_BYTES: usize = 110_000;

/// Bytes of the script that adds buttons to copy: a page that has nothing else to run loads no more.
const COPY_BUDGET_BYTES: usize = 1024;

/// Builds the site's files from the workspace at `root` into `out` (`dist/site`), replacing what was there.
///
/// Writes `postern-HASH.css`, `postern-HASH.js`, `postern-copy-HASH.js`, `postern-HASH_bg.wasm`, each once more as
/// `NAME.br`, and `site.json`, which names them. Compressed here and not by the server, which has not the seconds that the
/// best compression takes.
/// Fails where script and module are over their budget.
pub fn build_site(root: &Path, out: &Path) -> anyhow::Result<()> {
    let module = compile_islands(root)?;
    let (script, wasm) = bind(&module)?;
    let read = |name: &str| {
        let path = root.join("frontend/src").join(name);
        fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))
    };
    let (boot, copy) = (read("boot.js")?, read("copy.js")?);
    ensure!(
        copy.len() <= COPY_BUDGET_BYTES,
        "copy.js is {} B, over its budget of {COPY_BUDGET_BYTES} B",
        copy.len()
    );
    let css = join_styles(&root.join("frontend/styles"))?;

    let wasm_name = format!("postern-{}_bg.wasm", short_hash(&wasm));
    let script = format!("{script}\n{}", boot.replace("POSTERN_WASM", &wasm_name));
    let script_name = format!("postern-{}.js", short_hash(script.as_bytes()));
    let copy_name = format!("postern-copy-{}.js", short_hash(copy.as_bytes()));
    let css_name = format!("postern-{}.css", short_hash(css.as_bytes()));

    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("failed to empty {}", out.display()))?;
    }
    fs::create_dir_all(out).with_context(|| format!("failed to create {}", out.display()))?;
    let names = serde_json::json!({
        "css": css_name, "js": script_name, "copy": copy_name, "wasm": wasm_name,
    });
    let names = serde_json::to_string_pretty(&names)? + "\n";
    let write = |name: &str, bytes: &[u8]| {
        let path = out.join(name);
        fs::write(&path, bytes).with_context(|| format!("failed to write {}", path.display()))
    };
    let write_both = |name: &str, bytes: &[u8]| {
        let packed = packed(bytes)?;
        write(name, bytes)?;
        write(&format!("{name}.br"), &packed)?;
        anyhow::Ok(packed.len())
    };
    let css = write_both(&css_name, css.as_bytes())?;
    let script = write_both(&script_name, script.as_bytes())?;
    let wasm = write_both(&wasm_name, &wasm)?;
    write_both(&copy_name, copy.as_bytes())?;
    // Last: a reader that finds it finds the others.
    write("site.json", names.as_bytes())?;
    println!("site: brotli sizes: css {css} B, js {script} B, wasm {wasm} B");
    let loaded = script + wasm;
    ensure!(
        loaded <= BUDGET_BYTES,
        "js and wasm together are {loaded} B, over their budget of {BUDGET_BYTES} B"
    );
    Ok(())
}

fn compile_islands(root: &Path) -> anyhow::Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), PathBuf::from)
        // Beside the native build and not in it: the two take turns on a target directory's lock.
        .join("site");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["build", "--quiet", "--package", "postern-frontend", "--lib", "--profile", "web"])
        .args([
            "--target",
            "wasm32-unknown-unknown",
            "--no-default-features",
            "--features",
            "hydrate",
        ])
        .arg("--target-dir")
        .arg(&target)
        .status()
        .context("failed to start cargo")?;
    ensure!(
        status.success(),
        "the islands did not compile; where the target is missing, run `rustup target add wasm32-unknown-unknown`"
    );
    Ok(target.join("wasm32-unknown-unknown/web/postern_frontend.wasm"))
}

/// The script that loads the module, and the module without what only wasm-bindgen reads.
fn bind(module: &Path) -> anyhow::Result<(String, Vec<u8>)> {
    let mut output = Bindgen::new()
        .input_path(module)
        .out_name("postern")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .context("failed to bind the islands")?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "the islands bring scripts of their own, which the site does not serve"
    );
    Ok((output.js().to_owned(), output.wasm_mut().emit_wasm()))
}

fn join_styles(folder: &Path) -> anyhow::Result<String> {
    let mut components: Vec<PathBuf> = fs::read_dir(folder.join("component"))
        .with_context(|| format!("failed to list {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    components.sort();
    let layers = STYLES.iter().map(|name| folder.join(name));
    let mut css = String::from("@layer reset, tokens, base, layout, components, print;\n");
    for path in layers.chain(components).chain([folder.join("print.css")]) {
        css += &fs::read_to_string(&path)
            .with_context(|| format!("failed to read {}", path.display()))?;
    }
    Ok(css)
}

/// Twelve hexadecimal digits of the content's SHA-256: the name changes when the content does.
fn short_hash(bytes: &[u8]) -> String {
    let mut text = hex::encode(Sha256::digest(bytes));
    text.truncate(12);
    text
}

fn packed(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut output = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut output, &parameters)
        .context("failed to compress")?;
    Ok(output)
}
