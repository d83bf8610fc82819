//! `postern report`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use postern_service::Postern;
use postern_service::report::{ReportRequest, open_report};
use serde_json::json;

use crate::cli::{ReportArguments, ReportOf};
use crate::{Environment, database, output};
use postern_domain::moment;

pub(super) async fn run(
    arguments: ReportArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let out = arguments.out.as_path();
    refuse_unwritable(out)?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    let ReportOf { connection, as_of, list } = arguments.of;
    let request = ReportRequest { connection, format: arguments.format, as_of, list };
    let written = write_whole(&database.postern, request, out).await;
    database.close().await?;
    let bytes = written?;
    if arguments.json {
        output::print_json(&json!({
            "file": out,
            "bytes": bytes,
            "as_of": as_of.map(moment::text),
        }))
    } else {
        output::print(&format!("{} is written ({bytes} bytes).\n", out.display()))
    }
}

/// Says at once what would only fail after the work is done.
fn refuse_unwritable(out: &Path) -> anyhow::Result<()> {
    if out.is_dir() {
        anyhow::bail!("{} is a directory; give the name of a file with --out", out.display());
    }
    let directory = directory_of(out);
    if !directory.is_dir() {
        anyhow::bail!("{} does not exist; create it first", directory.display());
    }
    Ok(())
}

pub(super) fn directory_of(out: &Path) -> PathBuf {
    match out.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Writes beside the file as the report comes and renames, so that nobody ever sees half of it; gives its size.
async fn write_whole(postern: &Postern, request: ReportRequest, out: &Path) -> anyhow::Result<u64> {
    let said = || format!("{} cannot be written", out.display());
    let mut report = open_report(postern, request).await?;
    let mut unfinished = tempfile::NamedTempFile::new_in(directory_of(out)).with_context(said)?;
    let mut size = 0;
    while let Some(piece) = report.next().await {
        let piece = piece?;
        // Nothing else runs in this process that a disk could hold up.
        unfinished.write_all(&piece).with_context(said)?;
        size += u64::try_from(piece.len())?;
    }
    unfinished.as_file().sync_all().with_context(said)?;
    unfinished.persist(out).with_context(said)?;
    Ok(size)
}
