//! `postern demo`.

mod estate;
mod exceptions;
mod history;
mod teams;

use std::sync::Arc;

use anyhow::Context as _;
use postern_domain::person::Actor;
use postern_local_postgres::Cluster;
use postern_service::connection::Connection;
use postern_service::worker;
use tokio_util::sync::CancellationToken;

use self::estate::Estate;
use crate::azure_connection::Resolver;
use crate::cli::DemoArguments;
use crate::embedded::{self, Audience};
use crate::listen::Reach;
use crate::sign_in::{DemoPeople, SignIn};
use crate::{Environment, data_dir, database, http, listen, output, shutdown};

/// The demo's connection.
const SLUG: &str = "contoso-ai";
const NAME: &str = "Contoso AI (simulated)";

pub(super) async fn run(arguments: DemoArguments, environment: &Environment) -> anyhow::Result<()> {
    // All that can be refused is refused before anything is started.
    let listener = listen::open(arguments.listen, Reach::ThisMachine).await?;
    let sign_in = SignIn::Demo(Arc::new(DemoPeople::new()?));
    let site = embedded::site_assets(Audience::Demo)?;
    let data_dir = match &arguments.data_dir {
        Some(data_dir) => data_dir.clone(),
        None => data_dir::of_demo(environment)?,
    };
    let shutdown = shutdown::on_signal()?;
    if arguments.reset {
        Cluster::remove(&data_dir).await?;
    }
    eprintln!("Starting Postgres in {}", data_dir.display());
    let mut database = database::open_directory(data_dir, &environment.clock).await?;
    database.postern = database.postern.acting_as(Actor::Operator { name: "the demo".to_owned() });
    let estate = Estate::prepare(&database.postern, &arguments, &environment.clock).await?;
    let sim = estate.start().await?;
    teams::ensure(&database.postern, sim.first_day).await?;
    let resolver = Resolver::of(environment);
    let scanned = history::scan_missing_days(&database.postern, &sim, &arguments, &shutdown).await;
    let served = match scanned {
        Ok(()) if shutdown.is_cancelled() => Ok(()),
        Ok(()) => {
            let address = listener.local_addr().context("the dashboard has no address")?;
            output::print(&format!(
                "\nThe dashboard is at http://{address}/\nCtrl-C stops everything.\n"
            ))?;
            let installation = super::serve::installation(&sign_in, None, &resolver);
            let postern = database.postern.clone();
            let state = http::State { postern, site, sign_in, installation };
            serve(listener, state, &sim, resolver, &shutdown).await
        }
        Err(error) => Err(error),
    };
    sim.stop().await;
    let closed = database.close().await;
    served.and(closed)
}

async fn serve(
    listener: tokio::net::TcpListener,
    state: http::State,
    sim: &estate::RunningEstate,
    resolver: Resolver,
    shutdown: &CancellationToken,
) -> anyhow::Result<()> {
    let ended = shutdown.child_token();
    let postern = state.postern.clone();
    let scanner = sim.scanner();
    let collectors = move |connection: &Connection| {
        // Somebody may have imported into the demo's database, or served a tenant of theirs from it.
        if connection.slug == SLUG {
            scanner.collector_of_today()
        } else {
            resolver.collector(&connection.settings)
        }
    };
    let worker = worker::run(postern, collectors, None, ended.clone());
    let serve = super::serve::serve_then_end(listener, state, &ended);
    let (served, ()) = tokio::join!(serve, worker);
    served
}
