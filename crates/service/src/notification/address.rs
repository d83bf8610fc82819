//! Deciding who gets what happened.

use std::collections::BTreeMap;

use postern_domain::id::PersonId;
use postern_domain::notification::Event;
use postern_domain::notification::audience::{self, Channels, Target};
use postern_domain::notification::delivery::{
    DeliveryKey, Frequency, TOO_OLD, digest_day, digest_moment,
};
use postern_store::delivery::NewDelivery;
use postern_store::notification_preference::{Addressee, addressees};
use postern_store::{PgConnection, StoreError, delivery, outbox};
use time::{Date, OffsetDateTime};

use crate::Postern;

/// Events that are addressed in one transaction.
const AT_A_TIME: u32 = 100;

/// Decides who gets the events of the outbox, by what the channels and people want now; how many events there were.
///
/// Any number of processes may do so at once.
pub async fn address_events(postern: &Postern, channels: &Channels) -> Result<u64, StoreError> {
    let mut addressed = 0;
    loop {
        let mut transaction = postern.pool.begin().await?;
        let events = outbox::take_waiting(&mut transaction, AT_A_TIME).await?;
        if events.is_empty() {
            return Ok(addressed);
        }
        let now = postern.clock.now();
        for (number, event) in &events {
            if event.at + TOO_OLD > now {
                address(&mut transaction, channels, (*number, event), now).await?;
            }
        }
        let numbers: Vec<i64> = events.iter().map(|(number, _)| *number).collect();
        outbox::mark_addressed(&mut transaction, &numbers, now).await?;
        transaction.commit().await?;
        addressed += numbers.len() as u64;
    }
}

async fn address(
    session: &mut PgConnection,
    channels: &Channels,
    (number, event): (i64, &Event),
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let targets = audience::of(event, channels);
    let people: Vec<PersonId> = targets.iter().filter_map(person).collect();
    let people = addressees(session, &people).await?;
    for target in &targets {
        match frequency(target, &people) {
            Frequency::None => {}
            Frequency::Each => {
                let key = DeliveryKey::event(&event.key, target);
                let new = NewDelivery { key, target, digest_on: None, next_at: now, at: now };
                delivery::add(session, number, &new).await?;
            }
            Frequency::Daily => {
                let today = digest_day(now);
                let digest = |on: Date| NewDelivery {
                    key: DeliveryKey::digest(on, target),
                    target,
                    digest_on: Some(on),
                    next_at: digest_moment(on),
                    at: now,
                };
                // By another process's clock its time has come.
                if !delivery::add(session, number, &digest(today)).await? {
                    let tomorrow = today.next_day().unwrap_or(today);
                    delivery::add(session, number, &digest(tomorrow)).await?;
                }
            }
        }
    }
    Ok(())
}

fn person(target: &Target) -> Option<PersonId> {
    match target {
        Target::Person(person) => Some(*person),
        Target::Approvers | Target::Webhook(_) => None,
    }
}

/// How often a target wants messages; a program reads no mail.
fn frequency(target: &Target, people: &BTreeMap<PersonId, Addressee>) -> Frequency {
    match target {
        Target::Person(person) => {
            people.get(person).map_or(Frequency::None, |person| person.frequency)
        }
        Target::Approvers | Target::Webhook(_) => Frequency::Each,
    }
}
