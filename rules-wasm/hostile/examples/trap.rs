//! A pack that panics, which is a trap in WASM.

use postern_rules_sdk::bindings;
use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Asset, Guest, Judgement};

struct Hostile;

impl Guest for Hostile {
    fn describe() -> String {
        hostile::PACK.describe()
    }

    fn evaluate(assets: Vec<Asset>, _settings: String) -> Vec<Judgement> {
        panic!("{} assets are too many", assets.len());
    }
}

bindings::export!(Hostile with_types_in bindings);
