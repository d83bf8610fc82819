//! What the active packs say of assets.

use std::collections::BTreeMap;
use std::sync::Arc;

use postern_domain::arm::AssetId;
use postern_domain::asset::Asset;
use postern_domain::digest::Digest;
use postern_domain::id::RuleId;
use postern_domain::rule::RuleManifest;
use postern_domain::settings::Settings;
use postern_domain::team::{Routing, TeamId};
use postern_domain::text::SharedText;
use postern_domain::verdict::{Evidence, RuleVerdict, Verdict};
use postern_engine::{Circumstances, Engine, Pack, PackProblem, unjudged};
use postern_store::inventory::{InventoryPage, UnreadAsset};
use postern_store::verdict::{Check, PackVerdict};
use time::OffsetDateTime;

use crate::storable::{make_verdict_storable, replace};

/// What was wrong with packs, by digest.
pub(crate) type Problems = BTreeMap<Digest, PackProblem>;

/// The verdicts of every active pack.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// The verdicts on each asset that was judged, by rule.
    pub(crate) verdicts: BTreeMap<AssetId, BTreeMap<RuleId, PackVerdict>>,
    /// What was wrong with packs; all their verdicts here are unknown.
    pub(crate) problems: Problems,
}

/// With what, and as of when, assets are judged.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    /// The packs.
    pub(crate) packs: Arc<Vec<Pack>>,
    /// What the organisation set for them.
    pub(crate) settings: Arc<Settings>,
    /// When the snapshot was taken.
    pub(crate) taken_at: OffsetDateTime,
}

/// Whose assets were and are.
pub(crate) type Owners = BTreeMap<AssetId, Owner>;

/// Whose an asset was as of the evaluation before, and is; `None` for nobody's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) before: Option<TeamId>,
    pub(crate) now: Option<TeamId>,
}

/// A page of the inventory judged.
#[derive(Debug)]
pub(crate) struct JudgedPage {
    /// The verdicts on assets of which not all is said that the evaluation before said, or that changed hands.
    pub(crate) changed: BTreeMap<Check, PackVerdict>,
    /// The digests of all that is said of each of these assets, and of those that changed hands.
    pub(crate) digests: Vec<(AssetId, Digest)>,
    /// Whose each of them is.
    pub(crate) owners: Owners,
    /// What was wrong with packs.
    pub(crate) problems: Problems,
}

/// Judges a page away from the threads that serve; packs with a problem of earlier are not asked.
pub(crate) async fn judge(
    engine: &Arc<Engine>,
    bench: &Bench,
    routing: &Arc<Routing>,
    page: InventoryPage,
    problems: Problems,
) -> Result<JudgedPage, tokio::task::JoinError> {
    let (engine, bench, routing) = (engine.clone(), bench.clone(), routing.clone());
    tokio::task::spawn_blocking(move || {
        let mut judgement = judge_assets(&engine, &bench, &page.read, problems);
        judgement.add_unread(&bench.packs, &page.unread);
        JudgedPage::of(judgement, &page, &routing)
    })
    .await
}

/// Judges assets; packs with a problem of earlier are not asked, and what they say is unknown.
pub(crate) fn judge_assets(
    engine: &Engine,
    bench: &Bench,
    assets: &[Asset],
    problems: Problems,
) -> Judgement {
    let assets: Vec<&Asset> = assets.iter().collect();
    let none = |asset: &&Asset| (asset.id.clone(), BTreeMap::new());
    let mut judgement = Judgement { verdicts: assets.iter().map(none).collect(), problems };
    for pack in bench.packs.iter() {
        let verdicts = if let Some(problem) = judgement.problems.get(&pack.digest()) {
            unjudged(pack.manifest(), &assets, problem)
        } else {
            let settings = bench.settings.of(&pack.manifest().name);
            let circumstances = Circumstances { settings, taken_at: bench.taken_at };
            let evaluation = engine.evaluate(pack, &assets, circumstances);
            judgement.problems.extend(evaluation.problem.map(|problem| (pack.digest(), problem)));
            evaluation.verdicts
        };
        for mut verdict in verdicts {
            make_verdict_storable(&mut verdict);
            let of_asset = judgement.verdicts.entry(verdict.asset.clone()).or_default();
            of_asset.insert(verdict.rule.clone(), PackVerdict { pack: pack.digest(), verdict });
        }
    }
    judgement
}

/// A problem as it is stored and shown.
pub(crate) fn problem_text(problem: &PackProblem) -> String {
    let mut text = problem.to_string();
    replace(&mut text);
    text
}

impl JudgedPage {
    fn of(judgement: Judgement, read: &InventoryPage, routing: &Routing) -> Self {
        let Judgement { verdicts, problems } = judgement;
        let mut owners = owners(read, routing);
        let mut page = Self {
            changed: BTreeMap::new(),
            digests: Vec::new(),
            owners: BTreeMap::new(),
            problems,
        };
        for (asset, verdicts) in verdicts {
            let said = verdicts.values().map(|judged| &judged.verdict);
            let digest = RuleVerdict::digest_of_all(said);
            let owner = owners.remove(&asset).unwrap_or_default();
            if read.verdicts.get(&asset) != Some(&digest) || owner.before != owner.now {
                page.owners.insert(asset.clone(), owner);
                let checks =
                    verdicts.into_iter().map(|(rule, judged)| ((asset.clone(), rule), judged));
                page.changed.extend(checks);
                page.digests.push((asset, digest));
            }
        }
        page
    }
}

/// What could not be read has no tags to go by, and stays whose it was.
fn owners(read: &InventoryPage, routing: &Routing) -> Owners {
    let before = |asset: &AssetId| read.owners.get(asset).cloned();
    let of_read = read.read.iter().map(|asset| {
        let before = before(&asset.id);
        let now = routing.owner(asset, before.as_ref()).cloned();
        (asset.id.clone(), Owner { before, now })
    });
    let of_unread = read.unread.iter().map(|asset| {
        let owner = before(&asset.id);
        (asset.id.clone(), Owner { before: owner.clone(), now: owner })
    });
    of_read.chain(of_unread).collect()
}

impl Judgement {
    /// Adds that every rule about an asset that could not be read is unknown.
    fn add_unread(&mut self, packs: &[Pack], unread: &[UnreadAsset]) {
        for asset in unread {
            let of_asset = self.verdicts.entry(asset.id.clone()).or_default();
            for pack in packs {
                let concerns = |rule: &&RuleManifest| rule.asset_types.contains(&asset.asset_type);
                for rule in pack.manifest().rules.iter().filter(concerns) {
                    let verdict = unread_verdict(asset, rule);
                    let judged = PackVerdict { pack: pack.digest(), verdict };
                    of_asset.insert(rule.id.clone(), judged);
                }
            }
        }
    }
}

fn unread_verdict(asset: &UnreadAsset, rule: &RuleManifest) -> RuleVerdict {
    let reason = asset.reason.message.trim_end_matches('.');
    let note = SharedText::from(format!("The asset could not be read: {reason}."));
    let evidence = |path: &str| Evidence {
        path: path.into(),
        actual: None,
        expected: "a value that could be read".into(),
        note: Some(note.clone()),
    };
    let mut read: Vec<Evidence> = rule.reads.iter().map(|read| evidence(&read.path)).collect();
    if read.is_empty() {
        read.push(evidence("id"));
    }
    let mut verdict = RuleVerdict {
        asset: asset.id.clone(),
        rule: rule.id.clone(),
        verdict: Verdict::Unknown,
        severity: rule.severity,
        summary: note.clone(),
        evidence: read,
    };
    make_verdict_storable(&mut verdict);
    verdict
}
