//! Loading a pack: everything that can be refused before it judges anything.

use std::sync::Arc;

use postern_domain::digest::Digest;
use postern_domain::rule::PackManifest;
use wasmtime::component::{Component, Linker};

use crate::contract::PackPre;
use crate::engine::Engine;
use crate::limits::{Meter, problem_of};
use crate::manifest::{self, ManifestError};
use crate::problem::PackProblem;

/// A pack that was compiled and checked; cheap to clone.
#[derive(Clone)]
pub struct Pack {
    inner: Arc<Inner>,
}

struct Inner {
    digest: Digest,
    manifest: PackManifest,
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
    /// It does not export the contract.
    #[error("the pack does not export {contract}: {message}")]
    MissingExport {
        /// The contract that was looked for.
        contract: &'static str,
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
        let missing = |error: &wasmtime::Error| LoadError::MissingExport {
            contract: crate::contract::CONTRACT,
            message: error.root_cause().to_string(),
        };
        let linker: Linker<Meter> = Linker::new(&self.wasmtime);
        let instance = linker.instantiate_pre(&compiled).map_err(|error| missing(&error))?;
        let pre = PackPre::new(instance).map_err(|error| missing(&error))?;
        let described = self
            .describe(&pre)
            .map_err(|error| LoadError::Describe(problem_of(&error, &self.limits)))?;
        let manifest = manifest::read(&described).map_err(LoadError::Manifest)?;
        tracing::info!(
            pack.name = %manifest.name,
            pack.version = %manifest.version,
            pack.rules = manifest.rules.len(),
            "loaded a rule pack"
        );
        let digest = Digest::of(component);
        let component = component.to_vec();
        Ok(Pack { inner: Arc::new(Inner { digest, manifest, component, pre }) })
    }

    fn describe(&self, pre: &PackPre<Meter>) -> wasmtime::Result<String> {
        let mut store = self.store();
        let instance = pre.instantiate(&mut store)?;
        instance.postern_rules_rule_pack().call_describe(&mut store)
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
