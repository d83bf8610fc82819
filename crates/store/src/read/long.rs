//! A transaction for an answer that may be given up half way.

use sqlx::pool::PoolConnection;
use sqlx::{Executor as _, PgConnection, PgPool, Postgres};

use crate::error::StoreError;

/// Sees one state of the database however many queries it takes and however long, and changes nothing, as what
/// [`begin`](super::begin) begins does; and may be dropped while a million rows are still to come.
///
/// A session that goes back to its pool is read to the end of what it was asked, so that one that is given up is closed
/// instead: the database stops at once.
pub struct LongRead {
    session: PoolConnection<Postgres>,
    is_over: bool,
}

impl LongRead {
    /// Begins.
    pub async fn begin(pool: &PgPool) -> Result<Self, StoreError> {
        let session = pool.acquire().await?;
        // Closed, too, where it is given up before it has begun.
        let mut begun = Self { session, is_over: false };
        begun.session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
        Ok(begun)
    }

    /// The session to read by.
    pub fn session(&mut self) -> &mut PgConnection {
        &mut self.session
    }

    /// Ends, once all that was asked has been read.
    pub async fn end(mut self) -> Result<(), StoreError> {
        self.session.execute("COMMIT").await?;
        self.is_over = true;
        Ok(())
    }
}

impl Drop for LongRead {
    fn drop(&mut self) {
        if !self.is_over {
            self.session.close_on_drop();
        }
    }
}
