//! `postern worker`.

use postern_service::connection::Connection;
use postern_service::{Postern, worker};
use tokio_util::sync::CancellationToken;

use crate::azure_connection::{self, ProcessSecrets};
use crate::cli::WorkerArguments;
use crate::{Environment, database, output, shutdown};

pub(super) async fn run(
    arguments: WorkerArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let secrets = ProcessSecrets::read(&arguments.azure, environment)?;
    let shutdown = shutdown::on_signal()?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    azure_connection::ensure(&database.postern, &arguments.azure, &secrets).await?;
    output::print("Postern scans on schedule.\n")?;
    work(&database.postern, secrets, shutdown).await;
    database.close().await
}

/// Scans on schedule until told to end.
pub(super) async fn work(postern: &Postern, secrets: ProcessSecrets, shutdown: CancellationToken) {
    let collectors = move |connection: &Connection| secrets.collector(&connection.settings);
    worker::run(postern.clone(), collectors, shutdown).await;
}
