//! What an archive says of itself.

use postern_domain::digest::Digest;
use postern_store::archive::Numbers;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

/// What this version writes and reads.
pub(super) const FORMAT: &str = "postern-archive-1";

/// The name of the file.
pub(super) const MANIFEST: &str = "manifest.json";

/// An archive, as its `manifest.json` says it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Which files there are and what their lines hold.
    pub format: String,
    /// The version of Postern that made it.
    pub postern: String,
    /// The connection.
    pub connection: ArchivedConnection,
    /// The first moment that it shows: the time of an evaluation.
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    /// The last one.
    #[serde(with = "time::serde::rfc3339")]
    pub until: OffsetDateTime,
    /// Whether nothing lies before it.
    pub is_from_the_beginning: bool,
    /// When the oldest snapshot was finished of which something is in it.
    #[serde(with = "time::serde::rfc3339")]
    pub oldest_snapshot_at: OffsetDateTime,
    /// The highest numbers in it.
    pub highest: Numbers,
    /// Its files, each after those that it refers to.
    pub files: Vec<ArchivedFile>,
}

/// The connection of an archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchivedConnection {
    /// What addresses call it.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// `azure` or `import`.
    pub kind: String,
    /// How Azure is reached; never a secret.
    pub settings: Value,
}

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchivedFile {
    /// The table, such as `verdict_changes`; the file is `verdict_changes.jsonl.gz`.
    pub table: String,
    /// Its lines.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of the file as it stands.
    pub sha256: Digest,
}

impl ArchivedFile {
    /// The file's name.
    pub fn name(&self) -> String {
        file_name(&self.table)
    }
}

/// The name of a table's file.
pub(super) fn file_name(table: &str) -> String {
    format!("{table}.jsonl.gz")
}
