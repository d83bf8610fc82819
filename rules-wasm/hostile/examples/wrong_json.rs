//! A pack whose values in evidence are no JSON; `{"json": "…"}` in its settings is what it gives instead.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Answer, Asset};

fn evaluate(assets: &[Asset], settings: &[String], taken_at: &str) -> Answer {
    let mut answer = hostile::honest(assets, settings, taken_at);
    let actual = match hostile::way(settings, "json").as_str() {
        // Deeper than any parser that recurses has stack for.
        "deep" => "[".repeat(60_000),
        other => other.to_owned(),
    };
    let position = hostile::add(&mut answer, actual);
    hostile::last_evidence(&mut answer).actual = Some(position);
    answer
}

hostile::export!(evaluate);
