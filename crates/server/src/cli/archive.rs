//! The arguments of `postern export` and `postern import-archive`.

use std::path::PathBuf;

use clap::Args;
use postern_domain::moment;
use time::OffsetDateTime;

use super::DatabaseArguments;

#[derive(Args, Debug)]
#[command(after_help = "\
An archive is a folder: a file of gzipped JSON lines for each table, a row a line, and manifest.json, which names each with
its SHA-256. `zcat` and `sha256sum` read and check it without Postern; `postern import-archive` takes it in elsewhere.
What lies before the period is left out, but for what its moments are made of. Secrets are not in it.

Examples:
  postern export --out all
  postern export --from 2026-01-01 --until 2026-12-31 --out 2026")]
pub(crate) struct ExportArguments {
    /// The folder to write; it must be empty, or not there yet.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// The connection; without it, the one that the dashboard shows first.
    #[arg(long, value_name = "CONNECTION")]
    pub connection: Option<String>,
    /// The first moment that the archive shows: a date (its end, in UTC) or a time; without it, all that is kept.
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub from: Option<OffsetDateTime>,
    /// The last moment that it shows; without it, now.
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub until: Option<OffsetDateTime>,
    /// Print the manifest as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Every file is checked against the manifest first. All of an archive is taken in, or nothing: as a connection that is not
scanned, shown as of every moment of its period. In a database without history, findings and scans keep their numbers.
What is said of teams is taken in where nothing was said yet. Which packs and settings judge here, and what vouches for a
pack, is not for an archive to say: that is in it to be read.

Examples:
  postern import-archive 2026 --check
  postern import-archive 2026 --connection azure-2026")]
pub(crate) struct ImportArchiveArguments {
    /// The folder that `postern export` wrote.
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// What to call the connection; without it, as it was called.
    #[arg(long, value_name = "CONNECTION")]
    pub connection: Option<String>,
    /// Only check the files against the manifest; needs no database.
    #[arg(long)]
    pub check: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}
