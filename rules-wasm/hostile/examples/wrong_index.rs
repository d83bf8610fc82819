//! A pack that names what is not there; `{"index": "…"}` in its settings says of what kind.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Answer, Asset};

fn evaluate(assets: &[Asset], settings: &[String], taken_at: &str) -> Answer {
    let mut answer = hostile::honest(assets, settings, taken_at);
    let texts = u32::try_from(answer.texts.len()).unwrap_or_default();
    let judgement = hostile::last(&mut answer);
    let evidence = judgement.evidence.first_mut().expect("an honest judgement has evidence");
    match hostile::way(settings, "index").as_str() {
        "asset" => judgement.asset = u32::MAX,
        "next asset" => judgement.asset += 1,
        "rule" => judgement.rule = u32::MAX,
        "next rule" => judgement.rule = 3,
        "rule of another type" => judgement.rule = 2,
        "summary" => judgement.summary = u32::MAX,
        "path" => evidence.path = texts,
        "actual" => evidence.actual = Some(texts + 1),
        "expected" => evidence.expected = u32::MAX,
        _note => evidence.note = Some(texts),
    }
    answer
}

hostile::export!(evaluate);
