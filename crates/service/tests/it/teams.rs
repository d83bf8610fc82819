//! Teams: whose assets are, what that counts, and what it would.

use std::collections::BTreeMap;

use postern_azure_sim::Fault;
use postern_domain::clock::Clock;
use postern_domain::team::{Routing, TeamId};
use postern_service::finding::{list_findings, show_finding};
use postern_service::overview::show_overview;
use postern_service::report::{ReportFormat, ReportRequest, build_report};
use postern_service::scan::ScanOutcome;
use postern_service::team::{RoutingError, preview_routing, routing, set_routing, show_teams};
use postern_service::view::{FindingQuery, FindingStatus, FindingsView};
use postern_test_support::sample::{open_account, refused_snapshot, search_service, snapshot};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::as_of::check_team_tallies;
use crate::scanning::{scan_on, start_sim};
use crate::world::{World, day};

fn tagged(name: &str, team: &str) -> Value {
    let mut account = open_account(name);
    account["tags"] = json!({"team": team});
    account
}

fn two_teams(rules: &Value) -> Routing {
    let teams = json!([{"id": "nlp", "name": "NLP Platform"}, {"id": "vision", "name": "Vision"}]);
    serde_json::from_value(json!({"teams": teams, "rules": rules})).unwrap()
}

fn by_tag() -> Routing {
    two_teams(&json!([
        {"scope": {"tag": "team=nlp"}, "team": "nlp"},
        {"scope": {"tag": "team=vision"}, "team": "vision"},
    ]))
}

fn id_of(team: &str) -> TeamId {
    team.parse().unwrap()
}

async fn say(world: &World, at: OffsetDateTime, routing: &Routing) {
    set_routing(&world.postern.with_clock(Clock::fixed(at)), routing, "a test").await.unwrap();
}

async fn open_of(
    world: &World,
    owner: Option<TeamId>,
    as_of: Option<OffsetDateTime>,
) -> FindingsView {
    let postern = world.postern.with_clock(Clock::fixed(day(100)));
    let query = FindingQuery { owners: vec![owner], limit: 200, as_of, ..FindingQuery::default() };
    list_findings(&postern, query).await.unwrap().unwrap()
}

/// The names of the assets with open findings that are this owner's.
async fn names_of(
    world: &World,
    owner: Option<TeamId>,
    as_of: Option<OffsetDateTime>,
) -> Vec<String> {
    let view = open_of(world, owner.clone(), as_of).await;
    assert_eq!(view.rows.len() as u64, view.total, "what is counted is listed");
    let is_owners = |row: &postern_service::view::FindingRowView| {
        row.owner.as_ref().map(|team| team.id.clone()) == owner
    };
    assert!(view.rows.iter().all(is_owners));
    let mut names: Vec<String> = view.rows.into_iter().map(|row| row.asset.name).collect();
    names.sort();
    names.dedup();
    names
}

/// What counts as open, as reports write it.
const OPEN: [&str; 2] = ["open", "not_rechecked"];

/// The same as a report has it.
async fn reported_of(world: &World, owner: Option<&TeamId>, as_of: OffsetDateTime) -> Vec<String> {
    let postern = world.postern.with_clock(Clock::fixed(day(100)));
    let request = ReportRequest {
        connection: None,
        format: ReportFormat::Csv,
        as_of: Some(as_of),
        list: None,
    };
    let file = build_report(&postern, request).await.unwrap();
    let mut reader = csv::Reader::from_reader(file.bytes.as_slice());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let name = |team: &str| {
        let names = [("nlp", "NLP Platform"), ("vision", "Vision"), ("", "")];
        names.iter().find(|(id, _)| *id == team).unwrap().1
    };
    assert!(rows.iter().all(|row| row["owner"] == name(&row["team"])));
    let team = owner.map(ToString::to_string).unwrap_or_default();
    let open =
        rows.into_iter().filter(|row| OPEN.contains(&row["state"].as_str()) && row["team"] == team);
    let mut names: Vec<String> = open.map(|row| row["asset_name"].clone()).collect();
    names.sort();
    names.dedup();
    names
}

#[tokio::test]
async fn assets_are_whose_the_rules_say_and_were_whose_they_were() {
    let world = World::new().await;
    let (one, two, search) =
        (tagged("oai-1", "nlp"), tagged("oai-2", "vision"), search_service("find-1"));
    say(&world, day(-1), &by_tag()).await;
    world.take(snapshot(day(0), &[one.clone(), two.clone(), search.clone()])).await;
    assert_eq!(names_of(&world, Some(id_of("nlp")), None).await, ["oai-1"]);
    assert_eq!(names_of(&world, Some(id_of("vision")), None).await, ["oai-2"]);
    assert_eq!(names_of(&world, None, None).await, ["find-1"]);

    // Another tag, and nothing else: findings move, and no event says that anything happened to them.
    let events = world.count("SELECT count(*) FROM finding_events").await;
    world.take(snapshot(day(1), &[tagged("oai-1", "vision"), two.clone(), search.clone()])).await;
    assert_eq!(names_of(&world, Some(id_of("nlp")), None).await, Vec::<String>::new());
    assert_eq!(names_of(&world, Some(id_of("vision")), None).await, ["oai-1", "oai-2"]);
    assert_eq!(world.count("SELECT count(*) FROM finding_events").await, events);
    check_team_tallies(&world, 1).await;

    // Other rules, and nothing else.
    let all_vision = two_teams(&json!([{"scope": {"resource_group": format!(
        "/subscriptions/{}/resourceGroups/RG-AI", postern_test_support::sample::SUBSCRIPTION
    )}, "team": "nlp"}]));
    say(&world, day(1) + time::Duration::hours(1), &all_vision).await;
    assert_eq!(
        names_of(&world, Some(id_of("nlp")), None).await,
        Vec::<String>::new(),
        "not before it is judged"
    );
    world.take(snapshot(day(2), &[tagged("oai-1", "vision"), two.clone(), search.clone()])).await;
    assert_eq!(names_of(&world, Some(id_of("nlp")), None).await, ["find-1", "oai-1", "oai-2"]);
    check_team_tallies(&world, 2).await;

    // What cannot be read stays whose it was; what is gone, too, with what was found.
    say(&world, day(2) + time::Duration::hours(1), &by_tag()).await;
    world.take(refused_snapshot(day(3), std::slice::from_ref(&search))).await;
    assert_eq!(names_of(&world, Some(id_of("nlp")), None).await, ["oai-1", "oai-2"]);
    assert_eq!(names_of(&world, None, None).await, ["find-1"]);
    world.take(snapshot(day(4), std::slice::from_ref(&search))).await;
    let query = FindingQuery {
        owners: vec![Some(id_of("nlp"))],
        status: FindingStatus::Resolved,
        limit: 200,
        ..FindingQuery::default()
    };
    let gone = list_findings(&world.postern.with_clock(Clock::fixed(day(5))), query)
        .await
        .unwrap()
        .unwrap();
    assert!(gone.total > 0);
    check_team_tallies(&world, 4).await;
    // It comes back as another's.
    world.take(snapshot(day(5), &[tagged("oai-1", "vision"), search.clone()])).await;
    assert_eq!(names_of(&world, Some(id_of("vision")), None).await, ["oai-1"]);
    check_team_tallies(&world, 5).await;

    // And all of it as of then.
    for (number, nlp, vision, nobodys) in [
        (0, vec!["oai-1"], vec!["oai-2"], vec!["find-1"]),
        (1, vec![], vec!["oai-1", "oai-2"], vec!["find-1"]),
        (2, vec!["find-1", "oai-1", "oai-2"], vec![], vec![]),
        (3, vec!["oai-1", "oai-2"], vec![], vec!["find-1"]),
        (4, vec![], vec![], vec!["find-1"]),
    ] {
        for (owner, names) in
            [(Some(id_of("nlp")), nlp), (Some(id_of("vision")), vision), (None, nobodys)]
        {
            let (listed, reported) = (
                names_of(&world, owner.clone(), Some(day(number))).await,
                reported_of(&world, owner.as_ref(), day(number)).await,
            );
            assert_eq!(listed, names, "day {number}");
            assert_eq!(reported, names, "the report of day {number}");
        }
    }
    let id = world.finding("oai-1", "NET-01").await.unwrap().id;
    let postern = world.postern.with_clock(Clock::fixed(day(100)));
    for (number, name) in [(0, "NLP Platform"), (1, "Vision"), (3, "NLP Platform")] {
        let shown = show_finding(&postern, id, Some(day(number))).await.unwrap().unwrap();
        assert_eq!(shown.row.owner.unwrap().name, name, "day {number}");
    }
}

#[tokio::test]
async fn the_overview_counts_by_owner_what_lists_hold() {
    let world = World::new().await;
    world.take(snapshot(day(0), &[tagged("oai-1", "nlp"), search_service("find-1")])).await;
    let without = show_overview(&world.postern.with_clock(Clock::fixed(day(1))), None, None).await;
    assert_eq!(without.unwrap().unwrap().teams, [], "there are no teams");
    assert!(open_of(&world, None, None).await.owner_counts.len() <= 1);

    say(&world, day(1), &by_tag()).await;
    world.take(snapshot(day(2), &[tagged("oai-1", "nlp"), search_service("find-1")])).await;
    let postern = world.postern.with_clock(Clock::fixed(day(3)));
    let teams = show_overview(&postern, None, None).await.unwrap().unwrap().teams;
    let names: Vec<_> =
        teams.iter().map(|one| one.team.as_ref().map(|team| team.name.as_str())).collect();
    assert_eq!(names, [Some("NLP Platform"), Some("Vision"), None]);
    for one in &teams {
        let listed = open_of(&world, one.team.as_ref().map(|team| team.id.clone()), None).await;
        assert_eq!(u64::from(one.all_open()), listed.total, "{:?}", one.team);
    }
    assert!(teams[0].all_open() > 0 && teams[1].all_open() == 0 && teams[2].all_open() > 0);
    assert_eq!(
        teams[0].more_open,
        Some(i64::from(teams[0].all_open())),
        "nothing was theirs before"
    );
    assert_eq!(show_teams(&postern, None, None).await.unwrap().unwrap().len(), 3);

    // The counts beside the list are those of each owner under the other filters.
    let view = list_findings(&postern, FindingQuery { limit: 1, ..FindingQuery::default() }).await;
    let counts = view.unwrap().unwrap().owner_counts;
    let counts: Vec<_> =
        counts.into_iter().map(|(team, count)| (team.map(|team| team.id), count)).collect();
    let of = |place: usize| u64::from(teams[place].all_open());
    assert_eq!(counts, [(Some(id_of("nlp")), of(0)), (None, of(2))]);
}

#[tokio::test]
async fn a_preview_says_what_each_rule_catches_and_changes_nothing() {
    let world = World::new().await;
    let assets = [
        tagged("oai-1", "nlp"),
        tagged("oai-2", "nlp"),
        tagged("oai-3", "art"),
        search_service("find-1"),
    ];
    say(&world, day(-1), &by_tag()).await;
    world.take(snapshot(day(0), &assets)).await;
    let routing_now = two_teams(&json!([
        {"scope": {"tag": "team=art"}, "team": "vision"},
        {"scope": {"tag": "team=nlp"}, "team": "nlp"},
        {"scope": {"subscription": "elsewhere"}, "team": "nlp"},
    ]));
    let preview = preview_routing(&world.postern, &routing_now).await.unwrap();
    let caught: Vec<_> = preview
        .catches
        .iter()
        .map(|catch| (catch.assets, catch.moved, catch.examples.len()))
        .collect();
    assert_eq!(caught, [(1, 1, 1), (2, 0, 2), (0, 0, 0), (1, 0, 1)]);
    assert_eq!((preview.moved, preview.undecided), (1, 0));
    assert!(preview.catches[3].rule.is_none() && preview.catches[3].team.is_none());
    assert_eq!(routing(&world.postern).await.unwrap().0, by_tag(), "nothing was said");

    // What contradicts is refused in words, in a preview as when it is said.
    let contradiction = two_teams(&json!([
        {"scope": {"subscription": "s"}, "team": "nlp"},
        {"scope": {"subscription": "S"}, "team": "vision"},
    ]));
    for refused in [
        preview_routing(&world.postern, &contradiction).await.map(|_| ()),
        set_routing(&world.postern, &contradiction, "a test").await,
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, RoutingError::Refused { .. }));
        assert!(error.to_string().contains("contradicts it"), "{error}");
    }
}

/// How many assets of each subscription are whose, by what the database remembers.
async fn owners_by_subscription(world: &World) -> BTreeMap<(String, Option<String>), i64> {
    let rows: Vec<(String, Option<String>, i64)> = sqlx::query_as(
        "SELECT split_part(asset_id, '/', 3), team, count(*)
         FROM current_assets
         JOIN assets USING (connection_id, asset_id)
         LEFT JOIN asset_owners USING (asset_number)
         GROUP BY 1, 2",
    )
    .fetch_all(world.database.pool())
    .await
    .unwrap();
    rows.into_iter().map(|(subscription, team, assets)| ((subscription, team), assets)).collect()
}

#[tokio::test]
async fn a_management_group_routes_what_is_below_it_also_while_azure_does_not_show_it() {
    let (world, sim) = (World::scanned().await, start_sim().await);
    let live: Vec<String> = sim
        .list("/providers/Microsoft.Management/managementGroups/contoso-ai-production/descendants")
        .unwrap()
        .iter()
        .map(|below| below["name"].as_str().unwrap().to_owned())
        .collect();
    assert!(!live.is_empty());
    let rule = json!({"scope": {"management_group": "Contoso-AI-Production"}, "team": "nlp"});
    let mut by_group = two_teams(&json!([rule]));
    by_group.otherwise = Some(id_of("vision"));
    say(&world, day(-1), &by_group).await;
    let ScanOutcome::Finished(_) = scan_on(&world, &sim, 0).await else { panic!("it failed") };
    let owners = owners_by_subscription(&world).await;
    assert!(owners.keys().any(|(_, team)| team.as_deref() == Some("vision")), "{owners:?}");
    for (subscription, team) in owners.keys() {
        let expected = if live.contains(subscription) { "nlp" } else { "vision" };
        assert_eq!(team.as_deref(), Some(expected), "{subscription}");
    }
    let preview = preview_routing(&world.postern, &by_group).await.unwrap();
    assert_eq!((preview.moved, preview.undecided), (0, 0));

    // Resource Graph does not answer: what is above an asset is not known, and nothing changes hands.
    sim.set_faults(vec![Fault::GraphRefused { status: 403 }]);
    let ScanOutcome::Finished(_) = scan_on(&world, &sim, 1).await else { panic!("it failed") };
    assert_eq!(owners_by_subscription(&world).await, owners);
    let preview = preview_routing(&world.postern, &by_group).await.unwrap();
    let assets: i64 = owners.values().sum();
    assert_eq!((preview.moved, preview.undecided), (0, u64::try_from(assets).unwrap()));
    sim.stop().await;
}
