//! `postern diff`.

use std::fmt::Write as _;

use postern_domain::change::PropertyChange;
use postern_service::difference::{
    AssetDifference, AssetDifferenceKind, DifferenceRequest, DifferenceView, FindingDifference,
    compare_snapshots,
};
use serde_json::Value;

use crate::cli::DiffArguments;
use crate::{Environment, database, output};
use postern_domain::moment;

/// Characters of a value that people read; --json has the whole.
const SHOWN: usize = 100;

pub(super) async fn run(arguments: DiffArguments, environment: &Environment) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let request = DifferenceRequest {
        connection: arguments.connection,
        from: arguments.from,
        until: arguments.until,
        part: None,
    };
    let difference = compare_snapshots(&database.postern, request).await;
    database.close().await?;
    let difference = difference?;
    if arguments.json {
        return output::print_json(&serde_json::to_value(&difference)?);
    }
    output::print(&as_text(&difference)?)
}

fn as_text(difference: &DifferenceView) -> Result<String, std::fmt::Error> {
    let DifferenceView { connection, from, until, assets, findings, .. } = difference;
    let mut text = format!(
        "{connection}: from scan {} ({}) to scan {} ({})\n",
        from.scan,
        moment::text(from.at),
        until.scan,
        moment::text(until.at),
    );
    if assets.is_empty() && findings.is_empty() {
        text += "\nNothing differs.\n";
    }
    for (kind, title) in [
        (AssetDifferenceKind::Appeared, "Resources that appeared"),
        (AssetDifferenceKind::Deleted, "Resources that were deleted"),
        (AssetDifferenceKind::OutOfScope, "Resources that are out of scope"),
        (AssetDifferenceKind::Changed, "Resources that changed"),
        (AssetDifferenceKind::Unread, "Resources that could not be read any more"),
        (AssetDifferenceKind::ReadAgain, "Resources that are read again"),
    ] {
        let of_kind: Vec<_> = assets.iter().filter(|asset| asset.kind == kind).collect();
        if !of_kind.is_empty() {
            writeln!(text, "\n{title}: {}", of_kind.len())?;
            for asset in of_kind {
                write_asset(&mut text, asset)?;
            }
        }
    }
    for (is_open, title) in [(true, "Findings opened"), (false, "Findings resolved")] {
        let of_kind: Vec<_> = findings.iter().filter(|one| one.is_open == is_open).collect();
        if !of_kind.is_empty() {
            writeln!(text, "\n{title}: {}", of_kind.len())?;
            for finding in of_kind {
                write_finding(&mut text, finding)?;
            }
        }
    }
    Ok(text)
}

fn write_asset(text: &mut String, asset: &AssetDifference) -> std::fmt::Result {
    let group = asset.resource_group.as_deref().unwrap_or("no resource group");
    writeln!(text, "  {} ({}, {group})", asset.name, asset.asset_type)?;
    for PropertyChange { path, before, after } in &asset.changes {
        writeln!(text, "    {path}: {} -> {}", shown(before.as_ref()), shown(after.as_ref()))?;
    }
    Ok(())
}

fn write_finding(text: &mut String, finding: &FindingDifference) -> std::fmt::Result {
    let FindingDifference { finding: id, rule, asset, severity, event, detail, at, .. } = finding;
    let name = asset.as_str().rsplit('/').next().unwrap_or_default();
    writeln!(text, "  {id} {rule} on {name} ({}): {}", severity.label(), event.label())?;
    writeln!(text, "    {}: {detail}", moment::text(*at))
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "absent".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
