//! Teams: what an organisation says of them, whose assets are, and the projection of that.

use std::collections::BTreeMap;

use postern_domain::arm::AssetId;
use postern_domain::id::ConnectionId;
use postern_domain::team::{Routing, TeamId};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;
use crate::evaluation::At;

/// What holds, or held at a moment; without teams where nothing had been said.
pub async fn routing(
    connection: &mut PgConnection,
    as_of: Option<OffsetDateTime>,
) -> Result<Routing, StoreError> {
    let value = sqlx::query_scalar!(
        r#"
        SELECT routing
        FROM routing_changes
        WHERE $1::timestamptz IS NULL OR at <= $1
        ORDER BY routing_change_id DESC
        LIMIT 1
        "#,
        as_of,
    )
    .fetch_optional(connection)
    .await?;
    value.map_or_else(
        || Ok(Routing::default()),
        |value| column::json("routing_changes.routing", value),
    )
}

/// Writes what holds from the next evaluation on.
pub async fn set_routing(
    connection: &mut PgConnection,
    routing: &Routing,
    reason: &str,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let routing: Value = serde_json::to_value(routing)
        .map_err(|error| StoreError::unreadable("routing_changes.routing", error))?;
    sqlx::query!(
        "INSERT INTO routing_changes (routing, reason, at) VALUES ($1, $2, $3)",
        routing,
        reason,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// When it was said what holds, and why; `None` where nothing was ever said.
pub async fn last_change(
    connection: &mut PgConnection,
) -> Result<Option<(OffsetDateTime, String)>, StoreError> {
    let row = sqlx::query!(
        "SELECT at, reason FROM routing_changes ORDER BY routing_change_id DESC LIMIT 1"
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.at, row.reason)))
}

/// Whose these assets are as of the latest evaluation, or were when they left; nobody's are left out.
pub async fn owners(
    connection: &mut PgConnection,
    of: ConnectionId,
    assets: &[String],
) -> Result<BTreeMap<AssetId, TeamId>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT asset_id, team
        FROM assets
        JOIN asset_owners USING (asset_number)
        WHERE connection_id = $1 AND asset_id = ANY($2)
        "#,
        of.number(),
        assets,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let asset = column::word("assets.asset_id", &row.asset_id)?;
            Ok((asset, column::word("asset_owners.team", &row.team)?))
        })
        .collect()
}

/// An asset, and whose it is now.
pub type NewOwner<'a> = (&'a AssetId, Option<&'a TeamId>);

/// As the columns of a statement.
pub(crate) fn columns(changed: &[NewOwner<'_>]) -> (Vec<String>, Vec<Option<String>>) {
    changed.iter().map(|(asset, team)| (asset.to_string(), team.map(ToString::to_string))).unzip()
}

/// Writes whose these assets are now, and brings the projection up to date.
pub async fn insert_owners(
    connection: &mut PgConnection,
    at: At,
    changed: &[NewOwner<'_>],
) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    let (assets, teams) = columns(changed);
    sqlx::query!(
        r#"
        WITH new AS (
            SELECT assets.asset_number, new.team
            FROM UNNEST($4::text[], $5::text[]) AS new (asset_id, team)
            JOIN assets ON assets.connection_id = $3 AND assets.asset_id = new.asset_id
        ), fact AS (
            INSERT INTO owner_changes (at, evaluation_id, asset_number, team)
            SELECT $1, $2, asset_number, team FROM new
        ), nobodys AS (
            DELETE FROM asset_owners
            USING new
            WHERE asset_owners.asset_number = new.asset_number AND new.team IS NULL
        )
        INSERT INTO asset_owners (asset_number, team)
        SELECT asset_number, team FROM new WHERE team IS NOT NULL
        ON CONFLICT ON CONSTRAINT asset_owners_pkey DO UPDATE SET team = EXCLUDED.team
        "#,
        at.at,
        at.evaluation.number(),
        at.connection.number(),
        &assets,
        &teams as &[Option<String>],
    )
    .execute(connection)
    .await?;
    Ok(())
}
