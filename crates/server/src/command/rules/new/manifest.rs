//! Cargo's files of a new pack project, made from those of Postern's own packs, so that the two cannot differ.

use std::collections::BTreeMap;

use anyhow::Context as _;

use crate::cli::PackName;

/// The SDK's manifest; it takes everything from its workspace.
pub(super) const SDK: &str = include_str!("../../../../../../rules-wasm/sdk/Cargo.toml");
const DOMAIN: &str = include_str!("../../../../../domain/Cargo.toml");
/// The workspace of Postern's packs.
const PACKS: &str = include_str!("../../../../../../rules-wasm/Cargo.toml");
const PACKS_LOCK: &str = include_str!("../../../../../../rules-wasm/Cargo.lock");
/// The workspace of Postern itself, which the domain is part of.
const POSTERN: &str = include_str!("../../../../../../Cargo.toml");

/// The parts of the packs' workspace that a project gets word for word.
const KEPT: [&str; 4] =
    ["workspace.package", "workspace.lints.rust", "workspace.lints.clippy", "profile.release"];

/// The project's manifest: the package, and a workspace that the vendored crates take their keys from.
pub(super) fn workspace(package: &str) -> anyhow::Result<String> {
    let mut text = package.to_owned();
    text += "\n# From here on everything came with Postern: what its own packs are built with.\n[workspace]\n";
    let resolver = section(PACKS, "workspace")?.lines().find(|line| line.starts_with("resolver"));
    text += resolver.context("the packs' workspace names its resolver")?;
    text += "\nmembers = [\"vendor/postern-domain\", \"vendor/postern-rules-sdk\"]\n";
    text += "\n[workspace.dependencies]\n";
    for line in dependencies()?.values() {
        text += line;
        text += "\n";
    }
    for name in KEPT {
        let section = section(PACKS, name)?.trim_end();
        text.extend(["\n[", name, "]\n", section, "\n"]);
    }
    Ok(text)
}

/// The domain's manifest without its end, which only its tests and benchmarks need; they do not come along.
pub(super) fn domain() -> anyhow::Result<String> {
    let (kept, _) = DOMAIN
        .split_once("\n[dev-dependencies]\n")
        .context("the domain's manifest ends with what its tests need")?;
    Ok(kept.to_owned())
}

/// The lock file of Postern's packs, with this project in their place.
pub(super) fn lock(name: &PackName) -> anyhow::Result<String> {
    let (head, packages) =
        PACKS_LOCK.trim_end().split_once("\n\n").context("a lock file has a head")?;
    let package = format!(
        "[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\ndependencies = [\n \"postern-rules-sdk\",\n \"serde_json\",\n]"
    );
    let mut packages: Vec<&str> =
        packages.split("\n\n").filter(|package| !is_pack(package)).collect();
    packages.push(&package);
    packages.sort_by_key(|package| package_name(package));
    Ok(format!("{head}\n\n{}\n", packages.join("\n\n")))
}

/// Whether a crate of this name is locked; cargo could not tell the two apart.
pub(super) fn is_taken(name: &PackName) -> bool {
    let as_crate = |name: &str| name.replace('-', "_");
    PACKS_LOCK
        .split("\n\n")
        .any(|package| as_crate(package_name(package)) == as_crate(name.as_str()))
}

/// Whether an entry of the lock file is a pack: it comes from no registry, and is neither the SDK nor the domain.
fn is_pack(package: &str) -> bool {
    !package.contains("\nsource = ") && !package_name(package).starts_with("postern-")
}

/// The name in an entry of the lock file; empty for its head.
fn package_name(package: &str) -> &str {
    package
        .lines()
        .find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .unwrap_or_default()
}

/// What the vendored crates depend on: a line each, as the workspace that it comes from has it.
fn dependencies() -> anyhow::Result<BTreeMap<&'static str, String>> {
    let mut lines = BTreeMap::new();
    // Where both name a crate, the domain's features are added to by nothing that the SDK asks for.
    for (manifest, workspace) in [(SDK, PACKS), (DOMAIN, POSTERN)] {
        let wanted = section(manifest, "dependencies")?;
        let versions = section(workspace, "workspace.dependencies")?;
        for name in wanted.lines().filter_map(|line| line.strip_suffix(".workspace = true")) {
            let line = versions
                .lines()
                .find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(" = ")))
                .with_context(|| format!("{name} has no version in its workspace"))?;
            lines.insert(name, line.to_owned());
        }
    }
    for name in ["postern-domain", "postern-rules-sdk"] {
        lines.insert(name, format!("{name} = {{ path = \"vendor/{name}\" }}"));
    }
    Ok(lines)
}

/// What stands below `[name]`, up to the next such line.
fn section(manifest: &'static str, name: &str) -> anyhow::Result<&'static str> {
    let header = format!("[{name}]\n");
    let (_, rest) = manifest
        .split_once(&header)
        .with_context(|| format!("a manifest that this build carries has no [{name}]"))?;
    Ok(rest.split_once("\n[").map_or(rest, |(section, _)| section))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_a_vendored_crate_takes_from_its_workspace_is_there() {
        let text = workspace("[package]\n").unwrap();
        let in_workspace = |section: &str, key: &str| {
            let header = format!("[workspace.{section}]\n");
            let below = text.split_once(&header).unwrap().1;
            let below = below.split_once("\n[").map_or(below, |(part, _)| part);
            below.lines().any(|line| line.starts_with(&format!("{key} = ")))
        };
        for manifest in [SDK.to_owned(), domain().unwrap()] {
            let keys = manifest.lines().filter_map(|line| line.strip_suffix(".workspace = true"));
            for key in keys {
                assert!(in_workspace("package", key) || in_workspace("dependencies", key), "{key}");
            }
        }
        assert!(text.contains("[profile.release]"));
        assert!(!text.contains(".."), "nothing outside of the project is named");
    }

    #[test]
    fn the_domain_is_vendored_without_its_tests() {
        let text = domain().unwrap();
        assert!(text.contains("[dependencies]"));
        assert!(!text.contains("dev-dependencies") && !text.contains("proptest"), "{text}");
    }

    #[test]
    fn the_lock_file_has_the_project_and_no_pack_of_postern() {
        let text = lock(&"contoso".parse().unwrap()).unwrap();
        let names: Vec<&str> = text.split("\n\n").map(package_name).collect();
        assert!(names.is_sorted(), "{names:?}");
        for (name, there) in [
            ("contoso", true),
            ("postern-domain", true),
            ("serde_json", true),
            ("azure-ai-baseline", false),
            ("hostile", false),
        ] {
            assert_eq!(names.contains(&name), there, "{name}");
        }
    }
}
