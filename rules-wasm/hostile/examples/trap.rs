//! A pack that panics, which is a trap in WASM.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Answer, Asset};

fn evaluate(assets: &[Asset], _settings: &[String], _taken_at: &str) -> Answer {
    panic!("{} assets are too many", assets.len());
}

hostile::export!(evaluate);
