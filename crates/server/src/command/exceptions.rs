//! `postern exceptions`.

use anyhow::Context as _;
use postern_domain::moment;
use postern_service::exception::{exception_policy, list_exceptions, set_exception_policy};
use postern_service::view::{ExceptionQuery, ExceptionRowView};
use serde_json::json;

use super::json_file::read;
use super::table::Table;
use crate::cli::{
    ExceptionsArguments, ExceptionsCommand, ListExceptionsArguments, SetPolicyArguments,
    ShowPolicyArguments,
};
use crate::{Environment, database, output};

pub(super) async fn run(
    arguments: ExceptionsArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    match arguments.command {
        ExceptionsCommand::List(arguments) => list(arguments, environment).await,
        ExceptionsCommand::Policy(arguments) => show_policy(arguments, environment).await,
        ExceptionsCommand::SetPolicy(arguments) => set_policy(arguments, environment).await,
    }
}

async fn list(arguments: ListExceptionsArguments, environment: &Environment) -> anyhow::Result<()> {
    let query = ExceptionQuery {
        connection: arguments.connection.clone(),
        tab: arguments.tab.into(),
        as_of: arguments.as_of,
    };
    let database = database::open(&arguments.database, &environment.clock).await?;
    let listed = list_exceptions(&database.postern, query).await;
    database.close().await?;
    let view = listed?.with_context(|| match &arguments.connection {
        Some(slug) => format!("there is no connection \"{slug}\""),
        None => "there is no connection yet".to_owned(),
    })?;
    if view.has_more {
        eprintln!("Only the youngest are listed: there are more than can be.");
    }
    if arguments.json {
        return output::print_json(&serde_json::to_value(&view.rows)?);
    }
    if view.rows.is_empty() {
        return output::print("There are none.\n");
    }
    let mut table =
        Table::new(["Exception", "Status", "Severity", "Until", "Findings", "Requester", "For"]);
    for row in &view.rows {
        table.row([
            row.id.to_string(),
            row.status.as_str().to_owned(),
            row.severity.map(|severity| severity.to_string()).unwrap_or_default(),
            moment::text(row.until),
            row.findings.to_string(),
            row.requester.clone().unwrap_or_default(),
            what(row),
        ]);
    }
    output::print(&table.text(&[4]))
}

/// What an exception is for, in words.
fn what(row: &ExceptionRowView) -> String {
    let rules: Vec<String> = row.rules.iter().map(ToString::to_string).collect();
    match &row.scope {
        Some(scope) => format!("{} in {scope}", rules.join(", ")),
        None => rules.join(", "),
    }
}

async fn show_policy(
    arguments: ShowPolicyArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let policy = exception_policy(&database.postern).await;
    database.close().await?;
    output::print_json(&json!(policy?))
}

async fn set_policy(
    arguments: SetPolicyArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let policy = read(&arguments.file, "does not say what is allowed of exceptions")?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    let set = set_exception_policy(&database.postern, &policy, &arguments.reason).await;
    database.close().await?;
    set?;
    output::print("It holds for what is filed and approved from now on.\n")
}
