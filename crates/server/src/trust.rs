//! Whose packs the command line lets in.

use std::path::Path;

use anyhow::Context as _;
use postern_service::rules::{PackFolder, Trust};

use crate::cli::{PackFolderArguments, TrustArguments};

/// The keys that are named, or in the files that are named.
pub(crate) fn trust(arguments: &TrustArguments) -> anyhow::Result<Trust> {
    let keys: Vec<String> =
        arguments.trusted_key.iter().map(|key| key_text(key)).collect::<anyhow::Result<_>>()?;
    Ok(Trust::new(keys.iter().map(String::as_str), arguments.allow_unsigned)?)
}

/// The folder of packs, where one is named.
pub(crate) fn pack_folder(arguments: &PackFolderArguments) -> anyhow::Result<Option<PackFolder>> {
    let trust = trust(&arguments.trust)?;
    let Some(folder) = &arguments.packs else { return Ok(None) };
    Ok(Some(PackFolder::new(folder.clone(), trust)?))
}

/// A key as given, or the content of the file that is named instead.
fn key_text(key: &str) -> anyhow::Result<String> {
    if Path::new(key).is_file() {
        return std::fs::read_to_string(key).with_context(|| format!("{key} cannot be read"));
    }
    Ok(key.to_owned())
}
