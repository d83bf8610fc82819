//! Loading a pack: everything that can be refused before it judges anything.

use std::collections::HashMap;
use std::sync::Arc;

use postern_domain::arm::AssetType;
use postern_domain::asset::Asset;
use postern_domain::digest::Digest;
use postern_domain::reads::Reads;
use postern_domain::rule::PackManifest;
use wasmtime::component::{Component, Linker};

use crate::contract::{self, PackPre};
use crate::engine::Engine;
use crate::limits::{Meter, problem_of};
use crate::manifest::{self, Manifest, ManifestError};
use crate::problem::PackProblem;

/// A pack that was compiled and checked; cheap to clone.
#[derive(Clone)]
pub struct Pack {
    inner: Arc<Inner>,
}

struct Inner {
    digest: Digest,
    manifest: PackManifest,
    /// The position in `manifest.rules` of each rule, in the order in which the pack itself lists them.
    given: Vec<usize>,
    /// The positions of the rules about each asset type, ascending.
    about: HashMap<AssetType, Vec<usize>>,
    /// What the rules about each asset type see of a document; nothing here where they see it whole.
    seen: HashMap<AssetType, Reads>,
    component: Vec<u8>,
    pre: PackPre<Meter>,
}

/// Why a pack was refused.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is something else, or a component that wasmtime cannot compile.
    #[error("this is not a rule pack: {message}")]
    NotAComponent {
        /// What wasmtime says.
        message: String,
    },
    /// It wants something of its host; a pack may import nothing.
    #[error("the pack imports {}; a rule pack may import nothing", names.join(", "))]
    Imports {
        /// Each import, as the component names it.
        names: Vec<String>,
    },
    /// It is built for another world.
    #[error("the pack is not built for {}: {message}; it exports {}", worlds.join(" or "), listed(exports))]
    OtherWorld {
        /// The worlds that this engine hosts.
        worlds: &'static [&'static str],
        /// What the pack exports instead.
        exports: Vec<String>,
        /// What wasmtime says.
        message: String,
    },
    /// It failed when it was asked for its manifest.
    #[error("the pack cannot describe itself")]
    Describe(#[source] PackProblem),
    /// Its manifest makes no sense.
    #[error("the pack's manifest is refused")]
    Manifest(#[source] ManifestError),
}

impl Engine {
    /// Compiles and checks a pack, given as the bytes of a component.
    pub fn load(&self, component: &[u8]) -> Result<Pack, LoadError> {
        let not_a_component = |message: String| LoadError::NotAComponent { message };
        if !component.starts_with(b"\0asm") {
            return Err(not_a_component("the file is not WebAssembly".to_owned()));
        }
        let compiled = Component::new(&self.wasmtime, component)
            .map_err(|error| not_a_component(error.root_cause().to_string()))?;
        let names: Vec<String> = compiled
            .component_type()
            .imports(&self.wasmtime)
            .map(|(name, _)| name.to_owned())
            .collect();
        if !names.is_empty() {
            return Err(LoadError::Imports { names });
        }
        let other_world = |error: &wasmtime::Error| LoadError::OtherWorld {
            worlds: Self::worlds(),
            exports: compiled
                .component_type()
                .exports(&self.wasmtime)
                .map(|(name, _)| name.to_owned())
                .collect(),
            message: error.root_cause().to_string(),
        };
        let linker: Linker<Meter> = Linker::new(&self.wasmtime);
        let instance = linker.instantiate_pre(&compiled).map_err(|error| other_world(&error))?;
        let pre = PackPre::new(instance).map_err(|error| other_world(&error))?;
        let failed = |error| LoadError::Describe(problem_of(&error, &self.limits));
        let described = {
            let _turn = self.turn();
            let mut store = self.store();
            let instance = pre.instance_pre().instantiate(&mut store).map_err(failed)?;
            // Only now does wasmtime compare the types of the functions.
            let exported =
                contract::Pack::new(&mut store, &instance).map_err(|error| other_world(&error))?;
            exported.postern_rules_rule_pack().call_describe(&mut store).map_err(failed)?
        };
        let Manifest { manifest, given } =
            manifest::read(&described).map_err(LoadError::Manifest)?;
        tracing::info!(
            pack.name = %manifest.name,
            pack.version = %manifest.version,
            pack.rules = manifest.rules.len(),
            "loaded a rule pack"
        );
        let digest = Digest::of(component);
        let component = component.to_vec();
        let mut about: HashMap<AssetType, Vec<usize>> = HashMap::new();
        for (position, rule) in manifest.rules.iter().enumerate() {
            for asset_type in &rule.asset_types {
                about.entry(asset_type.clone()).or_default().push(position);
            }
        }
        let seen = seen(&manifest, &about);
        Ok(Pack { inner: Arc::new(Inner { digest, manifest, given, about, seen, component, pre }) })
    }
}

impl Pack {
    /// The digest of the component's bytes: which pack gave a verdict.
    pub fn digest(&self) -> Digest {
        self.inner.digest
    }

    /// What the pack says of itself; rules in order of their ids.
    pub fn manifest(&self) -> &PackManifest {
        &self.inner.manifest
    }

    /// The component's bytes.
    pub fn component(&self) -> &[u8] {
        &self.inner.component
    }

    /// The position in the manifest of the rule at `position` of the pack's own list.
    pub(crate) fn rule_as_given(&self, position: u32) -> Option<usize> {
        self.inner.given.get(usize::try_from(position).ok()?).copied()
    }

    /// The positions in the manifest of the rules about a type, ascending.
    pub(crate) fn rules_about(&self, asset_type: &AssetType) -> &[usize] {
        self.inner.about.get(asset_type).map(Vec::as_slice).unwrap_or_default()
    }

    /// What the pack is given of an asset's document.
    pub(crate) fn document(&self, asset: &Asset) -> String {
        match self.inner.seen.get(&asset.asset_type) {
            Some(reads) => asset.document.text_read_by(reads),
            None => asset.document.canonical_text(),
        }
    }

    pub(crate) fn pre(&self) -> &PackPre<Meter> {
        &self.inner.pre
    }
}

impl std::fmt::Debug for Pack {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Pack")
            .field("name", &self.inner.manifest.name)
            .field("version", &self.inner.manifest.version)
            .field("digest", &self.inner.digest)
            .finish_non_exhaustive()
    }
}

/// For a pack that reads only what it names: all that its rules about a type name together.
fn seen(
    manifest: &PackManifest,
    about: &HashMap<AssetType, Vec<usize>>,
) -> HashMap<AssetType, Reads> {
    let named = |rules: &Vec<usize>| {
        let reads = rules.iter().flat_map(|rule| &manifest.rules[*rule].reads);
        Reads::of(reads.map(|read| read.path.as_str()))
    };
    let types = about.iter().filter(|_| manifest.reads_only);
    types.map(|(asset_type, rules)| (asset_type.clone(), named(rules))).collect()
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
