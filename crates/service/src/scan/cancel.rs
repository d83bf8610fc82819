//! Cancelling a scan that waits or runs.

use postern_domain::id::ScanId;
use postern_domain::person::Permission;
use postern_store::{PgConnection, StoreError, scan, scan_asset};
use time::OffsetDateTime;

use crate::Postern;
use crate::access::AccessError;

pub use postern_store::scan::Cancelled;

/// Cancels a scan.
///
/// One that waits fails at once. One that runs is told at its next sign of life, within a few seconds; where it has read
/// everything already, it is finished instead. `None`: it neither waits nor runs.
pub async fn cancel_scan(postern: &Postern, id: ScanId) -> Result<Option<Cancelled>, AccessError> {
    postern.require(Permission::RunScans)?;
    let by = postern.actor().name();
    let mut transaction = postern.pool.begin().await.map_err(StoreError::from)?;
    let now = postern.clock.now();
    let done = cancel_within(&mut transaction, id, by, &sentence(by), now).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    if done.is_some() {
        tracing::info!(scan.id = %id, %by, "a scan shall be cancelled");
    }
    Ok(done)
}

/// The same as part of something larger; `failure` is why one fails that waits.
pub(crate) async fn cancel_within(
    connection: &mut PgConnection,
    id: ScanId,
    by: &str,
    failure: &str,
    at: OffsetDateTime,
) -> Result<Option<Cancelled>, StoreError> {
    let done = scan::cancel(connection, id, by, failure, at).await?;
    if done == Some(Cancelled::Waiting) {
        scan_asset::discard(connection, id).await?;
    }
    Ok(done)
}

/// Why a scan failed that somebody cancelled.
pub(super) fn sentence(by: &str) -> String {
    format!("cancelled by {by}")
}
