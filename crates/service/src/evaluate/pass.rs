//! One way through the inventory: some assets at a time are read, judged, compared with what was so before, and written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use postern_azure::{Progress, ProgressSink};
use postern_domain::arm::AssetId;
use postern_domain::digest::Digest;
use postern_domain::id::{ConnectionId, EvaluationId, RuleId};
use postern_domain::team::Routing;
use postern_domain::trend::{CheckCounts, SeverityCounts, TrendPoint};
use postern_engine::Pack;
use postern_store::evaluation::LastEvaluation;
use postern_store::read::tally::RuleTally;
use postern_store::snapshot::SnapshotHead;
use postern_store::team::NewOwner;
use postern_store::verdict::{Check, CurrentVerdict, PackVerdict};
use postern_store::{
    PgConnection, StoreError, evaluation, finding, inventory, pack, read, rules, tally, team,
    trend, verdict,
};

use super::EvaluateError;
use super::cause::{Causes, Rules};
use super::difference::{Before, Counts, Difference, Place};
use super::judgement::{Bench, Owner, Owners, Problems, judge, problem_text};
use crate::{Postern, exception};

/// Assets at a time. It bounds memory: documents of 64 KB, parsed and judged, are some 100 MB, beside those of the next
/// page, which are read meanwhile; fewer at a time would make the engine's batches smaller than it wants them.
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
    /// Whose assets are.
    routing: Arc<Routing>,
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
        let routing = Arc::new(team::routing(session, None).await?);
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
            routing,
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
        let mut page = inventory::page(session, of, None, limit()).await?;
        let mut is_first = true;
        while let Some(last) = page.last().cloned() {
            let (step, done) = ("Judging".to_owned(), u64::from(self.assets));
            self.progress.report(Progress { step, done, total: Some(total) });
            self.assets += count(page.read.len() + page.unread.len());
            self.assets_unread += count(page.unread.len());
            // The next page is read while this one is judged.
            let judging =
                judge(&self.postern.engine, self.bench, &self.routing, page, problems.clone());
            let reading = inventory::page(session, of, Some(&last), limit());
            let (judged, next) = tokio::join!(judging, reading);
            let judged = judged.map_err(EvaluateError::Engine)?;
            if judged.problems.len() > problems.len() {
                *problems = judged.problems;
                if !is_first {
                    return Ok(Passed::Spoiled);
                }
            }
            self.write(&judged.changed, &judged.owners, Place::Inventory, session).await?;
            verdict::project_digests(session, of, &judged.digests).await?;
            page = next?;
            is_first = false;
        }
        self.end_gone(session).await?;
        Ok(Passed::Whole(self.end(problems, session).await?))
    }

    /// Ends what there is of assets that are not in the inventory any more.
    async fn end_gone(&mut self, session: &mut PgConnection) -> Result<(), StoreError> {
        let gone = verdict::list_gone(session, self.head.connection).await?;
        for page in gone.chunks(PAGE) {
            let ids: Vec<String> = page.iter().map(ToString::to_string).collect();
            let departures = inventory::departures(session, self.head.connection, &ids).await?;
            let mut teams = team::owners(session, self.head.connection, &ids).await?;
            // They stay whose they were.
            let owners: Owners = page
                .iter()
                .map(|asset| {
                    let team = teams.remove(asset);
                    (asset.clone(), Owner { before: team.clone(), now: team })
                })
                .collect();
            self.write(&BTreeMap::new(), &owners, Place::Elsewhere(&departures), session).await?;
        }
        Ok(())
    }

    /// Writes what the verdicts on the assets of `owners` change.
    async fn write(
        &mut self,
        verdicts: &BTreeMap<Check, PackVerdict>,
        owners: &Owners,
        place: Place<'_>,
        session: &mut PgConnection,
    ) -> Result<(), StoreError> {
        if owners.is_empty() {
            return Ok(());
        }
        let of = self.head.connection;
        let ids: Vec<String> = owners.keys().map(ToString::to_string).collect();
        let before = verdict::current(session, of, &ids).await?;
        let findings = finding::current(session, of, &ids).await?;
        let causes =
            causes(session, of, &self.rules, self.last.as_ref(), &before, verdicts).await?;
        let before = Before { verdicts: &before, findings: &findings, owners, place };
        let difference = Difference::between(&before, verdicts, &causes, &mut self.counts);
        let moved: Vec<NewOwner<'_>> = owners
            .iter()
            .filter(|(_, owner)| owner.before != owner.now)
            .map(|(asset, owner)| (asset, owner.now.as_ref()))
            .collect();
        team::insert_owners(session, self.at, &moved).await?;
        finding::project_teams(session, self.at, &moved).await?;
        verdict::insert_changes(session, self.at, &difference.changed).await?;
        verdict::end_checks(session, self.at, &difference.ended).await?;
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
        let of = self.head.connection;
        let active: BTreeSet<Digest> = packs.iter().map(|(pack, _)| *pack).collect();
        if self.last.is_none_or(|last| last.packs != active) {
            verdict::project_packs(session, of, &packs_of_rules(&self.bench.packs)).await?;
        }
        tally::apply(session, self.at, &self.counts.tallies).await?;
        let (severities, checks) =
            totals(self.counts.events, &read::tally::list(session, of, None).await?);
        let point = TrendPoint {
            evaluation: self.at.evaluation,
            at: self.head.finished_at,
            severities,
            checks,
            assets: self.assets,
            assets_unread: self.assets_unread,
            gaps: self.head.gaps,
        };
        trend::insert(session, of, &point).await?;
        exception::review(self.postern, session, self.at).await?;
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

/// What there is after the evaluation, by the tallies, beside what it did.
fn totals(
    events: [SeverityCounts; 4],
    tallies: &[RuleTally],
) -> ([SeverityCounts; 4], CheckCounts) {
    let (mut severities, mut checks) = (events, CheckCounts::default());
    for of_rule in tallies {
        checks.add(of_rule.tally);
        for counts in severities.iter_mut().filter(|counts| counts.severity == of_rule.severity) {
            counts.add(of_rule.tally);
        }
    }
    (severities, checks)
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
