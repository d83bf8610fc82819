//! Judging assets: batches go in, and what comes back is checked before it counts.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use postern_domain::asset::Asset;
use postern_domain::rule::{PackManifest, RuleManifest};
use postern_domain::settings::PackSettings;
use postern_domain::text::SharedText;
use postern_domain::verdict::{Evidence, RuleVerdict, Verdict};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::accept::accept;
use crate::contract::wire;
use crate::engine::Engine;
use crate::limits::problem_of;
use crate::pack::Pack;
use crate::problem::PackProblem;

/// What assets are judged under.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// What the organisation set for the pack.
    pub settings: &'a PackSettings,
    /// When the snapshot was taken: the only "now" that rules have.
    pub taken_at: OffsetDateTime,
}

/// What a pack says of a set of assets.
#[derive(Clone, Debug, PartialEq)]
pub struct PackEvaluation {
    /// One verdict for each asset and applicable rule, by asset, then by rule.
    pub verdicts: Vec<RuleVerdict>,
    /// What was wrong with the pack; all its verdicts are unknown then.
    pub problem: Option<PackProblem>,
}

/// The rules of a pack that are about this asset.
pub fn applicable<'a>(
    manifest: &'a PackManifest,
    asset: &'a Asset,
) -> impl Iterator<Item = &'a RuleManifest> {
    manifest.rules.iter().filter(|rule| rule.asset_types.contains(&asset.asset_type))
}

impl Engine {
    /// Judges assets by a pack.
    ///
    /// Batches are spread over [`Limits::threads`](crate::Limits::threads); neither their number, nor the size of
    /// the batches, nor the order of `assets` changes anything in the result.
    /// A pack that fails on one batch is trusted with none: all its verdicts are unknown, and the problem is that
    /// of the first batch, by asset id, that failed.
    pub fn evaluate(
        &self,
        pack: &Pack,
        assets: &[&Asset],
        circumstances: Circumstances<'_>,
    ) -> PackEvaluation {
        let mut judged: Vec<&Asset> = assets
            .iter()
            .copied()
            .filter(|asset| !pack.rules_about(&asset.asset_type).is_empty())
            .collect();
        judged.sort_by(|one, other| one.id.cmp(&other.id));
        let batches: Vec<&[&Asset]> = judged.chunks(self.limits().batch.max(1)).collect();
        match self.judge_all(pack, &batches, circumstances) {
            Ok(verdicts) => PackEvaluation { verdicts, problem: None },
            Err(problem) => {
                let manifest = pack.manifest();
                tracing::warn!(
                    pack.name = %manifest.name,
                    pack.digest = %pack.digest(),
                    problem = %problem,
                    "a rule pack could not judge"
                );
                let verdicts = unjudged(manifest, &judged, &problem);
                PackEvaluation { verdicts, problem: Some(problem) }
            }
        }
    }

    fn judge_all(
        &self,
        pack: &Pack,
        batches: &[&[&Asset]],
        circumstances: Circumstances<'_>,
    ) -> Result<Vec<RuleVerdict>, PackProblem> {
        let threads = self.limits().threads.clamp(1, batches.len().max(1));
        let about = |asset: &&Asset| pack.rules_about(&asset.asset_type).len();
        let count = batches.iter().copied().flatten().map(about).sum();
        let mut verdicts = Vec::with_capacity(count);
        if threads == 1 {
            for batch in batches {
                verdicts.extend(self.judge(pack, batch, circumstances)?);
            }
            return Ok(verdicts);
        }
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let work = || {
            let mut done = Vec::new();
            // Batches are handed out in order, so that all before one that failed are judged to their end,
            // and which problem is the first does not depend on the threads.
            while !failed.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(batch) = batches.get(number) else { break };
                let result = self.judge(pack, batch, circumstances);
                if result.is_err() {
                    failed.store(true, Ordering::Relaxed);
                }
                done.push((number, result));
            }
            done
        };
        let mut results: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            running
                .into_iter()
                .flat_map(|thread| thread.join().expect("judging a batch does not panic"))
                .collect()
        });
        results.sort_by_key(|(number, _)| *number);
        for (_, result) in results {
            verdicts.extend(result?);
        }
        Ok(verdicts)
    }

    fn judge(
        &self,
        pack: &Pack,
        batch: &[&Asset],
        circumstances: Circumstances<'_>,
    ) -> Result<Vec<RuleVerdict>, PackProblem> {
        let (assets, settings) = lower(pack, batch, circumstances.settings);
        let taken_at = circumstances
            .taken_at
            .to_offset(time::UtcOffset::UTC)
            .format(&Rfc3339)
            .expect("a snapshot's time has a year of four digits");
        let _turn = self.turn();
        // Fresh for each batch: nothing that a pack remembers can make one asset's verdict depend on another batch.
        let mut store = self.store();
        let answer = pack
            .pre()
            .instantiate(&mut store)
            .and_then(|instance| {
                let rules = instance.postern_rules_rule_pack();
                rules.call_evaluate(&mut store, &assets, &settings, &taken_at)
            })
            .map_err(|error| problem_of(&error, self.limits()))?;
        accept(pack, batch, &answer, self.limits().memory_bytes)
    }
}

/// A batch as the contract has it, and each of the settings that differ once.
fn lower(
    pack: &Pack,
    batch: &[&Asset],
    settings: &PackSettings,
) -> (Vec<wire::Asset>, Vec<String>) {
    let mut texts: Vec<String> = Vec::new();
    let mut positions: HashMap<String, u32> = HashMap::new();
    let whole = serde_json::Value::Object(settings.values.clone()).to_string();
    let mut position_of = |text: String| {
        *positions.entry(text).or_insert_with_key(|text| {
            texts.push(text.clone());
            u32::try_from(texts.len() - 1).expect("a batch has fewer assets than 2^32")
        })
    };
    let assets = batch
        .iter()
        .map(|asset| wire::Asset {
            id: asset.id.as_str().to_owned(),
            asset_type: asset.asset_type.as_str().to_owned(),
            settings: if settings.overrides.is_empty() {
                position_of(whole.clone())
            } else {
                position_of(serde_json::Value::Object(settings.for_asset(asset)).to_string())
            },
            document: pack.document(asset),
        })
        .collect();
    (assets, texts)
}

/// What stands in for the verdicts of a pack that failed: unknown for each asset and applicable rule.
pub fn unjudged(
    manifest: &PackManifest,
    assets: &[&Asset],
    problem: &PackProblem,
) -> Vec<RuleVerdict> {
    let summary = SharedText::from("The rule pack failed, so this could not be judged.");
    let path = SharedText::from("pack");
    let expected = SharedText::from(format!("{} {} answers", manifest.name, manifest.version));
    let note = SharedText::from(problem.to_string());
    let unknown_by = |asset: &Asset, rule: &RuleManifest| RuleVerdict {
        asset: asset.id.clone(),
        rule: rule.id.clone(),
        verdict: Verdict::Unknown,
        severity: rule.severity,
        summary: summary.clone(),
        evidence: vec![Evidence {
            path: path.clone(),
            actual: None,
            expected: expected.clone(),
            note: Some(note.clone()),
        }],
    };
    assets
        .iter()
        .flat_map(|asset| applicable(manifest, asset).map(|rule| unknown_by(asset, rule)))
        .collect()
}
