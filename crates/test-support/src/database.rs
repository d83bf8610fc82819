//! A database for a test.

use std::hash::{BuildHasher as _, RandomState};
use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, PgPool};

/// A fresh, migrated database on the server of `DATABASE_URL`, dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    server: PgConnectOptions,
    pool: PgPool,
    url: String,
}

impl TestDatabase {
    /// Makes one with the current schema.
    pub async fn create() -> Self {
        let database = Self::create_empty().await;
        postern_store::server::migrate(database.pool()).await.expect("the migrations apply");
        database
    }

    /// Makes one without any table.
    pub async fn create_empty() -> Self {
        let server = std::env::var("DATABASE_URL").expect(
            "DATABASE_URL is not set: run `cargo xtask test`, or name a Postgres server to test on",
        );
        let server = PgConnectOptions::from_str(&server).expect("DATABASE_URL is a Postgres URL");
        // Random, so that tests of several processes on one server never meet.
        let name = format!("postern_test_{:016x}", RandomState::new().hash_one("database"));
        let mut session = server.connect().await.expect("the server of DATABASE_URL answers");
        run(&mut session, format!("CREATE DATABASE {name}"))
            .await
            .expect("databases may be created");
        session.close().await.expect("the session ends");
        let options = server.clone().database(&name);
        let url = options.to_url_lossy().to_string();
        let pool = PgPoolOptions::new().max_connections(8).connect_lazy_with(options);
        Self { name, server, pool, url }
    }

    /// Sessions in the database.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Makes the server claim to be the version `server_version_num` (such as 140012) in this database:
    /// a function of the same name comes before the built-in one.
    pub async fn claim_version(&self, server_version_num: u32) {
        let mut session = self.server.connect().await.expect("the server of DATABASE_URL answers");
        let search = format!("ALTER DATABASE {} SET search_path = public, pg_catalog", self.name);
        run(&mut session, search).await.expect("the setting is taken");
        session.close().await.expect("the session ends");
        let mut session = self.pool.acquire().await.expect("the database is there");
        let function = format!(
            "CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE sql AS $$SELECT '{server_version_num}'$$"
        );
        run(&mut session, function).await.expect("the function is made");
    }

    /// The database's address.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let server = self.server.clone();
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A runtime of its own: the test's may be ending, and dropping cannot wait on it.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut session = server.connect().await.map_err(std::io::Error::other)?;
                run(&mut session, statement).await.map_err(std::io::Error::other)
            })
        });
        match dropping.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("the database {} was not dropped: {error}", self.name),
            Err(_) => eprintln!("the database {} was not dropped", self.name),
        }
    }
}

async fn run(session: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    // The name is made above of hexadecimal digits.
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(session).await?;
    Ok(())
}
