//! A pack that lies about its output; `{"lie": "…"}` in its settings says how.

use postern_rules_sdk::bindings;
use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{Asset, Guest, Judgement};

struct Hostile;

impl Guest for Hostile {
    fn describe() -> String {
        hostile::PACK.describe()
    }

    fn evaluate(assets: Vec<Asset>, settings: String) -> Vec<Judgement> {
        let mut judgements = hostile::honest(&assets, &settings);
        let settings: serde_json::Value = serde_json::from_str(&settings).unwrap_or_default();
        let lie =
            settings.get("lie").and_then(serde_json::Value::as_str).unwrap_or("missing judgement");
        let Some(mut last) = judgements.pop() else { return judgements };
        match lie {
            "none" => judgements.push(last),
            "wrong asset" => {
                last.asset = u32::MAX;
                judgements.push(last);
            }
            "unknown rule" => {
                last.rule = String::from("NET-01");
                judgements.push(last);
            }
            "twice" => {
                judgements.push(last.clone());
                judgements.push(last);
            }
            "evidence is no JSON" => {
                last.evidence = String::from("[{\"path\":");
                judgements.push(last);
            }
            "no evidence" => {
                last.evidence = String::from("[]");
                judgements.push(last);
            }
            "unnamed evidence" => {
                last.evidence = String::from(r#"[{"path": "", "actual": 1, "expected": "2"}]"#);
                judgements.push(last);
            }
            "no summary" => {
                last.summary = String::new();
                judgements.push(last);
            }
            _missing => {}
        }
        judgements
    }
}

bindings::export!(Hostile with_types_in bindings);
