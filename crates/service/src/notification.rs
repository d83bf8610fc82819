//! Notifications: what happens to exceptions is told to those whom it concerns.
//!
//! What happened is written into the outbox in its own transaction ([`enqueue_act`]); [`address_events`] decides who gets
//! it, [`deliver_due`] has it delivered by a [`Courier`], and [`run`] does both until it is told to end.
//! A message is delivered at least once, always under the same key, by which its receiver knows it again.

mod address;
mod courier;
mod deliver;
mod ending;
mod message;
mod outbox;
mod preference;

use postern_domain::id::{DeliveryId, PersonId};
use postern_domain::notification::audience::Target;
use postern_domain::person::{Denied, Permission};
use postern_store::{StoreError, delivery};
use serde_json::json;

use crate::Postern;
use crate::access::AccessError;
use crate::decision::{Decided, begin, record};

pub use self::address::address_events;
pub use self::courier::{Courier, Letter, Recipient, SendError, run};
pub use self::deliver::{Delivered, deliver_due};
pub use self::ending::notify_of_endings;
pub use self::message::{Fact, Notice};
pub(crate) use self::outbox::enqueue_act;
pub use self::preference::{OwnPreference, own_preference, prefer};
pub use postern_store::delivery::{DeliveryRecord, Listed};

/// Deliveries that are listed at most.
const LISTED: u32 = 1_000;

/// Something about notifications was not done.
#[derive(Debug, thiserror::Error)]
pub enum NotificationError {
    /// There is none, or it did not fail.
    #[error("there is no delivery {0} that failed")]
    NotFailed(DeliveryId),
    /// Nobody has this number.
    #[error("there is nobody {0} who signed in")]
    Nobody(PersonId),
    /// Whoever asked may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Deliveries, the youngest first; at most a thousand.
pub async fn list_deliveries(
    postern: &Postern,
    listed: Listed,
) -> Result<Vec<DeliveryRecord>, AccessError> {
    postern.require(Permission::Administer)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    Ok(delivery::list(&mut session, listed, LISTED).await?)
}

/// Has a delivery that failed tried again, at once; says to whom.
pub async fn retry_delivery(
    postern: &Postern,
    id: DeliveryId,
) -> Result<Target, NotificationError> {
    postern.require(Permission::Administer)?;
    let mut transaction = begin(postern).await?;
    let target = delivery::retry(&mut transaction, id, postern.clock.now()).await?;
    let target = target.ok_or(NotificationError::NotFailed(id))?;
    let decided = Decided {
        action: "notification.retry",
        subject: Some(id.to_string()),
        after: Some(json!({"to": target.to_string()})),
        ..Decided::default()
    };
    record(postern, &mut transaction, decided).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(target)
}
