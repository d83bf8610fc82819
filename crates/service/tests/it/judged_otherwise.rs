//! Other packs and settings: the overview says where they changed, and pages and reports say what vouches for packs.

use std::collections::BTreeMap;

use postern_domain::clock::Clock;
use postern_domain::settings::PackSettings;
use postern_service::Postern;
use postern_service::finding::show_finding;
use postern_service::overview::show_overview;
use postern_service::report::{ReportFormat, ReportRequest, build_report};
use postern_service::rules::{Trust, activate, deactivate, set_settings};
use postern_service::view::{FindingRowView, JudgedOtherwiseView, PackOrigin, RuleChangeWhat};
use postern_test_support::test_pack;
use serde_json::{from_value, json};
use time::{Duration, OffsetDateTime};

use crate::read_estate::{Estate, SLUG, day_at, everything, usual_days};

const SHIPPED: &str = "azure-ai-baseline";

/// Postern on the day after the import of this number.
fn after(estate: &Estate, number: u32) -> Postern {
    estate.postern.with_clock(Clock::fixed(day_at(number) + Duration::DAY))
}

async fn take_five_checks(estate: &Estate, number: u32) {
    let trust = Trust::new([], true).unwrap();
    let pack = test_pack("five-checks");
    activate(&after(estate, number), &pack, None, &trust, "a trial").await.unwrap();
}

async fn changes(estate: &Estate) -> Vec<JudgedOtherwiseView> {
    show_overview(&estate.postern, Some(SLUG), None).await.unwrap().unwrap().judged_otherwise
}

async fn row_of(estate: &Estate, rule: &str) -> FindingRowView {
    let rows = estate.list(everything()).await.rows;
    rows.into_iter().find(|row| row.rule.as_str() == rule).unwrap()
}

async fn csv(estate: &Estate, as_of: Option<OffsetDateTime>) -> Vec<u8> {
    let request = ReportRequest {
        connection: Some(SLUG.to_owned()),
        format: ReportFormat::Csv,
        as_of,
        list: None,
    };
    build_report(&estate.postern, request).await.unwrap().bytes
}

/// The origins of packs in the CSV, by the digest.
fn origins(csv: &[u8]) -> BTreeMap<String, String> {
    let mut reader = csv::Reader::from_reader(csv);
    let rows = reader.deserialize::<BTreeMap<String, String>>().map(Result::unwrap);
    rows.map(|mut row| (row.remove("pack_digest").unwrap(), row.remove("pack_origin").unwrap()))
        .collect()
}

#[tokio::test]
async fn an_estate_judged_by_the_same_rules_has_no_change() {
    assert_eq!(changes(&Estate::usual().await).await, []);
}

#[tokio::test]
async fn each_change_of_packs_and_settings_stands_at_the_first_evaluation_with_it_and_says_why() {
    let estate = Estate::new().await;
    let day = &usual_days()[0];
    estate.import(0, day).await;
    let settings: PackSettings = from_value(json!({"values": {"keyRotationDays": 30}})).unwrap();
    set_settings(&after(&estate, 0), SHIPPED, &settings, "the board wants it").await.unwrap();
    assert_eq!(changes(&estate).await, [], "nothing was judged with it yet");
    estate.import(1, day).await;
    take_five_checks(&estate, 1).await;
    estate.import(2, day).await;
    estate.import(3, day).await;
    deactivate(&after(&estate, 3), "five-checks", "the trial is over").await.unwrap();
    estate.import(4, day).await;

    let found = changes(&estate).await;
    let at: Vec<_> = found.iter().map(|change| change.at).collect();
    assert_eq!(at, [day_at(1), day_at(2), day_at(4)]);
    let [of_settings, added, removed] = found.as_slice() else { panic!("{found:?}") };
    let one = |view: &JudgedOtherwiseView| {
        assert_eq!(view.changes.len(), 1, "{view:?}");
        view.changes[0].clone()
    };
    let change = one(of_settings);
    assert_eq!(change.pack, SHIPPED);
    assert_eq!(change.what, RuleChangeWhat::Settings { names: vec!["keyRotationDays".to_owned()] });
    assert_eq!(change.reason.as_deref(), Some("the board wants it"));
    let change = one(added);
    assert_eq!(change.pack, "five-checks");
    assert!(
        matches!(&change.what, RuleChangeWhat::Version { before: None, now: Some(now) } if now.version == "0.1.0"),
        "{change:?}"
    );
    assert_eq!(change.reason.as_deref(), Some("a trial"));
    let change = one(removed);
    assert!(
        matches!(&change.what, RuleChangeWhat::Version { before: Some(_), now: None }),
        "{change:?}"
    );
    assert_eq!(change.reason.as_deref(), Some("the trial is over"));
}

#[tokio::test]
async fn a_finding_says_what_vouches_for_its_pack_and_what_its_rule_depends_on() {
    let estate = Estate::new().await;
    estate.import(0, &usual_days()[0]).await;
    take_five_checks(&estate, 0).await;
    estate.import(1, &usual_days()[0]).await;

    let shipped = row_of(&estate, "NET-01").await;
    let shown = show_finding(&estate.postern, shipped.id, None).await.unwrap().unwrap();
    assert_eq!(shown.pack.origin, Some(PackOrigin::BuiltIn));
    assert!(!shown.controls.is_empty(), "{shown:?}");
    let fix = &shown.remediation;
    for text in [&fix.az, &fix.bicep, &fix.terraform, &fix.portal] {
        let text = text.as_ref().unwrap();
        assert!(!text.contains("$ID") && !text.contains("$NAME"), "{text}");
    }

    let trial = row_of(&estate, "FIVE-01").await;
    let shown = show_finding(&estate.postern, trial.id, None).await.unwrap().unwrap();
    assert_eq!(shown.pack.origin, Some(PackOrigin::Unsigned));

    let packs = estate.postern.packs();
    let origins: BTreeMap<_, _> =
        packs.into_iter().map(|pack| (pack.name, pack.origin.unwrap())).collect();
    assert_eq!(origins[SHIPPED], PackOrigin::BuiltIn);
    assert_eq!(origins["five-checks"], PackOrigin::Unsigned);
}

#[tokio::test]
async fn a_report_says_what_vouched_for_packs_as_far_as_that_was_recorded_then() {
    let estate = Estate::new().await;
    let day = &usual_days()[0];
    estate.import(0, day).await;
    estate.forget_origins().await;
    let then = csv(&estate, None).await;
    assert!(origins(&then).values().all(String::is_empty), "{:?}", origins(&then));
    take_five_checks(&estate, 0).await;
    estate.import(1, day).await;
    let now = origins(&csv(&estate, None).await).into_values().collect::<Vec<_>>();
    let mut words: Vec<&str> = now.iter().map(String::as_str).collect();
    words.sort_unstable();
    assert_eq!(words, ["built_in", "unsigned"]);
    assert!(
        csv(&estate, Some(day_at(0))).await == then,
        "what was not known then is not told of then"
    );
}
