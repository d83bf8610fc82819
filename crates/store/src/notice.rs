//! What the database says while it happens.

use postern_domain::id::ConnectionId;
use sqlx::PgPool;
use sqlx::postgres::PgListener;

use crate::column;
use crate::error::StoreError;

/// Word of scans that changed, in whatever process.
#[derive(Debug)]
pub struct ScanNotices(PgListener);

impl ScanNotices {
    /// Begins to listen, on a session of its own.
    pub async fn listen(pool: &PgPool) -> Result<Self, StoreError> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen("postern_scans").await?;
        Ok(Self(listener))
    }

    /// Waits for the next scan that changes, and gives its connection.
    ///
    /// `None`: the database was not there for a while, so that something may have been missed.
    pub async fn next(&mut self) -> Result<Option<ConnectionId>, StoreError> {
        let Some(notice) = self.0.try_recv().await? else { return Ok(None) };
        column::word("the channel postern_scans", notice.payload())
            .map(|number| Some(ConnectionId::from_number(number)))
    }
}
