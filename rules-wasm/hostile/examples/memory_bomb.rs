//! A pack that asks for ever more memory.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Answer, Asset};

fn evaluate(_assets: &[Asset], _settings: &[String], _taken_at: &str) -> Answer {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(vec![1; 1 << 20]);
        std::hint::black_box(&hoard);
    }
}

hostile::export!(evaluate);
