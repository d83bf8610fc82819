//! Judging assets: batches go in, and what comes back is checked before it counts.

use std::collections::HashMap;

use postern_domain::asset::Asset;
use postern_domain::rule::{PackManifest, RuleManifest};
use postern_domain::verdict::{Evidence, RuleVerdict, Verdict};
use serde_json::Value;

use crate::contract::wire;
use crate::engine::Engine;
use crate::limits::problem_of;
use crate::pack::Pack;
use crate::problem::PackProblem;

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
    /// Judges assets by a pack; `settings` is a JSON object, `{}` for the pack's defaults.
    ///
    /// The order of `assets` and the size of the batches change nothing in the result.
    /// A pack that fails on one batch is trusted with none: all its verdicts are unknown.
    pub fn evaluate(&self, pack: &Pack, assets: &[&Asset], settings: &Value) -> PackEvaluation {
        let manifest = pack.manifest();
        let mut judged: Vec<&Asset> = assets
            .iter()
            .copied()
            .filter(|asset| applicable(manifest, asset).next().is_some())
            .collect();
        judged.sort_by(|one, other| one.id.cmp(&other.id));
        let settings = settings.to_string();
        let mut verdicts = Vec::new();
        for batch in judged.chunks(self.limits().batch.max(1)) {
            match self.judge(pack, batch, &settings) {
                Ok(more) => verdicts.extend(more),
                Err(problem) => {
                    tracing::warn!(
                        pack.name = %manifest.name,
                        pack.digest = %pack.digest(),
                        problem = %problem,
                        "a rule pack could not judge"
                    );
                    return PackEvaluation {
                        verdicts: unjudged(manifest, &judged, &problem),
                        problem: Some(problem),
                    };
                }
            }
        }
        PackEvaluation { verdicts, problem: None }
    }

    fn judge(
        &self,
        pack: &Pack,
        batch: &[&Asset],
        settings: &str,
    ) -> Result<Vec<RuleVerdict>, PackProblem> {
        let assets: Vec<wire::Asset> = batch
            .iter()
            .map(|asset| wire::Asset {
                id: asset.id.as_str().to_owned(),
                asset_type: asset.asset_type.as_str().to_owned(),
                document: asset.document.canonical_text(),
            })
            .collect();
        // Fresh for each batch: nothing that a pack remembers can make one asset's verdict depend on another batch.
        let mut store = self.store();
        let answer = pack
            .pre()
            .instantiate(&mut store)
            .and_then(|instance| {
                instance.postern_rules_rule_pack().call_evaluate(&mut store, &assets, settings)
            })
            .map_err(|error| problem_of(&error, self.limits()))?;
        accept(pack.manifest(), batch, answer)
    }
}

/// Takes a pack's answer as verdicts in order, or says how it breaks the contract.
fn accept(
    manifest: &PackManifest,
    batch: &[&Asset],
    answer: Vec<wire::Judgement>,
) -> Result<Vec<RuleVerdict>, PackProblem> {
    let rules: HashMap<&str, &RuleManifest> =
        manifest.rules.iter().map(|rule| (rule.id.as_str(), rule)).collect();
    let expected: usize = batch.iter().map(|asset| applicable(manifest, asset).count()).sum();
    let mut verdicts = Vec::with_capacity(expected);
    for judgement in answer {
        let position = usize::try_from(judgement.asset).ok();
        let Some(asset) = position.and_then(|position| batch.get(position)) else {
            return Err(lied(format!("it judged asset {} of {}", judgement.asset, batch.len())));
        };
        let Some(rule) = rules.get(judgement.rule.as_str()) else {
            return Err(lied(format!(
                "it judged by a rule \"{}\" that it does not have",
                shortened(&judgement.rule)
            )));
        };
        let place = || format!("{} on {}", rule.id, asset.id);
        if !rule.asset_types.contains(&asset.asset_type) {
            return Err(lied(format!("it judged by {}, which is not about that type", place())));
        }
        if judgement.summary.trim().is_empty() {
            return Err(lied(format!("it gave no summary for {}", place())));
        }
        let evidence: Vec<Evidence> =
            serde_json::from_str(&judgement.evidence).map_err(|error| {
                lied(format!("its evidence for {} is not as agreed ({error})", place()))
            })?;
        if evidence.is_empty() || evidence.iter().any(|item| item.path.trim().is_empty()) {
            return Err(lied(format!("its evidence for {} names no property", place())));
        }
        verdicts.push(RuleVerdict {
            asset: asset.id.clone(),
            rule: rule.id.clone(),
            verdict: judgement.verdict.into(),
            severity: judgement.severity.into(),
            summary: judgement.summary,
            evidence,
        });
    }
    verdicts.sort_by(|one, other| (&one.asset, &one.rule).cmp(&(&other.asset, &other.rule)));
    let twice = verdicts.windows(2).find_map(|pair| match pair {
        [one, other] if one.asset == other.asset && one.rule == other.rule => Some(one),
        _ => None,
    });
    if let Some(verdict) = twice {
        return Err(lied(format!("it judged {} on {} twice", verdict.rule, verdict.asset)));
    }
    // None is out of place and none is there twice, so the number alone tells whether one is missing.
    if verdicts.len() != expected {
        return Err(lied(format!("it gave {} of {expected} judgements", verdicts.len())));
    }
    Ok(verdicts)
}

fn lied(what: String) -> PackProblem {
    PackProblem::Lied { what }
}

/// What stands in for the verdicts of a pack that failed: unknown for each asset and applicable rule.
pub fn unjudged(
    manifest: &PackManifest,
    assets: &[&Asset],
    problem: &PackProblem,
) -> Vec<RuleVerdict> {
    let unknown_by = |asset: &Asset, rule: &RuleManifest| RuleVerdict {
        asset: asset.id.clone(),
        rule: rule.id.clone(),
        verdict: Verdict::Unknown,
        severity: rule.severity,
        summary: "The rule pack failed, so this could not be judged.".to_owned(),
        evidence: vec![Evidence {
            path: "pack".to_owned(),
            actual: None,
            expected: format!("{} {} answers", manifest.name, manifest.version),
            note: Some(problem.to_string()),
        }],
    };
    assets
        .iter()
        .flat_map(|asset| applicable(manifest, asset).map(|rule| unknown_by(asset, rule)))
        .collect()
}

/// A text from a pack, cut to what fits a sentence.
fn shortened(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(64).collect()
}
