//! A pack whose evaluation never ends.

use postern_rules_sdk::bindings;
use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Asset, Guest, Judgement};

struct Hostile;

impl Guest for Hostile {
    fn describe() -> String {
        hostile::PACK.describe()
    }

    fn evaluate(assets: Vec<Asset>, _settings: String) -> Vec<Judgement> {
        let mut turns = 0_u64;
        loop {
            turns = std::hint::black_box(turns.wrapping_add(assets.len() as u64));
        }
    }
}

bindings::export!(Hostile with_types_in bindings);
