//! The tenant that a command looks at without scanning it.

use anyhow::Context as _;
use postern_service::connection::{Connection, ConnectionKind, list_connections};
use serde_json::Value;

use crate::azure_connection::{self, Resolver};
use crate::cli::{AzureArguments, DatabaseArguments};
use crate::{Environment, database};

/// The tenant that a command looks at without scanning it.
pub(super) struct Tenant {
    /// The connection's slug, also where it is only described.
    pub slug: String,
    /// What is stored of it, or would be.
    pub settings: Value,
}

/// How a command line says which tenant.
pub(super) struct Choice<'a> {
    pub connection: Option<&'a str>,
    pub database: &'a DatabaseArguments,
    pub azure: &'a AzureArguments,
}

impl Choice<'_> {
    /// The connection that is named, else the tenant that the settings describe, else the only connection there is.
    ///
    /// The database is opened for connections alone.
    pub async fn tenant(
        &self,
        resolver: &Resolver,
        environment: &Environment,
    ) -> anyhow::Result<Tenant> {
        let described = resolver.describe(self.azure)?;
        if let (None, Some(stored)) = (self.connection, described) {
            let settings =
                serde_json::to_value(stored).context("the connection's settings are not JSON")?;
            return Ok(Tenant { slug: self.azure.azure_connection.clone(), settings });
        }
        let is_named = self.database.database_url.is_some() || self.database.data_dir.is_some();
        if self.connection.is_none() && !is_named {
            anyhow::bail!(
                "no tenant: name a connection of a database, or describe one with --azure-credential"
            );
        }
        let database = database::open(self.database, &environment.clock).await?;
        let found = match self.connection {
            Some(slug) => azure_connection::find(&database.postern, slug).await,
            None => list_connections(&database.postern).await.map_err(Into::into).and_then(only),
        };
        database.close().await?;
        let found = found?;
        if found.kind != ConnectionKind::Azure {
            anyhow::bail!("the connection \"{}\" is fed with files and asks no Azure", found.slug);
        }
        Ok(Tenant { slug: found.slug, settings: found.settings })
    }
}

fn only(connections: Vec<Connection>) -> anyhow::Result<Connection> {
    let mut connections: Vec<Connection> = connections
        .into_iter()
        .filter(|connection| connection.kind == ConnectionKind::Azure)
        .collect();
    match (connections.pop(), connections.len()) {
        (Some(only), 0) => Ok(only),
        (None, _) => anyhow::bail!(
            "there is no connection to Azure; make one with `postern serve --azure-credential …`"
        ),
        (Some(last), _) => {
            let mut slugs: Vec<String> =
                connections.into_iter().chain([last]).map(|connection| connection.slug).collect();
            slugs.sort();
            anyhow::bail!("there are several connections; name one of {}", slugs.join(", "))
        }
    }
}
