//! The manifest of an evidence set: what each of its files was, and whose key says so.
//!
//! It is small, needs no database to be checked, and says nothing that is not in the files: the same moment gives the same
//! manifest, to the signature, because Ed25519 signs the same words the same way (RFC 8032).

mod key;
mod verify;

use postern_domain::canonical;
use postern_domain::decision::Head;
use postern_domain::digest::Digest;
use postern_domain::moment;
use serde::{Deserialize, Serialize};

pub use self::key::{KeyError, KeyId, PublicKey, SigningKey};
pub use self::verify::{Said, Verification, verify};
use crate::model::ReportHead;

/// The name of the file that a manifest is in.
pub const MANIFEST_FILE: &str = "manifest.json";

/// The version of the form; another one is refused.
const SCHEMA: &str = "postern-manifest/1";

/// What an evidence set is of, and its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `postern-manifest/1`.
    schema: String,
    /// What the files are of.
    pub subject: Subject,
    /// The SHA-256 of the evidence: of the CSV of the same moment, which has every finding with its evidence.
    pub evidence: Digest,
    /// The files, in the order of their names.
    pub files: Vec<ManifestFile>,
}

/// What files are of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Whose they are.
    pub organisation: String,
    /// The connection's name.
    pub connection: String,
    /// Whether the data is simulated.
    pub is_demo: bool,
    /// The moment, in UTC, by RFC 3339.
    pub as_of: String,
    /// The scan whose snapshot was judged.
    pub scan: Option<String>,
    /// The evaluation that judged it.
    pub evaluation: Option<String>,
    /// The engine.
    pub engine: String,
    /// The packs that judged: name, version and the component's SHA-256.
    pub packs: Vec<SubjectPack>,
    /// What findings had to be, in words; `None` where all are in the files.
    pub filters: Option<String>,
    /// Where the decision log ended: its last entry's number and hash.
    pub decisions: Head,
}

/// A pack that judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectPack {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The SHA-256 of the component.
    pub digest: Digest,
}

/// A file of the set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Its name, without a folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Digest,
}

/// A manifest with the key that says so, as it stands in [`MANIFEST_FILE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedManifest {
    /// What is signed: its canonical JSON, with keys in byte order and nothing between.
    pub manifest: Manifest,
    /// The public key that checks the signature.
    pub key: PublicKey,
    /// The Ed25519 signature, in hexadecimal.
    pub signature: String,
}

/// The text is no signed manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It has another form.
    #[error("it is no signed manifest: {0}")]
    Form(#[source] serde_json::Error),
    /// It is of a version that this program does not know.
    #[error("it is of the version \"{0}\", and this program knows {SCHEMA}")]
    Version(String),
}

impl Subject {
    /// Of the head of a report.
    pub fn of(head: &ReportHead) -> Self {
        Self {
            organisation: head.organisation.clone(),
            connection: head.connection.clone(),
            is_demo: head.is_demo,
            as_of: moment::text(head.as_of),
            scan: head.scan.map(|id| id.to_string()),
            evaluation: head.evaluation.map(|id| id.to_string()),
            engine: head.engine.clone(),
            packs: head
                .packs
                .iter()
                .map(|pack| SubjectPack {
                    name: pack.name.clone(),
                    version: pack.version.clone(),
                    digest: pack.digest,
                })
                .collect(),
            filters: head.filters_in_words(),
            decisions: head.decisions,
        }
    }
}

impl Manifest {
    /// Of files in any order.
    pub fn new(subject: Subject, evidence: Digest, mut files: Vec<ManifestFile>) -> Self {
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Self { schema: SCHEMA.to_owned(), subject, evidence, files }
    }

    /// Signs it.
    pub fn sign(self, key: &SigningKey) -> SignedManifest {
        let signature = key.sign(&self.signed_text());
        SignedManifest { key: key.public(), signature, manifest: self }
    }

    /// What is signed: the version, so that no signature of something else is taken for one of a manifest, and the manifest.
    fn signed_text(&self) -> Vec<u8> {
        let value = serde_json::to_value(self).expect("a manifest has only keys that are text");
        format!("{SCHEMA}\n{}", canonical::text(&value)).into_bytes()
    }
}

impl SignedManifest {
    /// Reads the text of [`MANIFEST_FILE`].
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        let read: Self = serde_json::from_slice(bytes).map_err(ManifestError::Form)?;
        if read.manifest.schema != SCHEMA {
            return Err(ManifestError::Version(read.manifest.schema));
        }
        Ok(read)
    }

    /// The text of [`MANIFEST_FILE`].
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a manifest is JSON");
        text.push('\n');
        text
    }

    /// Whether the key that it names signed it.
    pub(crate) fn is_signed(&self) -> bool {
        self.key.has_signed(&self.manifest.signed_text(), &self.signature)
    }
}
