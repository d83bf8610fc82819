//! What is decided and configured is in the log, in the transaction of what it is about, and nobody changes it unseen.

use postern_domain::clock::Clock;
use postern_domain::decision::{FaultKind, Head, HeadFound, Verifier};
use postern_domain::id::PersonId;
use postern_domain::person::{Actor, Claims, Grant, GrantRules, Permission, Role};
use postern_domain::retention::Retention;
use postern_service::Postern;
use postern_service::connection::{
    ConnectionKind, NewConnection, ensure_connection, remove_connection,
};
use postern_service::decision::{
    decision_head, export_decisions, list_decisions, verify_decisions,
};
use postern_service::retention::set_retention;
use postern_service::schedule::{pause_schedule, resume_schedule};
use postern_service::session::{Identity, SessionLimits, Vouched, begin_session};
use postern_service::team::set_routing;
use serde_json::{Value, json};
use time::Duration;

use crate::world::{World, day};

fn new_connection(name: &str) -> NewConnection {
    NewConnection {
        slug: "azure".to_owned(),
        name: name.to_owned(),
        kind: ConnectionKind::Azure,
        settings: json!({"tenant": "aaaa"}),
        schedule: Some(postern_service::connection::Schedule::Every { seconds: 86_400 }),
    }
}

/// Somebody who is in the table of people.
async fn kim(world: &World, role: Role) -> Actor {
    let vouched = Vouched {
        identity: Identity {
            issuer: "https://login.example".to_owned(),
            subject: role.to_string(),
            name: "Kim\0 Duarte".to_owned(),
            email: None,
        },
        claims: Claims::default(),
    };
    let limits = SessionLimits { idle: Duration::HOUR, longest: Duration::HOUR };
    let rules = GrantRules::default();
    let id: PersonId =
        begin_session(&world.postern, role.as_str(), vouched, &rules, limits).await.unwrap();
    let grants = vec![Grant::of(role)];
    Actor::Person { id, name: "Kim\0 Duarte".to_owned(), grants, address: None }
        .at(Some("192.0.2.7".to_owned()))
}

async fn actions(postern: &Postern) -> Vec<String> {
    let view = list_decisions(postern, None, 100).await.unwrap();
    view.entries.iter().rev().map(|entry| entry.action.to_string()).collect()
}

#[tokio::test]
async fn every_change_of_configuration_is_an_entry() {
    let world = World::scanned().await;
    let postern = &world.postern;
    assert_eq!(actions(postern).await, ["connection.set"], "of the world itself");
    let id = ensure_connection(postern, new_connection("Azure")).await.unwrap();
    ensure_connection(postern, new_connection("Azure")).await.unwrap();
    ensure_connection(postern, new_connection("Azure of Contoso")).await.unwrap();
    let engineer = postern.acting_as(kim(&world, Role::Engineer).await);
    assert!(pause_schedule(&engineer, id).await.unwrap());
    assert!(!pause_schedule(&engineer, id).await.unwrap(), "it was paused");
    assert!(resume_schedule(&engineer, id).await.unwrap());
    let keep: Retention = serde_json::from_value(json!({"history_days": 400})).unwrap();
    set_retention(&engineer, &keep, " as our policy has it ").await.unwrap();
    let routing = serde_json::from_value(json!({"teams": []})).unwrap();
    let administrator = postern.acting_as(kim(&world, Role::Administrator).await);
    set_routing(&administrator, &routing, "").await.unwrap();
    assert!(remove_connection(&administrator, id).await.unwrap());
    assert!(!remove_connection(&administrator, id).await.unwrap());
    let done = [
        "connection.set",
        "connection.set",
        "connection.set",
        "schedule.pause",
        "schedule.resume",
        "retention.set",
        "routing.set",
        "connection.remove",
    ];
    assert_eq!(actions(postern).await, done);

    let view = list_decisions(postern, None, 100).await.unwrap();
    let entry = |number: i64| view.entries.iter().find(|entry| entry.number == number).unwrap();
    let renamed = entry(3);
    let value =
        |text: &Option<String>| -> Value { serde_json::from_str(text.as_ref().unwrap()).unwrap() };
    assert_eq!(value(&renamed.before)["name"], "Azure");
    assert_eq!(value(&renamed.after)["name"], "Azure of Contoso");
    assert_eq!((renamed.who.as_str(), renamed.person), ("command line", None));
    let kept = entry(6);
    assert_eq!(kept.who, "Kim\u{fffd} Duarte");
    assert_eq!(kept.address.as_deref(), Some("192.0.2.7"));
    assert!(kept.person.is_some());
    assert_eq!(kept.reason.as_deref(), Some(" as our policy has it "));
    assert_eq!(value(&kept.before), json!({}));
    assert_eq!(value(&kept.after)["history_days"], 400);
    assert_eq!(entry(7).reason, None, "nothing was said");

    // Pages come after one another.
    let first = list_decisions(postern, None, 5).await.unwrap();
    assert_eq!(first.entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), [8, 7, 6, 5, 4]);
    let rest = list_decisions(postern, first.next, 5).await.unwrap();
    assert_eq!((rest.entries.len(), rest.next), (3, None));
}

#[tokio::test]
async fn who_may_not_changes_nothing_and_writes_nothing() {
    let world = World::scanned().await;
    let auditor = world.postern.acting_as(kim(&world, Role::Auditor).await);
    let engineer = world.postern.acting_as(kim(&world, Role::Engineer).await);
    let routing = serde_json::from_value(json!({"teams": []})).unwrap();
    assert!(set_routing(&engineer, &routing, "").await.is_err());
    assert!(set_retention(&auditor, &Retention::default(), "").await.is_err());
    assert!(ensure_connection(&engineer, new_connection("A")).await.is_err());
    assert!(pause_schedule(&auditor, world.connection).await.is_err());
    assert_eq!(actions(&auditor).await.len(), 1);
    let refused = list_decisions(&engineer, None, 10).await.unwrap_err();
    assert_eq!(refused.to_string(), "only auditors and administrators may read the decision log");
    assert!(verify_decisions(&engineer, Vec::new()).await.is_err());
    assert!(decision_head(&engineer).await.is_err());
    assert!(export_decisions(&engineer, &mut Vec::new()).await.is_err());
    assert!(engineer.require(Permission::RunScans).is_ok());
}

/// Somebody with the database's own rights, who turns off what refuses changes.
async fn tamper(world: &World, statement: &'static str) {
    for statement in [
        "ALTER TABLE decisions DISABLE TRIGGER USER",
        statement,
        "ALTER TABLE decisions ENABLE TRIGGER USER",
    ] {
        sqlx::query(statement).execute(world.database.pool()).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_changed_behind_the_triggers_is_found_and_named() {
    let world = World::scanned().await;
    for name in ["A", "B", "C", "D"] {
        ensure_connection(&world.postern, new_connection(name)).await.unwrap();
    }
    let head = decision_head(&world.postern).await.unwrap();
    assert_eq!(head.number, 5);
    let intact = verify_decisions(&world.postern, vec![head]).await.unwrap();
    assert!(intact.is_intact());
    assert_eq!(intact.heads[0].found, HeadFound::Last);
    for refused in ["UPDATE decisions SET who = 'B'", "DELETE FROM decisions", "TRUNCATE decisions"]
    {
        assert!(sqlx::query(refused).execute(world.database.pool()).await.is_err(), "{refused}");
    }
    let kinds = async |heads: Vec<Head>| -> Vec<FaultKind> {
        let found = verify_decisions(&world.postern, heads).await.unwrap();
        found.faults.into_iter().map(|fault| fault.kind).collect()
    };
    let every_column = [
        "UPDATE decisions SET at = at + interval '1 microsecond' WHERE number = 3",
        "UPDATE decisions SET who = who || ' ' WHERE number = 3",
        "UPDATE decisions SET address = '192.0.2.1' WHERE number = 3",
        "UPDATE decisions SET action = 'connection.remove' WHERE number = 3",
        "UPDATE decisions SET subject = NULL WHERE number = 3",
        "UPDATE decisions SET reason = 'because' WHERE number = 3",
        "UPDATE decisions SET before = NULL WHERE number = 3",
        "UPDATE decisions SET after = replace(after, 'B', 'E') WHERE number = 3",
        "UPDATE decisions SET hash = set_byte(hash, 31, get_byte(hash, 31) # 1) WHERE number = 3",
        "UPDATE decisions SET previous = set_byte(previous, 0, get_byte(previous, 0) # 128) WHERE number = 3",
        "UPDATE decisions SET action = 'No Action' WHERE number = 3",
        "UPDATE decisions SET hash = '\\x00' WHERE number = 3",
    ];
    for statement in every_column {
        tamper(&world, "CREATE TABLE kept AS SELECT * FROM decisions WHERE number = 3").await;
        tamper(&world, statement).await;
        let found = kinds(Vec::new()).await;
        assert!(found.iter().any(|kind| kind.names(3)), "{statement}: {found:?}");
        tamper(&world, "DELETE FROM decisions WHERE number = 3").await;
        let found = kinds(Vec::new()).await;
        assert_eq!(found, [FaultKind::Missing { from: 3, to: 3 }], "{statement}");
        tamper(&world, "INSERT INTO decisions SELECT * FROM kept").await;
        tamper(&world, "DROP TABLE kept").await;
        assert_eq!(kinds(vec![head]).await, [], "{statement}: as it was");
    }
    tamper(&world, "DELETE FROM decisions WHERE number = 5").await;
    assert_eq!(kinds(Vec::new()).await, [], "a lost end shows by itself nowhere");
    let found = verify_decisions(&world.postern, vec![head]).await.unwrap();
    assert_eq!(found.heads[0].found, HeadFound::Nowhere);
    assert!(!found.is_intact());
}

#[tokio::test]
async fn an_export_is_verified_without_a_database() {
    let world = World::scanned().await;
    for name in ["A", "B"] {
        ensure_connection(&world.postern, new_connection(name)).await.unwrap();
    }
    let mut file = Vec::new();
    let head = export_decisions(&world.postern, &mut file).await.unwrap();
    assert_eq!(head, decision_head(&world.postern).await.unwrap());
    let mut verifier = Verifier::expecting([head]);
    for line in file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        verifier.check_line(line);
    }
    let verification = verifier.finish();
    assert!(verification.is_intact() && verification.count == 3, "{verification:?}");
}

#[tokio::test]
async fn two_at_the_same_moment_are_two_entries() {
    let world = World::scanned().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..12 {
        let postern = world.postern.clone();
        tasks.spawn(async move {
            let keep = serde_json::from_value(json!({"history_days": 400 + number})).unwrap();
            set_retention(&postern, &keep, "a test").await.unwrap();
        });
    }
    tasks.join_all().await;
    let verification = verify_decisions(&world.postern, Vec::new()).await.unwrap();
    assert!(verification.is_intact() && verification.count == 13, "{verification:?}");
    // What held before is what the entry before left, whoever came first.
    let log = list_decisions(&world.postern, None, 12).await.unwrap().entries;
    for pair in log.windows(2) {
        assert_eq!(pair[0].before, pair[1].after, "{} after {}", pair[0].number, pair[1].number);
    }
    // A clock that goes back makes no entry older than the one before.
    let past = world.postern.with_clock(Clock::fixed(day(-100)));
    set_retention(&past, &Retention::default(), "").await.unwrap();
    let view = list_decisions(&world.postern, None, 2).await.unwrap();
    assert!(view.entries[0].at >= view.entries[1].at);
}
