//! `postern verify`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use postern_domain::decision::{Head, HeadFound};
use postern_domain::digest::{Digest, DigestWriter};
use postern_service::report::manifest::{
    MANIFEST_FILE, PublicKey, Said, SignedManifest, Subject, Verification, verify,
};

use super::audit::verify_file;
use crate::cli::VerifyEvidenceArguments;
use crate::{Outcome, output};

pub(super) fn run(arguments: &VerifyEvidenceArguments) -> anyhow::Result<Outcome> {
    let keys = arguments.keys.iter().map(|key| read_key(key)).collect::<Result<Vec<_>, _>>()?;
    let mut paths = files_of(&arguments.paths)?;
    let manifests: Vec<PathBuf> =
        paths.extract_if(.., |path| path.ends_with(MANIFEST_FILE)).collect();
    let [manifest] = manifests.as_slice() else {
        anyhow::bail!(
            "{} files are called {MANIFEST_FILE}, and there has to be one: it says what the others were",
            manifests.len()
        );
    };
    let signed = read_manifest(manifest)?;
    let mut files = BTreeMap::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if files.insert(name.clone(), digest_of(&path)?).is_some() {
            anyhow::bail!("two of the files are called {name}: verify one set at a time");
        }
    }
    let mut verification = verify(&signed, &keys, &files);
    if let Some(log) = &arguments.log {
        verification.said.push(decisions(signed.manifest.subject.decisions, log)?);
    }
    output::print(&in_words(&signed.manifest.subject, &verification))?;
    Ok(if verification.is_genuine() { Outcome::Done } else { Outcome::Found })
}

/// A key as text, or the file that holds it.
fn read_key(key: &str) -> anyhow::Result<PublicKey> {
    if let Ok(key) = key.parse() {
        return Ok(key);
    }
    let text = fs::read_to_string(key)
        .with_context(|| format!("{key} is no public key, and no file that can be read"))?;
    text.parse().with_context(|| format!("{key} holds no public key"))
}

/// The files of folders, one deep, and the files named.
fn files_of(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let cannot = || format!("{} cannot be read", path.display());
        for entry in fs::read_dir(path).with_context(cannot)? {
            let entry = entry.with_context(cannot)?.path();
            if entry.is_file() {
                files.push(entry);
            }
        }
    }
    Ok(files)
}

fn read_manifest(file: &Path) -> anyhow::Result<SignedManifest> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    SignedManifest::read(&bytes).with_context(|| format!("nothing is proven by {}", file.display()))
}

fn digest_of(file: &Path) -> anyhow::Result<Digest> {
    let cannot = || format!("{} cannot be read", file.display());
    let mut digest = DigestWriter::default();
    io::copy(&mut File::open(file).with_context(cannot)?, &mut digest).with_context(cannot)?;
    Ok(digest.digest())
}

/// Whether a log still holds what it held when the set was made.
fn decisions(head: Head, log: &Path) -> anyhow::Result<Said> {
    let verification = verify_file(log, vec![head])?;
    if let Some(fault) = verification.faults.first() {
        return Ok(Said::Wrong(format!("The decision log was changed: {}.", fault.kind)));
    }
    let found = verification.heads.first().map(|check| &check.found);
    Ok(match found {
        Some(HeadFound::Last | HeadFound::Within) => {
            Said::Proven(format!("The decision log holds {head}, where it ended then."))
        }
        Some(HeadFound::Otherwise) => Said::Wrong(format!(
            "The decision log was rewritten: its entry {} has another hash than the set says.",
            head.number
        )),
        _ => Said::Wrong(format!(
            "The decision log is an older one: it ends before its entry {}, which the set names.",
            head.number
        )),
    })
}

fn in_words(subject: &Subject, verification: &Verification) -> String {
    let demo = if subject.is_demo { " DEMO: the data is simulated." } else { "" };
    let mut lines = vec![format!(
        "Evidence of {} as of {}, evaluation {}.{demo}",
        subject.connection,
        subject.as_of,
        subject.evaluation.as_deref().unwrap_or("none"),
    )];
    lines.push(format!("The decision log ended at {} then.", subject.decisions));
    lines.extend(subject.filters.iter().map(|filters| format!("Only findings with {filters}.")));
    lines.extend(verification.said.iter().map(|said| match said {
        Said::Proven(text) => format!("proven      {text}"),
        Said::Open(text) => format!("not proven  {text}"),
        Said::Wrong(text) => format!("WRONG       {text}"),
    }));
    lines.push(if verification.is_genuine() {
        "All of it is as it was signed.".to_owned()
    } else if verification.is_wrong() {
        "This is NOT what was signed.".to_owned()
    } else {
        "Nothing is wrong, and not all of it is proven.".to_owned()
    });
    lines.join("\n") + "\n"
}
