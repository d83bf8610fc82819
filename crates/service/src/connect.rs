//! Reaching the database and bringing its schema up to date.

use postern_store::{PgPool, server};

pub use postern_store::server::{ConnectError, SchemaError};

/// Connects to the database that `url` names, and makes sure that it can be used.
pub async fn open_pool(url: &str) -> Result<PgPool, ConnectError> {
    server::connect(url).await
}

/// Brings the schema up to date; does nothing where it is. Two that do it at once wait for each other.
pub async fn migrate(pool: &PgPool) -> Result<(), SchemaError> {
    server::migrate(pool).await
}
