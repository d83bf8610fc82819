//! The JSON: what its schema says, and nothing lost.

use postern_report::{JSON_SCHEMA, ReportModel, json_schema, write_json};
use serde_json::{Value, json};

use crate::pdf_content::hostile;
use crate::sample;

fn json_of(model: &ReportModel) -> Value {
    let mut out = Vec::new();
    write_json(&model.head, model.rows(), &mut out).expect("JSON");
    serde_json::from_slice(&out).expect("it is JSON")
}

#[test]
fn each_report_is_what_the_schema_says() {
    let schema = json_schema();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for model in [sample::empty(), sample::sample(1, 1), sample::sample(300, 60), hostile()] {
        let json = json_of(&model);
        let errors: Vec<_> = validator
            .iter_errors(&json)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert_eq!(json["schema"], JSON_SCHEMA);
    }
    let mut wrong = json_of(&sample::sample(3, 1));
    wrong["findings"][0]["state"] = json!("healthy");
    assert!(!validator.is_valid(&wrong), "a word that is not one is found");
}

#[test]
fn it_holds_every_finding_and_each_rule_once() {
    let model = sample::sample(300, 5);
    let json = json_of(&model);
    let ids: Vec<_> = json["findings"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    let expected: Vec<_> =
        model.findings.iter().map(|finding| json!(finding.id.to_string())).collect();
    assert!(ids.iter().copied().eq(&expected));
    assert_eq!(json["rules"].as_array().unwrap().len(), 6);
    let open = model.findings.iter().filter(|finding| finding.is_open()).count();
    assert_eq!(json["counts"]["open"], open);
    assert_eq!(json["counts"]["findings"], 300);
    let of_severities: u64 = ["critical", "high", "medium", "low"]
        .iter()
        .map(|severity| json["counts"]["severities"][severity]["open"].as_u64().unwrap())
        .sum();
    assert_eq!(of_severities, u64::try_from(open).unwrap());
}

#[test]
fn values_are_what_was_read() {
    let model = hostile();
    let json = json_of(&model);
    let evidence = &json["findings"][0]["evidence"][0];
    assert_eq!(Some(&evidence["actual"]), model.findings[0].evidence[0].actual.as_ref());
    assert_eq!(json["report"]["organisation"], model.head.organisation);
}
