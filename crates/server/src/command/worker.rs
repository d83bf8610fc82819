//! `postern worker`.

use postern_service::connection::Connection;
use postern_service::rules::PackFolder;
use postern_service::{Postern, worker};
use tokio_util::sync::CancellationToken;

use crate::azure_connection::{self, Resolver};
use crate::cli::WorkerArguments;
use crate::{Environment, database, output, shutdown, trust};

pub(super) async fn run(
    arguments: WorkerArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let resolver = Resolver::with_arguments(&arguments.azure, environment);
    let connection = resolver.connection(&arguments.azure)?;
    let courier = super::notifications::courier(&arguments.notify, environment)?;
    let packs = trust::pack_folder(&arguments.packs)?;
    let shutdown = shutdown::on_signal()?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    azure_connection::ensure(&database.postern, connection).await?;
    output::print("Postern scans on schedule.\n")?;
    let notify = super::notifications::send(&database.postern, courier, shutdown.clone());
    let work = work(&database.postern, resolver, packs, shutdown);
    tokio::join!(work, notify);
    database.close().await
}

/// Scans on schedule until told to end.
pub(super) async fn work(
    postern: &Postern,
    resolver: Resolver,
    packs: Option<PackFolder>,
    shutdown: CancellationToken,
) {
    let collectors = move |connection: &Connection| resolver.collector(&connection.settings);
    worker::run(postern.clone(), collectors, packs, shutdown).await;
}
