//! Whoever delivers messages, and the loop that gives them some.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use postern_domain::id::PersonId;
use postern_domain::notification::audience::{Channels, WebhookName};
use postern_domain::notification::delivery::DeliveryKey;
use postern_domain::person::Actor;
use postern_store::StoreError;
use time::{Date, OffsetDateTime};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Notice, address_events, deliver_due, notify_of_endings};
use crate::Postern;
use crate::scan::explain;

/// How often it looks for messages that are due.
const LOOK: Duration = Duration::from_secs(5);

/// How often it looks for exceptions whose end is near.
const WARN: Duration = Duration::from_mins(10);

/// Sends messages. It is told to send one again until it says that it is delivered, under the same key.
#[async_trait]
pub trait Courier: Send + Sync {
    /// Where it can send messages.
    fn channels(&self) -> &Channels;

    /// Sends a message once.
    async fn send(&self, letter: &Letter) -> Result<(), SendError>;
}

/// A message.
#[derive(Clone, Debug)]
pub struct Letter {
    /// What makes it this one.
    pub key: DeliveryKey,
    /// To whom.
    pub to: Recipient,
    /// The day of which it is the digest; `None` where it is of one event.
    pub digest_on: Option<Date>,
    /// What it says, the oldest first; one or more.
    pub notices: Vec<Notice>,
    /// When it is sent.
    pub at: OffsetDateTime,
}

/// Who gets a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Somebody, by mail.
    Person {
        /// Who.
        id: PersonId,
        /// What people call them, as their provider says it.
        name: String,
        /// Where mail reaches them, as their provider says it.
        email: String,
    },
    /// Those who approve, by mail.
    Approvers,
    /// A webhook.
    Webhook(WebhookName),
}

/// A message was not delivered. What it says is kept and shown: no secrets, addresses or answers of servers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may be another time.
    #[error("{0}")]
    Failed(String),
    /// It never will, unless somebody changes something.
    #[error("{0}")]
    Refused(String),
}

/// Addresses events, delivers messages and warns of ends, until `shutdown` is cancelled; a message that is on its way
/// then is waited for.
pub async fn run(postern: Postern, courier: Arc<dyn Courier>, shutdown: CancellationToken) {
    let postern = postern.acting_as(Actor::Operator { name: "Postern".to_owned() });
    let mut warned: Option<Instant> = None;
    while !shutdown.is_cancelled() {
        if warned.is_none_or(|at| at.elapsed() >= WARN) {
            match notify_of_endings(&postern).await {
                Ok(_) => warned = Some(Instant::now()),
                Err(error) => {
                    tracing::warn!(error = %explain(&error), "exceptions that end could not be looked for");
                }
            }
        }
        if let Err(error) = work(&postern, &courier, &shutdown).await {
            tracing::warn!(error = %explain(&error), "notifications could not be delivered");
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn work(
    postern: &Postern,
    courier: &Arc<dyn Courier>,
    shutdown: &CancellationToken,
) -> Result<(), StoreError> {
    address_events(postern, courier.channels()).await?;
    while !shutdown.is_cancelled() && deliver_due(postern, courier).await?.any() {}
    Ok(())
}
