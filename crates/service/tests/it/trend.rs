//! The trend of a part of the findings is, at each of its points, what the lists of then hold.

use postern_domain::clock::Clock;
use postern_domain::trend::TrendPoint;
use postern_domain::verdict::{Severity, Topic};
use postern_service::finding::list_findings;
use postern_service::retention::{apply_retention, set_retention};
use postern_service::trend::{TrendError, show_trend};
use postern_service::view::{FindingQuery, FindingStatus, TrendOf, TrendSelection, TrendView};
use postern_test_support::sample::{SUBSCRIPTION, closed_account, open_account, snapshot};
use time::OffsetDateTime;

use crate::retention::{NOW, half_a_year};
use crate::world::{World, day};

async fn trend(world: &World, selection: &TrendSelection) -> TrendView {
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    show_trend(&postern, None, selection, None, None).await.unwrap().unwrap()
}

/// How many findings a list holds as of a moment.
async fn listed(world: &World, at: OffsetDateTime, query: FindingQuery) -> u64 {
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    let query = FindingQuery { as_of: Some(at), ..query };
    list_findings(&postern, query).await.unwrap().unwrap().total
}

async fn check_point(world: &World, point: &TrendPoint, query: &FindingQuery) {
    for counts in &point.severities {
        let of_severity = FindingQuery { severities: vec![counts.severity], ..query.clone() };
        let open = listed(world, point.at, of_severity.clone()).await;
        assert_eq!(u64::from(counts.open), open, "{query:?} {} {}", counts.severity, point.at);
        let unknown = FindingQuery { status: FindingStatus::Unknown, ..of_severity };
        assert_eq!(u64::from(counts.unknown), listed(world, point.at, unknown).await, "{query:?}");
    }
}

/// What was fixed and what ended otherwise is what the points count, and what is open what the list holds.
#[tokio::test]
async fn the_time_to_fix_is_of_what_the_points_and_the_list_count() {
    let world = half_a_year().await;
    let view = trend(&world, &TrendSelection::default()).await;
    let (last, times) = (view.points.last().unwrap(), view.time_to_fix.unwrap());
    assert!(times.iter().any(|it| it.fixed > 0) && times.iter().any(|it| it.otherwise > 0));
    for of_severity in &times {
        let counts = view.points[1..]
            .iter()
            .flat_map(|point| &point.severities)
            .filter(|counts| counts.severity == of_severity.severity);
        let (fixed, otherwise) =
            counts.fold((0, 0), |sum, it| (sum.0 + it.fixed, sum.1 + it.left_otherwise));
        assert_eq!((of_severity.fixed, of_severity.otherwise), (fixed, otherwise));
        let query =
            FindingQuery { severities: vec![of_severity.severity], ..FindingQuery::default() };
        assert_eq!(u64::from(of_severity.open), listed(&world, last.at, query).await);
    }
    // Of a team what is the team's; of what is not told apart, nothing.
    let nlp = Some("nlp".parse().unwrap());
    let of_nlp = TrendSelection { of: TrendOf::Owner(nlp.clone()), ..TrendSelection::default() };
    let times = trend(&world, &of_nlp).await.time_to_fix.unwrap();
    let query = FindingQuery { owners: vec![nlp], ..FindingQuery::default() };
    let open: u32 = times.iter().map(|it| it.open).sum();
    assert_eq!(u64::from(open), listed(&world, last.at, query).await);
    let topic = TrendSelection { topic: Some(Topic::Networking), ..TrendSelection::default() };
    assert_eq!(trend(&world, &topic).await.time_to_fix, None);
}

#[tokio::test]
async fn time_to_fix_is_counted_in_days_from_the_opening_on() {
    let world = World::new().await;
    for (at, account) in [(0, open_account("oai-1")), (5, closed_account("oai-1"))] {
        world.take(snapshot(day(at), &[account, open_account("oai-2")])).await;
    }
    world.take(snapshot(day(9), &[closed_account("oai-1"), open_account("oai-2")])).await;
    let times = trend(&world, &TrendSelection::default()).await.time_to_fix.unwrap();
    let fixed: Vec<_> = times.iter().filter(|it| it.fixed > 0).collect();
    assert!(!fixed.is_empty());
    for of_severity in fixed {
        assert_eq!(of_severity.mean_of_fixed, Some(5.0), "{of_severity:?}");
        assert_eq!(of_severity.open_age, Some(9), "{of_severity:?}");
        // Whatever was fixed of one account is open of the other, among more.
        let is_a_quarter = of_severity.fixed * 4 >= of_severity.fixed + of_severity.open;
        assert_eq!(of_severity.quartiles[0], is_a_quarter.then_some(5), "{of_severity:?}");
        assert_eq!(of_severity.quartiles[2], None, "{of_severity:?}");
    }
}

#[tokio::test]
async fn a_trend_is_at_each_point_what_the_lists_of_then_hold() {
    let world = half_a_year().await;
    let nlp = Some("nlp".parse().unwrap());
    let rule = Some("NET-01".parse().unwrap());
    let all = TrendSelection::default();
    for (selection, query) in [
        (all.clone(), FindingQuery::default()),
        (
            TrendSelection { of: TrendOf::Owner(nlp.clone()), ..all.clone() },
            FindingQuery { owners: vec![nlp.clone()], ..FindingQuery::default() },
        ),
        (
            TrendSelection { of: TrendOf::Owner(None), ..all.clone() },
            FindingQuery { owners: vec![None], ..FindingQuery::default() },
        ),
        (
            TrendSelection { rule: rule.clone(), ..all.clone() },
            FindingQuery { rule: rule.clone(), ..FindingQuery::default() },
        ),
        (
            TrendSelection {
                of: TrendOf::Owner(nlp.clone()),
                topic: Some(Topic::Networking),
                ..all.clone()
            },
            FindingQuery {
                owners: vec![nlp.clone()],
                topics: vec![Topic::Networking],
                ..FindingQuery::default()
            },
        ),
    ] {
        let view = trend(&world, &selection).await;
        assert_eq!(view.points.len(), 16);
        for point in view.points.iter().step_by(3) {
            check_point(&world, point, &query).await;
        }
    }
    // A shorter time is the end of the longer one.
    let of_nlp = TrendSelection { of: TrendOf::Owner(nlp), ..all.clone() };
    let long = trend(&world, &of_nlp).await.points;
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    let short = show_trend(&postern, None, &of_nlp, Some(36), None).await.unwrap().unwrap().points;
    assert_eq!(short, long[12..]);
    // Everything here is in one subscription, and nothing in another.
    let of = |id: &str| TrendSelection { of: TrendOf::Subscription(id.into()), ..all.clone() };
    let counts = |view: &TrendView| -> Vec<(Vec<u32>, u32)> {
        let open = |point: &TrendPoint| point.severities.iter().map(|one| one.open).collect();
        view.points.iter().map(|point| (open(point), point.checks.planned())).collect()
    };
    let whole = counts(&trend(&world, &all).await);
    assert_eq!(counts(&trend(&world, &of(SUBSCRIPTION)).await), whole);
    let none = counts(&trend(&world, &of("00000000-0000-0000-0000-000000000000")).await);
    assert!(none.iter().all(|(open, planned)| *planned == 0 && open.iter().all(|one| *one == 0)));
}

#[tokio::test]
async fn a_control_is_counted_by_the_rules_that_are_evidence_for_it() {
    let world = half_a_year().await;
    let control = |text: &str| TrendSelection {
        control: Some(text.parse().unwrap()),
        ..TrendSelection::default()
    };
    let view = trend(&world, &control("mcsb-v1:NS-2")).await;
    assert!((2..100).contains(&view.rules_counted), "{} rules", view.rules_counted);
    let open = |point: &TrendPoint| -> u32 { point.severities.iter().map(|one| one.open).sum() };
    let last = view.points.last().unwrap();
    let mut of_rules = 0;
    for (rule, _) in &view.rules {
        let selection = TrendSelection { rule: Some(rule.clone()), ..control("mcsb-v1:NS-2") };
        let of_rule = trend(&world, &selection).await;
        assert!(of_rule.rules_counted <= 1);
        of_rules += open(of_rule.points.last().unwrap());
    }
    assert!(of_rules > 0);
    assert_eq!(open(last), of_rules);
    let refused = show_trend(&world.postern, None, &control("mcsb-v1:XX-1"), None, None).await;
    assert!(matches!(refused, Err(TrendError::UnknownControl(_))));
}

#[tokio::test]
async fn a_trend_begins_where_history_does() {
    let world = half_a_year().await;
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    let selection = TrendSelection {
        of: TrendOf::Owner(Some("nlp".parse().unwrap())),
        ..TrendSelection::default()
    };
    let before = trend(&world, &selection).await.points;
    let keep = postern_domain::retention::Retention {
        history_days: Some(80),
        ..postern_domain::retention::Retention::default()
    };
    set_retention(&postern, &keep, "a test").await.unwrap();
    let base = apply_retention(&postern, |_| ()).await.unwrap().removals[0].before;
    let after = trend(&world, &selection).await.points;
    assert_eq!(after.first().unwrap().at, base);
    assert_eq!(after, before[before.len() - after.len()..]);
    let critical = |point: &TrendPoint| point.severities[0].severity == Severity::Critical;
    assert!(after.iter().all(critical));
}
