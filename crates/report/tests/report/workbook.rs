//! The workbook, read back by another library.

use std::io::Cursor;

use calamine::{Data, DataType as _, Range, Reader as _, Xlsx, open_workbook_from_rs};
use postern_report::{ReportModel, write_xlsx, write_xlsx_at_most};

use crate::pdf_content::hostile;
use crate::sample;

fn bytes_of(model: &ReportModel) -> Vec<u8> {
    let mut out = Vec::new();
    write_xlsx(&model.head, model.rows(), &mut out).expect("a workbook");
    out
}

fn open(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook that can be read")
}

fn sheet(workbook: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Range<Data> {
    workbook.worksheet_range(name).expect("a sheet")
}

/// The number beside a label of the summary.
fn counted(summary: &Range<Data>, label: &str, column: usize) -> u64 {
    let row = summary.rows().find(|row| row[0].get_string() == Some(label)).expect("the label");
    format!("{}", row[column].get_float().expect("a number")).parse().expect("a count")
}

#[test]
fn each_sheet_is_there_and_counts_what_the_report_counts() {
    let model = sample::sample(300, 5);
    let mut workbook = open(bytes_of(&model));
    assert_eq!(
        workbook.sheet_names(),
        ["Summary", "Findings", "Exceptions", "Coverage", "Controls"]
    );
    let findings = sheet(&mut workbook, "Findings");
    let ids: Vec<String> = findings.rows().skip(1).map(|row| row[0].to_string()).collect();
    let expected: Vec<String> = model.findings.iter().map(|it| it.id.to_string()).collect();
    assert_eq!(ids, expected);
    let summary = sheet(&mut workbook, "Summary");
    let open = model.findings.iter().filter(|finding| finding.is_open()).count();
    assert_eq!(counted(&summary, "All", 1), open as u64);
    assert_eq!(counted(&summary, "All", 5), 300);
    assert_eq!(counted(&summary, "Planned", 1), u64::from(model.head.coverage.checks.planned()));
    let controls = sheet(&mut workbook, "Controls");
    assert_eq!(controls.rows().count() - 1, model.head.frameworks[0].controls.len());
    let exceptions = sheet(&mut workbook, "Exceptions");
    let accepted: f64 = exceptions.rows().skip(1).filter_map(|row| row[1].get_float()).sum();
    let expected = model.findings.iter().filter(|it| it.exception.is_some()).count();
    assert_eq!(format!("{accepted}"), expected.to_string());
    let coverage = sheet(&mut workbook, "Coverage");
    assert_eq!(coverage.rows().filter(|row| row[0].get_string() == Some("Not read")).count(), 1);
}

#[test]
fn times_are_real_times() {
    let model = sample::sample(3, 1);
    let mut workbook = open(bytes_of(&model));
    let findings = sheet(&mut workbook, "Findings");
    let place =
        findings.rows().next().unwrap().iter().position(|it| *it == "Opened (UTC)").unwrap();
    for (row, finding) in findings.rows().skip(1).zip(&model.findings) {
        let Data::DateTime(at) = &row[place] else { panic!("{:?} is no time", row[place]) };
        // Days since the last day of 1899, as sheets count them.
        let seconds = (at.as_f64() - 25_569.0) * 86_400.0;
        let expected = finding.opened_at.unix_timestamp();
        assert_eq!(format!("{seconds:.0}"), expected.to_string());
    }
}

#[test]
fn hostile_text_stays_text_and_what_is_cut_says_so() {
    let mut model = hostile();
    for finding in &mut model.findings {
        finding.asset.name = "=HYPERLINK(\"http://x\",\"y\")".to_owned();
        finding.summary = format!("<r><t>&</t></r> \u{0}\u{202e} {}", "🚀".repeat(20_000));
    }
    let mut workbook = open(bytes_of(&model));
    let formulas = workbook.worksheet_formula("Findings").expect("a sheet");
    assert!(formulas.is_empty(), "no cell is a formula");
    let findings = sheet(&mut workbook, "Findings");
    let row: Vec<String> =
        findings.rows().nth(1).unwrap().iter().map(ToString::to_string).collect();
    assert!(row.contains(&"=HYPERLINK(\"http://x\",\"y\")".to_owned()), "{row:?}");
    assert!(row[6].starts_with("<r><t>&</t></r> [U+0000][U+202E] 🚀"), "{}", &row[6][..80]);
    assert!(row[6].ends_with("characters are in the CSV)"));
}

#[test]
fn more_findings_than_a_sheet_holds_are_told_of_and_never_left_out_in_silence() {
    let model = sample::sample(30, 1);
    let mut out = Vec::new();
    write_xlsx_at_most(20, &model.head, model.rows(), &mut out).unwrap();
    let mut workbook = open(out);
    let findings = sheet(&mut workbook, "Findings");
    assert_eq!(findings.rows().count(), 22, "a head, twenty findings, a note");
    let said = findings.rows().next_back().unwrap()[0].to_string();
    assert_eq!(said, "10 more findings do not fit in a sheet. The CSV of this report has all 30.");
    let summary = sheet(&mut workbook, "Summary");
    assert_eq!(counted(&summary, "All", 5), 30, "all are counted");
    assert!(summary.rows().any(|row| row[0].to_string().contains("lacks 10 of them")));
}
