//! Checking files against a manifest: what is proven, and what is not.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::digest::Digest;

use super::{PublicKey, SignedManifest};

/// What was found, a sentence at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// In order: the signature, the key, then each file.
    pub said: Vec<Said>,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is proven.
    Proven(String),
    /// It is neither proven nor contradicted.
    Open(String),
    /// It is not as it was signed.
    Wrong(String),
}

impl Verification {
    /// Whether nothing contradicts the manifest, and it is signed by a key that was named.
    pub fn is_genuine(&self) -> bool {
        self.said.iter().all(|said| matches!(said, Said::Proven(_)))
    }

    /// Whether something contradicts the manifest.
    pub fn is_wrong(&self) -> bool {
        self.said.iter().any(|said| matches!(said, Said::Wrong(_)))
    }
}

/// Holds files, by name and SHA-256, against a manifest; `known` are the keys of whoever checks.
pub fn verify(
    signed: &SignedManifest,
    known: &[PublicKey],
    files: &BTreeMap<String, Digest>,
) -> Verification {
    let mut said = vec![signature(signed, known)];
    let manifest = &signed.manifest;
    let by_digest: BTreeMap<Digest, &str> =
        manifest.files.iter().map(|file| (file.sha256, file.name.as_str())).collect();
    for file in &manifest.files {
        let name = &file.name;
        said.push(match files.get(name) {
            None => Said::Wrong(format!("{name} is missing: the manifest names it.")),
            Some(found) if *found == file.sha256 => {
                Said::Proven(format!("{name} is the file that was signed (SHA-256 {found})."))
            }
            Some(found) => Said::Wrong(match by_digest.get(found) {
                Some(other) => format!("{name} has the content of {other}: they were swapped."),
                None => format!(
                    "{name} was changed: its SHA-256 is {found}, and {} was signed.",
                    file.sha256
                ),
            }),
        });
    }
    let named: BTreeSet<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    let others = files.iter().filter(|(name, _)| !named.contains(name.as_str()));
    said.extend(others.map(|(name, digest)| match by_digest.get(digest) {
        Some(signed) => Said::Open(format!("{name} is a copy of {signed} under another name.")),
        None => Said::Open(format!("{name} is not in the manifest: nothing is proven of it.")),
    }));
    Verification { said }
}

fn signature(signed: &SignedManifest, known: &[PublicKey]) -> Said {
    let id = signed.key.id();
    if !signed.is_signed() {
        return Said::Wrong(format!(
            "The manifest was changed, or another key signed it: its signature is not one of the key {id} that it names."
        ));
    }
    if known.contains(&signed.key) {
        return Said::Proven(format!("The manifest is signed by the key {id}, which you named."));
    }
    if known.is_empty() {
        return Said::Open(format!(
            "The manifest is signed by the key {id}. Whether that is the organisation's key is not proven: name the key that you got from them with --key."
        ));
    }
    Said::Wrong(format!("The manifest is signed by the key {id}, which is none that you named."))
}
