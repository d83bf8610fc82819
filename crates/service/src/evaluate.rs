//! Judging a snapshot and writing what that changes, in one transaction.

mod cause;
mod difference;
mod judgement;
mod pass;

use postern_azure::ProgressSink;
use postern_domain::id::{EvaluationId, SnapshotId};
use postern_domain::trend::TrendPoint;
use postern_engine::Pack;
use postern_store::scan::Attempt;
use postern_store::snapshot::SnapshotHead;
use postern_store::{StoreError, scan};

use crate::Postern;
use crate::record::ensure_month;
use crate::rules::ActiveError;
pub(crate) use pass::register_packs;
use pass::{Pass, Passed};

pub(crate) use judgement::{Bench, Problems, judge_assets, problem_text};

/// The snapshot was not judged; nothing of the evaluation was written.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The engine ended without an answer: a defect of Postern.
    #[error("the rule engine ended without an answer")]
    Engine(#[source] tokio::task::JoinError),
    /// The rules that should judge cannot.
    #[error(transparent)]
    Rules(#[from] ActiveError),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an evaluation found.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluationSummary {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// The snapshot that it judges.
    pub snapshot: SnapshotId,
    /// Its counts.
    pub point: TrendPoint,
    /// Packs that could not judge, with what went wrong.
    pub pack_problems: Vec<(String, String)>,
}

impl EvaluationSummary {
    /// How many findings are newly failing.
    pub fn opened(&self) -> u32 {
        self.point.severities.iter().map(|counts| counts.opened).sum()
    }

    /// How many findings ended because the rule passes now.
    pub fn fixed(&self) -> u32 {
        self.point.severities.iter().map(|counts| counts.fixed).sum()
    }

    /// How many findings fail.
    pub fn open(&self) -> u32 {
        self.point.severities.iter().map(|counts| counts.open).sum()
    }
}

/// The latest snapshot of a connection, to be judged.
pub(crate) struct Subject<'a> {
    /// The snapshot, which must be the connection's latest.
    pub(crate) head: SnapshotHead,
    /// The running scan that is finished by the evaluation.
    pub(crate) finishes: Option<Attempt>,
    /// Who is told how far it is.
    pub(crate) progress: &'a dyn ProgressSink,
}

/// Judges the snapshot with the active packs and writes the evaluation. The caller holds the connection's lease.
///
/// A pack that fails is trusted with nothing: when it does so late, all is judged once more without it.
pub(crate) async fn evaluate_snapshot(
    postern: &Postern,
    subject: Subject<'_>,
) -> Result<EvaluationSummary, EvaluateError> {
    let Subject { head, finishes, progress } = subject;
    ensure_month(postern, head.finished_at).await?;
    let active = crate::rules::active(postern).await?;
    let bench =
        Bench { packs: active.packs, settings: active.settings, taken_at: head.finished_at };
    register_packs(postern, &bench.packs).await?;
    let mut problems = Problems::new();
    let (mut transaction, evaluation, point) = loop {
        let mut transaction = postern.pool.begin().await.map_err(StoreError::from)?;
        let pass = Pass::begin(postern, &bench, head, progress, &mut transaction).await?;
        let evaluation = pass.evaluation();
        match pass.run(&mut problems, &mut transaction).await? {
            Passed::Whole(point) => break (transaction, evaluation, point),
            Passed::Spoiled => transaction.rollback().await.map_err(StoreError::from)?,
        }
    };
    if let Some(attempt) = finishes {
        // With the evaluation, so that a finished scan always has one.
        scan::finish(&mut transaction, attempt, postern.clock.now()).await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    let summary = EvaluationSummary {
        evaluation,
        snapshot: head.id,
        point,
        pack_problems: named(&bench.packs, &problems),
    };
    tracing::info!(
        snapshot.id = %head.id,
        evaluation.id = %evaluation,
        opened = summary.opened(),
        fixed = summary.fixed(),
        open = summary.open(),
        pack_problems = summary.pack_problems.len(),
        "snapshot judged"
    );
    Ok(summary)
}

/// The packs that could not judge, by name, with what went wrong.
fn named(packs: &[Pack], problems: &Problems) -> Vec<(String, String)> {
    packs
        .iter()
        .filter_map(|pack| {
            let problem = problems.get(&pack.digest())?;
            Some((pack.manifest().name.clone(), problem_text(problem)))
        })
        .collect()
}
