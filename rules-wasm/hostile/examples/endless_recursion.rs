//! A pack that calls itself until there is no stack left.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Answer, Asset};

fn evaluate(assets: &[Asset], _settings: &[String], _taken_at: &str) -> Answer {
    let mut answer = Answer { texts: Vec::new(), judgements: Vec::new(), evidence: Vec::new() };
    answer.texts.push(deeper(assets.len() as u64).to_string());
    answer
}

/// Not a loop in disguise: the sum needs what each call gives, and the buffer keeps its frame.
fn deeper(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 8]);
    let below = if frame[0] == u64::MAX { 0 } else { deeper(depth.wrapping_add(1)) };
    below.wrapping_add(std::hint::black_box(frame)[7])
}

hostile::export!(evaluate);
