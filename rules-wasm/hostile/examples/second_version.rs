//! A pack that is honest, and the version after that of `unsorted`: what failed there passes.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Answer, Asset, Verdict};

fn describe() -> String {
    let mut manifest = hostile::PACK.manifest();
    manifest.version = String::from("0.2.0");
    serde_json::to_string(&manifest).unwrap_or_default()
}

fn evaluate(assets: &[Asset], settings: &[String], taken_at: &str) -> Answer {
    let mut answer = hostile::honest(assets, settings, taken_at);
    for judgement in &mut answer.judgements {
        judgement.verdict = Verdict::Pass;
    }
    answer
}

hostile::export!(describe, evaluate);
