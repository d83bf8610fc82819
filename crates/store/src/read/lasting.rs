//! How long findings lasted.

use postern_domain::id::ConnectionId;
use postern_domain::team::TeamId;
use postern_domain::time_to_fix::{End, Lasted};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// The failing findings that ended after `from` and up to `at`, and those that were open then, by severity, whole days and how they
/// ended; of these owners, or of all.
pub async fn list(
    connection: &mut PgConnection,
    of: ConnectionId,
    (from, at): (OffsetDateTime, OffsetDateTime),
    owners: Option<&[TeamId]>,
) -> Result<Vec<Lasted>, StoreError> {
    let owners: Option<Vec<String>> =
        owners.map(|owners| owners.iter().map(ToString::to_string).collect());
    let rows = sqlx::query!(
        r#"
        SELECT
            severity AS "severity!",
            GREATEST(0, floor(extract(epoch FROM took) / 86400))::int AS "days!",
            ended AS "ended!",
            count(*) AS "findings!"
        FROM (
            SELECT
                finding_spans.severity,
                finding_spans.since - finding_spans.opened_at AS took,
                CASE WHEN finding_events.event = 'fixed' THEN 'fixed' ELSE 'otherwise' END AS ended
            FROM finding_spans
            JOIN finding_events
                ON finding_events.finding_id = finding_spans.finding_id
                AND finding_events.at = finding_spans.since
                AND finding_events.state = 'resolved'
            WHERE finding_spans.connection_id = $1
                AND finding_spans.standing = 2
                AND finding_spans.changed_at = finding_spans.since
                AND finding_spans.since > $2
                AND finding_spans.since <= $3
                AND ($4::text[] IS NULL OR finding_spans.team = ANY ($4))
                AND EXISTS (
                    SELECT
                    FROM finding_spans AS before
                    WHERE before.finding_id = finding_spans.finding_id
                        AND before.until = finding_spans.since
                        AND before.standing = 0
                )
            UNION ALL
            SELECT severity, $3 - opened_at, 'open'
            FROM finding_spans
            WHERE connection_id = $1
                AND standing = 0
                AND since <= $3
                AND until > $3
                AND ($4::text[] IS NULL OR team = ANY ($4))
        ) AS lasted
        GROUP BY 1, 2, 3
        ORDER BY 1, 2, 3
        "#,
        of.number(),
        from,
        at,
        owners.as_deref(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Lasted {
                severity: column::word("finding_spans.severity", &row.severity)?,
                days: u32::try_from(row.days).unwrap_or_default(),
                end: match row.ended.as_str() {
                    "fixed" => End::Fixed,
                    "open" => End::Open,
                    _ => End::Otherwise,
                },
                findings: column::count("finding_spans", row.findings)?,
            })
        })
        .collect()
}
