//! `postern connections`.

use postern_domain::moment;
use postern_service::Postern;
use postern_service::connection::{
    Connection, ConnectionKind, Schedule, list_connections, remove_connection,
};
use postern_service::scans::show_scans;
use postern_service::schedule::{pause_schedule, resume_schedule};
use postern_service::view::{ScanView, ScheduleView};
use serde_json::{Value, json};

use super::table::Table;
use crate::cli::{
    ConnectionsArguments, ConnectionsCommand, ListConnectionsArguments, OneConnectionArguments,
};
use crate::{Environment, azure_connection, database, output};

pub(super) async fn run(
    arguments: ConnectionsArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    match arguments.command {
        ConnectionsCommand::List(arguments) => list(arguments, environment).await,
        ConnectionsCommand::Pause(arguments) => {
            with_one(arguments, environment, async |postern, one| {
                let done = pause_schedule(postern, one.id).await?;
                Ok(match (done, one.schedule) {
                    (true, _) => format!("The schedule of \"{}\" is paused.", one.slug),
                    (false, Some(_)) => format!("The schedule of \"{}\" was paused.", one.slug),
                    (false, None) => anyhow::bail!("\"{}\" has no schedule to pause", one.slug),
                })
            })
            .await
        }
        ConnectionsCommand::Resume(arguments) => {
            with_one(arguments, environment, async |postern, one| {
                if !resume_schedule(postern, one.id).await? {
                    anyhow::bail!("the schedule of \"{}\" is not paused", one.slug)
                }
                Ok(format!("The schedule of \"{}\" goes on.", one.slug))
            })
            .await
        }
        ConnectionsCommand::Remove(arguments) => {
            with_one(arguments, environment, async |postern, one| {
                remove_connection(postern, one.id).await?;
                Ok(format!("\"{}\" is removed; its history stays in the database.", one.slug))
            })
            .await
        }
    }
}

/// Does something with a connection, and prints what was done.
async fn with_one(
    arguments: OneConnectionArguments,
    environment: &Environment,
    action: impl AsyncFnOnce(&Postern, Connection) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let done = async {
        let found = azure_connection::find(&database.postern, &arguments.connection).await?;
        action(&database.postern, found).await
    };
    let done = done.await;
    database.close().await?;
    output::print(&format!("{}\n", done?))
}

/// A connection with what its page says of it.
struct Listed {
    connection: Connection,
    schedule: Option<ScheduleView>,
    last: Option<ScanView>,
}

async fn list(
    arguments: ListConnectionsArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let listed = read(&database.postern).await;
    database.close().await?;
    let listed = listed?;
    if arguments.json {
        return output::print_json(&listed.iter().map(as_json).collect());
    }
    if listed.is_empty() {
        return output::print(
            "There is no connection yet; make one with `postern serve --azure-credential …` or `postern import`.\n",
        );
    }
    let mut table = Table::new(["Connection", "Name", "Schedule", "Next scan", "Last scan"]);
    for one in &listed {
        table.row([
            one.connection.slug.clone(),
            one.connection.name.clone(),
            schedule_text(one),
            next_text(one.schedule.as_ref()),
            last_text(one.last.as_ref()),
        ]);
    }
    output::print(&table.text(&[]))
}

async fn read(postern: &Postern) -> anyhow::Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for connection in list_connections(postern).await? {
        // One that is removed at this moment is not listed.
        if let Ok(Some(view)) = show_scans(postern, Some(&connection.slug), None).await {
            let last = view.scans.into_iter().next();
            listed.push(Listed { connection, schedule: view.schedule, last });
        }
    }
    Ok(listed)
}

fn schedule_text(one: &Listed) -> String {
    match (one.connection.kind, one.schedule.as_ref().map(|view| &view.schedule)) {
        (ConnectionKind::Import, _) => "fed with files".to_owned(),
        (ConnectionKind::Azure, None) => "when asked".to_owned(),
        (ConnectionKind::Azure, Some(Schedule::Every { seconds })) => every(*seconds),
        (ConnectionKind::Azure, Some(Schedule::Cron { expression, time_zone })) => {
            format!("{expression} {time_zone}")
        }
    }
}

/// An interval in the unit that `--azure-scan-every` has for it.
fn every(seconds: u32) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let (unit, letter) =
        units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit)).unwrap_or((1, "s"));
    format!("every {}{letter}", seconds / unit)
}

fn next_text(schedule: Option<&ScheduleView>) -> String {
    let Some(schedule) = schedule else { return String::new() };
    match (&schedule.paused, &schedule.problem, schedule.next.first()) {
        (Some(paused), _, _) => format!("paused by {}", paused.by),
        (None, Some(problem), _) => format!("never: {problem}"),
        (None, None, next) => next.map(|next| moment::short(next.at)).unwrap_or_default(),
    }
}

fn last_text(last: Option<&ScanView>) -> String {
    let Some(scan) = last else { return "never".to_owned() };
    let at = moment::short(scan.finished_at.or(scan.started_at).unwrap_or(scan.queued_at));
    format!("{} {at}", scan.state.as_str())
}

fn as_json(one: &Listed) -> Value {
    json!({
        "connection": one.connection.slug,
        "name": one.connection.name,
        "kind": one.connection.kind.as_str(),
        "schedule": one.schedule.as_ref().map(|view| &view.schedule),
        "paused": one.schedule.as_ref().and_then(|view| view.paused.as_ref()).map(|paused| {
            json!({"since": moment::text(paused.at), "by": paused.by})
        }),
        "next_scans": one.schedule.iter().flat_map(|view| &view.next)
            .map(|next| moment::text(next.at)).collect::<Vec<_>>(),
        "problem": one.schedule.as_ref().and_then(|view| view.problem.as_ref()),
        "last_scan": one.last.as_ref().map(|scan| {
            json!({"id": scan.id, "state": scan.state.as_str(), "failure": scan.failure})
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::every;

    #[test]
    fn intervals_are_written_as_they_are_given() {
        assert_eq!(every(86_400), "every 1d");
        assert_eq!(every(21_600), "every 6h");
        assert_eq!(every(5_400), "every 90m");
        assert_eq!(every(61), "every 61s");
    }
}
