//! What is accepted is counted apart everywhere, and nowhere as a pass.

use postern_domain::framework::{ControlStatus, StatusCounts};
use postern_domain::trend::TrendPoint;
use postern_service::exception::list_exceptions;
use postern_service::finding::list_findings;
use postern_service::framework::list_frameworks;
use postern_service::overview::show_overview;
use postern_service::resource::list_resources;
use postern_service::rules::show_rule;
use postern_service::team::{set_routing, show_teams};
use postern_service::trend::show_trend;
use postern_service::view::{
    EndBand, EndBandView, ExceptionQuery, FindingQuery, FindingStatus, ResourceQuery,
    ResourcesView, TrendSelection,
};
use postern_test_support::sample::search_service;

use super::*;

fn sums(point: &TrendPoint) -> (u32, u32) {
    let open = point.severities.iter().map(|counts| counts.open).sum();
    (open, point.severities.iter().map(|counts| counts.excepted).sum())
}

#[tokio::test]
async fn lists_tiles_trends_and_teams_keep_apart_what_is_accepted() {
    let office = Office::new().await;
    let accounts = [open_account("oai-1"), open_account("oai-2"), search_service("find-1")];
    for number in [1, 30, 70] {
        if number == 30 {
            office.except("oai-1").await;
        }
        office.world.take(snapshot(day(number), &accounts)).await;
    }
    let count = async |days, status, as_of| {
        let query = FindingQuery { status, limit: 200, as_of, ..FindingQuery::default() };
        let view = list_findings(&office.at(Vera, days).await, query).await.unwrap().unwrap();
        let tab = view.status_counts.iter().find(|(tab, _)| *tab == status).unwrap().1;
        assert_eq!(tab, view.total);
        assert_eq!(view.total, u64::try_from(view.rows.len()).unwrap(), "{status:?}");
        assert!(
            status != FindingStatus::Excepted
                || view.rows.iter().all(|it| is_excepted(it.effective))
        );
        u32::try_from(view.total).unwrap()
    };
    let all = count(0, FindingStatus::All, Some(day(0))).await;
    let open_on_first = count(0, FindingStatus::Open, Some(day(0))).await;
    assert_eq!(count(0, FindingStatus::Excepted, Some(day(0))).await, 0);
    assert!(open_on_first <= all);
    let failing = count(70, FindingStatus::Open, None).await;
    assert_eq!(count(30, FindingStatus::Open, None).await, failing - 1);
    assert_eq!(count(30, FindingStatus::Excepted, None).await, 1);
    let middle = Some(day(40));
    assert_eq!(count(70, FindingStatus::Open, middle).await, failing - 1);
    assert_eq!(count(70, FindingStatus::Excepted, middle).await, 1);
    assert_eq!(count(70, FindingStatus::Excepted, None).await, 0, "its end has come");

    // The overview says what the list says, at any moment; the line steps when the exception begins and ends.
    let overview = async |days, as_of| {
        let view = show_overview(&office.at(Vera, days).await, None, as_of).await;
        view.unwrap().unwrap()
    };
    let now = overview(31, None).await;
    assert_eq!(sums(now.latest.as_ref().unwrap()), (failing - 1, 1));
    let later = overview(70, None).await;
    assert_eq!(sums(later.latest.as_ref().unwrap()), (failing, 0));
    assert_eq!(sums(overview(70, middle).await.latest.as_ref().unwrap()), (failing - 1, 1));
    let line: Vec<_> = later.trend.iter().map(sums).collect();
    assert_eq!(line[1..], [(failing, 0), (failing - 1, 1), (failing, 0)]);
    let checks = |point: &TrendPoint| (point.checks.pass, point.checks.fail);
    let points: Vec<_> = later.trend[1..].iter().map(checks).collect();
    assert!(points.iter().all(|point| *point == points[0]), "a check that fails, fails");
    // The same of a rule, and of a team.
    let selection =
        TrendSelection { rule: Some(EXPOSED_KEYS.parse().unwrap()), ..TrendSelection::default() };
    let of_rule = show_trend(&office.at(Vera, 70).await, None, &selection, None, None).await;
    let of_rule: Vec<_> = of_rule.unwrap().unwrap().points.iter().map(sums).collect();
    let failing_there = of_rule[1].0;
    assert_eq!(of_rule[1..], [(failing_there, 0), (failing_there - 1, 1), (failing_there, 0)]);
    let nora = overview_of(&office, Nora, 31).await;
    assert_eq!(sums(&nora), (failing - 1, 1));
    assert_eq!(sums(&overview_of(&office, Tomas, 31).await), (0, 0));
    for (days, expected) in [(31, failing - 1), (70, failing)] {
        let teams = show_teams(&office.at(Vera, days).await, None, None).await.unwrap().unwrap();
        let open: u32 = teams.iter().flat_map(|team| team.open).sum();
        assert_eq!(open, expected);
    }
}

async fn overview_of(office: &Office, who: Who, days: i64) -> TrendPoint {
    let view = show_overview(&office.at(who, days).await, None, None).await;
    view.unwrap().unwrap().latest.unwrap()
}

#[tokio::test]
async fn a_list_with_filters_counts_what_it_shows() {
    let office = Office::new().await;
    let accounts = [open_account("oai-1"), open_account("oai-2"), search_service("find-1")];
    office.world.take(snapshot(day(1), &accounts)).await;
    office.except("oai-1").await;
    office.file(Nora, "oai-2").await.unwrap();
    let vera = office.at(Vera, 2).await;
    let everything =
        FindingQuery { status: FindingStatus::All, limit: 200, ..FindingQuery::default() };
    let all = list_findings(&vera, everything.clone()).await.unwrap().unwrap().rows;
    let pending = |row: &&postern_service::view::FindingRowView| {
        matches!(row.effective, EffectiveStatus::Pending { .. })
    };
    assert_eq!(all.iter().filter(pending).count(), 1, "what is asked for is open");
    for text in [None, Some("OAI"), Some("oai-1"), Some("find")] {
        for rule in [None, Some(EXPOSED_KEYS)] {
            for status in FindingStatus::ALL {
                let query = FindingQuery {
                    status: *status,
                    text: text.map(str::to_owned),
                    rule: rule.map(|rule| rule.parse().unwrap()),
                    ..everything.clone()
                };
                let view = list_findings(&vera, query).await.unwrap().unwrap();
                let expected = all.iter().filter(|row| {
                    let is_of_status = match status {
                        FindingStatus::Open => row.effective.counts_as_open(),
                        FindingStatus::Excepted => is_excepted(row.effective),
                        FindingStatus::All => true,
                        other => other.standing() == Some(row.state.standing()),
                    };
                    is_of_status
                        && text.is_none_or(|text| row.asset.name.contains(&text.to_lowercase()))
                        && rule.is_none_or(|rule| row.rule.as_str() == rule)
                });
                let expected = u64::try_from(expected.count()).unwrap();
                let said = format!("{text:?} {rule:?} {status:?}");
                assert_eq!(u64::try_from(view.rows.len()).unwrap(), expected, "{said}");
                assert_eq!(view.total, expected, "{said}");
                let by_severity: u64 = view.severity_counts.iter().map(|(_, count)| count).sum();
                assert_eq!(by_severity, expected, "{said}");
            }
        }
    }
}

#[tokio::test]
async fn rules_and_controls_keep_apart_what_is_accepted() {
    let office = Office::new().await;
    let rule = EXPOSED_KEYS.parse().unwrap();
    let tally = async |who, days| {
        let view = show_rule(&office.at(who, days).await, None, &rule).await.unwrap().unwrap();
        view.tally.unwrap()
    };
    let sums = async |days, as_of| -> StatusCounts {
        let view = list_frameworks(&office.at(Vera, days).await, None, as_of).await;
        let frameworks = view.unwrap().unwrap().frameworks;
        frameworks.iter().fold(StatusCounts::default(), |sum, one| sum.plus(one.statuses))
    };
    let before = sums(0, None).await;
    assert_eq!((tally(Vera, 0).await.fail, tally(Vera, 0).await.excepted), (2, 0));
    office.except("oai-1").await;
    office.except("oai-2").await;
    let after = tally(Vera, 2).await;
    assert_eq!((after.fail, after.excepted), (2, 2), "it fails as before, and is accepted");
    assert_eq!(tally(Tomas, 2).await.excepted, 0, "of the assets that somebody sees");
    let accepted = sums(2, None).await;
    for green in [ControlStatus::Passing, ControlStatus::PassingAsFarAsChecked] {
        assert_eq!(accepted.of(green), before.of(green), "what is accepted is no pass");
    }
    assert_eq!(sums(2, Some(day(0))).await, before, "it was not accepted then");
    assert_eq!(tally(Vera, 70).await.excepted, 0, "its end has come");
}

/// What pages ask for again and again is kept in memory, for as long as nothing of it changes.
#[tokio::test]
async fn a_list_of_resources_is_that_of_the_latest_snapshot_decision_and_routing() {
    let office = Office::new().await;
    let list = async |days, as_of| {
        let query = ResourceQuery { limit: 100, as_of, ..ResourceQuery::default() };
        list_resources(&office.at(Vera, days).await, query).await.unwrap().unwrap()
    };
    let worst = |view: &ResourcesView, name: &str| {
        view.rows.iter().find(|row| row.asset.name == name).and_then(|row| row.worst)
    };
    let owner = |view: &ResourcesView, name: &str| {
        let row = view.rows.iter().find(|row| row.asset.name == name).unwrap();
        row.owner.as_ref().map(|team| team.id.to_string())
    };
    let accounts = [open_account("oai-1"), open_account("oai-2")];
    office.world.take(snapshot(day(1), &accounts)).await;
    let first = list(1, None).await;
    assert_eq!(list(1, None).await.rows, first.rows, "what is asked twice is answered twice");

    // Until its end, an exception hides the worst that an account has, and of no other moment.
    office.except("oai-1").await;
    let excepted = list(2, None).await;
    assert!(worst(&excepted, "oai-1") > worst(&first, "oai-1"), "{excepted:?}");
    assert_eq!(worst(&excepted, "oai-2"), worst(&first, "oai-2"));
    assert_eq!(worst(&list(61, None).await, "oai-1"), worst(&first, "oai-1"));
    let then = Some(day(1));
    assert_eq!(worst(&list(2, then).await, "oai-1"), worst(&first, "oai-1"));

    // A team that is given to has what it is given from the next scan on.
    let routing = serde_json::from_value(json!({
        "teams": [{"id": "it", "name": "IT"}],
        "otherwise": "it",
    }));
    set_routing(&office.world.postern, &routing.unwrap(), "a test").await.unwrap();
    assert_eq!(list(2, None).await.rows.len(), 2);
    let found = [&accounts[..], &[search_service("find-1")]].concat();
    office.world.take(snapshot(day(3), &found)).await;
    let moved = list(3, None).await;
    assert_eq!(moved.total, 3);
    assert_eq!(owner(&moved, "oai-1").as_deref(), Some("it"));
    assert_ne!(owner(&list(3, then).await, "oai-1").as_deref(), Some("it"));
    office.world.take(snapshot(day(4), &accounts[1..])).await;
    assert_eq!(list(4, None).await.total, 1);
    assert_eq!(list(4, Some(day(3))).await.total, 3);
}

/// The names that findings are looked for by are kept too.
#[tokio::test]
async fn text_is_looked_for_in_the_names_of_the_latest_snapshot_or_of_the_moment() {
    let office = Office::new().await;
    let found = async |days, text: &str, as_of| {
        let query = FindingQuery {
            status: FindingStatus::Open,
            text: Some(text.to_owned()),
            limit: 200,
            as_of,
            ..FindingQuery::default()
        };
        let view = list_findings(&office.at(Vera, days).await, query).await.unwrap().unwrap();
        assert_eq!(view.total, u64::try_from(view.rows.len()).unwrap(), "{text}");
        assert!(view.rows.iter().all(|row| row.asset.name.contains(&text.to_lowercase())));
        view.total
    };
    office.world.take(snapshot(day(1), &[open_account("oai-1"), open_account("oai-2")])).await;
    let of_both = found(1, "OAI", None).await;
    let of_one = found(1, "oai-1", None).await;
    assert!(of_one > 0 && of_both == 2 * of_one, "{of_one} of {of_both}");
    assert_eq!(found(1, "find", None).await, 0);
    // One goes and another comes; of the moment before, all is as it was.
    let later = [open_account("oai-2"), search_service("find-1")];
    office.world.take(snapshot(day(3), &later)).await;
    assert_eq!(found(3, "oai", None).await, of_one);
    assert!(found(3, "FIND", None).await > 0);
    assert_eq!(found(3, "oai", Some(day(2))).await, of_both);
    // A decision counts at once.
    office.except("oai-2").await;
    assert_eq!(found(31, "oai", None).await, of_one - 1);
}

#[tokio::test]
async fn how_long_an_exception_has_to_go_is_said_until_a_week_after_its_end() {
    let office = Office::new().await;
    office.world.take(snapshot(day(1), &[open_account("oai-1")])).await;
    office.except("oai-1").await;
    let band = async |days: i64| {
        let query = ExceptionQuery::default();
        let view = list_exceptions(&office.at(Vera, days).await, query).await.unwrap().unwrap();
        let sum = |it: &EndBandView| it.severities.iter().map(|(_, number)| number).sum::<u32>();
        assert!(view.ends.iter().map(sum).sum::<u32>() <= 1, "{:?}", view.ends);
        view.ends.iter().find(|it| sum(it) == 1).map(|it| it.band)
    };
    // It ends with the beginning of day 60; the office looks an hour after a day's.
    for (days, expected) in [
        (2, Some(EndBand::To90)),
        (31, Some(EndBand::To30)),
        (54, Some(EndBand::To7)),
        (59, Some(EndBand::To7)),
        (61, Some(EndBand::Past)),
        (67, None),
    ] {
        assert_eq!(band(days).await, expected, "on day {days}");
    }
}
