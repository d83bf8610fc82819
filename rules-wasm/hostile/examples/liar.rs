//! A pack that lies about its output; `{"lie": "…"}` in its settings says how, `"none"` that it does not.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Answer, Asset};

/// One more than the engine takes.
const TOO_LONG: usize = (64 << 10) + 1;

fn evaluate(assets: &[Asset], settings: &[String], taken_at: &str) -> Answer {
    let mut answer = hostile::honest(assets, settings, taken_at);
    let lie = hostile::way(settings, "lie");
    let added = match lie.as_str() {
        "empty path" | "no summary" => Some(hostile::add(&mut answer, String::from(" \n"))),
        "long text" => Some(hostile::add(&mut answer, "x".repeat(TOO_LONG))),
        _other => None,
    };
    let last = hostile::last(&mut answer);
    match (lie.as_str(), added) {
        ("none", _) => {}
        ("unknown rule", _) => last.rule = 77,
        ("twice", _) => {
            let again = *last;
            answer.judgements.push(again);
            answer.evidence.extend_from_within(answer.evidence.len() - 1..);
        }
        ("no evidence", _) => {
            last.evidence = 0;
            answer.evidence.pop();
        }
        ("too little evidence", _) => last.evidence += 1,
        ("too much evidence", _) => answer.evidence.extend_from_within(answer.evidence.len() - 1..),
        ("empty path", Some(blank)) => hostile::last_evidence(&mut answer).path = blank,
        ("no summary" | "long text", Some(text)) => last.summary = text,
        ("text out of range", _) => last.summary = 1_000,
        _missing => {
            answer.judgements.pop();
            answer.evidence.pop();
        }
    }
    answer
}

hostile::export!(evaluate);
