//! Reports: complete, the same as the pages, and the same for the same moment whenever they are made.

use std::collections::BTreeMap;

use postern_service::report::{ReportError, ReportFile, ReportFormat, ReportRequest, build_report};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::read_estate::{Estate, FIRST_DAY, SLUG, day_at, everything, usual_days};

async fn build(
    estate: &Estate,
    format: ReportFormat,
    as_of: Option<OffsetDateTime>,
) -> Result<ReportFile, ReportError> {
    let request = ReportRequest { connection: Some(SLUG.to_owned()), format, as_of, list: None };
    build_report(&estate.postern, request).await
}

#[tokio::test]
async fn the_report_of_a_past_moment_has_the_bytes_that_it_had_then() {
    let estate = Estate::new().await;
    let mut then = Vec::new();
    for (number, day) in (0..).zip(usual_days()) {
        estate.import(number, &day).await;
        let mut files = Vec::new();
        for format in ReportFormat::ALL {
            files.push(build(&estate, *format, None).await.unwrap());
        }
        then.push((number, files));
    }
    for (number, files) in then {
        for (format, file) in ReportFormat::ALL.iter().zip(files) {
            let later = build(&estate, *format, Some(day_at(number))).await.unwrap();
            assert_eq!(later.file_name, file.file_name);
            assert!(later.bytes == file.bytes, "{} differs", file.file_name);
        }
    }
    let future = build(&estate, ReportFormat::Csv, Some(day_at(99))).await.unwrap();
    assert_eq!(future, build(&estate, ReportFormat::Csv, None).await.unwrap());
}

#[tokio::test]
async fn the_csv_holds_the_findings_of_the_pages() {
    let estate = Estate::usual().await;
    let file = build(&estate, ReportFormat::Csv, None).await.unwrap();
    assert_eq!(file.file_name, "postern-findings-estate-2026-11-20.csv");
    assert!(file.media_type.starts_with("text/csv"));
    let mut reader = csv::Reader::from_reader(file.bytes.as_slice());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    // One line a property of the evidence or one a finding: the ids are what is compared.
    let reported: BTreeMap<&str, (&str, &str, &str)> = rows
        .iter()
        .map(|row| {
            (
                row["id"].as_str(),
                (row["state"].as_str(), row["severity"].as_str(), row["rule"].as_str()),
            )
        })
        .collect();
    let rows = estate.rows(&everything()).await;
    assert_eq!(reported.len(), rows.len());
    for row in &rows {
        let expected = (row.state.as_str(), row.severity.as_str(), row.rule.as_str());
        assert_eq!(reported[row.id.to_string().as_str()], expected, "{}", row.id);
    }
}

#[tokio::test]
async fn the_json_is_what_its_schema_says_and_counts_what_the_pages_count() {
    let estate = Estate::usual().await;
    let file = build(&estate, ReportFormat::Json, None).await.unwrap();
    let json: Value = serde_json::from_slice(&file.bytes).unwrap();
    let schema = postern_report::json_schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&json).map(|it| it.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    let rows = estate.rows(&everything()).await;
    assert_eq!(json["counts"]["findings"], rows.len());
    let open = rows.iter().filter(|row| row.state.counts_as_open()).count();
    assert_eq!(json["counts"]["open"], open, "nothing is excepted here");
    // Each control of each framework, those that nobody can assess from here included.
    let frameworks = json["report"]["frameworks"].as_array().unwrap();
    assert_eq!(frameworks.len(), 11);
    let controls = frameworks.iter().flat_map(|it| it["controls"].as_array().unwrap());
    let failing = controls.filter(|control| control["status"] == "failing").count();
    assert!(failing > 0, "what fails fails a control");
}

#[tokio::test]
async fn a_report_needs_an_evaluation_at_or_before_its_moment() {
    let estate = Estate::new().await;
    let none = build_report(
        &estate.postern,
        ReportRequest { connection: None, format: ReportFormat::Csv, as_of: None, list: None },
    );
    assert!(matches!(none.await, Err(ReportError::NoConnection)));
    let unknown = build(&estate, ReportFormat::Csv, None).await;
    assert_eq!(unknown.unwrap_err().to_string(), "there is no connection \"estate\"");
    estate.import(0, &usual_days()[0]).await;
    estate.import(1, &usual_days()[1]).await;
    let early = build(&estate, ReportFormat::Csv, Some(FIRST_DAY - Duration::seconds(1))).await;
    assert_eq!(
        early.unwrap_err().to_string(),
        "nothing is known of 1 Sep 2026, 03:59 UTC: \"estate\" can be shown as of any moment from \
         1 Sep 2026, 04:00 UTC to 11 Oct 2026, 04:00 UTC"
    );
    assert!(build(&estate, ReportFormat::Csv, Some(FIRST_DAY)).await.is_ok());
}
