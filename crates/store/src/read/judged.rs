//! With what evaluations judged: where packs or settings are not those of the evaluation before.

use postern_domain::digest::Digest;
use postern_domain::id::{ConnectionId, EvaluationId};
use postern_domain::settings::Settings;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// What judged in an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// When it judged: changes of packs and settings before it hold.
    pub evaluated_at: OffsetDateTime,
    /// The packs, in the order of their digests.
    pub packs: Vec<Digest>,
    /// What was set for them.
    pub settings: Settings,
}

/// An evaluation that judged with other packs or settings than the one before.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedOtherwise {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// The time of its facts.
    pub at: OffsetDateTime,
    /// What judged in the evaluation before.
    pub before: Judged,
    /// What judged in this one.
    pub now: Judged,
}

/// The evaluations of facts from `since` to `until` that judged otherwise than the one before, the oldest first; of more
/// than `limit`, the youngest.
///
/// The first evaluation since then has none before it and is not among them.
pub async fn changes(
    connection: &mut PgConnection,
    of: ConnectionId,
    (since, until): (OffsetDateTime, OffsetDateTime),
    limit: u32,
) -> Result<Vec<JudgedOtherwise>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT
            evaluation_id,
            at,
            evaluated_at,
            packs AS "packs!",
            settings,
            evaluated_at_before AS "evaluated_at_before!",
            packs_before AS "packs_before!",
            settings_before AS "settings_before!"
        FROM (
            SELECT
                evaluation_id,
                at,
                evaluated_at,
                packs,
                settings,
                lag(evaluated_at) OVER earlier AS evaluated_at_before,
                lag(packs) OVER earlier AS packs_before,
                lag(settings) OVER earlier AS settings_before
            FROM (
                SELECT
                    evaluation_id,
                    at,
                    evaluated_at,
                    settings,
                    ARRAY(
                        SELECT pack_digest
                        FROM evaluation_packs
                        WHERE evaluation_packs.evaluation_id = evaluations.evaluation_id
                        ORDER BY pack_digest
                    ) AS packs
                FROM evaluations
                WHERE connection_id = $1
                    AND at >= $2
                    AND at <= $4
            ) AS judged
            WINDOW earlier AS (ORDER BY at, evaluation_id)
        ) AS pairs
        WHERE packs <> packs_before OR settings <> settings_before
        ORDER BY at DESC, evaluation_id DESC
        LIMIT $3
        "#,
        of.number(),
        since,
        i64::from(limit),
        until,
    )
    .fetch_all(connection)
    .await?;
    let packs = |digests: Vec<Vec<u8>>| -> Result<Vec<Digest>, StoreError> {
        let digest = |bytes| column::digest("evaluation_packs.pack_digest", bytes);
        digests.iter().map(|bytes| digest(bytes)).collect()
    };
    rows.into_iter()
        .rev()
        .map(|row| {
            Ok(JudgedOtherwise {
                evaluation: EvaluationId::from_number(row.evaluation_id),
                at: row.at,
                before: Judged {
                    evaluated_at: row.evaluated_at_before,
                    packs: packs(row.packs_before)?,
                    settings: column::json("evaluations.settings", row.settings_before)?,
                },
                now: Judged {
                    evaluated_at: row.evaluated_at,
                    packs: packs(row.packs)?,
                    settings: column::json("evaluations.settings", row.settings)?,
                },
            })
        })
        .collect()
}
