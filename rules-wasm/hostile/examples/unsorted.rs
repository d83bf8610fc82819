//! A pack that is honest, but lists its rules backwards: positions are those of its own list.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Answer, Asset};

fn describe() -> String {
    let mut manifest = hostile::PACK.manifest();
    manifest.rules.reverse();
    serde_json::to_string(&manifest).unwrap_or_default()
}

fn evaluate(assets: &[Asset], settings: &[String], taken_at: &str) -> Answer {
    let last = u32::try_from(hostile::PACK.sorted_rules().len() - 1).unwrap_or_default();
    let mut answer = hostile::honest(assets, settings, taken_at);
    for judgement in &mut answer.judgements {
        judgement.rule = last - judgement.rule;
    }
    // Nor does the order of the answer count; each judgement of this pack has one piece of evidence.
    answer.judgements.reverse();
    answer.evidence.reverse();
    answer
}

hostile::export!(describe, evaluate);
