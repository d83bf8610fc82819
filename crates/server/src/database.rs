//! Opening the database that the command line names.

use std::path::PathBuf;

use anyhow::Context as _;
use postern_domain::clock::Clock;
use postern_local_postgres::{Cluster, ClusterOptions};
use postern_service::engine::{Engine, Limits};
use postern_service::{Postern, connect};

use crate::cli::DatabaseArguments;
use crate::embedded;

/// An open database, and the Postgres that was started for it.
pub(crate) struct Database {
    pub postern: Postern,
    cluster: Option<Cluster>,
}

/// Where the database is.
enum Place {
    Url(String),
    Directory(PathBuf),
}

/// Opens the database that the arguments name and brings its tables up to date.
pub(crate) async fn open(arguments: &DatabaseArguments, clock: &Clock) -> anyhow::Result<Database> {
    let limits = Limits::default();
    let engine = match &arguments.pack_cache {
        Some(folder) => Engine::with_cache(limits, folder)
            .with_context(|| format!("packs cannot be kept in {}", folder.display()))?,
        None => Engine::new(limits)?,
    };
    match place(arguments)? {
        Place::Url(url) => open_url(&url, None, engine, clock).await,
        Place::Directory(data_dir) => open_cluster(data_dir, engine, clock).await,
    }
}

/// Opens the database in a directory of Postern's own, starting Postgres if it is not running.
pub(crate) async fn open_directory(data_dir: PathBuf, clock: &Clock) -> anyhow::Result<Database> {
    open_cluster(data_dir, Engine::new(Limits::default())?, clock).await
}

async fn open_cluster(
    data_dir: PathBuf,
    engine: Engine,
    clock: &Clock,
) -> anyhow::Result<Database> {
    let cluster = Cluster::start(ClusterOptions { data_dir }).await?;
    let url = cluster.url().to_owned();
    open_url(&url, Some(cluster), engine, clock).await
}

/// Brings the tables up to date, and nothing else: needs no rule packs.
pub(crate) async fn migrate(arguments: &DatabaseArguments) -> anyhow::Result<()> {
    let (url, cluster) = match place(arguments)? {
        Place::Url(url) => (url, None),
        Place::Directory(data_dir) => {
            let cluster = Cluster::start(ClusterOptions { data_dir }).await?;
            (cluster.url().to_owned(), Some(cluster))
        }
    };
    let pool = connect::open_pool(&url).await?;
    connect::migrate(&pool).await?;
    if let Some(cluster) = cluster {
        cluster.stop().await?;
    }
    Ok(())
}

fn place(arguments: &DatabaseArguments) -> anyhow::Result<Place> {
    let url = arguments.database_url.clone().filter(|url| !url.is_empty());
    arguments
        .data_dir
        .clone()
        .map(Place::Directory)
        .or(url.map(Place::Url))
        .context(
            "no database: set DATABASE_URL to a Postgres of yours (postgres://user:password@host:5432/database), \
             or give --data-dir to use one that Postern starts by itself",
        )
}

async fn open_url(
    url: &str,
    cluster: Option<Cluster>,
    engine: Engine,
    clock: &Clock,
) -> anyhow::Result<Database> {
    let packs = embedded::packs()?;
    let pool = connect::open_pool(url).await?;
    connect::migrate(&pool).await?;
    let postern = Postern::open_on(engine, pool, &packs, clock.clone()).await?;
    Ok(Database { postern, cluster })
}

impl Database {
    /// Stops the Postgres that was started for it, unless another process uses it.
    pub async fn close(self) -> anyhow::Result<()> {
        if let Some(cluster) = self.cluster {
            cluster.stop().await?;
        }
        Ok(())
    }
}
