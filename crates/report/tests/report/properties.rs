//! What holds of every format: the same counts, the same bytes, and hostile text as text.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::process::Command;

use calamine::{DataType as _, Reader as _, Xlsx, open_workbook_from_rs};
use postern_domain::digest::Digest;
use postern_domain::finding::FindingState;
use postern_report::{FindingCounts, ReportFormat, ReportModel};
use proptest::prelude::*;
use serde_json::Value;

use crate::pdf_content::hostile;
use crate::sample;

fn written(format: ReportFormat, model: &ReportModel) -> Vec<u8> {
    let mut out = Vec::new();
    format.write(model.head.clone(), &mut model.rows(), &mut out).expect("a report");
    out
}

/// Open, excepted, unknown and resolved findings.
type Counts = [u64; 4];

fn counts_of(model: &ReportModel) -> Counts {
    let mut counts = FindingCounts::default();
    model.findings.iter().for_each(|finding| counts.add(finding));
    let total = counts.total();
    [total.open, total.excepted, total.unknown, total.resolved]
}

/// Counts words that stand for open, excepted, unknown and resolved.
fn tally<'a>(found: impl Iterator<Item = &'a str>, words: [&str; 4]) -> Counts {
    let mut counts = [0; 4];
    for word in found {
        let place = words.iter().position(|it| *it == word).expect("a known word");
        counts[place] += 1;
    }
    counts
}

fn in_csv(bytes: &[u8]) -> Counts {
    let mut reader = csv::Reader::from_reader(bytes);
    let rows: Vec<BTreeMap<String, String>> =
        reader.deserialize().map(|row| row.expect("a row")).collect();
    let word = |row: &BTreeMap<String, String>| match row["state"].as_str() {
        _ if !row["exception"].is_empty() => "excepted",
        "open" | "not_rechecked" => "open",
        "unknown" => "unknown",
        _ => "resolved",
    };
    tally(rows.iter().map(word), ["open", "excepted", "unknown", "resolved"])
}

fn in_json(bytes: &[u8]) -> Counts {
    let json: Value = serde_json::from_slice(bytes).expect("JSON");
    ["open", "excepted", "unknown", "resolved"]
        .map(|word| json["counts"][word].as_u64().expect("a count"))
}

fn in_workbook(bytes: &[u8]) -> Counts {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    let summary = workbook.worksheet_range("Summary").expect("a sheet");
    let row = summary.rows().find(|row| row[0].get_string() == Some("All")).expect("a row");
    [1, 2, 3, 4].map(|column| {
        let count = row[column].get_float().expect("a number");
        format!("{count}").parse().expect("a count")
    })
}

fn in_html(bytes: &[u8]) -> Counts {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let (_, row) = text.split_once("<th scope=\"row\">All</th>").expect("the sum");
    let mut cells = row.split("<td class=\"number\">").skip(1);
    [(); 4].map(|()| {
        let (count, _) = cells.next().expect("a cell").split_once('<').expect("its end");
        count.replace(',', "").parse().expect("a count")
    })
}

fn in_oscal(bytes: &[u8]) -> Counts {
    let oscal: Value = serde_json::from_slice(bytes).expect("JSON");
    let risks = oscal["assessment-results"]["results"][0]["risks"].as_array();
    let statuses = risks.into_iter().flatten().map(|risk| risk["status"].as_str().expect("a word"));
    tally(statuses, ["open", "deviation-approved", "investigating", "closed"])
}

fn in_sarif(bytes: &[u8]) -> Counts {
    let sarif: Value = serde_json::from_slice(bytes).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let word = |result: &Value| match result["kind"].as_str() {
        Some("fail") if result["suppressions"].is_array() => "excepted",
        Some("fail") => "open",
        Some("open") => "unknown",
        _ => "resolved",
    };
    tally(results.iter().map(word), ["open", "excepted", "unknown", "resolved"])
}

fn in_ocsf(bytes: &[u8]) -> Counts {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let events: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let word = |event: &Value| match (
        event["status_id"].as_u64(),
        event["compliance"]["status_id"].as_u64(),
    ) {
        (Some(3), _) => "excepted",
        (Some(4), _) => "resolved",
        (_, Some(0)) => "unknown",
        _ => "open",
    };
    tally(events.iter().map(word), ["open", "excepted", "unknown", "resolved"])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_format_counts_the_same(
        positions in proptest::collection::btree_set(0_u32..5_000, 0..120),
        states in proptest::collection::vec(0_usize..FindingState::ALL.len(), 120),
    ) {
        let mut findings = Vec::new();
        for (position, state) in positions.iter().zip(&states) {
            let mut finding = sample::finding(*position);
            finding.state = FindingState::ALL[*state];
            if !finding.state.counts_as_open() {
                finding.exception = None;
            }
            findings.push(finding);
        }
        let model = ReportModel::new(sample::sample(7, 3).head, findings);
        let expected = counts_of(&model);
        prop_assert_eq!(expected.iter().sum::<u64>(), model.findings.len() as u64);
        prop_assert_eq!(in_csv(&written(ReportFormat::Csv, &model)), expected);
        prop_assert_eq!(in_json(&written(ReportFormat::Json, &model)), expected);
        prop_assert_eq!(in_workbook(&written(ReportFormat::Xlsx, &model)), expected);
        prop_assert_eq!(in_oscal(&written(ReportFormat::Oscal, &model)), expected);
        prop_assert_eq!(in_sarif(&written(ReportFormat::Sarif, &model)), expected);
        prop_assert_eq!(in_html(&written(ReportFormat::Html, &model)), expected);
        prop_assert_eq!(in_ocsf(&written(ReportFormat::Ocsf, &model)), expected);
    }
}

/// What no format may take for anything but text.
fn worst() -> ReportModel {
    let mut model = hostile();
    let nasty =
        "=1+1 <script>alert(1)</script> </style> ]]> #import \"x\" \u{202e}abc\u{0}\u{7} 🚀 ";
    for finding in &mut model.findings {
        nasty.clone_into(&mut finding.asset.name);
        finding.asset.resource_group = Some(format!("{nasty}{}", "t".repeat(10_000)));
        finding.asset.location = Some(nasty.to_owned());
        nasty.clone_into(&mut finding.summary);
    }
    nasty.clone_into(&mut model.head.gaps[0].reason.message);
    model
}

#[test]
fn hostile_text_breaks_no_format() {
    let model = worst();
    let expected = counts_of(&model);
    for format in ReportFormat::ALL {
        let bytes = written(*format, &model);
        let counts = match format {
            ReportFormat::Pdf => expected,
            ReportFormat::Csv => in_csv(&bytes),
            ReportFormat::Json => in_json(&bytes),
            ReportFormat::Html => in_html(&bytes),
            ReportFormat::Xlsx => in_workbook(&bytes),
            ReportFormat::Oscal => in_oscal(&bytes),
            ReportFormat::Sarif => in_sarif(&bytes),
            ReportFormat::Ocsf => in_ocsf(&bytes),
        };
        assert_eq!(counts, expected, "{format}");
    }
}

/// Run by itself in other surroundings by the test below.
#[test]
fn digests() {
    let model = worst();
    for format in ReportFormat::ALL {
        println!("digest {format} {}", Digest::of(&written(*format, &model)));
    }
}

#[test]
fn another_time_zone_language_or_number_of_threads_makes_the_same_bytes() {
    let run = |variables: &[(&str, &str)]| {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", "properties::digests", "--nocapture"]);
        command.envs(variables.iter().copied());
        let output = command.output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        // The harness may print before the first of them on the same line.
        let digests =
            said.lines().filter_map(|line| Some(line[line.find("digest ")?..].to_owned()));
        digests.collect::<Vec<_>>()
    };
    let here = run(&[]);
    assert_eq!(here.len(), ReportFormat::ALL.len(), "{here:?}");
    for variables in [
        [("TZ", "Pacific/Kiritimati"), ("LC_ALL", "tr_TR.UTF-8"), ("RAYON_NUM_THREADS", "1")],
        [("TZ", "America/St_Johns"), ("LC_ALL", "C"), ("RAYON_NUM_THREADS", "7")],
    ] {
        assert_eq!(run(&variables), here, "{variables:?}");
    }
}
