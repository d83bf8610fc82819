//! `postern export` and `postern import-archive`.

use postern_domain::moment;
use postern_service::archive::{
    self, ArchiveImport, ArchivedFile, ExportRequest, Manifest, check_archive,
};
use serde_json::json;

use super::storage::whole_size;
use super::table::Table;
use crate::cli::{ExportArguments, ImportArchiveArguments};
use crate::{Environment, database, output};

pub(super) async fn export(
    arguments: ExportArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let request = ExportRequest {
        connection: arguments.connection,
        from: arguments.from,
        until: arguments.until,
        folder: arguments.out.clone(),
    };
    let exported = archive::export(&database.postern, request, |file| tell("written", file)).await;
    database.close().await?;
    let manifest = exported?;
    if arguments.json {
        return output::print_json(&serde_json::to_value(&manifest)?);
    }
    let folder = arguments.out.display();
    output::print(&format!("{}\nWritten to {folder}.\n", contents(&manifest)))
}

pub(super) async fn import(
    arguments: ImportArchiveArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    if arguments.check {
        let manifest = check_archive(&arguments.folder)?;
        if arguments.json {
            return output::print_json(&serde_json::to_value(&manifest)?);
        }
        let text = contents(&manifest);
        return output::print(&format!("{text}\nEvery file is what the manifest says.\n"));
    }
    let database = database::open(&arguments.database, &environment.clock).await?;
    let request = ArchiveImport { folder: arguments.folder, connection: arguments.connection };
    let imported =
        archive::import_archive(&database.postern, request, |file| tell("taken in", file)).await;
    database.close().await?;
    let imported = imported?;
    if arguments.json {
        return output::print_json(&json!({
            "connection": imported.connection,
            "keeps_numbers": imported.keeps_numbers,
            "has_teams": imported.has_teams,
            "manifest": imported.manifest,
        }));
    }
    let numbers = if imported.keeps_numbers {
        "Findings and scans have the numbers that they had.\n"
    } else {
        "Findings and scans have other numbers here, because this database has history of its own.\n"
    };
    let teams = if imported.has_teams {
        ""
    } else {
        "What the archive says of teams was left out, because this database says something of teams.\n"
    };
    let (slug, text) = (&imported.connection, contents(&imported.manifest));
    output::print(&format!(
        "{text}\nTaken in as \"{slug}\", which is not scanned.\n{numbers}{teams}"
    ))
}

fn tell(what: &str, file: &ArchivedFile) {
    let rows = if file.rows == 1 { "row" } else { "rows" };
    eprintln!("{}: {} {rows} {what}", file.table, file.rows);
}

/// What an archive holds.
fn contents(manifest: &Manifest) -> String {
    let mut table = Table::new(["File", "Rows", "Size"]);
    for file in &manifest.files {
        let size = whole_size(i64::try_from(file.bytes).unwrap_or(i64::MAX));
        table.row([file.name(), file.rows.to_string(), size]);
    }
    let beginning = if manifest.is_from_the_beginning {
        ", the first scan"
    } else {
        ", and what that is made of"
    };
    format!(
        "{}\nAll moments of \"{}\" from {}{beginning}, to {}.\n",
        table.text(&[1, 2]),
        manifest.connection.slug,
        moment::text(manifest.from),
        moment::text(manifest.until),
    )
}
