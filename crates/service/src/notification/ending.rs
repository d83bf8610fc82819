//! Warnings before exceptions end.

use postern_domain::exception::warning::Warning;
use postern_domain::id::ExceptionId;
use postern_domain::notification::{Event, EventKey};
use postern_store::{StoreError, exception, outbox};
use time::{Duration, OffsetDateTime};

use super::outbox::teams;
use crate::Postern;

/// Writes the warnings that have come due into the outbox, each once however often it is asked; how many are new.
///
/// Of several that came due since, only the last is written.
pub async fn notify_of_endings(postern: &Postern) -> Result<u64, StoreError> {
    let now = postern.clock.now();
    let longest = Warning::ALL.iter().map(|warning| warning.days()).max().unwrap_or_default();
    let mut session = postern.pool.acquire().await?;
    let until = now + Duration::days(longest.into());
    let ending = outbox::ending(&mut session, now, until).await?;
    let keys: Vec<EventKey> = ending.iter().filter_map(|one| last_key(*one, now)).collect();
    let known = outbox::known(&mut session, &keys).await?;
    drop(session);
    let mut written = 0;
    for (id, until) in ending {
        // What an exception accepts can be large, and most was warned of before.
        if last_key((id, until), now).is_some_and(|key| !known.contains(&key)) {
            written += u64::from(warn(postern, id, now).await?);
        }
    }
    Ok(written)
}

/// The key of the last warning that has come due, of whatever was approved before.
fn last_key((id, until): (ExceptionId, OffsetDateTime), now: OffsetDateTime) -> Option<EventKey> {
    let is_due = |warning: &&Warning| until - Duration::days(warning.days().into()) <= now;
    let last = Warning::ALL.iter().rfind(is_due)?;
    Some(EventKey::warning(id, *last, until))
}

async fn warn(postern: &Postern, id: ExceptionId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let mut transaction = postern.pool.begin().await?;
    let Some(stored) = exception::find(&mut transaction, id).await? else { return Ok(false) };
    let teams = teams(&mut transaction, stored.connection, &stored.exception).await?;
    let Some(event) = Event::of_ending(&stored.exception, teams, now) else { return Ok(false) };
    let is_new = outbox::insert(&mut transaction, &event).await?;
    transaction.commit().await?;
    Ok(is_new)
}
