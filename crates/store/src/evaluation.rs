//! Evaluations: snapshots judged by packs.

use std::collections::BTreeSet;

use postern_domain::digest::Digest;
use postern_domain::id::{ConnectionId, EvaluationId, SnapshotId};
use postern_domain::settings::Settings;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// An evaluation to be written.
#[derive(Clone, Debug)]
pub struct NewEvaluation<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// The snapshot that is judged.
    pub snapshot: SnapshotId,
    /// When the snapshot was finished.
    pub at: OffsetDateTime,
    /// When it was judged.
    pub evaluated_at: OffsetDateTime,
    /// The engine and the contract.
    pub engine: &'a str,
    /// The packs' settings.
    pub settings: &'a Value,
}

/// Which evaluation of which connection facts belong to, and their time.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The connection.
    pub connection: ConnectionId,
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// When the snapshot was finished.
    pub at: OffsetDateTime,
}

/// Writes the evaluation's row.
pub async fn insert(
    connection: &mut PgConnection,
    new: &NewEvaluation<'_>,
) -> Result<EvaluationId, StoreError> {
    let id = sqlx::query_scalar!(
        r#"
        INSERT INTO evaluations (connection_id, snapshot_id, at, evaluated_at, engine, settings)
        VALUES ($1, $2, $3, $4, $5, $6)
        RETURNING evaluation_id
        "#,
        new.connection.number(),
        new.snapshot.number(),
        new.at,
        new.evaluated_at,
        new.engine,
        new.settings,
    )
    .fetch_one(connection)
    .await?;
    Ok(EvaluationId::from_number(id))
}

/// An evaluation that was made: what the next one is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct LastEvaluation {
    /// The snapshot that it judged.
    pub snapshot: SnapshotId,
    /// The packs' settings.
    pub settings: Settings,
    /// The packs that judged.
    pub packs: BTreeSet<Digest>,
}

/// The latest evaluation of a connection; `None` before the first.
pub async fn last(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Option<LastEvaluation>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT
            snapshot_id,
            settings,
            ARRAY(
                SELECT pack_digest FROM evaluation_packs WHERE evaluation_packs.evaluation_id = evaluations.evaluation_id
            ) AS "packs!"
        FROM evaluations
        WHERE connection_id = $1
        ORDER BY at DESC, evaluation_id DESC
        LIMIT 1
        "#,
        of.number(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(LastEvaluation {
            snapshot: SnapshotId::from_number(row.snapshot_id),
            settings: column::json("evaluations.settings", row.settings)?,
            packs: row
                .packs
                .iter()
                .map(|pack| column::digest("evaluation_packs.pack_digest", pack))
                .collect::<Result<_, _>>()?,
        })
    })
    .transpose()
}

/// Writes which packs judged, and what was wrong with them.
pub async fn insert_packs(
    connection: &mut PgConnection,
    evaluation: EvaluationId,
    packs: &[(Digest, Option<String>)],
) -> Result<(), StoreError> {
    let digests: Vec<Vec<u8>> =
        packs.iter().map(|(digest, _)| digest.as_bytes().to_vec()).collect();
    let problems: Vec<Option<String>> = packs.iter().map(|(_, problem)| problem.clone()).collect();
    sqlx::query!(
        r#"
        INSERT INTO evaluation_packs (evaluation_id, pack_digest, problem)
        SELECT $1, * FROM UNNEST($2::bytea[], $3::text[])
        "#,
        evaluation.number(),
        &digests,
        &problems as &[Option<String>],
    )
    .execute(connection)
    .await?;
    Ok(())
}
