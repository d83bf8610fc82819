//! Deliveries: messages to targets, until they are delivered or given up.

use std::collections::BTreeMap;

use postern_domain::id::DeliveryId;
use postern_domain::notification::Event;
use postern_domain::notification::audience::Target;
use postern_domain::notification::delivery::{DeliveryKey, DeliveryState, MOST_ATTEMPTS};
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

use crate::column;
use crate::error::StoreError;

/// A message that is to be delivered.
#[derive(Clone, Debug)]
pub struct NewDelivery<'a> {
    /// What makes it this one.
    pub key: DeliveryKey,
    /// To whom.
    pub target: &'a Target,
    /// The day of which it is the digest.
    pub digest_on: Option<Date>,
    /// When it is tried first.
    pub next_at: OffsetDateTime,
    /// When it was made.
    pub at: OffsetDateTime,
}

/// Writes that an event is to be delivered, on its own or with what the message says already; `false` where that was
/// begun to be delivered, and takes nothing more.
pub async fn add(
    transaction: &mut PgConnection,
    event: i64,
    new: &NewDelivery<'_>,
) -> Result<bool, StoreError> {
    let delivery = sqlx::query_scalar!(
        r#"
        INSERT INTO deliveries (delivery_key, target, digest_on, state, attempts, next_at, created_at)
        VALUES ($1, $2, $3, 'pending', 0, $4, $5)
        ON CONFLICT ON CONSTRAINT deliveries_delivery_key
        -- Locks it, so that it is not begun before the event belongs to it.
        DO UPDATE SET next_at = deliveries.next_at
        WHERE deliveries.state = 'pending' AND deliveries.attempts = 0
        RETURNING delivery_id
        "#,
        new.key.as_str(),
        new.target.to_string(),
        new.digest_on,
        new.next_at,
        new.at,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(delivery) = delivery else { return Ok(false) };
    sqlx::query!(
        r#"
        INSERT INTO delivery_events (delivery_id, event_id)
        VALUES ($1, $2)
        ON CONFLICT ON CONSTRAINT delivery_events_pkey DO NOTHING
        "#,
        delivery,
        event,
    )
    .execute(transaction)
    .await?;
    Ok(true)
}

/// A delivery that is tried now.
#[derive(Clone, Debug)]
pub struct DueDelivery {
    /// Its number.
    pub id: DeliveryId,
    /// What makes it this one.
    pub key: DeliveryKey,
    /// To whom.
    pub target: Target,
    /// The day of which it is the digest.
    pub digest_on: Option<Date>,
    /// The how-manieth attempt this is, from 1.
    pub attempt: u32,
    /// What it says, the oldest first.
    pub events: Vec<Event>,
}

/// Takes deliveries that are due, so that nobody else tries them before `abandoned_at`: each is an attempt from now on,
/// even where its process dies.
pub async fn take_due(
    transaction: &mut PgConnection,
    (now, abandoned_at): (OffsetDateTime, OffsetDateTime),
    limit: u32,
) -> Result<Vec<DueDelivery>, StoreError> {
    let rows = sqlx::query!(
        r#"
        UPDATE deliveries
        SET attempts = attempts + 1, next_at = $2, last_error = NULL
        WHERE delivery_id IN (
            SELECT delivery_id
            FROM deliveries
            WHERE state = 'pending' AND next_at <= $1 AND attempts < $4
            ORDER BY next_at, delivery_id
            LIMIT $3
            FOR UPDATE SKIP LOCKED
        )
        RETURNING delivery_id, delivery_key, target, digest_on, attempts
        "#,
        now,
        abandoned_at,
        i64::from(limit),
        most_attempts(),
    )
    .fetch_all(&mut *transaction)
    .await?;
    let numbers: Vec<i64> = rows.iter().map(|row| row.delivery_id).collect();
    let mut events = events(transaction, &numbers).await?;
    let mut taken: Vec<DueDelivery> = rows
        .into_iter()
        .map(|row| {
            Ok(DueDelivery {
                id: DeliveryId::from_number(row.delivery_id),
                key: DeliveryKey::stored(row.delivery_key),
                target: column::word("deliveries.target", &row.target)?,
                digest_on: row.digest_on,
                attempt: column::count("deliveries.attempts", row.attempts)?,
                events: events.remove(&row.delivery_id).unwrap_or_default(),
            })
        })
        .collect::<Result<_, StoreError>>()?;
    taken.sort_by_key(|delivery| delivery.id);
    Ok(taken)
}

fn most_attempts() -> i32 {
    i32::try_from(MOST_ATTEMPTS).unwrap_or(i32::MAX)
}

/// What deliveries say.
async fn events(
    connection: &mut PgConnection,
    deliveries: &[i64],
) -> Result<BTreeMap<i64, Vec<Event>>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT delivery_events.delivery_id, outbox.event
        FROM delivery_events
        JOIN outbox USING (event_id)
        WHERE delivery_events.delivery_id = ANY($1)
        ORDER BY delivery_events.delivery_id, outbox.event_id
        "#,
        deliveries,
    )
    .fetch_all(connection)
    .await?;
    let mut events: BTreeMap<i64, Vec<Event>> = BTreeMap::new();
    for row in rows {
        let event = column::json("outbox.event", row.event)?;
        events.entry(row.delivery_id).or_default().push(event);
    }
    Ok(events)
}

/// Parks what was tried as often as it is tried, and whose process died the last time. How many.
pub async fn park_abandoned(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    why: &str,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        r#"
        UPDATE deliveries
        SET state = 'parked', last_error = $3
        WHERE state = 'pending' AND next_at <= $1 AND attempts >= $2
        "#,
        now,
        most_attempts(),
        why,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// It is delivered.
    Delivered,
    /// It is tried again.
    Retried {
        /// When.
        at: OffsetDateTime,
        /// Why it failed, without secrets.
        why: String,
    },
    /// It is not tried again.
    Parked {
        /// Why it failed, without secrets.
        why: String,
    },
}

/// Writes what became of an attempt; `false` where it was taken for abandoned meanwhile, and another one counts.
pub async fn settle(
    connection: &mut PgConnection,
    (id, attempt): (DeliveryId, u32),
    outcome: &AttemptOutcome,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let (state, next_at, why) = match outcome {
        AttemptOutcome::Delivered => (DeliveryState::Delivered, now, None),
        AttemptOutcome::Retried { at, why } => (DeliveryState::Pending, *at, Some(why)),
        AttemptOutcome::Parked { why } => (DeliveryState::Parked, now, Some(why)),
    };
    let delivered_at = (state == DeliveryState::Delivered).then_some(now);
    let done = sqlx::query!(
        r#"
        UPDATE deliveries
        SET state = $3, next_at = $4, last_error = $5, delivered_at = $6
        WHERE delivery_id = $1 AND attempts = $2 AND state = 'pending'
        "#,
        id.number(),
        i32::try_from(attempt).unwrap_or(i32::MAX),
        state.as_str(),
        next_at,
        why,
        delivered_at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A delivery as people see it.
#[derive(Clone, Debug)]
pub struct DeliveryRecord {
    /// Its number.
    pub id: DeliveryId,
    /// What makes it this one.
    pub key: DeliveryKey,
    /// To whom.
    pub target: Target,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it is tried next.
    pub next_at: OffsetDateTime,
    /// When it was delivered.
    pub delivered_at: Option<OffsetDateTime>,
    /// Why it failed last.
    pub last_error: Option<String>,
    /// How many events it says.
    pub events: u32,
}

/// Which deliveries are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// All.
    All,
    /// Those that failed: parked ones, and those that are tried again.
    Failed,
}

/// Deliveries, the youngest first.
pub async fn list(
    connection: &mut PgConnection,
    listed: Listed,
    limit: u32,
) -> Result<Vec<DeliveryRecord>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            delivery_id, delivery_key, target, state, attempts, created_at, next_at, delivered_at, last_error,
            (SELECT count(*) FROM delivery_events WHERE delivery_events.delivery_id = deliveries.delivery_id)
                AS "events!"
        FROM deliveries
        WHERE NOT $1 OR state = 'parked' OR (state = 'pending' AND last_error IS NOT NULL)
        ORDER BY delivery_id DESC
        LIMIT $2
        "#,
        listed == Listed::Failed,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DeliveryRecord {
                id: DeliveryId::from_number(row.delivery_id),
                key: DeliveryKey::stored(row.delivery_key),
                target: column::word("deliveries.target", &row.target)?,
                state: column::word("deliveries.state", &row.state)?,
                attempts: column::count("deliveries.attempts", row.attempts)?,
                created_at: row.created_at,
                next_at: row.next_at,
                delivered_at: row.delivered_at,
                last_error: row.last_error,
                events: column::count("delivery_events", row.events)?,
            })
        })
        .collect()
}

/// Has a delivery that failed tried again, at once and as often as a new one; its target, or `None` where there is none
/// that failed.
pub async fn retry(
    transaction: &mut PgConnection,
    id: DeliveryId,
    now: OffsetDateTime,
) -> Result<Option<Target>, StoreError> {
    let target = sqlx::query_scalar!(
        r#"
        UPDATE deliveries
        SET state = 'pending', attempts = 0, next_at = $2
        WHERE delivery_id = $1
            -- One that is being tried now has no error yet.
            AND (state = 'parked' OR (state = 'pending' AND last_error IS NOT NULL))
        RETURNING target
        "#,
        id.number(),
        now,
    )
    .fetch_optional(transaction)
    .await?;
    target.map(|target| column::word("deliveries.target", &target)).transpose()
}
