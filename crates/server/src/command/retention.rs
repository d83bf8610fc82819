//! `postern retention`.

use postern_domain::moment;
use postern_domain::retention::{Retention, RetentionKind};
use postern_service::retention::{
    apply_retention, preview_retention, set_retention, show_retention,
};
use postern_service::view::RemovalView;
use serde_json::json;

use super::storage::whole_size;
use super::table::Table;
use crate::cli::{
    ApplyRetentionArguments, Keep, KeepArguments, PreviewRetentionArguments, RetentionArguments,
    RetentionCommand, SetRetentionArguments, ShowRetentionArguments,
};
use crate::database::Database;
use crate::{Environment, database, output};

pub(super) async fn run(
    arguments: RetentionArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    match arguments.command {
        RetentionCommand::Show(arguments) => show(arguments, environment).await,
        RetentionCommand::Preview(arguments) => preview(arguments, environment).await,
        RetentionCommand::Set(arguments) => set(arguments, environment).await,
        RetentionCommand::Apply(arguments) => apply(arguments, environment).await,
    }
}

async fn show(arguments: ShowRetentionArguments, environment: &Environment) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let shown = show_retention(&database.postern).await;
    database.close().await?;
    let shown = shown?;
    if arguments.json {
        let date = |at: Option<time::OffsetDateTime>| at.map(moment::text);
        let kept: Vec<_> = shown
            .kept
            .iter()
            .map(|kept| {
                json!({
                    "connection": kept.connection,
                    "history_from": date(kept.history_from),
                    "trend_from": date(kept.trend_from),
                })
            })
            .collect();
        return output::print_json(&json!({"retention": shown.retention, "connections": kept}));
    }
    let said = match &shown.change {
        Some((at, reason)) => format!("Said on {}: {reason}\n", moment::text(*at)),
        None => String::new(),
    };
    let mut table = Table::new(["Connection", "History from", "Trend from"]);
    for kept in &shown.kept {
        let from = |at: Option<_>| at.map_or_else(|| "the beginning".to_owned(), moment::text);
        table.row([kept.connection.clone(), from(kept.history_from), from(kept.trend_from)]);
    }
    let kept = if shown.kept.is_empty() { String::new() } else { format!("\n{}", table.text(&[])) };
    output::print(&format!("{}{said}{kept}", in_words(&shown.retention)))
}

/// How long each kind is kept, a line each.
fn in_words(retention: &Retention) -> String {
    let line = |kind: RetentionKind| {
        let time = match retention.days(kind) {
            None => "for ever".to_owned(),
            Some(1) => "for 1 day".to_owned(),
            Some(days) => format!("for {days} days"),
        };
        format!("{} {time}.\n", is_kept(kind))
    };
    RetentionKind::ALL.into_iter().map(line).collect()
}

fn is_kept(kind: RetentionKind) -> &'static str {
    match kind {
        RetentionKind::History => "History is kept",
        RetentionKind::Trend => "The trend is kept",
        RetentionKind::FailedScans => "Failed scans are kept",
    }
}

/// What holds, with what the arguments say instead.
async fn wanted(database: &Database, keep: KeepArguments) -> anyhow::Result<Retention> {
    let now = show_retention(&database.postern).await?.retention;
    let days = |said: Option<Keep>, now: Option<u16>| match said {
        None => now,
        Some(Keep::Days(days)) => Some(days),
        Some(Keep::Forever) => None,
    };
    Ok(Retention {
        history_days: days(keep.history, now.history_days),
        trend_days: days(keep.trend, now.trend_days),
        failed_scans_days: days(keep.failed_scans, now.failed_scans_days),
    })
}

async fn preview(
    arguments: PreviewRetentionArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let previewed = async {
        let wanted = wanted(&database, arguments.keep).await?;
        anyhow::Ok((wanted, preview_retention(&database.postern, &wanted).await?))
    };
    let previewed = previewed.await;
    database.close().await?;
    let (wanted, removals) = previewed?;
    if arguments.json {
        return output::print_json(&json!({"retention": wanted, "removals": removals}));
    }
    output::print(&format!("{}\n{}", in_words(&wanted), removals_text(&removals, "goes", "go")))
}

async fn set(arguments: SetRetentionArguments, environment: &Environment) -> anyhow::Result<()> {
    anyhow::ensure!(
        !arguments.reason.trim().is_empty(),
        "--reason is empty; say why, for whoever reads the history"
    );
    let KeepArguments { history, trend, failed_scans } = arguments.keep;
    anyhow::ensure!(
        history.or(trend).or(failed_scans).is_some(),
        "say what is kept how long: --history-days, --trend-days or --failed-scans-days"
    );
    let database = database::open(&arguments.database, &environment.clock).await?;
    let done = async {
        let wanted = wanted(&database, arguments.keep).await?;
        let removals = preview_retention(&database.postern, &wanted).await?;
        set_retention(&database.postern, &wanted, &arguments.reason).await?;
        anyhow::Ok((wanted, removals))
    };
    let done = done.await;
    database.close().await?;
    let (wanted, removals) = done?;
    output::print(&format!(
        "{}\n{}A worker removes it within an hour; `postern retention apply` removes it now.\n",
        in_words(&wanted),
        removals_text(&removals, "goes", "go"),
    ))
}

async fn apply(
    arguments: ApplyRetentionArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let applied = apply_retention(&database.postern, |removal| {
        eprintln!("{}: {} rows removed", removal.connection, removal.rows());
    });
    let applied = applied.await;
    database.close().await?;
    let applied = applied?;
    let mut text = removals_text(&applied.removals, "went", "went");
    for slug in &applied.busy {
        text.push_str(slug);
        text.push_str(" is being scanned: a worker comes back to it within an hour.\n");
    }
    output::print(&text)
}

fn removals_text(removals: &[RemovalView], one: &str, many: &str) -> String {
    if removals.is_empty() {
        return format!("Nothing {one}.\n");
    }
    let mut table = Table::new(["Connection", "Kind", "Before", "Table", "Rows", "About"]);
    for removal in removals {
        let head = [
            removal.connection.clone(),
            removal.kind.as_str().replace('_', " "),
            moment::text(removal.before),
        ];
        if removal.removed.is_empty() {
            let [connection, kind, before] = head.clone();
            table.row([
                connection,
                kind,
                before,
                "nothing".to_owned(),
                String::new(),
                String::new(),
            ]);
        }
        for removed in &removal.removed {
            let [connection, kind, before] = head.clone();
            let (rows, bytes) = (removed.rows.to_string(), whole_size(removed.bytes));
            table.row([connection, kind, before, removed.table.clone(), rows, bytes]);
        }
    }
    let rows: i64 = removals.iter().map(RemovalView::rows).sum();
    let bytes = whole_size(removals.iter().map(RemovalView::bytes).sum());
    let rows = if rows == 1 { format!("1 row {one}") } else { format!("{rows} rows {many}") };
    format!("{}\n{rows}, about {bytes}.\n", table.text(&[4, 5]))
}
