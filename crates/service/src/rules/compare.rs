//! What if: two versions of a pack, or two settings, on the snapshots that are stored, before one is activated.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use postern_azure::{Progress, ProgressSink};
use postern_domain::arm::AssetId;
use postern_domain::asset::Asset;
use postern_domain::id::RuleId;
use postern_domain::settings::PackSettings;
use postern_domain::text::SharedText;
use postern_domain::verdict::{Severity, Verdict};
use postern_engine::{Circumstances, Engine, Pack, PackProblem};
use postern_store::read::past::{self, PastSnapshot};
use postern_store::{StoreError, rules};
use serde::Serialize;
use time::OffsetDateTime;

use super::active::{ActiveError, active, load};
use crate::Postern;

/// Assets at a time.
const PAGE: u32 = 200;

/// A pack under some settings.
#[derive(Clone, Debug)]
pub struct RuleSet {
    /// The pack.
    pub pack: Pack,
    /// What is set for it.
    pub settings: PackSettings,
}

/// What another version, or other settings, would change.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// How many snapshots were judged.
    pub snapshots: usize,
    /// How many assets were judged, once for each snapshot that has them.
    pub assets: usize,
    /// How many verdicts are the same.
    pub same: usize,
    /// What differs in each connection's latest snapshot, by rule, then by asset.
    pub differences: Vec<Difference>,
    /// For each snapshot, the oldest first, how many failures appear and vanish.
    pub over_time: Vec<Appeared>,
}

/// How many failures differ in one snapshot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Appeared {
    /// When the snapshot was taken.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Failures that the new set has and the old one has not.
    pub appear: usize,
    /// Failures that the old set has and the new one has not.
    pub vanish: usize,
}

/// A verdict that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The rule.
    pub rule: RuleId,
    /// The asset.
    pub asset: AssetId,
    /// The asset's subscription.
    pub subscription: String,
    /// What the old set says; none where it has no such rule.
    pub before: Option<(Verdict, Severity)>,
    /// What the new set says; none where it has no such rule.
    pub after: Option<(Verdict, Severity)>,
    /// The new set's sentence, or the old one's where the rule is gone.
    pub summary: String,
}

/// The comparison could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// One of the sets could not judge.
    #[error("rule pack {name} {version} could not judge")]
    Problem {
        /// The pack's name.
        name: String,
        /// Its version.
        version: String,
        /// What was wrong.
        #[source]
        source: PackProblem,
    },
    /// The engine refuses one of the packs.
    #[error("the rule pack was refused")]
    Refused(#[source] postern_engine::LoadError),
    /// There is no such pack.
    #[error(
        "no rule pack {0} is known; `postern rules list` names the active ones, a file is given by its path"
    )]
    NoPack(String),
    /// The rules that judge now cannot be found out.
    #[error(transparent)]
    Active(#[from] ActiveError),
    /// The engine ended without an answer: a defect of Postern.
    #[error("the rule engine ended without an answer")]
    Engine(#[source] tokio::task::JoinError),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The pack of a name: the active one, or `name@version` or `name@digest` of any that was ever used.
pub async fn find_pack(postern: &Postern, text: &str) -> Result<Pack, CompareError> {
    let unknown = || CompareError::NoPack(text.to_owned());
    let now = active(postern).await?;
    let Some((name, version)) = text.split_once('@') else {
        let found = now.packs.iter().find(|pack| pack.manifest().name == text);
        return found.cloned().ok_or_else(unknown);
    };
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let found = rules::find(&mut session, name, version).await?;
    let digest = *found.first().ok_or_else(unknown)?;
    if let Some(pack) = postern.rules.loaded(digest) {
        return Ok(pack);
    }
    let component = rules::component(&mut session, digest).await?.ok_or_else(unknown)?;
    let refused = |source| ActiveError::Pack { name: name.to_owned(), digest, source };
    let pack = load(postern, component).await?.map_err(refused)?;
    postern.rules.keep(pack.clone());
    Ok(pack)
}

/// The pack in the bytes of a component, for a comparison; it is not activated.
pub async fn read_pack(postern: &Postern, component: Vec<u8>) -> Result<Pack, CompareError> {
    load(postern, component).await?.map_err(CompareError::Refused)
}

/// Judges each connection's latest snapshot, or all since a time, by both sets. Nothing is written.
pub async fn compare(
    postern: &Postern,
    old: &RuleSet,
    new: &RuleSet,
    since: Option<OffsetDateTime>,
    progress: &dyn ProgressSink,
) -> Result<Comparison, CompareError> {
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let snapshots = past::snapshots(&mut session, since).await?;
    let sets = Arc::new((old.clone(), new.clone()));
    let mut comparison = Comparison { snapshots: snapshots.len(), ..Comparison::default() };
    for (position, snapshot) in snapshots.iter().enumerate() {
        let total = u64::try_from(snapshots.len()).ok();
        let done = u64::try_from(position).unwrap_or_default();
        progress.report(Progress { step: "Judging snapshots".to_owned(), done, total });
        let is_latest =
            snapshots.get(position + 1).is_none_or(|next| next.connection != snapshot.connection);
        let mut here = Appeared { at: snapshot.finished_at, appear: 0, vanish: 0 };
        let mut after: Option<AssetId> = None;
        loop {
            let page = past::page(&mut session, *snapshot, after.as_ref(), PAGE).await?;
            let Some(last) = page.last else { break };
            comparison.assets += page.read.len();
            let (same, differences) =
                judge_both(&postern.engine, &sets, *snapshot, page.read).await?;
            comparison.same += same;
            for difference in differences {
                let fails = |side: &Option<(Verdict, Severity)>| {
                    side.is_some_and(|(verdict, _)| verdict == Verdict::Fail)
                };
                match (fails(&difference.before), fails(&difference.after)) {
                    (false, true) => here.appear += 1,
                    (true, false) => here.vanish += 1,
                    _ => {}
                }
                if is_latest {
                    comparison.differences.push(difference);
                }
            }
            after = Some(last);
        }
        comparison.over_time.push(here);
    }
    comparison
        .differences
        .sort_by(|one, other| (&one.rule, &one.asset).cmp(&(&other.rule, &other.asset)));
    Ok(comparison)
}

async fn judge_both(
    engine: &Arc<Engine>,
    sets: &Arc<(RuleSet, RuleSet)>,
    snapshot: PastSnapshot,
    assets: Vec<Asset>,
) -> Result<(usize, Vec<Difference>), CompareError> {
    let (engine, sets) = (engine.clone(), sets.clone());
    tokio::task::spawn_blocking(move || {
        let before = judge(&engine, &sets.0, snapshot, &assets)?;
        let after = judge(&engine, &sets.1, snapshot, &assets)?;
        Ok(differences(&before, &after))
    })
    .await
    .map_err(CompareError::Engine)?
}

type Judged = BTreeMap<(AssetId, RuleId), (Verdict, Severity, SharedText)>;

fn judge(
    engine: &Engine,
    set: &RuleSet,
    snapshot: PastSnapshot,
    assets: &[Asset],
) -> Result<Judged, CompareError> {
    let assets: Vec<&Asset> = assets.iter().collect();
    let circumstances = Circumstances { settings: &set.settings, taken_at: snapshot.finished_at };
    let evaluation = engine.evaluate(&set.pack, &assets, circumstances);
    if let Some(source) = evaluation.problem {
        let manifest = set.pack.manifest();
        let (name, version) = (manifest.name.clone(), manifest.version.clone());
        return Err(CompareError::Problem { name, version, source });
    }
    let entry = |verdict: postern_domain::verdict::RuleVerdict| {
        let said = (verdict.verdict, verdict.severity, verdict.summary);
        ((verdict.asset, verdict.rule), said)
    };
    Ok(evaluation.verdicts.into_iter().map(entry).collect())
}

/// How many verdicts are the same, and those that are not.
fn differences(before: &Judged, after: &Judged) -> (usize, Vec<Difference>) {
    let checks: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let mut same = 0;
    let mut found = Vec::new();
    for check in checks {
        let (old, new) = (before.get(check), after.get(check));
        let side = |said: Option<&(Verdict, Severity, SharedText)>| {
            said.map(|(verdict, severity, _)| (*verdict, *severity))
        };
        if side(old) == side(new) {
            same += 1;
            continue;
        }
        let (asset, rule) = check;
        found.push(Difference {
            rule: rule.clone(),
            asset: asset.clone(),
            subscription: asset.subscription().to_owned(),
            before: side(old),
            after: side(new),
            summary: new.or(old).map(|(_, _, summary)| summary.to_string()).unwrap_or_default(),
        });
    }
    (same, found)
}
