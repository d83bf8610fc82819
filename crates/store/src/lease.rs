//! The lease: whoever writes snapshots of a connection holds it, so that there is one writer at a time.
//!
//! It is an advisory lock of a database session of its own. The server lets go of it when the session ends, however
//! it ends, so that a dead process is recognised without waiting for a heartbeat to grow old.

use postern_domain::id::ConnectionId;
use sqlx::{Connection, PgConnection, PgPool};

use crate::error::StoreError;

/// The right to write snapshots of a connection, held by a database session.
#[derive(Debug)]
pub struct Lease {
    session: PgConnection,
    of: ConnectionId,
}

impl Lease {
    /// Takes the lease; `None` where somebody holds it.
    pub async fn try_take(pool: &PgPool, of: ConnectionId) -> Result<Option<Self>, StoreError> {
        let mut session = pool.acquire().await?;
        let is_taken = sqlx::query_scalar!(
            r#"
            SELECT pg_try_advisory_lock(hashtextextended('postern lease of connection', $1)) AS "is_taken!"
            "#,
            of.number(),
        )
        .fetch_one(&mut *session)
        .await?;
        if !is_taken {
            return Ok(None);
        }
        // Out of the pool: dropping it ends the session and with it the lock.
        let mut session = session.detach();
        // A machine that vanished without a word is noticed within a minute and not after hours.
        sqlx::query!(
            r#"
            SELECT
                set_config('tcp_keepalives_idle', '20', FALSE) AS idle,
                set_config('tcp_keepalives_interval', '10', FALSE) AS pause,
                set_config('tcp_keepalives_count', '3', FALSE) AS count
            "#,
        )
        .fetch_one(&mut session)
        .await?;
        Ok(Some(Self { session, of }))
    }

    /// The connection that the lease is for.
    pub fn connection(&self) -> ConnectionId {
        self.of
    }

    /// The session that holds the lease; a statement that fails on it means that the lease may be lost.
    pub fn session(&mut self) -> &mut PgConnection {
        &mut self.session
    }

    /// Lets go of the lease; when it returns, another may take it.
    pub async fn release(mut self) -> Result<(), StoreError> {
        sqlx::query_scalar!(
            "SELECT pg_advisory_unlock(hashtextextended('postern lease of connection', $1))",
            self.of.number(),
        )
        .fetch_one(&mut self.session)
        .await?;
        self.session.close().await?;
        Ok(())
    }
}
