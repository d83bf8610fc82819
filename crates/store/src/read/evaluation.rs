//! Evaluations, with the snapshot that each judged.

use postern_domain::digest::Digest;
use postern_domain::gap::Gap;
use postern_domain::id::{ConnectionId, EvaluationId, ScanId, SnapshotId};
use postern_domain::snapshot::Listing;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// An evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationRecord {
    /// The id.
    pub id: EvaluationId,
    /// The snapshot that it judged.
    pub snapshot: SnapshotId,
    /// The scan that made the snapshot.
    pub scan: ScanId,
    /// When the snapshot was finished: the time of the facts.
    pub at: OffsetDateTime,
    /// The engine's version.
    pub engine: String,
}

/// The latest evaluation; with `until`, the latest of those whose facts are not younger.
pub async fn latest(
    connection: &mut PgConnection,
    of: ConnectionId,
    until: Option<OffsetDateTime>,
) -> Result<Option<EvaluationRecord>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT
            evaluations.evaluation_id,
            evaluations.snapshot_id,
            snapshots.scan_id,
            evaluations.at,
            evaluations.engine
        FROM evaluations
        JOIN snapshots USING (snapshot_id)
        WHERE evaluations.connection_id = $1
            AND ($2::timestamptz IS NULL OR evaluations.at <= $2)
        ORDER BY evaluations.at DESC, evaluations.evaluation_id DESC
        LIMIT 1
        "#,
        of.number(),
        until
    )
    .fetch_optional(&mut *connection)
    .await?;
    Ok(row.map(|row| EvaluationRecord {
        id: EvaluationId::from_number(row.evaluation_id),
        snapshot: SnapshotId::from_number(row.snapshot_id),
        scan: ScanId::from_number(row.scan_id),
        at: row.at,
        engine: row.engine,
    }))
}

/// What a connection's inventory and findings are as of: while it stays the same, they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Standing {
    /// The connection.
    pub connection: ConnectionId,
    /// Its latest snapshot; `None` before the first.
    pub snapshot: Option<SnapshotId>,
    /// Its latest evaluation; `None` before the first.
    pub evaluation: Option<EvaluationId>,
}

/// What a connection's inventory and findings are as of.
pub async fn standing(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Standing, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT
            (SELECT max(snapshot_id) FROM snapshots WHERE connection_id = $1) AS snapshot,
            (SELECT max(evaluation_id) FROM evaluations WHERE connection_id = $1) AS evaluation
        "#,
        of.number()
    )
    .fetch_one(connection)
    .await?;
    Ok(Standing {
        connection: of,
        snapshot: row.snapshot.map(SnapshotId::from_number),
        evaluation: row.evaluation.map(EvaluationId::from_number),
    })
}

/// The time of the facts of the first evaluation; `None` before it.
pub async fn first_at(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let first = sqlx::query_scalar!(
        r#"
        SELECT min(at)
        FROM evaluations
        WHERE connection_id = $1
        "#,
        of.number()
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(first)
}

/// A pack in an evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationPack {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The component's SHA-256.
    pub digest: Digest,
    /// What went wrong, where it could not judge.
    pub problem: Option<String>,
}

/// The packs of an evaluation, by name, version and digest.
pub async fn packs(
    connection: &mut PgConnection,
    evaluation: EvaluationId,
) -> Result<Vec<EvaluationPack>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT packs.name, packs.version, pack_digest, evaluation_packs.problem
        FROM evaluation_packs
        JOIN packs USING (pack_digest)
        WHERE evaluation_id = $1
        ORDER BY packs.name, packs.version, pack_digest
        "#,
        evaluation.number()
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(EvaluationPack {
                name: row.name,
                version: row.version,
                digest: column::digest("packs.pack_digest", &row.pack_digest)?,
                problem: row.problem,
            })
        })
        .collect()
}

/// What a snapshot says of its own completeness.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotCoverage {
    /// When reading ended.
    pub finished_at: OffsetDateTime,
    /// Every list that was asked for.
    pub listings: Vec<Listing>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// The coverage of the latest snapshot, or of the latest one by `as_of`; `None` before the first.
pub async fn latest_coverage(
    connection: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
) -> Result<Option<SnapshotCoverage>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT finished_at, listings, gaps
        FROM snapshots
        WHERE connection_id = $1
            AND ($2::timestamptz IS NULL OR finished_at <= $2)
        ORDER BY finished_at DESC, snapshot_id DESC
        LIMIT 1
        "#,
        of.number(),
        as_of,
    )
    .fetch_optional(&mut *connection)
    .await?;
    row.map(|row| {
        Ok(SnapshotCoverage {
            finished_at: row.finished_at,
            listings: column::json("snapshots.listings", row.listings)?,
            gaps: column::json("snapshots.gaps", row.gaps)?,
        })
    })
    .transpose()
}

/// A snapshot's coverage.
pub async fn coverage(
    connection: &mut PgConnection,
    snapshot: SnapshotId,
) -> Result<SnapshotCoverage, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT finished_at, listings, gaps
        FROM snapshots
        WHERE snapshot_id = $1
        "#,
        snapshot.number()
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(SnapshotCoverage {
        finished_at: row.finished_at,
        listings: column::json("snapshots.listings", row.listings)?,
        gaps: column::json("snapshots.gaps", row.gaps)?,
    })
}

/// When the latest snapshot was finished, or the latest one by `as_of`; `None` before the first.
pub async fn read_at(
    connection: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let at = sqlx::query_scalar!(
        r#"
        SELECT max(finished_at)
        FROM snapshots
        WHERE connection_id = $1
            AND ($2::timestamptz IS NULL OR finished_at <= $2)
        "#,
        of.number(),
        as_of,
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(at)
}
