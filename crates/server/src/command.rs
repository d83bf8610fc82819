//! The commands, one file each.

mod archive;
mod audit;
mod check;
mod connections;
mod demo;
mod diff;
mod doctor;
mod evidence;
mod exceptions;
mod frameworks;
mod import;
mod json_file;
mod migrate;
mod notifications;
mod people;
mod report;
mod retention;
mod rules;
mod scan;
mod serve;
mod simulate_azure;
mod storage;
mod table;
mod teams;
mod tenant;
mod tokens;
mod trend;
mod verify;
mod worker;

use crate::cli::Command;
use crate::{Environment, Outcome};

/// Runs a command to its end.
pub(crate) async fn run(command: Command, environment: Environment) -> anyhow::Result<Outcome> {
    let done = match command {
        Command::Check(arguments) => return check::run(arguments, &environment).await,
        Command::Demo(arguments) => demo::run(arguments, &environment).await,
        Command::Serve(arguments) => Box::pin(serve::run(arguments, &environment)).await,
        Command::Worker(arguments) => worker::run(arguments, &environment).await,
        Command::Scan(arguments) => scan::run(arguments, &environment).await,
        Command::Doctor(arguments) => doctor::run(arguments, &environment).await,
        Command::Connections(arguments) => connections::run(arguments, &environment).await,
        Command::Import(arguments) => import::run(arguments, &environment).await,
        Command::Report(arguments) => report::run(arguments, &environment).await,
        Command::Evidence(arguments) => evidence::run(arguments, &environment).await,
        Command::Verify(arguments) => return verify::run(&arguments),
        Command::SigningKey(arguments) => evidence::make_key(&arguments),
        Command::Rules(arguments) => return rules::run(arguments, &environment).await,
        Command::Teams(arguments) => teams::run(arguments, &environment).await,
        Command::Trend(arguments) => trend::run(arguments, &environment).await,
        Command::Frameworks(arguments) => frameworks::run(arguments, &environment).await,
        Command::Diff(arguments) => diff::run(arguments, &environment).await,
        Command::Storage(arguments) => storage::run(arguments, &environment).await,
        Command::Retention(arguments) => retention::run(arguments, &environment).await,
        Command::Export(arguments) => archive::export(arguments, &environment).await,
        Command::ImportArchive(arguments) => archive::import(arguments, &environment).await,
        Command::Exceptions(arguments) => exceptions::run(arguments, &environment).await,
        Command::People(arguments) => people::run(arguments, &environment).await,
        Command::Tokens(arguments) => tokens::run(arguments, &environment).await,
        Command::Notifications(arguments) => notifications::run(arguments, &environment).await,
        Command::Audit(arguments) => return audit::run(arguments, &environment).await,
        Command::Migrate(arguments) => migrate::run(arguments).await,
        Command::SimulateAzure(arguments) => simulate_azure::run(arguments, &environment).await,
    };
    done.map(|()| Outcome::Done)
}
