//! The derived files that are committed: the schemas of the contract with rule packs, and the offline data of the
//! SQL queries.
//!
//! sqlx's macros write it themselves while they compile against a database, as `cargo sqlx prepare` has them do;
//! sqlx-cli is not needed. (`insta` keeps its snapshots apart: `cargo insta review`.)

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use postern_local_postgres::{Cluster, ClusterOptions};

use crate::step;
use crate::workspace::Workspace;

/// File names with their content.
type Files = BTreeMap<String, Vec<u8>>;

/// Writes the schemas and `.sqlx` anew.
pub async fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let fresh = describe_queries(workspace).await?;
    let folder = workspace.root.join(".sqlx");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let committed = read(&folder)?;
    for stale in committed.keys().filter(|name| !fresh.contains_key(*name)) {
        fs::remove_file(folder.join(stale))
            .with_context(|| format!(".sqlx/{stale} cannot be removed"))?;
    }
    // An unchanged file keeps its time, so that nothing is built again for it.
    for (name, content) in
        fresh.iter().filter(|(name, content)| committed.get(*name) != Some(content))
    {
        fs::write(folder.join(name), content)
            .with_context(|| format!(".sqlx/{name} cannot be written"))?;
    }
    println!(".sqlx describes {} queries", fresh.len());
    // Of the whole workspace: of one package alone, others are built with fewer features, and all of Typst once more. After
    // the queries, without which a changed one does not compile.
    let mut schemas = workspace.cargo();
    schemas
        .args(["test", "--quiet", "--workspace", "--lib", "--", "schema::", "json::"])
        .env("POSTERN_REGENERATE", "1");
    step::run("write the schemas of the contract and of reports", schemas).await?;
    Ok(())
}

/// Fails where `.sqlx` is not what [`run`] would write.
pub async fn verify(workspace: &Workspace) -> anyhow::Result<()> {
    let fresh = describe_queries(workspace).await?;
    let committed = read(&workspace.root.join(".sqlx"))?;
    let mut differing: Vec<&str> = fresh
        .iter()
        .filter(|(name, content)| committed.get(*name) != Some(content))
        .map(|(name, _)| name.as_str())
        .collect();
    differing
        .extend(committed.keys().filter(|name| !fresh.contains_key(*name)).map(String::as_str));
    if !differing.is_empty() {
        bail!(".sqlx is not fresh, run `cargo xtask regenerate`: {}", differing.join(", "));
    }
    Ok(())
}

/// Compiles the store against a fresh database with all the migrations, in a Postgres of its own.
async fn describe_queries(workspace: &Workspace) -> anyhow::Result<Files> {
    step::announce("start a Postgres for the queries");
    let place = Workspace::passing_folder("queries")?;
    let cluster = Cluster::start(ClusterOptions { data_dir: place.path().join("postgres") })
        .await
        .context("the queries cannot be described without Postgres")?;
    let outcome = describe_on(workspace, cluster.url(), place.path()).await;
    let stopped = cluster.stop().await;
    let files = outcome?;
    stopped.context("the Postgres of the queries cannot be stopped")?;
    Ok(files)
}

async fn describe_on(workspace: &Workspace, database: &str, place: &Path) -> anyhow::Result<Files> {
    let pool = sqlx::PgPool::connect(database).await.context("the database cannot be reached")?;
    let migrator = sqlx::migrate::Migrator::new(workspace.root.join("migrations"))
        .await
        .context("the migrations cannot be read")?;
    migrator.run(&pool).await.context("the migrations cannot be applied")?;
    pool.close().await;

    // Cargo does not know that the macros read the environment: a changed source is what makes them run again.
    let source = workspace.root.join("crates/store/src/lib.rs");
    let text = fs::read(&source).with_context(|| format!("{} cannot be read", source.display()))?;
    fs::write(&source, text).with_context(|| format!("{} cannot be written", source.display()))?;

    let folder = place.join("queries");
    fs::create_dir(&folder)?;
    let mut cargo = workspace.cargo();
    cargo
        .args(["check", "--package", "postern-store", "--all-targets"])
        .env("DATABASE_URL", database)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", &folder);
    step::run("describe the queries", cargo).await?;
    read(&folder)
}

/// The queries' files in a folder; none where there is no folder.
fn read(folder: &Path) -> anyhow::Result<Files> {
    let mut files = Files::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    let unreadable = || format!("{} cannot be read", folder.display());
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.insert(name, fs::read(&path).with_context(unreadable)?);
        }
    }
    Ok(files)
}
