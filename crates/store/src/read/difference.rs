//! What lies between two evaluations: assets and findings that the changes in between touched.

use postern_domain::arm::AssetId;
use postern_domain::asset::AssetDocument;
use postern_domain::finding::{FindingEvent, FindingState};
use postern_domain::id::{AssetNumber, ConnectionId, FindingId, RuleId};
use postern_domain::verdict::Severity;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::asset::AssetIdentity;
use crate::column;
use crate::error::StoreError;

/// The time between two evaluations of a connection: after the facts of one, up to those of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The connection.
    pub connection: ConnectionId,
    /// The time of the earlier facts.
    pub from: OffsetDateTime,
    /// The time of the later facts.
    pub until: OffsetDateTime,
}

/// An asset that changed in between, or was lost and found.
#[derive(Clone, Debug, PartialEq)]
pub struct TouchedAsset {
    /// Its id.
    pub id: AssetId,
    /// Its number.
    pub number: AssetNumber,
    /// Which it is, as it was known last.
    pub identity: AssetIdentity,
    /// How it was at the beginning; `None` where it was not in the inventory.
    pub before: Option<AssetState>,
    /// How it is at the end; `None` where it left the inventory.
    pub after: Option<AssetState>,
    /// The latest change, such as `deleted`.
    pub last_change: String,
}

/// An asset at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct AssetState {
    /// Whether the snapshot of that time could read it.
    pub is_read: bool,
    /// The document read last.
    pub document: AssetDocument,
}

/// A finding to which something happened in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TouchedFinding {
    /// Its id.
    pub id: FindingId,
    /// The asset.
    pub asset: AssetId,
    /// The asset's number.
    pub number: AssetNumber,
    /// The rule.
    pub rule: RuleId,
    /// Its state at the beginning; `None` where it was not known.
    pub before: Option<FindingState>,
    /// Its state at the end.
    pub after: FindingState,
    /// How bad it was when something happened to it last.
    pub severity: Severity,
    /// What happened last.
    pub event: FindingEvent,
    /// What people read of that.
    pub detail: String,
    /// When.
    pub at: OffsetDateTime,
}

/// The assets that changed, in the order of ids: at most `limit` after `after`.
pub async fn assets(
    connection: &mut PgConnection,
    span: Span,
    after: Option<&AssetId>,
    limit: u32,
) -> Result<Vec<TouchedAsset>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            touched.asset_id AS "asset_id!",
            assets.asset_number AS "asset_number!",
            was.change AS "was?",
            was_document.document AS "was_document?",
            is_now.change AS "is_now!",
            body.identity AS "identity!",
            is_document.document AS "is_document!"
        FROM (
            SELECT DISTINCT asset_id COLLATE "C" AS asset_id
            FROM asset_changes
            WHERE connection_id = $1 AND at > $2 AND at <= $3 AND asset_id COLLATE "C" > $4
            ORDER BY 1
            LIMIT $5
        ) AS touched
        JOIN assets ON assets.connection_id = $1 AND assets.asset_id = touched.asset_id COLLATE "default"
        LEFT JOIN LATERAL (
            SELECT change
            FROM asset_changes
            WHERE connection_id = $1 AND asset_id = touched.asset_id COLLATE "default" AND at <= $2
            ORDER BY at DESC, snapshot_id DESC
            LIMIT 1
        ) AS was ON true
        LEFT JOIN LATERAL (
            SELECT content_hash
            FROM asset_changes
            WHERE connection_id = $1 AND asset_id = touched.asset_id COLLATE "default" AND at <= $2
                AND change IN ('appeared', 'changed')
            ORDER BY at DESC, snapshot_id DESC
            LIMIT 1
        ) AS was_body ON true
        LEFT JOIN asset_bodies AS was_document ON was_document.content_hash = was_body.content_hash
        CROSS JOIN LATERAL (
            SELECT change
            FROM asset_changes
            WHERE connection_id = $1 AND asset_id = touched.asset_id COLLATE "default" AND at <= $3
            ORDER BY at DESC, snapshot_id DESC
            LIMIT 1
        ) AS is_now
        CROSS JOIN LATERAL (
            SELECT content_hash, identity
            FROM asset_changes
            WHERE connection_id = $1 AND asset_id = touched.asset_id COLLATE "default" AND at <= $3
                AND change IN ('appeared', 'changed')
            ORDER BY at DESC, snapshot_id DESC
            LIMIT 1
        ) AS body
        JOIN asset_bodies AS is_document ON is_document.content_hash = body.content_hash
        ORDER BY touched.asset_id
        "#,
        span.connection.number(),
        span.from,
        span.until,
        // No id is empty.
        after.map_or("", AssetId::as_str),
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let id: AssetId = column::word("asset_changes.asset_id", &row.asset_id)?;
            Ok(TouchedAsset {
                number: AssetNumber::from_number(row.asset_number),
                identity: AssetIdentity::read(&id, row.identity)?,
                before: match (row.was, row.was_document) {
                    (Some(was), Some(document)) => state(&was, document)?,
                    _ => None,
                },
                after: state(&row.is_now, row.is_document)?,
                last_change: row.is_now,
                id,
            })
        })
        .collect()
}

/// The state that a change leaves behind; `None` where the asset left the inventory.
fn state(change: &str, document: Value) -> Result<Option<AssetState>, StoreError> {
    if matches!(change, "deleted" | "out_of_scope") {
        return Ok(None);
    }
    let document = column::json("asset_bodies.document", document)?;
    Ok(Some(AssetState { is_read: change != "unread", document }))
}

/// The findings to which something happened, in the order of ids: at most `limit` after `after`.
pub async fn findings(
    connection: &mut PgConnection,
    span: Span,
    after: Option<FindingId>,
    limit: u32,
) -> Result<Vec<TouchedFinding>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            touched.finding_id AS "finding_id!",
            findings.asset_id,
            assets.asset_number,
            findings.rule_id,
            was.state AS "was?",
            is_now.state AS "is_now!",
            is_now.severity AS "severity!",
            is_now.event AS "event!",
            is_now.detail AS "detail!",
            is_now.at AS "at!"
        FROM (
            SELECT DISTINCT finding_events.finding_id
            FROM finding_events
            JOIN findings USING (finding_id)
            WHERE findings.connection_id = $1
                AND finding_events.at > $2
                AND finding_events.at <= $3
                AND finding_events.finding_id > $4
            ORDER BY 1
            LIMIT $5
        ) AS touched
        JOIN findings USING (finding_id)
        JOIN assets USING (connection_id, asset_id)
        LEFT JOIN LATERAL (
            SELECT state
            FROM finding_events
            WHERE finding_id = touched.finding_id AND at <= $2
            ORDER BY at DESC, evaluation_id DESC
            LIMIT 1
        ) AS was ON true
        CROSS JOIN LATERAL (
            SELECT state, severity, event, detail, at
            FROM finding_events
            WHERE finding_id = touched.finding_id AND at <= $3
            ORDER BY at DESC, evaluation_id DESC
            LIMIT 1
        ) AS is_now
        ORDER BY touched.finding_id
        "#,
        span.connection.number(),
        span.from,
        span.until,
        after.map_or(0, FindingId::number),
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let before = row.was.map(|was| column::word("finding_events.state", &was));
            Ok(TouchedFinding {
                id: FindingId::from_number(row.finding_id),
                asset: column::word("findings.asset_id", &row.asset_id)?,
                number: AssetNumber::from_number(row.asset_number),
                rule: column::word("findings.rule_id", &row.rule_id)?,
                before: before.transpose()?,
                after: column::word("finding_events.state", &row.is_now)?,
                severity: column::word("finding_events.severity", &row.severity)?,
                event: column::word("finding_events.event", &row.event)?,
                detail: row.detail,
                at: row.at,
            })
        })
        .collect()
}
