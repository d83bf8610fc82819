//! A pack that names the same rule twice.

use postern_rules_sdk::bindings;
use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Asset, Guest, Judgement};

struct Hostile;

impl Guest for Hostile {
    fn describe() -> String {
        let mut manifest = hostile::PACK.manifest();
        if let Some(rule) = manifest.rules.first().cloned() {
            manifest.rules.push(rule);
        }
        serde_json::to_string(&manifest).unwrap_or_default()
    }

    fn evaluate(_assets: Vec<Asset>, _settings: String) -> Vec<Judgement> {
        Vec::new()
    }
}

bindings::export!(Hostile with_types_in bindings);
