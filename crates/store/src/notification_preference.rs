//! How often people want mail, and where it reaches them.

use std::collections::BTreeMap;

use postern_domain::id::PersonId;
use postern_domain::notification::delivery::Frequency;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// Somebody whom mail can reach.
#[derive(Clone, Debug)]
pub struct Addressee {
    /// What people call them.
    pub name: String,
    /// Where mail reaches them, as their provider says it.
    pub email: Option<String>,
    /// How often they want it.
    pub frequency: Frequency,
}

/// Of these people those who are there; programs with a token are none of them.
pub async fn addressees(
    connection: &mut PgConnection,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, Addressee>, StoreError> {
    let numbers: Vec<i64> = people.iter().map(|person| person.number()).collect();
    let rows = sqlx::query!(
        r#"
        SELECT person_id, name, email, frequency AS "frequency?"
        FROM people
        LEFT JOIN notification_preferences USING (person_id)
        WHERE person_id = ANY($1)
            AND NOT EXISTS (SELECT FROM tokens WHERE tokens.person_id = people.person_id)
        "#,
        &numbers,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let frequency = match row.frequency {
                None => Frequency::default(),
                Some(word) => column::word("notification_preferences.frequency", &word)?,
            };
            let addressee = Addressee { name: row.name, email: row.email, frequency };
            Ok((PersonId::from_number(row.person_id), addressee))
        })
        .collect()
}

/// Writes how often somebody wants mail.
pub async fn set(
    transaction: &mut PgConnection,
    person: PersonId,
    frequency: Frequency,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO notification_preferences (person_id, frequency, changed_at)
        VALUES ($1, $2, $3)
        ON CONFLICT ON CONSTRAINT notification_preferences_pkey
        DO UPDATE SET frequency = EXCLUDED.frequency, changed_at = EXCLUDED.changed_at
        "#,
        person.number(),
        frequency.as_str(),
        at,
    )
    .execute(transaction)
    .await?;
    Ok(())
}
