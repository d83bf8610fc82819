//! The files of a new pack project: templates, and the sources that this build carries.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, ensure};
use rust_embed::RustEmbed;

use super::manifest;
use crate::cli::PackName;

/// What a project consists of: each path in it (with `/`), and its content.
pub(super) type ProjectFiles = BTreeMap<String, Vec<u8>>;

#[derive(RustEmbed)]
#[folder = "../../rules-wasm/sdk/src"]
struct SdkSources;

#[derive(RustEmbed)]
#[folder = "../domain/src"]
struct DomainSources;

#[derive(RustEmbed)]
#[folder = "../../rules-wasm/wit"]
struct Contract;

/// Files with the place of each; `__NAME__`, `__CRATE__`, `__RULE__` and `__POSTERN__` stand for what differs.
const TEMPLATES: [(&str, &str); 6] = [
    ("README.md", include_str!("../../../../templates/pack/README.md")),
    (".gitignore", include_str!("../../../../templates/pack/gitignore")),
    ("cases/__RULE__.json", include_str!("../../../../templates/pack/cases/example.json")),
    ("src/lib.rs", include_str!("../../../../templates/pack/src/lib.rs")),
    ("tests/cases.rs", include_str!("../../../../templates/pack/tests/cases.rs")),
    ("vendor/README.md", include_str!("../../../../templates/pack/vendor-readme.md")),
];
const PACKAGE: &str = include_str!("../../../../templates/pack/package.toml");
const LICENCE: &str = include_str!("../../../../../../LICENSE");
const CLIPPY: &str = include_str!("../../../../../../clippy.toml");
const RUSTFMT: &str = include_str!("../../../../../../rustfmt.toml");

/// Everything that a project of this name consists of.
pub(super) fn project(name: &PackName) -> anyhow::Result<ProjectFiles> {
    ensure!(
        !manifest::is_taken(name),
        "\"{name}\" is the name of a crate that rules are made of, or of a pack of Postern; choose another"
    );
    let mut files: ProjectFiles = TEMPLATES
        .iter()
        .map(|(path, text)| (filled(path, name), filled(text, name).into_bytes()))
        .collect();
    let mut add = |path: &str, text: String| files.insert(path.to_owned(), text.into_bytes());
    add("Cargo.toml", manifest::workspace(&filled(PACKAGE, name))?);
    add("Cargo.lock", manifest::lock(name)?);
    add("clippy.toml", CLIPPY.to_owned());
    add("rustfmt.toml", RUSTFMT.to_owned());
    add("vendor/LICENSE", LICENCE.to_owned());
    add("vendor/postern-rules-sdk/Cargo.toml", manifest::SDK.to_owned());
    add("vendor/postern-domain/Cargo.toml", manifest::domain()?);
    add_sources::<SdkSources>(&mut files, "vendor/postern-rules-sdk/src")?;
    add_sources::<DomainSources>(&mut files, "vendor/postern-domain/src")?;
    add_sources::<Contract>(&mut files, "vendor/wit")?;
    Ok(files)
}

/// The id of the example rule.
pub(super) fn rule_id(name: &PackName) -> String {
    format!("{}-01", name.as_str().to_ascii_uppercase())
}

fn filled(text: &str, name: &PackName) -> String {
    text.replace("__NAME__", name.as_str())
        .replace("__CRATE__", &name.as_str().replace('-', "_"))
        .replace("__RULE__", &rule_id(name))
        .replace("__POSTERN__", env!("CARGO_PKG_VERSION"))
}

fn add_sources<Sources: RustEmbed>(files: &mut ProjectFiles, folder: &str) -> anyhow::Result<()> {
    // Debug builds read the folder as it is, with what an editor may have left in it.
    let is_source = |path: &str| {
        let path = Path::new(path);
        let is_code = path.extension().is_some_and(|kind| kind == "rs" || kind == "wit");
        is_code && !path.ends_with("tests.rs")
    };
    for path in Sources::iter().filter(|path| is_source(path)) {
        let file = Sources::get(&path).with_context(|| format!("{path} is not in this build"))?;
        let text = std::str::from_utf8(&file.data)
            .with_context(|| format!("{path} is not text in this build"))?;
        files.insert(format!("{folder}/{path}"), without_tests(text).into());
    }
    Ok(())
}

/// A source file without its tests, which need crates that rules do not.
///
/// They are what a file ends with: clippy refuses code after them (`items_after_test_module`).
fn without_tests(text: &str) -> &str {
    text.split_once("\n#[cfg(test)]\nmod tests").map_or(text, |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_its_name_everywhere_and_all_sources() {
        let files = project(&"contoso-rules".parse().unwrap()).unwrap();
        for path in [
            "cases/CONTOSO-RULES-01.json",
            "vendor/postern-domain/src/lib.rs",
            "vendor/postern-domain/src/framework/file.rs",
            "vendor/postern-rules-sdk/src/lib.rs",
            "vendor/wit/rules.wit",
        ] {
            assert!(files.contains_key(path), "{path}");
        }
        for (path, content) in &files {
            let text = String::from_utf8_lossy(content);
            for word in ["__NAME__", "__CRATE__", "__RULE__", "__POSTERN__"] {
                assert!(!path.contains(word) && !text.contains(word), "{path}: {word}");
            }
            let has_tests = path.starts_with("vendor") && text.contains("cfg(test)");
            assert!(!has_tests, "{path}");
        }
        let tests = String::from_utf8_lossy(&files["tests/cases.rs"]);
        assert!(tests.contains("use contoso_rules::PACK;"));
    }

    #[test]
    fn tests_stay_behind() {
        assert_eq!(without_tests("fn a() {}\n\n#[cfg(test)]\nmod tests {\n}\n"), "fn a() {}\n");
        assert_eq!(without_tests("fn a() {}\n\n#[cfg(test)]\nmod tests;\n"), "fn a() {}\n");
        assert_eq!(without_tests("fn a() {}\n"), "fn a() {}\n");
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        for name in ["time", "serde-json", "postern-domain", "azure-ai-baseline"] {
            let error = project(&name.parse().unwrap()).unwrap_err().to_string();
            assert!(error.contains("choose another"), "{name}: {error}");
        }
    }
}
