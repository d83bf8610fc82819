//! The database server: reaching it and bringing its schema up to date.

use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};

use crate::MIGRATOR;

/// `unnest` over several arrays, partitioned tables with keys and `date_trunc` with a time zone behave as needed since 15.
const OLDEST_VERSION: i32 = 15;

/// Long enough for a managed Postgres on another continent, short enough for somebody who waits at a terminal.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The database cannot be used; each is one sentence for people and never holds the password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address is no Postgres URL.
    #[error("the database address is not of the form postgres://user:password@host:5432/database")]
    Url(#[source] Option<sqlx::Error>),
    /// Nothing answers there.
    #[error("no database server answers at {place}")]
    Unreachable {
        /// Host and port, or the socket's folder.
        place: String,
        /// What the system says.
        #[source]
        source: sqlx::Error,
    },
    /// It did not answer in time.
    #[error("the database server at {place} did not answer within {} seconds", CONNECT_TIMEOUT.as_secs())]
    TimedOut {
        /// Host and port.
        place: String,
    },
    /// The user or the password is wrong.
    #[error("the database server at {place} refused user \"{user}\" or the password")]
    Refused {
        /// Host and port.
        place: String,
        /// The user.
        user: String,
        /// What the server says.
        #[source]
        source: sqlx::Error,
    },
    /// The server has no such database.
    #[error("the database \"{database}\" does not exist at {place}; create it first")]
    NoDatabase {
        /// The database.
        database: String,
        /// Host and port.
        place: String,
    },
    /// The server is too old.
    #[error(
        "the database server at {place} is PostgreSQL {found}, and Postern needs {OLDEST_VERSION} or newer"
    )]
    TooOld {
        /// Host and port.
        place: String,
        /// The major version found.
        found: i32,
    },
    /// The encrypted connection could not be made.
    #[error("no encrypted connection to the database server at {place} could be made")]
    Tls {
        /// Host and port.
        place: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// Anything else.
    #[error("the database server at {place} did not accept the connection")]
    Other {
        /// Host and port.
        place: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
}

/// The schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// A newer Postern has been here.
    #[error(
        "the database was written by a newer version of Postern (migration {version}); start that version or a later one"
    )]
    Newer {
        /// The migration that this version does not know.
        version: i64,
    },
    /// A migration that ran here differs from this version's.
    #[error(
        "migration {version} in the database differs from this version's; the database belongs to a development build"
    )]
    Differs {
        /// The migration.
        version: i64,
    },
    /// The user may not change the schema.
    #[error("the database user may not create tables")]
    NotAllowed(#[source] Box<MigrateError>),
    /// Anything else.
    #[error("the database could not be brought up to date")]
    Other(#[source] Box<MigrateError>),
}

/// Connects to the database that `url` names, and makes sure that it can be used.
pub async fn connect(url: &str) -> Result<PgPool, ConnectError> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(ConnectError::Url(None));
    }
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| ConnectError::Url(Some(error)))?
        .application_name("postern");
    let place = format!("{}:{}", options.get_host(), options.get_port());
    // The pool would retry until its time is up and hide why; a single connection says it at once.
    let first = tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await;
    let mut first = match first {
        Ok(Ok(first)) => first,
        Ok(Err(error)) => return Err(classify(error, &options, place)),
        Err(_) => return Err(ConnectError::TimedOut { place }),
    };
    let found = major_version(&mut first)
        .await
        .map_err(|source| ConnectError::Other { place: place.clone(), source })?;
    if let Err(error) = first.close().await {
        tracing::debug!(%error, "the first connection was not closed in order");
    }
    if found < OLDEST_VERSION {
        return Err(ConnectError::TooOld { place, found });
    }
    Ok(PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(CONNECT_TIMEOUT)
        .connect_lazy_with(options))
}

/// Brings the schema up to date; does nothing where it is. Two that do it at once wait for each other.
pub async fn migrate(pool: &PgPool) -> Result<(), SchemaError> {
    MIGRATOR.run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) | MigrateError::VersionTooNew(version, _) => {
            SchemaError::Newer { version }
        }
        MigrateError::VersionMismatch(version) => SchemaError::Differs { version },
        error if is_not_allowed(&error) => SchemaError::NotAllowed(Box::new(error)),
        error => SchemaError::Other(Box::new(error)),
    })
}

async fn major_version(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    let number: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int4")
        .fetch_one(connection)
        .await?;
    Ok(number / 10_000)
}

fn classify(error: sqlx::Error, options: &PgConnectOptions, place: String) -> ConnectError {
    let code = match &error {
        sqlx::Error::Database(error) => error.code().map(std::borrow::Cow::into_owned),
        _ => None,
    };
    match (&error, code.as_deref()) {
        (sqlx::Error::Io(_), _) => ConnectError::Unreachable { place, source: error },
        (sqlx::Error::Tls(_), _) => ConnectError::Tls { place, source: error },
        // invalid_authorization_specification, invalid_password
        (_, Some("28000" | "28P01")) => {
            let user = options.get_username().to_owned();
            ConnectError::Refused { place, user, source: error }
        }
        // invalid_catalog_name
        (_, Some("3D000")) => {
            let database = options.get_database().unwrap_or(options.get_username()).to_owned();
            ConnectError::NoDatabase { database, place }
        }
        _ => ConnectError::Other { place, source: error },
    }
}

fn is_not_allowed(error: &MigrateError) -> bool {
    let (MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _)) = error else {
        return false;
    };
    // insufficient_privilege
    matches!(cause, sqlx::Error::Database(error) if error.code().as_deref() == Some("42501"))
}
