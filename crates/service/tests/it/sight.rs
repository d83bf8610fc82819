//! What somebody whose sight ends at a team gets is what somebody who sees all gets of that team, and nothing else.

use postern_domain::clock::Clock;
use postern_domain::id::PersonId;
use postern_domain::person::{Actor, Grant, Permission, Role};
use postern_domain::team::TeamId;
use postern_service::Postern;
use postern_service::difference::{DifferenceError, DifferenceRequest, compare_snapshots};
use postern_service::finding::{list_findings, show_finding};
use postern_service::live::LiveScans;
use postern_service::overview::show_overview;
use postern_service::read::ReadError;
use postern_service::report::{ReportError, ReportFormat, ReportRequest, build_report};
use postern_service::scan::{ScanError, cancel_scan, request_scan, show_scans};
use postern_service::schedule::{pause_schedule, resume_schedule};
use postern_service::team::show_teams;
use postern_service::trend::{TrendError, show_trend};
use postern_service::view::{FindingQuery, FindingStatus, TrendOf, TrendSelection};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::retention::{NOW, half_a_year};
use crate::world::{World, day};

fn team(id: &str) -> TeamId {
    id.parse().unwrap()
}

fn actor(grants: Vec<Grant>) -> Actor {
    Actor::Person {
        id: PersonId::from_number(7),
        name: "Nora Klein".to_owned(),
        grants,
        address: None,
    }
}

fn of_nlp() -> Actor {
    actor(vec![Grant::in_team(Role::Contributor, team("nlp"))])
}

fn now(world: &World) -> Postern {
    world.postern.with_clock(Clock::fixed(day(NOW)))
}

/// Everything of a list but who asked for it.
async fn listed(postern: &Postern, query: FindingQuery) -> serde_json::Value {
    let mut view = list_findings(postern, query).await.unwrap().unwrap();
    view.limited_to = None;
    // What can be chosen and has nothing differs; what has something does not.
    view.owner_counts.retain(|(owner, count)| {
        *count > 0 && owner.as_ref().is_some_and(|owner| owner.id == team("nlp"))
    });
    view.type_counts.retain(|(_, count)| *count > 0);
    view.query.owners.clear();
    view.next = view.next.map(|_| "there is more".to_owned());
    serde_json::to_value(view).unwrap()
}

#[tokio::test]
async fn lists_and_pages_hold_what_is_the_teams_and_nothing_else() {
    let world = half_a_year().await;
    let all = now(&world);
    let nlp = all.acting_as(of_nlp());
    let mut seen = 0;
    let moments: Vec<Option<OffsetDateTime>> =
        [Some(day(20)), Some(day(90)), None].into_iter().collect();
    for as_of in moments {
        for status in FindingStatus::ALL {
            for text in [None, Some("a".to_owned()), Some("oai".to_owned())] {
                let query = FindingQuery {
                    as_of,
                    text,
                    status: *status,
                    limit: 200,
                    ..FindingQuery::default()
                };
                let owned = FindingQuery { owners: vec![Some(team("nlp"))], ..query.clone() };
                let of_all = listed(&all, owned).await;
                seen += of_all["rows"].as_array().unwrap().len();
                assert_eq!(listed(&nlp, query.clone()).await, of_all, "{query:?}");
                let others =
                    FindingQuery { owners: vec![Some(team("vision")), None], ..query.clone() };
                let stolen = list_findings(&nlp, others).await.unwrap().unwrap();
                assert_eq!((stolen.total, stolen.rows.len()), (0, 0), "{query:?}");
                let names_others = stolen
                    .owner_counts
                    .iter()
                    .any(|(owner, _)| owner.as_ref().is_none_or(|owner| owner.id != team("nlp")));
                assert!(!names_others, "not even a name: {:?}", stolen.owner_counts);
                let either = FindingQuery {
                    owners: vec![Some(team("vision")), Some(team("nlp"))],
                    ..query.clone()
                };
                let found = list_findings(&nlp, either).await.unwrap().unwrap();
                assert_eq!(Some(found.total), of_all["total"].as_u64(), "{query:?}");
            }
        }
        // Every finding's page is there for its team and for nobody of another.
        let query = FindingQuery {
            as_of,
            status: FindingStatus::All,
            limit: 200,
            ..FindingQuery::default()
        };
        for row in list_findings(&all, query).await.unwrap().unwrap().rows {
            let is_nlps = row.owner.as_ref().is_some_and(|owner| owner.id == team("nlp"));
            let page = show_finding(&nlp, row.id, as_of).await.unwrap();
            assert_eq!(page.is_some(), is_nlps, "{} as of {as_of:?}", row.id);
            let Some(page) = page else { continue };
            let whole = show_finding(&all, row.id, as_of).await.unwrap().unwrap();
            assert!(page.same_rule_open <= whole.same_rule_open);
            let is_nlps = |row: &postern_service::view::FindingRowView| {
                row.owner.as_ref().is_some_and(|owner| owner.id == team("nlp"))
            };
            assert!(page.on_same_asset.iter().all(is_nlps));
        }
    }
    assert!(seen > 20, "there is something to see: {seen}");
}

#[tokio::test]
async fn the_overview_and_the_trend_count_what_is_the_teams() {
    let world = half_a_year().await;
    let all = now(&world);
    let nlp = all.acting_as(of_nlp());
    let selection = TrendSelection { of: TrendOf::Owner(Some(team("nlp"))), ..Default::default() };
    let trend = |postern: Postern, selection: TrendSelection| async move {
        show_trend(&postern, None, &selection, None, None).await
    };
    let of_all = trend(all.clone(), selection.clone()).await.unwrap().unwrap();
    let overview = show_overview(&nlp, None, None).await.unwrap().unwrap();
    let counted = |points: &[postern_domain::trend::TrendPoint]| -> Vec<_> {
        points.iter().map(|point| (point.at, point.severities, point.checks)).collect()
    };
    assert_eq!(counted(&overview.trend), counted(&of_all.points));
    assert!(overview.trend.iter().any(|point| point.severities.iter().any(|one| one.open > 0)));
    let whole = show_overview(&all, None, None).await.unwrap().unwrap();
    assert_ne!(counted(&overview.trend), counted(&whole.trend), "others have findings too");
    let compared = overview.compared.clone().unwrap();
    let same = of_all.points.iter().find(|point| point.at == compared.at).unwrap();
    assert_eq!(counted(&[compared]), counted(std::slice::from_ref(same)));
    assert_eq!(overview.since_compared, None);
    let of_the_whole =
        |point: &postern_domain::trend::TrendPoint| (point.assets, point.assets_unread, point.gaps);
    let points = overview.trend.iter().chain(&overview.compared).chain(&overview.latest);
    assert!(points.map(of_the_whole).all(|counts| counts == (0, 0, 0)));
    assert!(whole.trend.iter().all(|point| point.assets > 0));
    let scan = overview.latest_scan.as_ref().unwrap();
    assert!(scan.requested_by.is_empty() && scan.result.is_none());
    assert!(overview.pack_problems.is_empty() && overview.gaps.is_empty());
    let checks: u32 = overview.topics.iter().map(|topic| topic.checks.planned()).sum();
    assert_eq!(checks, overview.latest.as_ref().unwrap().checks.planned());
    let owners = |teams: Vec<postern_service::view::OwnedView>| -> Vec<_> {
        teams.into_iter().map(|owned| owned.team.map(|team| team.id)).collect()
    };
    assert_eq!(owners(overview.teams), [Some(team("nlp"))]);
    let teams = show_teams(&nlp, None, None).await.unwrap().unwrap();
    assert_eq!(owners(teams), [Some(team("nlp"))]);
    // The same by default, and refused where it is another's.
    let default = trend(nlp.clone(), TrendSelection::default()).await.unwrap().unwrap();
    assert_eq!(counted(&default.points), counted(&of_all.points));
    assert!(default.subscriptions.is_empty());
    for of in [
        TrendOf::Owner(Some(team("vision"))),
        TrendOf::Owner(None),
        TrendOf::Subscription("aaaa".to_owned()),
    ] {
        let refused = trend(nlp.clone(), TrendSelection { of, ..Default::default() }).await;
        assert!(matches!(refused, Err(TrendError::Read(ReadError::Denied(_)))), "{refused:?}");
    }
}

#[tokio::test]
async fn what_is_of_the_whole_connection_is_for_those_who_see_it() {
    let world = World::scanned().await;
    let scan = request_scan(&world.postern, world.connection, "test").await.unwrap();
    let live = LiveScans::start(&world.postern, CancellationToken::new());
    let roles = [
        (of_nlp(), false, false),
        (actor(vec![Grant::of(Role::Viewer)]), true, false),
        (actor(vec![Grant::of(Role::Auditor)]), true, false),
        (actor(vec![Grant::of(Role::Administrator)]), true, false),
        (actor(vec![Grant::of(Role::Engineer)]), true, true),
    ];
    for (actor, reads, runs) in roles {
        let postern = world.postern.acting_as(actor.clone());
        let is_denied = |error: &ReadError| matches!(error, ReadError::Denied(_));
        let scans = show_scans(&postern, None, None).await;
        assert_eq!(scans.as_ref().is_err_and(is_denied), !reads, "{actor:?}");
        assert!(scans.ok().flatten().is_none_or(|view| view.may_run == runs), "{actor:?}");
        assert_eq!(live.watch(&postern, world.connection).is_ok(), reads, "{actor:?}");
        let request = DifferenceRequest { connection: None, from: day(0), until: None, part: None };
        let difference = compare_snapshots(&postern, request).await.unwrap_err();
        let denied = matches!(&difference, DifferenceError::Read(error) if is_denied(error));
        assert_eq!(denied, !reads, "{actor:?} {difference:?}");
        let request =
            ReportRequest { connection: None, format: ReportFormat::Csv, as_of: None, list: None };
        let report = build_report(&postern, request).await.unwrap_err();
        let denied = matches!(&report, ReportError::Read(error) if is_denied(error));
        assert_eq!(denied, !reads, "{actor:?} {report:?}");
        let asked = request_scan(&postern, world.connection, "test").await;
        assert_eq!(matches!(asked, Err(ScanError::Denied(_))), !runs, "{actor:?}");
        assert_eq!(pause_schedule(&postern, world.connection).await.is_ok(), runs);
        assert_eq!(resume_schedule(&postern, world.connection).await.is_ok(), runs);
        assert_eq!(cancel_scan(&postern, scan).await.is_ok(), runs, "{actor:?}");
    }
    let denied = of_nlp().require(Permission::RunScans).unwrap_err();
    assert_eq!(denied.to_string(), "only engineers may start, cancel and pause scans");
}
