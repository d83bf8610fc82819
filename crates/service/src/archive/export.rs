//! Writing an archive.

use std::path::{Path, PathBuf};

use postern_domain::person::Permission;
use postern_domain::retention::RetentionKind;
use postern_store::archive::{self, Span, TABLES};
use postern_store::connection;
use postern_store::read::evaluation;
use postern_store::{PgConnection, read, retention};
use time::OffsetDateTime;

use super::ArchiveError;
use super::file::{Writing, failed};
use super::manifest::{ArchivedConnection, ArchivedFile, FORMAT, MANIFEST, Manifest};
use crate::Postern;
use crate::read::{Chosen, ReadError, choose};

/// What to export.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// The connection's slug; `None` for the one shown by default.
    pub connection: Option<String>,
    /// The first moment to show; `None` for all that is kept.
    pub from: Option<OffsetDateTime>,
    /// The last one; `None` for now.
    pub until: Option<OffsetDateTime>,
    /// The folder to write, which is made where it is not there.
    pub folder: PathBuf,
}

/// Writes a connection's history of a period; `tell` hears of each file as it is done.
///
/// All of it is of one moment, whatever scans end meanwhile. The same history gives the same bytes.
pub async fn export(
    postern: &Postern,
    request: ExportRequest,
    mut tell: impl FnMut(&ArchivedFile) + Send,
) -> Result<Manifest, ArchiveError> {
    postern.require(Permission::ReadEverything).map_err(ReadError::from)?;
    let ExportRequest { connection: slug, from, until, folder } = request;
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, slug.as_deref()).await? else {
        return Err(match slug {
            Some(slug) => ReadError::UnknownConnection(slug).into(),
            None => ArchiveError::NoConnection,
        });
    };
    let (span, first) = span(&mut transaction, &chosen, from, until).await?;
    prepare(&folder)?;
    archive::prepare(&mut transaction).await?;
    let mut files = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        let mut file = Writing::begin(&folder, table.name)?;
        archive::rows(&mut transaction, table, span, |line| file.line(line)).await?;
        let file = file.finish()?;
        tell(&file);
        files.push(file);
    }
    let of = connection::find_by_id(&mut transaction, chosen.id).await?;
    let of = of.ok_or_else(|| ReadError::UnknownConnection(chosen.choice.selected.slug.clone()))?;
    let oldest = archive::oldest_snapshot_at(&mut transaction, chosen.id).await?;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        postern: env!("CARGO_PKG_VERSION").to_owned(),
        connection: ArchivedConnection {
            slug: of.slug,
            name: of.name,
            kind: of.kind.as_str().to_owned(),
            settings: of.settings,
        },
        from: span.from,
        until: span.until,
        is_from_the_beginning: span.from == first,
        oldest_snapshot_at: oldest.unwrap_or(span.from),
        highest: archive::numbers(&mut transaction, span).await?,
        files,
    };
    // Last: without it, the folder holds no archive.
    let path = folder.join(MANIFEST);
    let text = serde_json::to_string_pretty(&manifest).map_err(ArchiveError::Manifest)?;
    std::fs::write(&path, text + "\n").map_err(failed(&path))?;
    Ok(manifest)
}

/// The evaluations that show the first and the last moment, and the time of the first evaluation of all.
async fn span(
    session: &mut PgConnection,
    chosen: &Chosen,
    from: Option<OffsetDateTime>,
    until: Option<OffsetDateTime>,
) -> Result<(Span, OffsetDateTime), ArchiveError> {
    let slug = chosen.choice.selected.slug.clone();
    let latest = evaluation::latest(session, chosen.id, None).await?;
    let first = evaluation::first_at(session, chosen.id).await?;
    let (Some(latest), Some(first)) = (latest, first) else {
        return Err(ReadError::NothingEvaluated(slug).into());
    };
    let kept_from = retention::begins(session, chosen.id, RetentionKind::History).await?;
    let kept_from = kept_from.unwrap_or(first);
    let last = evaluation::latest(session, chosen.id, until).await?;
    let last = last.filter(|last| last.at >= kept_from).ok_or_else(|| ReadError::TooEarly {
        connection: slug,
        asked: until.unwrap_or(latest.at),
        first: kept_from,
        latest: latest.at,
    })?;
    let begins = match from {
        Some(from) => evaluation::latest(session, chosen.id, Some(from)).await?,
        None => None,
    };
    let begins = begins.map_or(kept_from, |begins| begins.at.max(kept_from));
    if begins > last.at {
        return Err(ArchiveError::NoScan { from: from.unwrap_or(begins), first: begins });
    }
    Ok((Span { connection: chosen.id, from: begins, until: last.at }, first))
}

fn prepare(folder: &Path) -> Result<(), ArchiveError> {
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let mut entries = std::fs::read_dir(folder).map_err(failed(folder))?;
    if entries.next().is_some() {
        return Err(ArchiveError::NotEmpty(folder.to_owned()));
    }
    Ok(())
}
