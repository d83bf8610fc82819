//! `postern evidence` and `postern signing-key`.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use postern_domain::digest::{Digest, DigestWriter};
use postern_service::Postern;
use postern_service::report::manifest::{
    MANIFEST_FILE, Manifest, ManifestFile, SignedManifest, SigningKey, Subject,
};
use postern_service::report::{ReportFormat, ReportRequest, ReportStream, open_report};

use super::report::directory_of;
use crate::cli::{EvidenceArguments, ReportOf, SigningKeyArguments};
use crate::{Environment, database, output};

/// Where the public key goes, beside the file of the secret.
const PUBLIC_ENDING: &str = "pub";

pub(super) fn make_key(arguments: &SigningKeyArguments) -> anyhow::Result<()> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("this system gives no random numbers")?;
    let key = SigningKey::from_seed(&seed);
    let public = beside(&arguments.out);
    if public.exists() {
        anyhow::bail!("{} is there already; give the name of a new file", public.display());
    }
    let cannot = || format!("{} cannot be written", arguments.out.display());
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&arguments.out)
        .with_context(cannot)?;
    writeln!(file, "{}", key.secret_text()).and_then(|()| file.sync_all()).with_context(cannot)?;
    let cannot = || format!("{} cannot be written", public.display());
    fs::write(&public, format!("{}\n", key.public())).with_context(cannot)?;
    output::print(&format!(
        "The key {} is made. {} is the secret; give {} to whoever checks.\n",
        key.public().id(),
        arguments.out.display(),
        public.display()
    ))
}

/// `signing.key` has `signing.key.pub` beside it.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(PUBLIC_ENDING);
    name.into()
}

pub(super) async fn run(
    arguments: EvidenceArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let key = read_key(&arguments.signing_key)?;
    let out = arguments.out.clone();
    if out.exists() {
        anyhow::bail!(
            "{} is there already; give the name of a new folder with --out",
            out.display()
        );
    }
    let database = database::open(&arguments.database, &environment.clock).await?;
    let written = write_set(&database.postern, arguments, &key).await;
    database.close().await?;
    let signed = written?;
    let Subject { as_of, connection, .. } = &signed.manifest.subject;
    output::print(&format!(
        "{} of {connection} as of {as_of} is written: {} files and {MANIFEST_FILE}, signed by the key {}.\n",
        out.display(),
        signed.manifest.files.len(),
        signed.key.id(),
    ))
}

fn read_key(file: &Path) -> anyhow::Result<SigningKey> {
    let cannot = || format!("{} cannot be read", file.display());
    let text = fs::read_to_string(file).with_context(cannot)?;
    text.parse().with_context(|| format!("{} holds no signing key", file.display()))
}

/// Writes into a folder beside the one wanted and renames, so that nobody ever sees half a set.
async fn write_set(
    postern: &Postern,
    arguments: EvidenceArguments,
    key: &SigningKey,
) -> anyhow::Result<SignedManifest> {
    let EvidenceArguments { out, of: ReportOf { connection, as_of, list }, mut formats, .. } =
        arguments;
    if formats.is_empty() {
        formats = ReportFormat::ALL.to_vec();
    }
    // The CSV is first: it says which moment all of it is of, and is what the evidence is known by.
    formats.retain(|format| *format != ReportFormat::Csv);
    formats.dedup();
    let cannot = || format!("{} cannot be written", out.display());
    let unfinished = tempfile::TempDir::new_in(directory_of(&out)).with_context(cannot)?;
    let mut request = ReportRequest { connection, format: ReportFormat::Csv, as_of, list };
    let csv = open_report(postern, request.clone()).await?;
    let subject = csv.subject.clone();
    request.as_of = Some(csv.as_of);
    let first = write(csv, unfinished.path()).await?;
    let evidence = first.sha256;
    let mut files = vec![first];
    for format in formats {
        let report = open_report(postern, ReportRequest { format, ..request.clone() }).await?;
        let written = write(report, unfinished.path()).await?;
        if files.iter().all(|file| file.name != written.name) {
            files.push(written);
        }
    }
    let signed = Manifest::new(subject, evidence, files).sign(key);
    fs::write(unfinished.path().join(MANIFEST_FILE), signed.text()).with_context(cannot)?;
    fs::rename(unfinished.path(), &out).with_context(cannot)?;
    // It has another name now, so that there is nothing to remove.
    let _ = unfinished.keep();
    Ok(signed)
}

async fn write(mut report: ReportStream, folder: &Path) -> anyhow::Result<ManifestFile> {
    let name = report.file_name.clone();
    let cannot = || format!("{name} cannot be written");
    let mut file = File::create_new(folder.join(&name)).with_context(cannot)?;
    let mut digest = DigestWriter::default();
    let mut bytes = 0;
    while let Some(piece) = report.next().await {
        let piece = piece?;
        file.write_all(&piece).with_context(cannot)?;
        digest.write_all(&piece).with_context(cannot)?;
        bytes += u64::try_from(piece.len())?;
    }
    file.sync_all().with_context(cannot)?;
    let sha256: Digest = digest.digest();
    Ok(ManifestFile { name, bytes, sha256 })
}
