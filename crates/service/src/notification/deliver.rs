//! Delivering what is due.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use postern_domain::id::PersonId;
use postern_domain::notification::audience::Target;
use postern_domain::notification::delivery::wait_after;
use postern_store::delivery::{AttemptOutcome, DueDelivery};
use postern_store::notification_preference::{Addressee, addressees};
use postern_store::{StoreError, delivery, person};
use time::OffsetDateTime;
use tokio::task::JoinSet;

use super::message::{Notice, people};
use super::{Courier, Letter, Recipient, SendError};
use crate::Postern;

/// Messages that one process sends at a time.
const AT_A_TIME: u32 = 8;

/// How long an attempt may take: a server that answers at all is faster.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// After how long an attempt is taken for abandoned, because its process died; longer than one can take.
const ABANDONED: time::Duration = time::Duration::minutes(5);

/// What became of messages that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// How many were delivered.
    pub delivered: u32,
    /// How many are tried again.
    pub failed: u32,
    /// How many are not tried again.
    pub parked: u32,
}

impl Delivered {
    /// Whether there were any.
    pub fn any(self) -> bool {
        self != Self::default()
    }

    fn count(&mut self, outcome: &AttemptOutcome) {
        match outcome {
            AttemptOutcome::Delivered => self.delivered += 1,
            AttemptOutcome::Retried { .. } => self.failed += 1,
            AttemptOutcome::Parked { .. } => self.parked += 1,
        }
    }
}

/// Tries some of the messages that are due, at once; none of them is tried by another process meanwhile.
pub async fn deliver_due(
    postern: &Postern,
    courier: &Arc<dyn Courier>,
) -> Result<Delivered, StoreError> {
    let now = postern.clock.now();
    let mut transaction = postern.pool.begin().await?;
    let why = "the process that tried it ended before it knew the outcome";
    delivery::park_abandoned(&mut transaction, now, why).await?;
    let due = delivery::take_due(&mut transaction, (now, now + ABANDONED), AT_A_TIME).await?;
    let known = Known::load(&mut transaction, &due).await?;
    // From here on each is an attempt, whatever happens.
    transaction.commit().await?;
    let mut sending = JoinSet::new();
    for one in due {
        let letter = known.letter(&one, now);
        let courier = Arc::clone(courier);
        sending.spawn(async move {
            let sent = match letter {
                Ok(letter) => send(courier.as_ref(), &letter).await,
                Err(refused) => Err(refused),
            };
            (one, sent)
        });
    }
    let mut delivered = Delivered::default();
    while let Some(ended) = sending.join_next().await {
        match ended {
            Ok((one, sent)) => {
                let outcome = outcome(&sent, one.attempt, postern.clock.now());
                settle(postern, &one, &outcome).await?;
                delivered.count(&outcome);
            }
            // It is tried again when it is taken for abandoned.
            Err(error) => tracing::error!(%error, "a delivery ended by a defect of Postern"),
        }
    }
    Ok(delivered)
}

async fn send(courier: &dyn Courier, letter: &Letter) -> Result<(), SendError> {
    match tokio::time::timeout(PATIENCE, courier.send(letter)).await {
        Ok(sent) => sent,
        Err(_) => {
            Err(SendError::Failed(format!("it took longer than {} seconds", PATIENCE.as_secs())))
        }
    }
}

fn outcome(sent: &Result<(), SendError>, attempt: u32, now: OffsetDateTime) -> AttemptOutcome {
    match sent {
        Ok(()) => AttemptOutcome::Delivered,
        Err(SendError::Refused(why)) => AttemptOutcome::Parked { why: why.clone() },
        Err(SendError::Failed(why)) => match wait_after(attempt) {
            Some(wait) => AttemptOutcome::Retried { at: now + wait, why: why.clone() },
            None => AttemptOutcome::Parked { why: why.clone() },
        },
    }
}

async fn settle(
    postern: &Postern,
    one: &DueDelivery,
    outcome: &AttemptOutcome,
) -> Result<(), StoreError> {
    let mut session = postern.pool.acquire().await?;
    let now = postern.clock.now();
    let counts = delivery::settle(&mut session, (one.id, one.attempt), outcome, now).await?;
    let (id, attempt, target) = (one.id, one.attempt, &one.target);
    match outcome {
        _ if !counts => {
            tracing::warn!(delivery.id = %id, attempt, "delivery was taken for abandoned and is tried elsewhere");
        }
        AttemptOutcome::Delivered => {
            tracing::info!(delivery.id = %id, delivery.target = %target, attempt, "notification delivered");
        }
        AttemptOutcome::Retried { why, .. } => {
            tracing::warn!(delivery.id = %id, delivery.target = %target, attempt, error = %why, "notification not delivered; it is tried again");
        }
        AttemptOutcome::Parked { why } => {
            tracing::error!(delivery.id = %id, delivery.target = %target, attempt, error = %why, "notification not delivered, and not tried again");
        }
    }
    Ok(())
}

/// What people are called, and where mail reaches them.
struct Known {
    names: BTreeMap<PersonId, String>,
    addressees: BTreeMap<PersonId, Addressee>,
}

impl Known {
    async fn load(
        session: &mut postern_store::PgConnection,
        due: &[DueDelivery],
    ) -> Result<Self, StoreError> {
        let named: BTreeSet<PersonId> =
            due.iter().flat_map(|one| &one.events).flat_map(people).collect();
        let named: Vec<PersonId> = named.into_iter().collect();
        let to = due.iter().filter_map(|one| match one.target {
            Target::Person(person) => Some(person),
            Target::Approvers | Target::Webhook(_) => None,
        });
        let to: Vec<PersonId> = to.collect();
        Ok(Self {
            names: person::names(session, &named).await?,
            addressees: addressees(session, &to).await?,
        })
    }

    fn letter(&self, one: &DueDelivery, now: OffsetDateTime) -> Result<Letter, SendError> {
        Ok(Letter {
            key: one.key.clone(),
            to: self.recipient(&one.target)?,
            digest_on: one.digest_on,
            notices: one.events.iter().map(|event| Notice::of(event, &self.names)).collect(),
            at: now,
        })
    }

    fn recipient(&self, target: &Target) -> Result<Recipient, SendError> {
        Ok(match target {
            Target::Approvers => Recipient::Approvers,
            Target::Webhook(name) => Recipient::Webhook(name.clone()),
            Target::Person(id) => {
                let found = self.addressees.get(id);
                let email = found.and_then(|it| it.email.clone()).ok_or_else(|| {
                    SendError::Refused("no mail address is known of them".to_owned())
                })?;
                let name = found.map(|it| it.name.clone()).unwrap_or_default();
                Recipient::Person { id: *id, name, email }
            }
        })
    }
}
