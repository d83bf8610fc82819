//! Archives: a connection's history of a period as files that anyone can read and check, and that another database takes in.
//!
//! An archive is a folder: a file of gzipped JSON lines for each table, a row a line, and `manifest.json`, which is written
//! last and names each file with its SHA-256. What lies before the period is left out but for what its moments are made of,
//! as retention would.

mod export;
mod file;
mod import;
mod manifest;

use std::io;
use std::path::PathBuf;

use postern_domain::moment;
use postern_store::StoreError;
use time::OffsetDateTime;

use crate::connection::ConnectionError;
use crate::read::ReadError;

pub use export::{ExportRequest, export};
pub use import::{ArchiveImport, ArchiveImported, check_archive, import_archive};
pub use manifest::{ArchivedConnection, ArchivedFile, Manifest};

/// An archive could not be written or taken in.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// There is no connection, so there is nothing to export.
    #[error("there is no connection yet: scan or import something first")]
    NoConnection,
    /// The folder has something in it.
    #[error("{} is not empty: give a folder that is, or none yet", .0.display())]
    NotEmpty(PathBuf),
    /// The period ends before it begins.
    #[error(
        "the period holds no scan: what is known on {} is of {}, after its end",
        moment::text(*.from), moment::text(*.first)
    )]
    NoScan {
        /// The beginning asked for.
        from: OffsetDateTime,
        /// The evaluation that shows that moment, or the first of all.
        first: OffsetDateTime,
    },
    /// There is no manifest: no archive, or one that was not finished.
    #[error("{} holds no finished archive: manifest.json is not there", .0.display())]
    NoManifest(PathBuf),
    /// The manifest cannot be read.
    #[error("the manifest cannot be read: {0}")]
    Manifest(serde_json::Error),
    /// Another version made it.
    #[error(
        "the archive is of the format \"{found}\", and this version reads \"{}\"",
        manifest::FORMAT
    )]
    Format {
        /// Its format.
        found: String,
    },
    /// The manifest names numbers that would leave none for what comes after.
    #[error("the manifest's highest numbers are beyond those of any history")]
    Numbers,
    /// The manifest names a time in which there is no history.
    #[error(
        "the manifest's times cannot be: from {} to {}, of scans since {}",
        moment::text(*.from), moment::text(*.until), moment::text(*.oldest)
    )]
    Times {
        /// Its first moment.
        from: OffsetDateTime,
        /// Its last.
        until: OffsetDateTime,
        /// Its oldest snapshot.
        oldest: OffsetDateTime,
    },
    /// A file is not what the manifest says.
    #[error("{file} is not what the manifest says: {what}")]
    Changed {
        /// Its name.
        file: String,
        /// What differs.
        what: &'static str,
    },
    /// A document is not that of its hash.
    #[error("{file} holds a document that is not what its hash {hash} says")]
    ForgedDocument {
        /// The file.
        file: String,
        /// The hash.
        hash: String,
    },
    /// A pack is not that of its digest.
    #[error("the archive holds a rule pack that is not what its digest says: {0}")]
    ForgedPack(String),
    /// The connection cannot be called so.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The connection is there already.
    #[error("there is a connection \"{0}\" already: name another with --connection")]
    ConnectionExists(String),
    /// A file or the folder could not be used.
    #[error("{} cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Rows could not be written.
    #[error("{file} could not be taken in")]
    Rows {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// The data could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<StoreError> for ArchiveError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}
