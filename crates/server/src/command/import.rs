//! `postern import`.

use std::path::PathBuf;

use postern_service::azure::import::{FileReport, ImportCompleteness};
use postern_service::import::{ImportError, ImportRequest, ImportSummary, import_files};
use serde_json::json;

use crate::cli::ImportArguments;
use crate::{Environment, database, output};

pub(super) async fn run(
    arguments: ImportArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let completeness =
        if arguments.complete { ImportCompleteness::Complete } else { ImportCompleteness::Partial };
    let request = ImportRequest {
        slug: arguments.connection.clone(),
        name: arguments.name.clone(),
        paths: arguments.paths.clone(),
        completeness,
    };
    let imported = import_files(&database.postern, request).await;
    database.close().await?;
    let summary = match imported {
        Err(ImportError::Nothing { files }) => {
            report_problems(&files);
            return Err(ImportError::Nothing { files }.into());
        }
        imported => imported?,
    };
    report_problems(&summary.files);
    if arguments.json {
        output::print_json(&as_json(&summary, &arguments.connection))?;
    } else {
        output::print(&as_text(&summary, &arguments))?;
    }
    refuse_named_problems(&summary.files, &arguments.paths)
}

/// Names the files that could not be used.
pub(super) fn report_problems(files: &[FileReport]) {
    for file in files {
        if let Some(problem) = &file.problem {
            eprintln!("postern: {}: {problem}", file.path.display());
        }
    }
}

/// Fails when a file that was itself named could not be used, or nothing could be read at all.
pub(super) fn refuse_named_problems(files: &[FileReport], named: &[PathBuf]) -> anyhow::Result<()> {
    let is_named = |file: &&FileReport| file.problem.is_some() && named.contains(&file.path);
    let unusable = files.iter().filter(is_named).count();
    if files.iter().all(|file| file.assets == 0) {
        anyhow::bail!("none of the {} files holds a resource that Postern judges", files.len());
    }
    match unusable {
        0 => Ok(()),
        1 => anyhow::bail!("one of the named files could not be used; the others were"),
        count => anyhow::bail!("{count} of the named files could not be used; the others were"),
    }
}

fn passed_over(files: &[FileReport]) -> std::collections::BTreeMap<&str, usize> {
    let mut counts = std::collections::BTreeMap::new();
    for (asset_type, count) in files.iter().flat_map(|file| &file.passed_over) {
        *counts.entry(asset_type.as_str()).or_default() += count;
    }
    counts
}

fn as_json(summary: &ImportSummary, slug: &str) -> serde_json::Value {
    let problems: Vec<_> = summary
        .files
        .iter()
        .filter_map(|file| Some(json!({"file": file.path, "problem": file.problem.as_ref()?})))
        .collect();
    json!({
        "connection": slug,
        "scan": summary.scan.to_string(),
        "assets": summary.assets,
        "files": summary.files.len(),
        "findings": {"open": summary.evaluation.open(), "opened": summary.evaluation.opened(), "fixed": summary.evaluation.fixed()},
        "passed_over": passed_over(&summary.files),
        "problems": problems,
    })
}

fn as_text(summary: &ImportSummary, arguments: &ImportArguments) -> String {
    let mut lines = vec![format!(
        "{} assets from {} files; {} findings open, {} new, {} fixed.\n",
        summary.assets,
        summary.files.len(),
        summary.evaluation.open(),
        summary.evaluation.opened(),
        summary.evaluation.fixed()
    )];
    let passed_over = passed_over(&summary.files);
    if !passed_over.is_empty() {
        let total: usize = passed_over.values().sum();
        let mut types: Vec<_> = passed_over.into_iter().collect();
        types.sort_by_key(|(asset_type, count)| (std::cmp::Reverse(*count), *asset_type));
        lines.push(format!("Passed over {total} resources that are no Azure AI assets:\n"));
        for (asset_type, count) in types {
            lines.push(format!("{count:>6}  {asset_type}\n"));
        }
    }
    let database = match &arguments.database.data_dir {
        Some(data_dir) => format!(" --data-dir {}", data_dir.display()),
        None => String::new(),
    };
    lines.push(format!("See them with `postern serve{database}` at http://127.0.0.1:7878/overview?connection={slug}\n",
        slug = arguments.connection
    ));
    lines.concat()
}
