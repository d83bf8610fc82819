//! The projections of a connection, made anew of its facts.

use postern_domain::id::ConnectionId;
use sqlx::PgConnection;

use crate::error::StoreError;

/// Makes the inventory, the verdicts, the tallies and the owners of now from what the insert-only tables say, and names the
/// assets of the spans of findings.
///
/// There must be none yet. Digests that only save work are left out: the next evaluation makes them.
pub async fn project(connection: &mut PgConnection, of: ConnectionId) -> Result<(), StoreError> {
    project_assets(connection, of).await?;
    // An archive names the asset in the finding alone.
    sqlx::query!(
        r#"
        UPDATE finding_spans
        SET asset_number = assets.asset_number
        FROM findings
        JOIN assets USING (connection_id, asset_id)
        WHERE findings.finding_id = finding_spans.finding_id
            AND finding_spans.connection_id = $1
        "#,
        of.number(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO current_verdicts (asset_number, rule_id, pack_digest, verdict, severity, since)
        SELECT asset_number, rule_id, pack_digest, verdict, severity, at
        FROM (
            SELECT DISTINCT ON (asset_number, rule_id) *
            FROM verdict_changes
            WHERE connection_id = $1
            ORDER BY asset_number, rule_id, at DESC, evaluation_id DESC
        ) AS latest
        WHERE verdict IS NOT NULL
        "#,
        of.number(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO current_tallies (
            connection_id, rule_id, asset_type, subscription, team, severity,
            checks_pass, checks_fail, checks_unknown, checks_not_applicable,
            findings_open, findings_not_rechecked, findings_unknown, findings_resolved, evaluation_id
        )
        SELECT DISTINCT ON (rule_id, asset_type, subscription, team, severity)
            connection_id, rule_id, asset_type, subscription, team, severity,
            checks_pass, checks_fail, checks_unknown, checks_not_applicable,
            findings_open, findings_not_rechecked, findings_unknown, findings_resolved, evaluation_id
        FROM tally_changes
        WHERE connection_id = $1
        ORDER BY rule_id, asset_type, subscription, team, severity, at DESC, evaluation_id DESC
        "#,
        of.number(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO asset_owners (asset_number, team)
        SELECT asset_number, team
        FROM (
            SELECT DISTINCT ON (asset_number) asset_number, team
            FROM owner_changes
            JOIN assets USING (asset_number)
            WHERE connection_id = $1
            ORDER BY asset_number, at DESC, evaluation_id DESC
        ) AS latest
        WHERE team IS NOT NULL
        "#,
        of.number(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An asset that no change says was lost was read by the latest snapshot; one that was lost, by the snapshot before.
async fn project_assets(connection: &mut PgConnection, of: ConnectionId) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO current_assets (
            connection_id, asset_id, arm_id, asset_type, name, kind, location, subscription, resource_group, source,
            content_hash, first_seen_at, last_read_at, unread_reason
        )
        SELECT
            $1,
            latest.asset_id,
            named.identity ->> 'arm_id',
            named.identity ->> 'asset_type',
            named.identity ->> 'name',
            named.identity ->> 'kind',
            named.identity ->> 'location',
            split_part(latest.asset_id, '/', 3),
            named.identity ->> 'resource_group',
            named.identity ->> 'source',
            named.content_hash,
            seen.first_at,
            (
                SELECT max(finished_at)
                FROM snapshots
                WHERE connection_id = $1 AND (lost.at IS NULL OR finished_at < lost.at)
            ),
            latest.reason
        FROM (
            SELECT DISTINCT ON (asset_id) asset_id, change, reason
            FROM asset_changes
            WHERE connection_id = $1
            ORDER BY asset_id, at DESC, snapshot_id DESC
        ) AS latest
        JOIN (
            SELECT DISTINCT ON (asset_id) asset_id, identity, content_hash
            FROM asset_changes
            WHERE connection_id = $1 AND identity IS NOT NULL
            ORDER BY asset_id, at DESC, snapshot_id DESC
        ) AS named USING (asset_id)
        JOIN (
            SELECT
                asset_id,
                COALESCE(max(at) FILTER (WHERE change = 'appeared'), min(at)) AS first_at,
                max(at) FILTER (WHERE change IN ('appeared', 'changed', 'read_again')) AS read_at
            FROM asset_changes
            WHERE connection_id = $1
            GROUP BY asset_id
        ) AS seen USING (asset_id)
        LEFT JOIN LATERAL (
            SELECT min(at) AS at
            FROM asset_changes
            WHERE connection_id = $1 AND asset_id = latest.asset_id AND at > seen.read_at
        ) AS lost ON TRUE
        WHERE latest.change NOT IN ('deleted', 'out_of_scope')
        "#,
        of.number(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
