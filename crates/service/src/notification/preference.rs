//! How often people want mail.

use postern_domain::id::PersonId;
use postern_domain::notification::delivery::Frequency;
use postern_domain::person::Permission;
use postern_store::{StoreError, notification_preference};
use serde_json::json;

use super::NotificationError;
use crate::Postern;
use crate::decision::{Decided, begin, record};

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
