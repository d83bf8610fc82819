//! Sessions and sign-ins under way.

use postern_domain::clock::Clock;
use postern_domain::person::{Actor, Claims, GrantRules};
use postern_service::Postern;
use postern_service::decision::list_decisions;
use postern_service::person::{end_sessions, list_people};
use postern_service::session::{
    Identity, SessionLimits, SignIn, Vouched, begin_session, begin_sign_in, end_session,
    find_session, take_sign_in,
};
use serde_json::{Value, json};
use time::Duration;

use crate::world::{World, day};

const LIMITS: SessionLimits =
    SessionLimits { idle: Duration::hours(1), longest: Duration::hours(8) };

fn rules(value: Value) -> GrantRules {
    serde_json::from_value(value).unwrap()
}

fn nora(groups: &[&str]) -> Vouched {
    let groups = groups.iter().map(ToString::to_string).collect();
    Vouched {
        identity: Identity {
            issuer: "https://login.example".to_owned(),
            subject: "nora".to_owned(),
            name: "Nora\0 Klein".to_owned(),
            email: None,
        },
        claims: Claims::from([("groups".to_owned(), groups)]),
    }
}

fn later(world: &World, minutes: i64) -> Postern {
    world.postern.with_clock(Clock::fixed(day(0) + Duration::minutes(minutes)))
}

#[tokio::test]
async fn a_session_lasts_as_long_as_it_may_and_no_token_is_stored() {
    let world = World::with_packs(&[]).await;
    let rules =
        rules(json!([{"claim": "groups", "value": "nlp", "role": "contributor", "team": "nlp"}]));
    begin_session(&later(&world, 0), "a secret", nora(&["nlp", "canteen"]), &rules, LIMITS)
        .await
        .unwrap();
    let found = |minutes, token: &'static str| {
        let postern = later(&world, minutes);
        let rules = rules.clone();
        async move { find_session(&postern, token, &rules, LIMITS).await.unwrap() }
    };
    let Some(Actor::Person { name, grants, .. }) = found(0, "a secret").await else { panic!() };
    assert_eq!((name.as_str(), grants.len()), ("Nora\u{fffd} Klein", 1));
    assert!(found(0, "another").await.is_none());
    assert!(found(0, "").await.is_none());
    // Each use begins the hour anew, until the day is over.
    for minutes in (50..480).step_by(50) {
        assert!(found(minutes, "a secret").await.is_some(), "{minutes}");
    }
    assert!(found(480, "a secret").await.is_none(), "whatever was used");
    begin_session(&later(&world, 0), "idle", nora(&["nlp"]), &rules, LIMITS).await.unwrap();
    assert!(found(59, "idle").await.is_some());
    assert!(found(59 + 60, "idle").await.is_none());

    // Whoever reads the table has nothing to sign in with.
    let stored: Vec<String> = sqlx::query_scalar("SELECT sessions::text FROM sessions")
        .fetch_all(world.database.pool())
        .await
        .unwrap();
    assert_eq!(stored.len(), 2);
    assert!(stored.iter().all(|row| !row.contains("secret") && !row.contains("canteen")));
    let people = world.count("SELECT count(*) FROM people").await;
    assert_eq!(people, 1, "one person signed in twice");
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_gone_at_once() {
    let world = World::with_packs(&[]).await;
    let before = rules(json!([{"claim": "groups", "value": "sec", "role": "engineer"}]));
    begin_session(&later(&world, 0), "t", nora(&["sec"]), &before, LIMITS).await.unwrap();
    let after = rules(json!([{"claim": "groups", "value": "sec", "role": "viewer"}]));
    let roles = async |rules: &GrantRules| match find_session(&later(&world, 1), "t", rules, LIMITS)
        .await
        .unwrap()
    {
        Some(Actor::Person { grants, .. }) => grants.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    assert_eq!(roles(&before).await, ["engineer"]);
    assert_eq!(roles(&after).await, ["viewer"]);
    assert_eq!(roles(&GrantRules::default()).await, Vec::<String>::new());
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere() {
    let world = World::with_packs(&[]).await;
    let rules = GrantRules::default();
    begin_session(&later(&world, 0), "t", nora(&[]), &rules, LIMITS).await.unwrap();
    end_session(&later(&world, 1), "t").await.unwrap();
    assert!(find_session(&later(&world, 1), "t", &rules, LIMITS).await.unwrap().is_none());
    end_session(&later(&world, 2), "t").await.unwrap();
}

#[tokio::test]
async fn somebody_is_signed_out_everywhere_and_that_is_written_down() {
    let world = World::with_packs(&[]).await;
    let rules = GrantRules::default();
    for token in ["one", "two"] {
        begin_session(&later(&world, 0), token, nora(&[]), &rules, LIMITS).await.unwrap();
    }
    let mut other = nora(&[]);
    other.identity.subject = "tomas".to_owned();
    begin_session(&later(&world, 1), "other", other, &rules, LIMITS).await.unwrap();
    let people = list_people(&later(&world, 2)).await.unwrap();
    let seen: Vec<_> =
        people.iter().map(|one| (one.identity.subject.as_str(), one.sessions)).collect();
    assert_eq!(seen, [("tomas", 1), ("nora", 2)]);
    let nora = people[1].id;
    assert_eq!(end_sessions(&later(&world, 2), nora).await.unwrap(), 2);
    assert_eq!(end_sessions(&later(&world, 2), nora).await.unwrap(), 0);
    for (token, is_there) in [("one", false), ("two", false), ("other", true)] {
        let found = find_session(&later(&world, 2), token, &rules, LIMITS).await.unwrap();
        assert_eq!(found.is_some(), is_there, "{token}");
    }
    let log = list_decisions(&world.postern, None, 10).await.unwrap();
    assert_eq!(log.entries[0].action.as_str(), "sessions.end");
    assert_eq!(log.entries[0].subject, Some(nora.to_string()));
    assert_ne!(log.entries[1].action.as_str(), "sessions.end", "once");
}

#[tokio::test]
async fn a_sign_in_is_finished_once_in_its_browser_and_in_time() {
    let world = World::with_packs(&[]).await;
    let sign_in = SignIn {
        nonce: "nonce".to_owned(),
        code_verifier: "verifier".to_owned(),
        return_to: "/findings".to_owned(),
    };
    for state in ["one", "two", "three"] {
        begin_sign_in(&later(&world, 0), (state, "browser"), &sign_in).await.unwrap();
    }
    let take = |minutes, state: &'static str, browser: &'static str| {
        let postern = later(&world, minutes);
        async move { take_sign_in(&postern, (state, browser)).await.unwrap() }
    };
    assert!(take(1, "one", "another browser").await.is_none());
    assert!(take(1, "another state", "browser").await.is_none());
    assert_eq!(take(10, "one", "browser").await.unwrap().return_to, "/findings");
    assert!(take(1, "one", "browser").await.is_none(), "once");
    assert!(take(11, "two", "browser").await.is_none(), "too late");
    // Who began long ago is forgotten when somebody else begins.
    begin_sign_in(&later(&world, 30), ("four", "browser"), &sign_in).await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM sign_ins").await, 1);
}
