//! The CSV.

use postern_domain::verdict::Evidence;
use postern_report::model::ReportFinding;
use postern_report::{COLUMNS, ReportError, ReportModel, write_csv};
use serde_json::{Value, json};

use crate::sample;

fn csv_of(model: &ReportModel) -> Vec<u8> {
    let mut out = Vec::new();
    write_csv(&model.head, model.rows(), &mut out).expect("rows");
    out
}

fn rows(model: &ReportModel) -> Vec<Vec<String>> {
    let csv = csv_of(model);
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    assert_eq!(reader.headers().expect("a header"), COLUMNS.as_slice());
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

fn column(name: &str) -> usize {
    COLUMNS.iter().position(|column| *column == name).expect("a known column")
}

#[test]
fn a_small_report_reads_like_this() {
    let csv = String::from_utf8(csv_of(&sample::sample(4, 2))).unwrap();
    assert!(csv.ends_with("\r\n"), "RFC 4180 ends lines with CR LF");
    insta::assert_snapshot!(csv.replace("\r\n", "\n"));
}

#[test]
fn every_finding_is_a_row_whatever_the_order_it_came_in() {
    let model = sample::sample(300, 2);
    let mut shuffled = model.findings.clone();
    shuffled.reverse();
    shuffled.rotate_left(117);
    assert_eq!(csv_of(&model), csv_of(&ReportModel::new(model.head.clone(), shuffled)));
    let mut ids: Vec<_> = rows(&model).iter().map(|row| row[column("id")].clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 300);
}

#[test]
fn findings_out_of_order_and_findings_that_cannot_be_had_make_no_report() {
    let model = sample::sample(30, 2);
    let written = |findings: Vec<Result<ReportFinding, ReportError>>| {
        let mut out = Vec::new();
        write_csv(&model.head, findings, &mut out).unwrap_err().to_string()
    };
    let mut swapped: Vec<_> = model.rows().collect();
    swapped.swap(11, 12);
    let late = model.findings[11].id;
    assert_eq!(written(swapped), format!("the finding {late} came out of order"));
    let mut twice: Vec<_> = model.rows().collect();
    twice.insert(5, Ok(model.findings[5].clone()));
    assert!(written(twice).ends_with("came out of order"));
    let mut broken: Vec<_> = model.rows().collect();
    broken[20] = Err(ReportError::Findings("the connection was lost".into()));
    assert_eq!(written(broken), "failed to read the findings");
}

#[test]
fn what_is_excepted_says_so_and_keeps_the_state_of_its_rule() {
    let model = sample::sample(11, 2);
    let cells = |row: &Vec<String>| {
        ["id", "state", "exception", "excepted_until"].map(|name| row[column(name)].clone())
    };
    let rows = rows(&model);
    let excepted: Vec<_> = rows.iter().map(cells).filter(|cells| !cells[2].is_empty()).collect();
    assert_eq!(
        excepted,
        [
            ["F-4", "not_rechecked", "X-3", "2026-08-13T00:00:00Z"],
            ["F-11", "open", "X-8", "2026-06-30T12:00:00Z"],
        ]
    );
}

#[test]
fn no_cell_of_hostile_data_is_a_formula() {
    let mut model = sample::sample(1, 1);
    let finding = &mut model.findings[0];
    finding.asset.name = "=cmd|' /C calc'!A0".to_owned();
    finding.asset.location = Some("@SUM(1)".to_owned());
    finding.asset.kind = Some("+1".to_owned());
    finding.summary = "\t=1\r\n\"quoted\", and so on".to_owned();
    finding.evidence = vec![Evidence {
        path: "-2+3".into(),
        actual: Some(json!(-1)),
        expected: "=1".into(),
        note: None,
    }];
    let rows = rows(&model);
    for cell in &rows[0] {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
    }
    assert_eq!(rows[0][column("asset_name")], "'=cmd|' /C calc'!A0");
    let evidence: Value = serde_json::from_str(&rows[0][column("evidence_json")]).unwrap();
    assert_eq!(evidence[0]["actual"], -1, "the exact value is in the JSON");
}

#[test]
fn without_findings_there_is_a_header_alone() {
    assert_eq!(rows(&sample::empty()).len(), 0);
}
