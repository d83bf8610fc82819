//! What the active packs say of a snapshot's assets.

use std::collections::BTreeMap;

use postern_domain::asset::Asset;
use postern_domain::digest::Digest;
use postern_domain::id::RuleId;
use postern_domain::rule::RuleManifest;
use postern_domain::verdict::{Evidence, RuleVerdict, Verdict};
use postern_engine::{Engine, Pack};
use postern_store::evaluation::{Check, PackVerdict};
use postern_store::inventory::UnreadAsset;
use serde_json::{Value, json};

use crate::Postern;
use crate::storable::{make_verdict_storable, replace};

/// The verdicts of every active pack.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// The verdicts.
    pub(crate) verdicts: BTreeMap<Check, PackVerdict>,
    /// The packs, with what was wrong with each.
    pub(crate) packs: Vec<(Digest, Option<String>)>,
    /// Which pack has which rule.
    pub(crate) rules: BTreeMap<RuleId, Digest>,
}

/// The packs' settings; there are none yet.
pub(crate) fn settings() -> Value {
    json!({})
}

/// Judges assets away from the threads that serve.
pub(crate) async fn judge(
    postern: &Postern,
    assets: Vec<Asset>,
) -> Result<Judgement, tokio::task::JoinError> {
    let postern = postern.clone();
    tokio::task::spawn_blocking(move || judge_assets(&postern.engine, &postern.packs, &assets))
        .await
}

/// Judges assets.
pub(crate) fn judge_assets(engine: &Engine, packs: &[Pack], assets: &[Asset]) -> Judgement {
    let assets: Vec<&Asset> = assets.iter().collect();
    let settings = settings();
    let mut judgement = Judgement::default();
    for pack in packs {
        let evaluation = engine.evaluate(pack, &assets, &settings);
        let problem = evaluation.problem.map(|problem| {
            let mut text = problem.to_string();
            replace(&mut text);
            text
        });
        judgement.packs.push((pack.digest(), problem));
        for rule in &pack.manifest().rules {
            judgement.rules.insert(rule.id.clone(), pack.digest());
        }
        for mut verdict in evaluation.verdicts {
            make_verdict_storable(&mut verdict);
            let check = (verdict.asset.clone(), verdict.rule.clone());
            judgement.verdicts.insert(check, PackVerdict { pack: pack.digest(), verdict });
        }
    }
    judgement
}

impl Judgement {
    /// Adds that every rule about an asset that could not be read is unknown.
    pub(crate) fn add_unread(&mut self, postern: &Postern, unread: &[UnreadAsset]) {
        for pack in postern.packs.iter() {
            for asset in unread {
                let concerns = |rule: &&RuleManifest| rule.asset_types.contains(&asset.asset_type);
                for rule in pack.manifest().rules.iter().filter(concerns) {
                    let check = (asset.id.clone(), rule.id.clone());
                    let verdict = unread_verdict(asset, rule);
                    self.verdicts.insert(check, PackVerdict { pack: pack.digest(), verdict });
                }
            }
        }
    }

    /// The packs that could not judge, by name, with what went wrong.
    pub(crate) fn named_problems(&self, postern: &Postern) -> Vec<(String, String)> {
        postern
            .packs
            .iter()
            .filter_map(|pack| {
                let problem =
                    self.packs.iter().find(|(digest, _)| *digest == pack.digest())?.1.clone()?;
                Some((pack.manifest().name.clone(), problem))
            })
            .collect()
    }
}

fn unread_verdict(asset: &UnreadAsset, rule: &RuleManifest) -> RuleVerdict {
    let note =
        format!("The asset could not be read: {}.", asset.reason.message.trim_end_matches('.'));
    let evidence = |path: &str| Evidence {
        path: path.to_owned(),
        actual: None,
        expected: "a value that could be read".to_owned(),
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
