//! What the misbehaving packs of `examples/` share: a manifest and an honest judgement to spoil.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Asset, Judgement};
use postern_rules_sdk::{
    AssetContext, Judgement as Verdict, Outcome, Pack, Read, Rule, SEARCH_SERVICE, Severity, Topic,
};

/// Two rules on Search services that pass whatever they see.
pub static PACK: Pack = Pack {
    name: "hostile",
    version: "0.1.0",
    description: "Misbehaves.",
    rules: &[&rule("HOSTILE-01"), &rule("HOSTILE-02")],
};

/// What an honest pack would answer.
pub fn honest(assets: &[Asset], settings: &str) -> Vec<Judgement> {
    PACK.evaluate(assets, settings)
}

const fn rule(id: &'static str) -> Rule {
    Rule {
        id,
        title: "All is well",
        topic: Topic::Policy,
        severity: Severity::High,
        severity_reason: "made up",
        rationale: "For tests.",
        asset_types: &[SEARCH_SERVICE],
        reads: &[Read { path: "name", source: "any", absent: "nothing" }],
        remediation: "None.",
        az: None,
        policies: &[],
        references: &[],
        judge,
    }
}

fn judge(asset: &AssetContext) -> Outcome {
    Ok(Verdict::pass("All is well.", asset.text("name")?.expected("a name")))
}
