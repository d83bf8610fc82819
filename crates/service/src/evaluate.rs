//! Judging a snapshot and writing what that changes, in one transaction.

mod difference;
mod judgement;

use std::collections::BTreeSet;

use postern_domain::arm::AssetId;
use postern_domain::asset::Asset;
use postern_domain::id::{EvaluationId, ScanId, SnapshotId};
use postern_domain::trend::TrendPoint;
use postern_store::snapshot::SnapshotHead;
use postern_store::{
    PgConnection, StoreError, evaluation, finding, inventory, pack, scan, snapshot, trend,
};

use crate::Postern;
use difference::Difference;
use judgement::Judgement;

pub(crate) use judgement::judge_assets;

/// The snapshot was not judged; nothing of the evaluation was written.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The engine ended without an answer: a defect of Postern.
    #[error("the rule engine ended without an answer")]
    Engine(#[source] tokio::task::JoinError),
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
pub(crate) struct Subject {
    /// The snapshot, which must be the connection's latest.
    pub(crate) head: SnapshotHead,
    /// The assets that it read, by key.
    pub(crate) assets: Vec<Asset>,
    /// The running scan that is finished by the evaluation.
    pub(crate) scan: Option<ScanId>,
}

/// Reads the assets of a snapshot that was stored and not judged, because the process ended in between.
pub(crate) async fn load_subject(
    postern: &Postern,
    head: SnapshotHead,
    scan: Option<ScanId>,
) -> Result<Subject, StoreError> {
    let mut session = postern.pool.acquire().await?;
    let assets = inventory::list_read(&mut session, head.connection).await?;
    Ok(Subject { head, assets, scan })
}

/// Judges the snapshot with the active packs and writes the evaluation. The caller holds the connection's lease.
pub(crate) async fn evaluate_snapshot(
    postern: &Postern,
    subject: Subject,
) -> Result<EvaluationSummary, EvaluateError> {
    let Subject { head, assets, scan } = subject;
    let unread = {
        let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
        inventory::list_unread(&mut session, head.connection).await?
    };
    let mut present: BTreeSet<AssetId> = assets.iter().map(|asset| asset.id.clone()).collect();
    present.extend(unread.iter().map(|asset| asset.id.clone()));
    let counted = Counted {
        assets: count(present.len()),
        assets_unread: count(unread.len()),
        gaps: head.gaps,
    };
    let mut judgement = judgement::judge(postern, assets).await.map_err(EvaluateError::Engine)?;
    judgement.add_unread(postern, &unread);

    let mut transaction = postern.pool.begin().await.map_err(StoreError::from)?;
    let written = Writing { postern, head, judgement: &judgement, present: &present, counted };
    let (evaluation, point) = written.write(&mut transaction).await?;
    if let Some(scan) = scan {
        // With the evaluation, so that a finished scan always has one.
        scan::finish(&mut transaction, scan, postern.clock.now()).await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    let summary = EvaluationSummary {
        evaluation,
        snapshot: head.id,
        point,
        pack_problems: judgement.named_problems(postern),
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

/// What is counted beside verdicts and findings.
#[derive(Clone, Copy)]
struct Counted {
    assets: u32,
    assets_unread: u32,
    gaps: u32,
}

struct Writing<'a> {
    postern: &'a Postern,
    head: SnapshotHead,
    judgement: &'a Judgement,
    present: &'a BTreeSet<AssetId>,
    counted: Counted,
}

impl Writing<'_> {
    async fn write(
        &self,
        session: &mut PgConnection,
    ) -> Result<(EvaluationId, TrendPoint), StoreError> {
        let connection = self.head.connection;
        snapshot::ensure_month(session, self.head.finished_at).await?;
        self.register_packs(session).await?;
        let evaluation = self.insert(session).await?;
        let verdicts = evaluation::current(session, connection).await?;
        let findings = finding::current(session, connection).await?;
        let gone = difference::gone(&verdicts, &findings, self.present);
        let departures = inventory::departures(session, connection, &gone).await?;
        let difference = Difference::between(
            &difference::Before {
                verdicts: &verdicts,
                findings: &findings,
                present: self.present,
                departures: &departures,
            },
            self.judgement,
        );

        let at = evaluation::At { connection, evaluation, at: self.head.finished_at };
        evaluation::insert_changes(session, at, &difference.changed).await?;
        evaluation::end_checks(session, at, &difference.ended).await?;
        evaluation::project_packs(session, connection, &self.judgement.rules).await?;
        finding::apply(session, at, &difference.steps).await?;
        finding::project_severities(session, &difference.severity_changes).await?;
        let point = TrendPoint {
            evaluation,
            at: self.head.finished_at,
            severities: difference.severities,
            checks: difference.checks,
            assets: self.counted.assets,
            assets_unread: self.counted.assets_unread,
            gaps: self.counted.gaps,
        };
        trend::insert(session, connection, &point).await?;
        Ok((evaluation, point))
    }

    async fn insert(&self, session: &mut PgConnection) -> Result<EvaluationId, StoreError> {
        let new = evaluation::NewEvaluation {
            connection: self.head.connection,
            snapshot: self.head.id,
            at: self.head.finished_at,
            evaluated_at: self.postern.clock.now(),
            engine: self.postern.engine.version(),
            settings: &judgement::settings(),
        };
        let evaluation = evaluation::insert(session, &new).await?;
        evaluation::insert_packs(session, evaluation, &self.judgement.packs).await?;
        Ok(evaluation)
    }

    async fn register_packs(&self, session: &mut PgConnection) -> Result<(), StoreError> {
        for active in self.postern.packs.iter() {
            let described = active.manifest();
            let mut manifest = serde_json::to_value(described).expect("a manifest was JSON before");
            crate::storable::replace_in(&mut manifest);
            let new = pack::NewPack {
                digest: active.digest(),
                name: &described.name,
                version: &described.version,
                manifest: &manifest,
                component: active.component(),
                at: self.postern.clock.now(),
            };
            pack::register(session, &new).await?;
        }
        Ok(())
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
