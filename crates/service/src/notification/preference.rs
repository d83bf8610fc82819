//! How often people want mail.

use postern_domain::id::PersonId;
use postern_domain::notification::delivery::Frequency;
use postern_domain::person::Permission;
use postern_store::{StoreError, notification_preference};
use serde_json::json;

use super::NotificationError;
use crate::Postern;
use crate::decision::{Decided, begin, record};

/// How often whoever asks wants mail, and whether a provider said where that reaches them; `None` where they are nobody
/// who signed in.
pub async fn own_preference(postern: &Postern) -> Result<Option<OwnPreference>, StoreError> {
    let Some(person) = postern.actor().person() else { return Ok(None) };
    let mut session = postern.pool.acquire().await?;
    let found = notification_preference::addressees(&mut session, &[person]).await?.remove(&person);
    Ok(found.map(|found| OwnPreference { person, frequency: found.frequency, email: found.email }))
}

/// How often somebody wants mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPreference {
    /// Who.
    pub person: PersonId,
    /// How often.
    pub frequency: Frequency,
    /// Where it reaches them, as their provider says it; `None` where it did not.
    pub email: Option<String>,
}

/// Says how often somebody wants mail, from the next event on; for themselves, or for others where they administer.
/// What they wanted until then.
pub async fn prefer(
    postern: &Postern,
    person: PersonId,
    frequency: Frequency,
) -> Result<Frequency, NotificationError> {
    if postern.actor().person() != Some(person) {
        postern.require(Permission::Administer)?;
    }
    let mut transaction = begin(postern).await?;
    let found = notification_preference::addressees(&mut transaction, &[person]).await?;
    let before = found.get(&person).ok_or(NotificationError::Nobody(person))?.frequency;
    if before == frequency {
        return Ok(before);
    }
    let now = postern.clock.now();
    notification_preference::set(&mut transaction, person, frequency, now).await?;
    let decided = Decided {
        action: "notification.prefer",
        subject: Some(person.to_string()),
        before: Some(json!({"mail": before})),
        after: Some(json!({"mail": frequency})),
        ..Decided::default()
    };
    record(postern, &mut transaction, decided).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(before)
}
