//! One way through the inventory: some assets at a time are read, judged, compared with what was so before, and written.

use std::collections::{BTreeMap, BTreeSet};

use postern_azure::{Progress, ProgressSink};
use postern_domain::arm::AssetId;
use postern_domain::digest::Digest;
use postern_domain::id::{ConnectionId, EvaluationId, RuleId};
use postern_domain::trend::TrendPoint;
use postern_engine::Pack;
use postern_store::evaluation::{Check, CurrentVerdict, LastEvaluation, PackVerdict};
use postern_store::inventory::InventoryPage;
use postern_store::snapshot::SnapshotHead;
use postern_store::{
    PgConnection, StoreError, evaluation, finding, inventory, pack, rules, tally, trend,
};

use super::EvaluateError;
use super::cause::{Causes, Rules};
use super::difference::{Before, Counts, Difference, Place};
use super::judgement::{Bench, Judgement, Problems, judge, problem_text};
use crate::Postern;

/// Assets at a time. It bounds memory: documents of 64 KB, parsed and judged, are some 100 MB; fewer at a time would
/// make the engine's batches smaller than it wants them.
const PAGE: usize = 200;

/// A way through the inventory, in a transaction.
pub(super) struct Pass<'a> {
    postern: &'a Postern,
    bench: &'a Bench,
    head: SnapshotHead,
    progress: &'a dyn ProgressSink,
    at: evaluation::At,
    /// The evaluation before this one.
    last: Option<LastEvaluation>,
    rules: Rules<'a>,
    counts: Counts,
    assets: u32,
    assets_unread: u32,
}

/// How a pass ended.
pub(super) enum Passed {
    /// All is written.
    Whole(TrendPoint),
    /// A pack failed after verdicts of it were written, so that what was written must not stand.
    Spoiled,
}

impl<'a> Pass<'a> {
    /// Writes the evaluation's row, so that all else can refer to it.
    pub(super) async fn begin(
        postern: &'a Postern,
        bench: &'a Bench,
        head: SnapshotHead,
        progress: &'a dyn ProgressSink,
        session: &mut PgConnection,
    ) -> Result<Self, StoreError> {
        let last = evaluation::last(session, head.connection).await?;
        let before = last.as_ref().map(|last| &last.settings);
        let rules = Rules::new(&bench.packs, before, &bench.settings);
        let settings = serde_json::to_value(&*bench.settings).expect("settings have texts as keys");
        let new = evaluation::NewEvaluation {
            connection: head.connection,
            snapshot: head.id,
            at: head.finished_at,
            evaluated_at: postern.clock.now(),
            engine: postern.engine.version(),
            settings: &settings,
        };
        let evaluation = evaluation::insert(session, &new).await?;
        let at = evaluation::At { connection: head.connection, evaluation, at: head.finished_at };
        let counts = Counts::default();
        Ok(Self {
            postern,
            bench,
            head,
            progress,
            at,
            last,
            rules,
            counts,
            assets: 0,
            assets_unread: 0,
        })
    }

    /// The evaluation that is written.
    pub(super) fn evaluation(&self) -> EvaluationId {
        self.at.evaluation
    }

    /// Goes through. `problems` are those of packs that are not asked; those that turn up are added.
    pub(super) async fn run(
        mut self,
        problems: &mut Problems,
        session: &mut PgConnection,
    ) -> Result<Passed, EvaluateError> {
        let of = self.head.connection;
        let total = inventory::count(session, of).await?;
        let mut after: Option<AssetId> = None;
        loop {
            let (step, done) = ("Judging".to_owned(), u64::from(self.assets));
            self.progress.report(Progress { step, done, total: Some(total) });
            let page = inventory::page(session, of, after.as_ref(), limit()).await?;
            let Some(last) = page.last().cloned() else { break };
            let ids: Vec<String> = page.ids().map(ToString::to_string).collect();
            let judgement = self.judge(page, problems).await?;
            if judgement.problems.len() > problems.len() {
                *problems = judgement.problems;
                if after.is_some() {
                    return Ok(Passed::Spoiled);
                }
            }
            self.write(&ids, &judgement.verdicts, Place::Inventory, session).await?;
            after = Some(last);
        }
        self.end_gone(session).await?;
        Ok(Passed::Whole(self.end(problems, session).await?))
    }

    async fn judge(
        &mut self,
        page: InventoryPage,
        problems: &Problems,
    ) -> Result<Judgement, EvaluateError> {
        let InventoryPage { read, unread } = page;
        self.assets += count(read.len() + unread.len());
        self.assets_unread += count(unread.len());
        let mut judgement = judge(&self.postern.engine, self.bench, read, problems.clone())
            .await
            .map_err(EvaluateError::Engine)?;
        judgement.add_unread(&self.bench.packs, &unread);
        Ok(judgement)
    }

    /// Ends what there is of assets that are not in the inventory any more.
    async fn end_gone(&mut self, session: &mut PgConnection) -> Result<(), StoreError> {
        let gone = evaluation::list_gone(session, self.head.connection).await?;
        for page in gone.chunks(PAGE) {
            let ids: Vec<String> = page.iter().map(ToString::to_string).collect();
            let departures = inventory::departures(session, self.head.connection, &ids).await?;
            self.write(&ids, &BTreeMap::new(), Place::Elsewhere(&departures), session).await?;
        }
        Ok(())
    }

    async fn write(
        &mut self,
        ids: &[String],
        verdicts: &BTreeMap<Check, PackVerdict>,
        place: Place<'_>,
        session: &mut PgConnection,
    ) -> Result<(), StoreError> {
        let of = self.head.connection;
        let before = evaluation::current(session, of, ids).await?;
        let findings = finding::current(session, of, ids).await?;
        let causes =
            causes(session, of, &self.rules, self.last.as_ref(), &before, verdicts).await?;
        let before = Before { verdicts: &before, findings: &findings, place };
        let difference = Difference::between(&before, verdicts, &causes, &mut self.counts);
        evaluation::insert_changes(session, self.at, &difference.changed).await?;
        evaluation::end_checks(session, self.at, &difference.ended).await?;
        finding::apply(session, self.at, &difference.steps).await?;
        finding::project_severities(session, self.at, &difference.severity_changes).await
    }

    /// Writes what is of the whole: the packs and the trend point.
    async fn end(
        self,
        problems: &Problems,
        session: &mut PgConnection,
    ) -> Result<TrendPoint, StoreError> {
        let packs: Vec<(Digest, Option<String>)> = self
            .bench
            .packs
            .iter()
            .map(|pack| (pack.digest(), problems.get(&pack.digest()).map(problem_text)))
            .collect();
        evaluation::insert_packs(session, self.at.evaluation, &packs).await?;
        evaluation::project_packs(
            session,
            self.head.connection,
            &packs_of_rules(&self.bench.packs),
        )
        .await?;
        tally::apply(session, self.at, &self.counts.tallies).await?;
        let point = TrendPoint {
            evaluation: self.at.evaluation,
            at: self.head.finished_at,
            severities: self.counts.severities,
            checks: self.counts.checks,
            assets: self.assets,
            assets_unread: self.assets_unread,
            gaps: self.head.gaps,
        };
        trend::insert(session, self.head.connection, &point).await?;
        Ok(point)
    }
}

/// Reads what the causes of verdicts that are not those before are found in.
async fn causes<'a>(
    session: &mut PgConnection,
    of: ConnectionId,
    rules: &'a Rules<'a>,
    last: Option<&LastEvaluation>,
    before: &BTreeMap<Check, CurrentVerdict>,
    verdicts: &BTreeMap<Check, PackVerdict>,
) -> Result<Causes<'a>, StoreError> {
    let known: BTreeSet<AssetId> = before.keys().map(|(asset, _)| asset.clone()).collect();
    let differ = verdicts.iter().filter(|(check, judged)| {
        before.get(*check).is_some_and(|last| last.verdict != judged.verdict.verdict)
    });
    let assets: BTreeSet<&AssetId> = differ.map(|((asset, _), _)| asset).collect();
    let documents = match last {
        Some(last) if !assets.is_empty() => {
            let ids: Vec<String> = assets.into_iter().map(ToString::to_string).collect();
            inventory::changed_documents(session, of, last.snapshot, &ids).await?
        }
        _ => BTreeMap::new(),
    };
    Ok(Causes::new(rules, known, documents))
}

/// Which pack has which rule.
fn packs_of_rules(packs: &[Pack]) -> BTreeMap<RuleId, Digest> {
    let of_pack = |pack: &Pack| {
        let digest = pack.digest();
        pack.manifest().rules.iter().map(move |rule| (rule.id.clone(), digest)).collect::<Vec<_>>()
    };
    packs.iter().flat_map(of_pack).collect()
}

/// Registers the active packs; not in the transaction of a pass, for whose end others that register them would wait.
pub(crate) async fn register_packs(postern: &Postern, packs: &[Pack]) -> Result<(), StoreError> {
    let mut session = postern.pool.acquire().await?;
    for active in packs {
        let described = active.manifest();
        let mut manifest = serde_json::to_value(described).expect("a manifest was JSON before");
        crate::storable::replace_in(&mut manifest);
        let new = pack::NewPack {
            digest: active.digest(),
            name: &described.name,
            version: &described.version,
            manifest: &manifest,
            component: active.component(),
            at: postern.clock.now(),
        };
        pack::register(&mut session, &new).await?;
        if postern.rules.is_built_in(active.digest()) {
            let origin = rules::PackOrigin::BuiltIn;
            rules::register_origin(&mut session, active.digest(), &origin, postern.clock.now())
                .await?;
        }
    }
    Ok(())
}

fn limit() -> u32 {
    u32::try_from(PAGE).expect("a small constant")
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
