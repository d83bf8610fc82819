//! What other programs take: OSCAL, SARIF and OCSF, each against its schema.
//!
//! The schemas are beside the clone, and are left out, in words, where they are not.

use std::path::Path;

use jsonschema::Validator;
use postern_domain::finding::FindingState;
use postern_report::{ReportModel, write_ocsf, write_oscal, write_sarif};
use serde_json::Value;

use crate::pdf_content::hostile;
use crate::sample;

/// The schema in this file of the reference material; `None`, said plainly, where it is not there.
fn schema(file: &str) -> Option<Validator> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/schemas");
    let path = folder.join(file);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
            Some(jsonschema::validator_for(&schema).expect("a schema"))
        }
        Err(error) => {
            eprintln!("left out: {} could not be read ({error})", path.display());
            None
        }
    }
}

fn models() -> [ReportModel; 4] {
    [sample::empty(), sample::sample(1, 1), sample::sample(300, 60), hostile()]
}

fn check(validator: Option<&Validator>, value: &Value) {
    let Some(validator) = validator else { return };
    let errors: Vec<String> = validator
        .iter_errors(value)
        .take(5)
        .map(|error| format!("{}: {error:.300}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

fn read(write: impl FnOnce(&mut Vec<u8>)) -> Value {
    let mut out = Vec::new();
    write(&mut out);
    serde_json::from_slice(&out).expect("it is JSON")
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn in_state(model: &ReportModel, state: FindingState) -> usize {
    model.findings.iter().filter(|finding| finding.state == state).count()
}

fn excepted(model: &ReportModel) -> usize {
    model.findings.iter().filter(|finding| finding.exception.is_some()).count()
}

#[test]
fn oscal_is_what_nist_says_and_exceptions_are_deviations() {
    let validator = schema("oscal/oscal_assessment-results_schema.json");
    for model in models() {
        let oscal = read(|out| write_oscal(&model, out).expect("OSCAL"));
        check(validator.as_ref(), &oscal);
        let result = &oscal["assessment-results"]["results"][0];
        for name in ["observations", "findings", "risks"] {
            assert_eq!(list(result, name).len(), model.findings.len(), "{name}");
        }
        let of_status = |status: &str| {
            list(result, "risks").iter().filter(|risk| risk["status"] == status).count()
        };
        assert_eq!(of_status("deviation-approved"), excepted(&model));
        assert_eq!(of_status("closed"), in_state(&model, FindingState::Resolved));
        assert_eq!(of_status("open"), model.findings.iter().filter(|it| it.is_open()).count());
        // What refers to something refers to what is there.
        let risks: Vec<&Value> = list(result, "risks").iter().map(|risk| &risk["uuid"]).collect();
        for finding in list(result, "findings") {
            assert!(risks.contains(&&finding["related-risks"][0]["risk-uuid"]));
        }
    }
}

#[test]
fn sarif_is_what_its_schema_says_and_exceptions_are_suppressions() {
    let validator = schema("sarif/sarif-schema-2.1.0.json");
    for model in models() {
        let sarif = read(|out| write_sarif(&model.head, model.rows(), out).expect("SARIF"));
        check(validator.as_ref(), &sarif);
        let run = &sarif["runs"][0];
        let results = list(run, "results");
        assert_eq!(results.len(), model.findings.len());
        let suppressed = results.iter().filter(|result| result["suppressions"].is_array());
        assert_eq!(suppressed.count(), excepted(&model));
        let rules = list(&run["tool"]["driver"], "rules");
        for result in results {
            let place = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[place]["id"], result["ruleId"]);
        }
        let of_kind = |kind: &str| results.iter().filter(|it| it["kind"] == kind).count();
        assert_eq!(of_kind("open"), in_state(&model, FindingState::Unknown));
        assert_eq!(of_kind("pass"), in_state(&model, FindingState::Resolved));
    }
}

#[test]
fn ocsf_is_a_compliance_finding_a_line() {
    let validator = schema("ocsf/compliance_finding.1.8.0.cloud.schema.json");
    for model in models() {
        let mut out = Vec::new();
        write_ocsf(&model.head, model.rows(), &mut out).expect("OCSF");
        let text = String::from_utf8(out).expect("UTF-8");
        let events: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(events.len(), model.findings.len());
        for event in events.iter().take(40) {
            check(validator.as_ref(), event);
        }
        let of_status = |status: u64| events.iter().filter(|it| it["status_id"] == status).count();
        assert_eq!(of_status(3), excepted(&model), "accepted ones are suppressed");
        assert_eq!(of_status(4), in_state(&model, FindingState::Resolved));
    }
}
