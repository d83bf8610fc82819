//! A pack whose answer is too large in one way or another; `{"giant": "…"}` in its settings says which.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Answer, Asset, Evidence};

fn evaluate(assets: &[Asset], settings: &[String], taken_at: &str) -> Answer {
    let mut answer = hostile::honest(assets, settings, taken_at);
    match hostile::way(settings, "giant").as_str() {
        "text" => {
            let giant = hostile::add(&mut answer, "x".repeat(6 << 20));
            hostile::last(&mut answer).summary = giant;
        }
        // Of the pack's own 16 MB they take 14; on the host's side they would take more.
        "texts" => answer.texts = vec![String::new(); 700_000],
        "judgements" => {
            // A judgement on top of a judgement: each is one that the batch has no place for.
            let last = *hostile::last(&mut answer);
            let evidence = *hostile::last_evidence(&mut answer);
            answer.judgements.extend(vec![last; 100_000]);
            answer.evidence.extend(vec![evidence; 100_000]);
        }
        "evidence" => {
            let item = *hostile::last_evidence(&mut answer);
            answer.evidence.extend(vec![item; 100]);
            hostile::last(&mut answer).evidence = 101;
        }
        // Each part is within its bounds; together, and written out, they are not.
        _whole => {
            let text = hostile::add(&mut answer, "x".repeat(60 << 10));
            let item = Evidence { path: text, actual: None, expected: text, note: Some(text) };
            for judgement in &mut answer.judgements {
                judgement.evidence = 100;
            }
            answer.evidence = vec![item; 100 * answer.judgements.len()];
        }
    }
    answer
}

hostile::export!(evaluate);
