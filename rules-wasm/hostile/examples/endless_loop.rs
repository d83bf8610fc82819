//! A pack whose evaluation never ends.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Answer, Asset};

fn evaluate(assets: &[Asset], _settings: &[String], _taken_at: &str) -> Answer {
    let mut turns = 0_usize;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(assets.len()));
    }
}

hostile::export!(evaluate);
