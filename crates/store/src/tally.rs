//! Tallies: what evaluations count, as changes with a base each month, and the projection of them.

use postern_domain::id::ConnectionId;
use postern_domain::tally::{Tally, TallyDifference, TallyKey, TallyOf};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::StoreError;
use crate::evaluation::At;

/// Adds what the evaluation counted to the projection, and writes the tallies that this changed; in the first
/// evaluation of a month, all of them.
pub async fn apply(
    connection: &mut PgConnection,
    at: At,
    difference: &TallyDifference,
) -> Result<(), StoreError> {
    project(connection, at, difference).await?;
    let is_base = !has_base_in_month(connection, at.connection, at.at).await?;
    if is_base {
        sqlx::query!(
            "INSERT INTO tally_bases (evaluation_id, connection_id, at) VALUES ($1, $2, $3)",
            at.evaluation.number(),
            at.connection.number(),
            at.at,
        )
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query!(
        r#"
        INSERT INTO tally_changes (
            at, evaluation_id, connection_id, rule_id, asset_type, subscription, team, severity,
            checks_pass, checks_fail, checks_unknown, checks_not_applicable,
            findings_open, findings_not_rechecked, findings_unknown, findings_resolved
        )
        SELECT
            $1, $2, connection_id, rule_id, asset_type, subscription, team, severity,
            checks_pass, checks_fail, checks_unknown, checks_not_applicable,
            findings_open, findings_not_rechecked, findings_unknown, findings_resolved
        FROM current_tallies
        WHERE connection_id = $3 AND ($4 OR evaluation_id = $2)
        "#,
        at.at,
        at.evaluation.number(),
        at.connection.number(),
        is_base,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn has_base_in_month(
    connection: &mut PgConnection,
    of: ConnectionId,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let has_one = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT FROM tally_bases WHERE connection_id = $1 AND at >= date_trunc('month', $2::timestamptz, 'UTC')
        ) AS "has_one!"
        "#,
        of.number(),
        at,
    )
    .fetch_one(connection)
    .await?;
    Ok(has_one)
}

async fn project(
    connection: &mut PgConnection,
    at: At,
    difference: &TallyDifference,
) -> Result<(), StoreError> {
    let entries: Vec<(&TallyKey, &Tally)> = difference.iter().collect();
    if entries.is_empty() {
        return Ok(());
    }
    let keys = |text: fn(&TallyKey) -> String| -> Vec<String> {
        entries.iter().map(|(key, _)| text(key)).collect()
    };
    let numbers = |number: fn(&Tally) -> i32| -> Vec<i32> {
        entries.iter().map(|(_, tally)| number(tally)).collect()
    };
    sqlx::query!(
        r#"
        INSERT INTO current_tallies (
            evaluation_id, connection_id, rule_id, asset_type, subscription, team, severity,
            checks_pass, checks_fail, checks_unknown, checks_not_applicable,
            findings_open, findings_not_rechecked, findings_unknown, findings_resolved
        )
        SELECT $1, $2, *
        FROM UNNEST(
            $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::integer[],
            $10::integer[], $11::integer[], $12::integer[], $13::integer[], $14::integer[], $15::integer[]
        )
        ON CONFLICT ON CONSTRAINT current_tallies_pkey DO UPDATE
        SET evaluation_id = EXCLUDED.evaluation_id,
            checks_pass = current_tallies.checks_pass + EXCLUDED.checks_pass,
            checks_fail = current_tallies.checks_fail + EXCLUDED.checks_fail,
            checks_unknown = current_tallies.checks_unknown + EXCLUDED.checks_unknown,
            checks_not_applicable = current_tallies.checks_not_applicable + EXCLUDED.checks_not_applicable,
            findings_open = current_tallies.findings_open + EXCLUDED.findings_open,
            findings_not_rechecked = current_tallies.findings_not_rechecked + EXCLUDED.findings_not_rechecked,
            findings_unknown = current_tallies.findings_unknown + EXCLUDED.findings_unknown,
            findings_resolved = current_tallies.findings_resolved + EXCLUDED.findings_resolved
        "#,
        at.evaluation.number(),
        at.connection.number(),
        &keys(|key| key.rule.to_string()),
        &keys(|key| key.asset_type.to_string()),
        &keys(|key| match &key.of {
            TallyOf::Subscription(id) => id.clone(),
            TallyOf::Team(_) => String::new(),
        }),
        &keys(|key| match &key.of {
            TallyOf::Subscription(_) => String::new(),
            TallyOf::Team(id) => id.to_string(),
        }),
        &keys(|key| key.severity.to_string()),
        &numbers(|tally| tally.pass),
        &numbers(|tally| tally.fail),
        &numbers(|tally| tally.unknown),
        &numbers(|tally| tally.not_applicable),
        &numbers(|tally| tally.open),
        &numbers(|tally| tally.not_rechecked),
        &numbers(|tally| tally.unjudged),
        &numbers(|tally| tally.resolved),
    )
    .execute(connection)
    .await?;
    Ok(())
}
