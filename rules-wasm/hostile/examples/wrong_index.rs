//! A pack that names what is not there; `{"index": "…"}` in its settings says of what kind.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Answer, Asset};

fn evaluate(assets: &[Asset], settings: &[String], taken_at: &str) -> Answer {
    let mut answer = hostile::honest(assets, settings, taken_at);
    let texts = u32::try_from(answer.texts.len()).unwrap_or_default();
    match hostile::way(settings, "index").as_str() {
        "asset" => hostile::last(&mut answer).asset = u32::MAX,
        "next asset" => hostile::last(&mut answer).asset += 1,
        "rule" => hostile::last(&mut answer).rule = u32::MAX,
        "next rule" => hostile::last(&mut answer).rule = 3,
        "rule of another type" => hostile::last(&mut answer).rule = 2,
        "summary" => hostile::last(&mut answer).summary = u32::MAX,
        "path" => hostile::last_evidence(&mut answer).path = texts,
        "actual" => hostile::last_evidence(&mut answer).actual = Some(texts + 1),
        "expected" => hostile::last_evidence(&mut answer).expected = u32::MAX,
        _note => hostile::last_evidence(&mut answer).note = Some(texts),
    }
    answer
}

hostile::export!(evaluate);
