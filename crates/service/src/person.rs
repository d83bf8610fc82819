//! People who signed in, and ending their sessions.

use postern_domain::id::PersonId;
use postern_domain::person::Permission;
use postern_store::{StoreError, person, session};
use serde_json::json;

use crate::Postern;
use crate::access::AccessError;
use crate::decision::{Decided, begin, record};

pub use postern_store::person::{Identity, PersonRecord};

/// People that are listed at most.
const LISTED: u32 = 1_000;

/// Who signed in, who was there last first; at most a thousand.
pub async fn list_people(postern: &Postern) -> Result<Vec<PersonRecord>, AccessError> {
    postern.require(Permission::Administer)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    Ok(person::list(&mut session, postern.clock.now(), LISTED).await?)
}

/// Ends every session of somebody: their next request leads to signing in. How many there were.
pub async fn end_sessions(postern: &Postern, of: PersonId) -> Result<u64, AccessError> {
    postern.require(Permission::Administer)?;
    let mut transaction = begin(postern).await?;
    let ended = session::end_all(&mut transaction, of, postern.clock.now()).await?;
    if ended > 0 {
        let decided = Decided {
            action: "sessions.end",
            subject: Some(of.to_string()),
            after: Some(json!({"sessions": ended})),
            ..Decided::default()
        };
        record(postern, &mut transaction, decided).await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(ended)
}

/// Writes down that there is somebody, who need not have signed in yet.
pub async fn introduce(postern: &Postern, identity: &Identity) -> Result<PersonId, AccessError> {
    postern.require(Permission::Administer)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    Ok(person::ensure(&mut session, identity, postern.clock.now()).await?)
}
