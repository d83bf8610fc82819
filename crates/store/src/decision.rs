//! The decision log.

use postern_domain::decision::{Entry, Head};
use postern_domain::digest::Digest;
use postern_domain::id::PersonId;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// Where the log ends, and when its last entry was written; keeps others from writing to the end of the transaction, so
/// that each entry has one that follows.
pub async fn hold(
    transaction: &mut PgConnection,
) -> Result<(Head, Option<OffsetDateTime>), StoreError> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('postern decision log', 0))")
        .execute(&mut *transaction)
        .await?;
    let last = sqlx::query!("SELECT number, hash, at FROM decisions ORDER BY number DESC LIMIT 1")
        .fetch_optional(transaction)
        .await?;
    let Some(last) = last else { return Ok((Head::genesis(), None)) };
    let hash = column::digest("decisions.hash", &last.hash)?;
    Ok((Head { number: last.number, hash }, Some(last.at)))
}

/// Where the log ended at a moment, or ends; the genesis where nothing had been written.
pub async fn head(
    connection: &mut PgConnection,
    as_of: Option<OffsetDateTime>,
) -> Result<Head, StoreError> {
    let last = sqlx::query!(
        r#"
        SELECT number, hash
        FROM decisions
        WHERE $1::timestamptz IS NULL OR at <= $1
        ORDER BY number DESC
        LIMIT 1
        "#,
        as_of,
    )
    .fetch_optional(connection)
    .await?;
    last.map_or_else(
        || Ok(Head::genesis()),
        |last| {
            let hash = column::digest("decisions.hash", &last.hash)?;
            Ok(Head { number: last.number, hash })
        },
    )
}

/// Writes the next entry.
pub async fn insert(transaction: &mut PgConnection, entry: &Entry) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO decisions (
            number, at, person_id, who, address, action, subject, reason, before, after, previous, hash
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        "#,
        entry.number,
        entry.at,
        entry.person.map(PersonId::number),
        entry.who,
        entry.address,
        entry.action.as_str(),
        entry.subject,
        entry.reason,
        entry.before,
        entry.after,
        entry.previous.as_bytes(),
        entry.hash.as_bytes(),
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// An entry, or the number of one that somebody changed so that it cannot be read.
pub type ReadEntry = Result<Entry, (i64, StoreError)>;

/// Entries after the one with this number, in their order.
pub async fn after(
    connection: &mut PgConnection,
    number: i64,
    limit: u32,
) -> Result<Vec<ReadEntry>, StoreError> {
    let rows = sqlx::query_as!(
        EntryRow,
        r#"
        SELECT number, at, person_id, who, address, action, subject, reason, before, after, previous, hash
        FROM decisions
        WHERE number > $1
        ORDER BY number
        LIMIT $2
        "#,
        number,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(EntryRow::into_entry).collect())
}

/// Entries before the one with this number, or the last ones; the youngest first. Only those of somebody and of an action,
/// or of actions that begin with a word, where these are said.
pub async fn before(
    connection: &mut PgConnection,
    number: Option<i64>,
    (who, action): (Option<&str>, Option<&str>),
    limit: u32,
) -> Result<Vec<ReadEntry>, StoreError> {
    let rows = sqlx::query_as!(
        EntryRow,
        r#"
        SELECT number, at, person_id, who, address, action, subject, reason, before, after, previous, hash
        FROM decisions
        WHERE ($1::bigint IS NULL OR number < $1)
            AND ($3::text IS NULL OR lower(who) = lower($3))
            AND ($4::text IS NULL OR action = $4 OR starts_with(action, $4 || '.'))
        ORDER BY number DESC
        LIMIT $2
        "#,
        number,
        i64::from(limit),
        who,
        action,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(EntryRow::into_entry).collect())
}

struct EntryRow {
    number: i64,
    at: OffsetDateTime,
    person_id: Option<i64>,
    who: String,
    address: Option<String>,
    action: String,
    subject: Option<String>,
    reason: Option<String>,
    before: Option<String>,
    after: Option<String>,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

impl EntryRow {
    fn into_entry(self) -> ReadEntry {
        let number = self.number;
        let digest = |column, bytes: &[u8]| -> Result<Digest, _> {
            column::digest(column, bytes).map_err(|error| (number, error))
        };
        Ok(Entry {
            number,
            at: self.at,
            person: self.person_id.map(PersonId::from_number),
            who: self.who,
            address: self.address,
            action: column::word("decisions.action", &self.action)
                .map_err(|error| (number, error))?,
            subject: self.subject,
            reason: self.reason,
            before: self.before,
            after: self.after,
            previous: digest("decisions.previous", &self.previous)?,
            hash: digest("decisions.hash", &self.hash)?,
        })
    }
}
