//! What people hand to a command as JSON.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use serde::de::DeserializeOwned;

/// Reads a file, or the standard input stream (`-`); `otherwise` says what is wrong with one that does not hold it, such
/// as "holds no settings".
pub(super) fn read<T: DeserializeOwned>(file: &Path, otherwise: &str) -> anyhow::Result<T> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.with_context(|| format!("{} cannot be read", file.display()))?;
    // With the place in the file: it is what whoever wrote it needs.
    serde_json::from_str(&text)
        .map_err(|error| anyhow::anyhow!("{} {otherwise}: {error}", file.display()))
}
