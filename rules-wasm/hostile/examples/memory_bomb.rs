//! A pack that asks for ever more memory.

use postern_rules_sdk::bindings;
use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Asset, Guest, Judgement};

struct Hostile;

impl Guest for Hostile {
    fn describe() -> String {
        hostile::PACK.describe()
    }

    fn evaluate(_assets: Vec<Asset>, _settings: String) -> Vec<Judgement> {
        let mut hoard: Vec<Vec<u8>> = Vec::new();
        loop {
            hoard.push(vec![1; 1 << 20]);
            std::hint::black_box(&hoard);
        }
    }
}

bindings::export!(Hostile with_types_in bindings);
