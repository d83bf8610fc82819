//! What administrators read and change: what needs attention, rules, schedules, what is allowed.

use postern_domain::clock::Clock;
use postern_domain::exception::policy::ExceptionPolicy;
use postern_domain::id::PersonId;
use postern_domain::person::{Actor, Claims, Grant, GrantRules, Role};
use postern_domain::team::{Catch, Routing};
use postern_service::Postern;
use postern_service::administration::show_attention;
use postern_service::connection::{Schedule, show_connections};
use postern_service::decision::{DecisionFilter, export_page, find_decisions, list_decisions};
use postern_service::exception::{PolicyError, change_exception_policy, exception_policy};
use postern_service::person::show_people;
use postern_service::schedule::{ChangeError, change_schedule, pause_schedule, preview_schedule};
use postern_service::session::{Identity, SessionLimits, Vouched, begin_session};
use postern_service::team::{RoutingError, change_routing, preview_routing, show_routing};
use postern_service::token::{NewToken, TokenError, create_token_once, list_tokens};
use postern_test_support::sample::{open_account, snapshot};
use serde_json::{Value, json};
use time::Duration;

use crate::world::{World, day};

fn somebody(grant: Grant) -> Actor {
    Actor::Person {
        id: PersonId::from_number(1),
        name: "Somebody".to_owned(),
        grants: vec![grant],
        address: None,
    }
}

fn rules(value: Value) -> GrantRules {
    serde_json::from_value(value).unwrap()
}

fn routing(value: Value) -> Routing {
    serde_json::from_value(value).unwrap()
}

async fn actions(postern: &Postern) -> Vec<String> {
    let log = list_decisions(postern, None, 100).await.unwrap();
    log.entries.into_iter().map(|entry| entry.action.to_string()).collect()
}

async fn sign_in(world: &World, rules: &GrantRules, subject: &str, group: &str, at: Duration) {
    let vouched = Vouched {
        identity: Identity {
            issuer: "https://login.example".to_owned(),
            subject: subject.to_owned(),
            name: subject.to_owned(),
            email: None,
        },
        claims: Claims::from([("groups".to_owned(), [group.to_owned()].into())]),
    };
    let limits = SessionLimits { idle: Duration::hours(1), longest: Duration::hours(8) };
    let postern = world.postern.with_clock(Clock::fixed(day(0) + at));
    let token = format!("{subject} {at}");
    begin_session(&postern, &token, vouched, rules, limits).await.unwrap();
}

#[tokio::test]
async fn who_saw_other_rules_changes_none_and_who_sends_twice_changes_them_once() {
    let world = World::new().await;
    let mut tagged = open_account("oai-1");
    tagged["tags"] = json!({"team": "nlp"});
    let first = routing(json!({
        "teams": [{"id": "nlp", "name": "NLP"}],
        "rules": [{"scope": {"tag": "team=nlp"}, "team": "nlp"}],
    }));
    let nothing = show_routing(&world.postern, None).await.unwrap();
    assert!(nothing.routing.teams.is_empty() && nothing.changed.is_none());
    change_routing(&world.postern, nothing.version, &first, "first\0").await.unwrap();
    change_routing(&world.postern, nothing.version, &first, "again").await.unwrap();
    world.take(snapshot(day(0), &[tagged, open_account("oai-2")])).await;

    let shown = show_routing(&world.postern, None).await.unwrap();
    assert_eq!(shown.routing, first);
    assert_eq!(shown.changed.as_ref().unwrap().1, "first\u{fffd}");
    let caught: Vec<_> = shown.now.catches.iter().map(|catch| catch.assets).collect();
    assert_eq!((caught, shown.now.moved), (vec![1, 1], 0));
    let tested = show_routing(&world.postern, Some(" OAI-1 ")).await.unwrap().tested.unwrap();
    let [found] = tested.1.as_slice() else { panic!("{tested:?}") };
    assert!(found.caught == Catch::Rule(0) && found.owner.is_some(), "{found:?}");
    let tested = show_routing(&world.postern, Some(&found.arm_id)).await.unwrap().tested.unwrap();
    assert_eq!(tested.1.len(), 1);
    let second = routing(json!({
        "teams": [{"id": "nlp", "name": "NLP"}, {"id": "it", "name": "IT"}],
        "otherwise": "it",
    }));
    let preview = preview_routing(&world.postern, &second).await.unwrap();
    let name = |team: &Option<postern_service::view::TeamView>| {
        team.as_ref().map(|team| team.id.to_string()).unwrap_or_default()
    };
    let moves: Vec<_> =
        preview.moves.iter().map(|one| (name(&one.from), name(&one.to), one.assets)).collect();
    let expected = [(String::new(), "it".to_owned(), 1), ("nlp".to_owned(), "it".to_owned(), 1)];
    assert_eq!(moves, expected);
    let late = change_routing(&world.postern, nothing.version, &second, "late").await;
    assert!(matches!(late, Err(RoutingError::Changed)));
    change_routing(&world.postern, shown.version, &second, "second").await.unwrap();
    let set = actions(&world.postern).await.into_iter().filter(|it| it == "routing.set").count();
    assert_eq!(set, 2);

    let auditor = world.postern.acting_as(somebody(Grant::of(Role::Auditor)));
    assert!(!show_routing(&auditor, None).await.unwrap().may_change);
    let denied = change_routing(&auditor, shown.version, &first, "no").await;
    assert!(matches!(denied, Err(RoutingError::Denied(_))));
    let team = Grant::in_team(Role::Viewer, "nlp".parse().unwrap());
    assert!(show_routing(&world.postern.acting_as(somebody(team)), None).await.is_err());
}

#[tokio::test]
async fn a_form_for_a_token_makes_one_also_where_it_is_sent_at_the_same_moment() {
    let world = World::with_packs(&[]).await;
    let new =
        || NewToken { name: "report".to_owned(), grants: vec![Grant::of(Role::Auditor)], days: 30 };
    let (one, two) = tokio::join!(
        create_token_once(&world.postern, "one", "key", new()),
        create_token_once(&world.postern, "two", "key", new()),
    );
    let refused = [one, two].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(matches!(refused.as_slice(), [TokenError::MadeAlready(_)]), "{refused:?}");
    create_token_once(&world.postern, "three", "another", new()).await.unwrap();
    assert_eq!(list_tokens(&world.postern).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_schedule_is_changed_once_and_by_those_who_saw_what_holds() {
    let world = World::scanned().await;
    let postern = &world.postern;
    let nightly = Schedule::Cron {
        expression: "0 2 * * *".to_owned(),
        time_zone: "Europe/Amsterdam".to_owned(),
    };
    let preview = preview_schedule(postern, world.connection, &nightly).await.unwrap();
    assert_eq!(preview.next.len(), 5);
    assert!(preview.next.windows(2).all(|pair| pair[0].at < pair[1].at));
    assert!(show_connections(postern).await.unwrap().connections[0].schedule.is_none());
    for _ in 0..2 {
        change_schedule(postern, world.connection, None, Some(&nightly)).await.unwrap();
    }
    let late = change_schedule(postern, world.connection, None, Some(&Schedule::DAILY)).await;
    assert!(matches!(late, Err(ChangeError::Changed)));
    let wrong = Schedule::Every { seconds: 1 };
    let wrong = change_schedule(postern, world.connection, Some(&nightly), Some(&wrong)).await;
    assert!(matches!(wrong, Err(ChangeError::Schedule(_))));
    assert_eq!(actions(postern).await, ["schedule.set", "connection.set"]);

    // A pause stays, whatever the schedule becomes.
    assert!(pause_schedule(postern, world.connection).await.unwrap());
    let daily = Schedule::DAILY;
    change_schedule(postern, world.connection, Some(&nightly), Some(&daily)).await.unwrap();
    let shown = show_connections(postern).await.unwrap().connections.remove(0).schedule.unwrap();
    assert!(shown.paused.is_some() && shown.schedule == daily);
    change_schedule(postern, world.connection, Some(&daily), None).await.unwrap();
    let engineer = postern.acting_as(somebody(Grant::of(Role::Engineer)));
    let denied = change_schedule(&engineer, world.connection, None, Some(&daily)).await;
    assert!(matches!(denied, Err(ChangeError::Denied(_))));
    let shown = show_connections(&engineer).await.unwrap();
    assert_eq!((shown.may_run, shown.may_change), (true, false));

    let fed = World::with_packs(&[]).await;
    let no = change_schedule(&fed.postern, fed.connection, None, Some(&nightly)).await;
    assert!(matches!(no, Err(ChangeError::NotScanned)));
}

#[tokio::test]
async fn a_policy_is_changed_once_and_by_those_who_saw_what_holds() {
    let world = World::with_packs(&[]).await;
    let seen = exception_policy(&world.postern).await.unwrap();
    let mut stricter = seen;
    stricter.most_days.critical = 30;
    for _ in 0..2 {
        change_exception_policy(&world.postern, &seen, &stricter, "why\0").await.unwrap();
    }
    // The default is what was seen, and holds no more.
    let default = ExceptionPolicy::default();
    let late = change_exception_policy(&world.postern, &seen, &default, "late").await;
    assert!(matches!(late, Err(PolicyError::Changed)));
    assert_eq!(exception_policy(&world.postern).await.unwrap(), stricter);
    assert_eq!(actions(&world.postern).await, ["exceptions.policy", "connection.set"]);
}

#[tokio::test]
async fn what_needs_attention_is_said_to_whom_it_is_for() {
    let world = World::new().await;
    let rules = rules(json!([
        {"claim": "groups", "value": "risk", "role": "approver"},
        {"claim": "groups", "value": "nlp", "role": "contributor", "team": "nlp"},
    ]));
    let shown = show_routing(&world.postern, None).await.unwrap();
    let teams = json!({"teams": [{"id": "nlp", "name": "NLP"}, {"id": "art", "name": "Art"}]});
    change_routing(&world.postern, shown.version, &routing(teams), "two teams").await.unwrap();
    let new =
        |days| NewToken { name: format!("t{days}"), grants: vec![Grant::of(Role::Auditor)], days };
    for days in [14, 15] {
        let secret = days.to_string();
        create_token_once(&world.postern, &secret, &secret, new(days)).await.unwrap();
    }
    sign_in(&world, &rules, "amal", "risk", Duration::ZERO).await;
    let view = show_attention(&world.postern, Some(&rules)).await.unwrap();
    assert_eq!(view.never_read.len(), 1);
    let without: Vec<_> = view.teams_without_people.iter().flatten().map(|it| &*it.name).collect();
    assert_eq!(without, ["Art"]);
    let known = view.of_administrators.unwrap();
    let ending: Vec<_> = known.ending_tokens.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((ending, known.failed_deliveries, known.approvers), (vec!["t14"], 0, Some(1)));

    world.take(snapshot(day(0), &[open_account("oai-1")])).await;
    let auditor = world.postern.acting_as(somebody(Grant::of(Role::Auditor)));
    let view = show_attention(&auditor, None).await.unwrap();
    assert!(view.never_read.is_empty() && view.of_administrators.is_none());
    assert!(view.teams_without_people.is_none(), "nobody signs in");
}

#[tokio::test]
async fn roles_are_those_of_the_last_sign_in_by_the_rules_that_hold_now() {
    let world = World::with_packs(&[]).await;
    let before = rules(json!([
        {"claim": "groups", "value": "risk", "role": "approver"},
        {"claim": "groups", "value": "ops", "role": "engineer"},
    ]));
    sign_in(&world, &before, "amal", "risk", Duration::ZERO).await;
    sign_in(&world, &before, "amal", "ops", Duration::hours(1)).await;
    sign_in(&world, &before, "lena", "risk", Duration::ZERO).await;
    let held = async |by: &GrantRules| {
        let view = show_people(&world.postern, by).await.unwrap();
        let approvers = view.approvers().count();
        let people: Vec<_> = view
            .people
            .iter()
            .map(|person| {
                let roles = person.roles.iter().flatten().map(|(grant, ..)| grant.to_string());
                (person.record.identity.name.clone(), roles.collect::<Vec<_>>().join(", "))
            })
            .collect();
        (people, approvers)
    };
    let of = |name: &str, roles: &str| (name.to_owned(), roles.to_owned());
    let expected = vec![of("amal", "engineer"), of("lena", "approver")];
    assert_eq!(held(&before).await, (expected, 1));
    let none = GrantRules::default();
    assert_eq!(held(&none).await, (vec![of("amal", ""), of("lena", "")], 0));
}

#[tokio::test]
async fn the_log_is_filtered_and_exported_in_parts() {
    let world = World::with_packs(&[]).await;
    let seen = exception_policy(&world.postern).await.unwrap();
    let mut stricter = seen;
    stricter.most_days.critical = 30;
    // The first person there is has the number that somebody has.
    sign_in(&world, &GrantRules::default(), "somebody", "ops", Duration::ZERO).await;
    let kim = world.postern.acting_as(somebody(Grant::of(Role::Engineer)));
    change_exception_policy(&kim, &seen, &stricter, "why").await.unwrap();
    let found = async |who: Option<&str>, action: Option<&str>| {
        let filter =
            DecisionFilter { who: who.map(str::to_owned), action: action.map(str::to_owned) };
        find_decisions(&world.postern, &filter, None, 10).await.unwrap().entries.len()
    };
    assert_eq!(found(None, None).await, 2);
    assert_eq!(found(Some("SOMEBODY"), None).await, 1);
    assert_eq!(found(None, Some("exceptions")).await, 1);
    assert_eq!(found(None, Some("exceptions.policy")).await, 1);
    assert_eq!(found(None, Some("exc")).await, 0);
    assert_eq!(found(Some("somebody"), Some("connection.set")).await, 0);
    let (lines, last) = export_page(&world.postern, 0).await.unwrap().unwrap();
    assert_eq!((lines.lines().count(), last), (2, 2));
    assert!(export_page(&world.postern, last).await.unwrap().is_none());
}
