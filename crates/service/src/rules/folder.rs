//! Packs in a folder, taken into use as they appear: for deployments that hand out files, not commands.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use postern_domain::digest::Digest;
use postern_store::StoreError;
use postern_store::rules;

use super::activate::{ActivateError, Activated, activate};
use super::trust::Trust;
use crate::Postern;

/// What the name of a pack's file ends with.
const PACK: &str = "wasm";

/// What is added to the name of a pack for that of its signature.
const SIGNATURE: &str = ".minisig";

/// A folder of packs, each `NAME.wasm`, with `NAME.wasm.minisig` beside it where it is signed.
///
/// A version is taken into use once: whoever activates another one by hand, or takes it out of use, is not overruled
/// by the file that is still there.
#[derive(Debug)]
pub struct PackFolder {
    folder: PathBuf,
    trust: Trust,
    /// What the files were like when they were looked at last, so that one that stays as it is costs nothing.
    seen: BTreeMap<PathBuf, Vec<Stamp>>,
}

/// When a file was changed and how long it is; `None` where there is none.
type Stamp = Option<(SystemTime, u64)>;

/// A pack of the folder that was new or changed.
#[derive(Debug)]
pub struct Looked {
    /// Its file.
    pub file: PathBuf,
    /// What became of it; `None` where this version was activated before.
    pub result: Result<Option<Activated>, PackFolderError>,
}

/// A pack in the folder was not taken into use.
#[derive(Debug, thiserror::Error)]
pub enum PackFolderError {
    /// A file, or the folder, cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The pack itself, its signature, or its rules.
    #[error(transparent)]
    Activate(#[from] ActivateError),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PackFolder {
    /// A folder whose packs are let in by `trust`; refused where it cannot be listed.
    pub fn new(folder: PathBuf, trust: Trust) -> Result<Self, PackFolderError> {
        packs_in(&folder)?;
        Ok(Self { folder, trust, seen: BTreeMap::new() })
    }

    /// Takes what is new since the last look into use.
    ///
    /// A file that is refused is not tried again before it, or its signature, changes.
    pub async fn look(&mut self, postern: &Postern) -> Result<Vec<Looked>, PackFolderError> {
        let files = packs_in(&self.folder)?;
        self.seen.retain(|file, _| files.contains(file));
        let mut looked = Vec::new();
        for file in files {
            let stamps = vec![stamp(&file), stamp(&signature_beside(&file))];
            if self.seen.get(&file) == Some(&stamps) {
                continue;
            }
            let result = self.take(postern, &file).await;
            // The database may answer the next time.
            if !matches!(
                result,
                Err(PackFolderError::Store(_)
                    | PackFolderError::Activate(
                        ActivateError::Store(_) | ActivateError::Active(_)
                    ))
            ) {
                self.seen.insert(file.clone(), stamps);
            }
            looked.push(Looked { file, result });
        }
        Ok(looked)
    }

    async fn take(
        &self,
        postern: &Postern,
        file: &Path,
    ) -> Result<Option<Activated>, PackFolderError> {
        let unreadable =
            |path: &Path, source| PackFolderError::Unreadable { path: path.to_owned(), source };
        let component = std::fs::read(file).map_err(|error| unreadable(file, error))?;
        let beside = signature_beside(file);
        let signature = match std::fs::read_to_string(&beside) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unreadable(&beside, error)),
        };
        // Other workers see the same folder: the first activates, and the others find that it did.
        let mut alone = postern.pool.begin().await.map_err(StoreError::from)?;
        rules::wait_to_activate(&mut alone).await?;
        if rules::was_activated(&mut alone, Digest::of(&component)).await? {
            return Ok(None);
        }
        let reason = format!("found as {}", file.display());
        let activated =
            activate(postern, &component, signature.as_deref(), &self.trust, &reason).await?;
        alone.commit().await.map_err(StoreError::from)?;
        Ok(Some(activated))
    }
}

/// The packs in a folder, in the order of their names.
fn packs_in(folder: &Path) -> Result<Vec<PathBuf>, PackFolderError> {
    let unreadable = |source| PackFolderError::Unreadable { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == PACK) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Where the signature of a pack is looked for: beside it, as minisign writes it.
pub fn signature_beside(pack: &Path) -> PathBuf {
    let mut name = pack.as_os_str().to_owned();
    name.push(SIGNATURE);
    PathBuf::from(name)
}

fn stamp(file: &Path) -> Stamp {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
