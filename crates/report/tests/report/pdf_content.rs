//! The PDF: that it can be made of anything, and always the same.

use std::sync::Arc;

use postern_domain::finding::FindingState;
use postern_domain::verdict::{Evidence, Severity};
use postern_report::model::ReportFilter;
use postern_report::{ReportModel, render_pdf};
use serde_json::json;

use crate::sample;

/// A report whose data would break markup, fonts and columns, if any of them trusted it.
pub fn hostile() -> ReportModel {
    let mut model = sample::sample(6, 3);
    model.head.organisation = "#panic() $x$ *Ünïcødé* 株式会社 \u{202e}drow".into();
    model.head.connection = "</style> \\ @ref <label> شركة".into();
    for finding in &mut model.findings {
        Arc::make_mut(&mut finding.rule).title = "= Not a heading #import \"/etc/passwd\"".into();
        finding.owner = Some("Команда платформы 🚀".to_owned());
        finding.asset.name = "x".repeat(260);
        finding.asset.arm_id = format!("/subscriptions/s/providers/A/b/{}", "y".repeat(2_000));
        finding.evidence = vec![
            Evidence {
                path: format!("properties.{}", "deep.".repeat(100)).into(),
                actual: Some(
                    json!({"rules": vec![json!({"value": "10.0.0.0/8", "名前": "\u{0}"}); 500]})
                ),
                expected: "z".repeat(5_000).into(),
                note: Some("\u{feff}\u{ad}\u{e000}".repeat(50).into()),
            };
            40
        ];
    }
    model
}

/// A report of some findings, none of which has ended, while others have.
pub fn of_some() -> ReportModel {
    let mut model = sample::sample(30, 5);
    model.findings.retain(|it| it.severity == Severity::High && it.state != FindingState::Resolved);
    model.head.filters =
        vec![ReportFilter { name: "severity", values: vec![Severity::High.as_str().to_owned()] }];
    model.head.trend.clear();
    model
}

/// What a report of some findings says so that nobody takes it for one of all.
pub fn said_of_some(model: &ReportModel) -> [String; 4] {
    [
        "Only findings with: severity: high.".to_owned(),
        format!("of {} in this report", model.findings.len()),
        "No finding of this report has ended.".to_owned(),
        "They are those of the whole connection; the numbers count what is in this report."
            .to_owned(),
    ]
}

#[test]
fn the_same_model_makes_the_same_bytes() {
    let model = sample::sample(30, 30);
    let first = render_pdf(&model).unwrap();
    let mut shuffled = model.findings.clone();
    shuffled.reverse();
    let shuffled = ReportModel::new(model.head.clone(), shuffled);
    assert!(first == render_pdf(&model).unwrap());
    assert!(
        first == render_pdf(&shuffled).unwrap(),
        "the order that findings come in does not matter"
    );
    let mut later = model;
    later.head.as_of += time::Duration::minutes(1);
    assert!(first != render_pdf(&later).unwrap());
}

#[test]
fn hostile_data_is_printed_and_nothing_more() {
    let pdf = render_pdf(&hostile()).unwrap();
    assert!(pdf.starts_with(b"%PDF-1.7"));
}

#[test]
fn a_trend_of_any_length_is_drawn() {
    for scans in [0, 1, 2, 5, 41, 900] {
        render_pdf(&sample::sample(2, scans)).unwrap();
    }
}
