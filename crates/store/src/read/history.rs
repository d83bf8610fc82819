//! What was known at a moment, from the insert-only tables alone.
//!
//! The same moment gives the same rows later: no projection is read, except a finding's asset and rule, which never
//! change.

use futures::{Stream, StreamExt as _};
use postern_domain::arm::AssetId;
use postern_domain::digest::Digest;
use postern_domain::finding::{FindingEvent, FindingState};
use postern_domain::id::{ConnectionId, FindingId, RuleId};
use postern_domain::team::TeamId;
use postern_domain::verdict::{Evidence, Severity};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;
use crate::read::asset::AssetIdentity;

/// A finding as of a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct PastFinding {
    /// The id.
    pub id: FindingId,
    /// The asset's id.
    pub asset_id: AssetId,
    /// The asset as of the moment; `None` where nothing is recorded of it.
    pub asset: Option<PastAsset>,
    /// Whose it was; `None` for nobody's.
    pub team: Option<TeamId>,
    /// The rule.
    pub rule: RuleId,
    /// The state.
    pub state: FindingState,
    /// The event that led to it.
    pub event: FindingEvent,
    /// What that event said.
    pub detail: String,
    /// The severity after that event.
    pub event_severity: Severity,
    /// When it was first seen.
    pub first_seen_at: OffsetDateTime,
    /// When it was last opened.
    pub opened_at: OffsetDateTime,
    /// When the state last changed.
    pub changed_at: OffsetDateTime,
    /// The pack of the last verdict, or of the verdict that ended.
    pub pack: Digest,
    /// The verdict; `None` once the asset or the rule is gone.
    pub verdict: Option<PastVerdict>,
}

/// An asset as of a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastAsset {
    /// Which asset.
    pub identity: AssetIdentity,
    /// When it was last read.
    pub last_read_at: Option<OffsetDateTime>,
}

/// A verdict as of a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct PastVerdict {
    /// How bad a failure is.
    pub severity: Severity,
    /// What it says.
    pub summary: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}

/// All findings of a connection as of `at`, or `only` some of them, those that had ended by then included, one after another:
/// the worst first, then by rule, by when they were opened, and by id.
///
/// A finding is as bad as its verdict says, or, where it has ended or has none, as the event that it comes from. They are
/// sorted here, because there may be a million.
#[expect(clippy::too_many_lines, reason = "one query, whose parts say nothing alone")]
pub fn findings(
    connection: &mut PgConnection,
    of: ConnectionId,
    at: OffsetDateTime,
    only: Option<Vec<FindingId>>,
) -> impl Stream<Item = Result<PastFinding, StoreError>> + '_ {
    let only: Option<Vec<i64>> = only.map(|only| only.into_iter().map(FindingId::number).collect());
    let rows = sqlx::query!(
        r#"
        WITH events AS (
            SELECT finding_events.*, findings.asset_id, findings.rule_id
            FROM finding_events
            JOIN findings USING (finding_id)
            WHERE findings.connection_id = $1
                AND finding_events.at <= $2
                AND ($3::bigint[] IS NULL OR finding_id = ANY ($3))
        ),
        looked_at AS (
            SELECT DISTINCT asset_id FROM findings WHERE finding_id = ANY ($3)
        ),
        last_events AS (
            SELECT DISTINCT ON (finding_id)
                finding_id, asset_id, rule_id, at, event, state, severity, detail
            FROM events
            ORDER BY finding_id, at DESC, evaluation_id DESC
        ),
        lives AS (
            SELECT
                finding_id,
                min(at) AS first_seen_at,
                max(at) FILTER (WHERE event IN ('opened', 'reopened')) AS opened_at
            FROM events
            GROUP BY finding_id
        ),
        last_verdicts AS (
            SELECT DISTINCT ON (verdict_changes.asset_number, verdict_changes.rule_id)
                assets.asset_id,
                verdict_changes.connection_id,
                verdict_changes.rule_id,
                verdict_changes.pack_digest,
                verdict_changes.severity,
                verdict_changes.body_digest
            FROM assets
            JOIN verdict_changes USING (asset_number)
            WHERE assets.connection_id = $1
                AND verdict_changes.at <= $2
                AND ($3::bigint[] IS NULL OR assets.asset_id IN (SELECT asset_id FROM looked_at))
            ORDER BY
                verdict_changes.asset_number,
                verdict_changes.rule_id,
                verdict_changes.at DESC,
                verdict_changes.evaluation_id DESC
        ),
        asset_events AS (
            SELECT
                asset_id,
                at,
                snapshot_id,
                identity,
                change IN ('appeared', 'changed', 'read_again') AS is_read
            FROM asset_changes
            WHERE connection_id = $1
                AND at <= $2
                AND ($3::bigint[] IS NULL OR asset_id IN (SELECT asset_id FROM looked_at))
        ),
        identities AS (
            SELECT DISTINCT ON (asset_id) asset_id, identity
            FROM asset_events
            WHERE identity IS NOT NULL
            ORDER BY asset_id, at DESC, snapshot_id DESC
        ),
        readings AS (
            SELECT asset_id, max(at) AS at
            FROM asset_events
            WHERE is_read
            GROUP BY asset_id
        ),
        losses AS (
            SELECT asset_events.asset_id, min(asset_events.at) AS at
            FROM asset_events
            JOIN readings USING (asset_id)
            WHERE asset_events.at > readings.at
            GROUP BY asset_events.asset_id
        ),
        -- An asset that no change says was lost was read by the latest snapshot; one that was lost, by the one before.
        assets_then AS MATERIALIZED (
            SELECT
                identities.asset_id,
                identities.identity,
                (
                    SELECT max(snapshots.finished_at)
                    FROM snapshots
                    WHERE snapshots.connection_id = $1
                        AND snapshots.finished_at <= $2
                        AND (losses.at IS NULL OR snapshots.finished_at < losses.at)
                ) AS last_read_at
            FROM identities
            LEFT JOIN losses USING (asset_id)
        ),
        said AS (
            SELECT
                last_events.finding_id,
                last_events.asset_id,
                last_events.rule_id,
                last_events.at AS changed_at,
                last_events.event,
                last_events.state,
                last_events.severity AS event_severity,
                last_events.detail,
                lives.first_seen_at,
                COALESCE(lives.opened_at, lives.first_seen_at) AS opened_at,
                last_verdicts.pack_digest,
                last_verdicts.severity,
                verdict_bodies.summary,
                verdict_bodies.evidence,
                CASE
                    WHEN last_events.state <> 'resolved' AND verdict_bodies.body_digest IS NOT NULL
                        THEN COALESCE(last_verdicts.severity, last_events.severity)
                    ELSE last_events.severity
                END AS how_bad,
                assets_then.identity,
                assets_then.last_read_at,
                spans.team
            FROM last_events
            JOIN lives USING (finding_id)
            JOIN last_verdicts USING (asset_id, rule_id)
            LEFT JOIN verdict_bodies USING (connection_id, body_digest)
            LEFT JOIN assets_then USING (asset_id)
            LEFT JOIN finding_spans AS spans
                ON spans.finding_id = last_events.finding_id AND spans.since <= $2 AND spans.until > $2
        )
        SELECT
            finding_id AS "finding_id!",
            asset_id AS "asset_id!",
            rule_id AS "rule_id!",
            changed_at AS "changed_at!",
            event AS "event!",
            state AS "state!",
            event_severity AS "event_severity!",
            detail AS "detail!",
            first_seen_at AS "first_seen_at!",
            opened_at AS "opened_at!",
            pack_digest AS "pack_digest!",
            severity AS "severity?",
            summary AS "summary?",
            evidence AS "evidence?",
            identity AS "identity?",
            last_read_at AS "last_read_at?",
            team AS "team?"
        FROM said
        ORDER BY
            array_position(ARRAY['critical', 'high', 'medium', 'low'], how_bad),
            rule_id COLLATE "C",
            opened_at,
            finding_id
        "#,
        of.number(),
        at,
        only.as_deref() as Option<&[i64]>,
    )
    .fetch(connection);
    rows.map(|row| {
        let row = row?;
        let verdict = match (row.severity, row.summary, row.evidence) {
            (Some(severity), Some(summary), Some(evidence)) => Some(PastVerdict {
                severity: column::word("verdict_changes.severity", &severity)?,
                summary,
                evidence: column::json("verdict_bodies.evidence", evidence)?,
            }),
            _ => None,
        };
        let id: AssetId = column::word("findings.asset_id", &row.asset_id)?;
        let identity =
            row.identity.map(|identity| AssetIdentity::read(&id, identity)).transpose()?;
        Ok(PastFinding {
            id: FindingId::from_number(row.finding_id),
            asset: identity.map(|identity| PastAsset { identity, last_read_at: row.last_read_at }),
            asset_id: id,
            team: row.team.map(|team| column::word("finding_spans.team", &team)).transpose()?,
            rule: column::word("findings.rule_id", &row.rule_id)?,
            state: column::word("finding_events.state", &row.state)?,
            event: column::word("finding_events.event", &row.event)?,
            detail: row.detail,
            event_severity: column::word("finding_events.severity", &row.event_severity)?,
            first_seen_at: row.first_seen_at,
            opened_at: row.opened_at,
            changed_at: row.changed_at,
            pack: column::digest("verdict_changes.pack_digest", &row.pack_digest)?,
            verdict,
        })
    })
}

/// The packs that any check of a connection was judged by up to `at`, by their digests.
pub async fn packs(
    connection: &mut PgConnection,
    of: ConnectionId,
    at: OffsetDateTime,
) -> Result<Vec<Digest>, StoreError> {
    let digests = sqlx::query_scalar!(
        r#"
        SELECT DISTINCT verdict_changes.pack_digest
        FROM verdict_changes
        WHERE verdict_changes.connection_id = $1
            AND verdict_changes.at <= $2
        ORDER BY verdict_changes.pack_digest
        "#,
        of.number(),
        at
    )
    .fetch_all(connection)
    .await?;
    digests.iter().map(|digest| column::digest("verdict_changes.pack_digest", digest)).collect()
}
