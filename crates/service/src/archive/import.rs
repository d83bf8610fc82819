//! Taking an archive in.

use std::path::{Path, PathBuf};

use postern_domain::canonical;
use postern_domain::id::ConnectionId;
use postern_domain::moment;
use postern_domain::person::Permission;
use postern_domain::retention::RetentionKind;
use postern_store::archive::{self, Numbers, Reserved, TABLES, Table, TableKind};
use postern_store::connection::{self, ConnectionKind, NewConnection};
use postern_store::{PgConnection, StoreError, retention};
use serde::Deserialize;
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::ArchiveError;
use super::file::{self, Lines, failed};
use super::manifest::{ArchivedFile, FORMAT, MANIFEST, Manifest};
use crate::Postern;
use crate::connection::check_slug;
use crate::decision::{Decided, record};
use crate::read::ReadError;

/// Rows that one statement writes at most, and about how many bytes.
const ROWS: usize = 2_000;
const BYTES: usize = 4 * 1024 * 1024;

/// No database comes to a higher number, and ten thousand such histories leave numbers to take.
const MOST: i64 = 1 << 48;

/// Nothing was scanned before there was something to scan.
const AZURE_SINCE: OffsetDateTime = datetime!(2010-02-01 0:00 UTC);

/// What is said of teams holds for all connections.
const ROUTING: &str = "routing_changes";

/// Which archive to take in, and as what.
#[derive(Clone, Debug)]
pub struct ArchiveImport {
    /// The archive's folder.
    pub folder: PathBuf,
    /// The slug of the connection that is made; `None` for the archive's own.
    pub connection: Option<String>,
}

/// An archive that was taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchiveImported {
    /// The slug of the connection that was made.
    pub connection: String,
    /// What the archive says of itself.
    pub manifest: Manifest,
    /// Whether findings and scans have the numbers that they had.
    pub keeps_numbers: bool,
    /// Whether what is said of teams was taken in: it is where nothing was said yet.
    pub has_teams: bool,
}

#[derive(Deserialize)]
struct Head {
    format: String,
}

/// A line of `asset_bodies`.
#[derive(Deserialize)]
struct Body {
    content_hash: String,
    document: Value,
}

/// Reads an archive's manifest and checks every file against it; changes nothing.
pub fn check_archive(folder: &Path) -> Result<Manifest, ArchiveError> {
    let path = folder.join(MANIFEST);
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(ArchiveError::NoManifest(folder.to_owned()));
        }
        text => text.map_err(failed(&path))?,
    };
    // First the format alone, because another's fields are not known.
    let head: Head = serde_json::from_str(&text).map_err(ArchiveError::Manifest)?;
    if head.format != FORMAT {
        return Err(ArchiveError::Format { found: head.format });
    }
    let manifest: Manifest = serde_json::from_str(&text).map_err(ArchiveError::Manifest)?;
    for table in TABLES {
        file::check(folder, file_of(&manifest, table)?)?;
    }
    Ok(manifest)
}

/// Takes an archive in as a connection of its own, which is not scanned; all of it or nothing.
///
/// `tell` hears of each file as it is done.
pub async fn import_archive(
    postern: &Postern,
    request: ArchiveImport,
    mut tell: impl FnMut(&ArchivedFile) + Send,
) -> Result<ArchiveImported, ArchiveError> {
    postern.require(Permission::Administer).map_err(ReadError::from)?;
    let ArchiveImport { folder, connection } = request;
    let manifest = check_archive(&folder)?;
    let slug = connection.unwrap_or_else(|| manifest.connection.slug.clone());
    check_slug(&slug)?;
    {
        let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
        check_free(&mut session, &slug).await?;
    }
    let reserved = prepare(postern, &manifest).await?;
    let mut transaction = postern.pool.begin().await.map_err(StoreError::from)?;
    let of = connect(postern, &mut transaction, &manifest, &slug).await?;
    let has_teams = !archive::has_routing(&mut transaction).await?;
    for table in TABLES {
        let file = file_of(&manifest, table)?;
        let is_taken_in = match table.kind {
            TableKind::Own => table.name != ROUTING || has_teams,
            TableKind::Shared => true,
            TableKind::Evidence => false,
        };
        if is_taken_in {
            take_in(&mut transaction, (table, file), &folder, of, reserved).await?;
            tell(file);
        }
    }
    let forged = archive::forged_packs(&mut transaction).await?;
    if !forged.is_empty() {
        return Err(ArchiveError::ForgedPack(forged.join(", ")));
    }
    archive::project(&mut transaction, of).await?;
    if !manifest.is_from_the_beginning {
        let (kind, now) = (RetentionKind::History, postern.clock.now());
        let until = (kind, manifest.from);
        retention::insert_run(&mut transaction, of, until, &json!({}), now).await?;
    }
    let decided = Decided {
        action: "archive.import",
        subject: Some(slug.clone()),
        after: Some(json!({
            "connection": manifest.connection.slug,
            "from": moment::text(manifest.from),
            "until": moment::text(manifest.until),
            "teams": has_teams,
        })),
        ..Decided::default()
    };
    record(postern, &mut transaction, decided).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    let keeps_numbers = reserved.offsets == Numbers::default();
    Ok(ArchiveImported { connection: slug, manifest, keeps_numbers, has_teams })
}

/// Makes months and takes numbers: what stays where the rest fails, and does no harm.
async fn prepare(postern: &Postern, manifest: &Manifest) -> Result<Reserved, ArchiveError> {
    let highest @ Numbers { scan, snapshot, evaluation, asset, finding } = manifest.highest;
    if [scan, snapshot, evaluation, asset, finding].iter().any(|one| !(0..=MOST).contains(one)) {
        return Err(ArchiveError::Numbers);
    }
    let Manifest { from, until, oldest_snapshot_at: oldest, .. } = *manifest;
    // Each month between them becomes a partition of its own.
    let is_possible = AZURE_SINCE <= oldest
        && oldest <= from
        && from <= until
        && until <= postern.clock.now() + Duration::DAY;
    if !is_possible {
        return Err(ArchiveError::Times { from, until, oldest });
    }
    let mut transaction = postern.pool.begin().await.map_err(StoreError::from)?;
    archive::ensure_months(&mut transaction, oldest, until).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    let mut transaction = postern.pool.begin().await.map_err(StoreError::from)?;
    let reserved = archive::reserve(&mut transaction, highest).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(reserved)
}

async fn connect(
    postern: &Postern,
    session: &mut PgConnection,
    manifest: &Manifest,
    slug: &str,
) -> Result<ConnectionId, ArchiveError> {
    // Once more: an archive is never mixed with what another made meanwhile.
    check_free(session, slug).await?;
    let archived = &manifest.connection;
    let new = NewConnection {
        slug,
        name: &archived.name,
        kind: ConnectionKind::from_word(&archived.kind)?,
        settings: &archived.settings,
        schedule: None,
        at: postern.clock.now(),
    };
    let made = connection::ensure(session, &new).await?;
    made.ok_or_else(|| ArchiveError::ConnectionExists(slug.to_owned()))
}

async fn check_free(session: &mut PgConnection, slug: &str) -> Result<(), ArchiveError> {
    let all = retention::connections(session).await?;
    if all.iter().any(|(_, other)| other == slug) {
        return Err(ArchiveError::ConnectionExists(slug.to_owned()));
    }
    Ok(())
}

async fn take_in(
    session: &mut PgConnection,
    (table, file): (&Table, &ArchivedFile),
    folder: &Path,
    of: ConnectionId,
    reserved: Reserved,
) -> Result<(), ArchiveError> {
    let mut lines = Lines::open(folder, file)?;
    let mut rows = Vec::new();
    let mut bytes = 0;
    loop {
        let line = lines.next()?;
        let is_end = line.is_none();
        if let Some(line) = line {
            if table.name == "asset_bodies" {
                check_document(file, &line)?;
            }
            bytes += line.len();
            rows.push(line);
        }
        if !rows.is_empty() && (is_end || rows.len() >= ROWS || bytes >= BYTES) {
            let done = archive::insert(session, table, of, reserved, &rows).await;
            let done = done.map_err(|source| ArchiveError::Rows { file: file.name(), source })?;
            if table.kind == TableKind::Own && done != rows.len() as u64 {
                let what = "it has numbers that the manifest does not";
                return Err(ArchiveError::Changed { file: file.name(), what });
            }
            rows.clear();
            bytes = 0;
        }
        if is_end {
            return Ok(());
        }
    }
}

/// A document under another's hash would be taken for that by later scans, which write none twice.
fn check_document(file: &ArchivedFile, line: &str) -> Result<(), ArchiveError> {
    let forged = |hash: &str| ArchiveError::ForgedDocument {
        file: file.name(),
        hash: hash.chars().take(64).collect(),
    };
    let body: Body = serde_json::from_str(line).map_err(|_| forged("(none)"))?;
    let hash = body.content_hash.trim_start_matches("\\x");
    if canonical::digest(&body.document).to_string() == hash { Ok(()) } else { Err(forged(hash)) }
}

fn file_of<'a>(manifest: &'a Manifest, table: &Table) -> Result<&'a ArchivedFile, ArchiveError> {
    let found = manifest.files.iter().find(|file| file.table == table.name);
    found.ok_or_else(|| ArchiveError::Changed {
        file: super::manifest::file_name(table.name),
        what: "it is not named",
    })
}
