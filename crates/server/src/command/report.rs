//! `postern report`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use postern_service::report::{ReportFormat, ReportRequest, build_report};
use serde_json::json;

use crate::cli::{ReportArguments, ReportFormatArgument};
use crate::{Environment, database, output};
use postern_domain::moment;

pub(super) async fn run(
    arguments: ReportArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let out = arguments.out.as_path();
    refuse_unwritable(out)?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    let request = ReportRequest {
        connection: arguments.connection,
        format: match arguments.format {
            ReportFormatArgument::Csv => ReportFormat::Csv,
            ReportFormatArgument::Pdf => ReportFormat::Pdf,
        },
        as_of: arguments.as_of,
    };
    let report = build_report(&database.postern, request).await;
    database.close().await?;
    let bytes = report?.bytes;
    write_whole(out, &bytes)?;
    if arguments.json {
        output::print_json(&json!({
            "file": out,
            "bytes": bytes.len(),
            "as_of": arguments.as_of.map(moment::text),
        }))
    } else {
        output::print(&format!("{} is written ({} bytes).\n", out.display(), bytes.len()))
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

fn directory_of(out: &Path) -> PathBuf {
    match out.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Writes beside the file and renames, so that nobody ever sees half of it.
fn write_whole(out: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let said = || format!("{} cannot be written", out.display());
    let mut unfinished = tempfile::NamedTempFile::new_in(directory_of(out)).with_context(said)?;
    std::io::Write::write_all(&mut unfinished, bytes).with_context(said)?;
    unfinished.as_file().sync_all().with_context(said)?;
    unfinished.persist(out).with_context(said)?;
    Ok(())
}
