//! The files of an archive: lines in gzip, hashed as they are written and read.
//!
//! Reading and writing block for a few kilobytes at a time, between two questions to the database: an archive is written
//! and read by a command that does nothing else.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use postern_domain::digest::Digest;
use sha2::{Digest as _, Sha256};

use super::ArchiveError;
use super::manifest::{ArchivedFile, file_name};

/// No row is longer; a document is a few kilobytes, a rule pack a few megabytes.
const LONGEST_LINE: u64 = 256 * 1024 * 1024;

/// A file that is being written.
pub(super) struct Writing {
    path: PathBuf,
    table: &'static str,
    encoder: GzEncoder<Hashed<BufWriter<File>>>,
    rows: u64,
}

impl Writing {
    pub fn begin(folder: &Path, table: &'static str) -> Result<Self, ArchiveError> {
        let path = folder.join(file_name(table));
        let file = File::create_new(&path).map_err(failed(&path))?;
        let hashed = Hashed::new(BufWriter::new(file));
        // No name and no time in its head: the same rows are the same bytes.
        Ok(Self { path, table, encoder: GzEncoder::new(hashed, Compression::fast()), rows: 0 })
    }

    pub fn line(&mut self, line: &str) -> Result<(), ArchiveError> {
        self.rows += 1;
        let written = self.encoder.write_all(line.as_bytes());
        written.and_then(|()| self.encoder.write_all(b"\n")).map_err(failed(&self.path))
    }

    pub fn finish(self) -> Result<ArchivedFile, ArchiveError> {
        let Self { path, table, encoder, rows } = self;
        let hashed = encoder.finish().and_then(|mut hashed| {
            hashed.inner.flush()?;
            hashed.inner.get_ref().sync_all()?;
            Ok(hashed)
        });
        let hashed = hashed.map_err(failed(&path))?;
        Ok(ArchivedFile {
            table: table.to_owned(),
            rows,
            bytes: hashed.bytes,
            sha256: hashed.digest(),
        })
    }
}

/// What goes through is hashed and counted.
struct Hashed<W> {
    inner: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W> Hashed<W> {
    fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new(), bytes: 0 }
    }

    fn digest(self) -> Digest {
        Digest::from_bytes(self.hasher.finalize().into())
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Refuses a file that is not what the manifest says.
pub(super) fn check(folder: &Path, file: &ArchivedFile) -> Result<(), ArchiveError> {
    let path = folder.join(file.name());
    let mut hashed = Hashed::new(io::sink());
    let mut opened = File::open(&path).map_err(failed(&path))?;
    io::copy(&mut opened, &mut hashed).map_err(failed(&path))?;
    if hashed.digest() != file.sha256 {
        return Err(ArchiveError::Changed { file: file.name(), what: "its SHA-256 differs" });
    }
    Ok(())
}

/// The lines of a file.
pub(super) struct Lines {
    path: PathBuf,
    name: String,
    reader: BufReader<GzDecoder<BufReader<File>>>,
    left: u64,
}

impl Lines {
    pub fn open(folder: &Path, file: &ArchivedFile) -> Result<Self, ArchiveError> {
        let path = folder.join(file.name());
        let opened = BufReader::new(File::open(&path).map_err(failed(&path))?);
        let reader = BufReader::new(GzDecoder::new(opened));
        Ok(Self { path, name: file.name(), reader, left: file.rows })
    }

    /// The next line; `None` at the end, which is where the manifest says.
    pub fn next(&mut self) -> Result<Option<String>, ArchiveError> {
        let changed = |what| ArchiveError::Changed { file: self.name.clone(), what };
        let mut line = String::new();
        let mut limited = self.reader.by_ref().take(LONGEST_LINE);
        let read = limited.read_line(&mut line).map_err(failed(&self.path))?;
        match (read, self.left) {
            (0, 0) => return Ok(None),
            (0, _) => return Err(changed("it has fewer lines")),
            (_, 0) => return Err(changed("it has more lines")),
            _ => {}
        }
        self.left -= 1;
        if line.pop() == Some('\n') {
            Ok(Some(line))
        } else {
            Err(changed("it ends within a line"))
        }
    }
}

pub(super) fn failed(path: &Path) -> impl Fn(io::Error) -> ArchiveError + '_ {
    |source| ArchiveError::File { path: path.to_owned(), source }
}
