//! JSON schemas (2020-12) of the documents that cross to rule packs, made of the types themselves.

use serde_json::Value;

use crate::asset::AssetDocument;
use crate::rule::PackManifest;

/// Each file of `rules-wasm/wit` that holds a schema, with what has to stand in it.
pub fn contract() -> [(&'static str, Value); 2] {
    [
        ("asset.schema.json", schemars::schema_for!(AssetDocument).to_value()),
        ("manifest.schema.json", schemars::schema_for!(PackManifest).to_value()),
    ]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// `POSTERN_REGENERATE=1` writes them instead, which is what `cargo xtask regenerate` does.
    #[test]
    fn the_committed_schemas_are_those_of_the_types() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules-wasm/wit");
        for (name, schema) in contract() {
            // By way of the canonical text, so that the order of keys depends on no other crate.
            let sorted: Value = serde_json::from_str(&crate::canonical::text(&schema)).unwrap();
            let mut text = serde_json::to_string_pretty(&sorted).unwrap();
            text.push('\n');
            let file = folder.join(name);
            if std::env::var_os("POSTERN_REGENERATE").is_some() {
                std::fs::write(&file, &text).unwrap();
            }
            let committed = std::fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(committed, text, "{name} is stale; run `cargo xtask regenerate`");
        }
    }
}
