//! Tokens: shown once, limited, listed with their last use, and gone at once when revoked.

use postern_domain::clock::Clock;
use postern_domain::id::PersonId;
use postern_domain::person::{Actor, Grant, Role};
use postern_service::Postern;
use postern_service::decision::list_decisions;
use postern_service::token::{
    NewToken, TokenError, create_token, find_token, holds, list_tokens, revoke_token,
};
use time::Duration;

use crate::world::{World, day};

fn new(name: &str, days: u16) -> NewToken {
    NewToken { name: name.to_owned(), grants: vec![Grant::of(Role::Auditor)], days }
}

fn later(world: &World, time: Duration) -> Postern {
    world.postern.with_clock(Clock::fixed(day(0) + time))
}

#[tokio::test]
async fn a_token_holds_until_its_end_or_until_it_is_revoked() {
    let world = World::with_packs(&[]).await;
    let now = later(&world, Duration::ZERO);
    let first = create_token(&now, "one", new(" nightly-report ", 30)).await.unwrap();
    create_token(&now, "two", new("board", 10)).await.unwrap();
    let found = |time, token: &'static str| {
        let postern = later(&world, time);
        async move { find_token(&postern, token).await.unwrap() }
    };
    let Some(Actor::Person { name, grants, .. }) = found(Duration::HOUR, "postern_one").await
    else {
        panic!("it holds")
    };
    assert_eq!(name, format!("nightly-report (token {first})"));
    assert_eq!(grants, [Grant::of(Role::Auditor)]);
    for wrong in ["one", "postern_", "postern_three", "", "postern_one "] {
        assert!(found(Duration::HOUR, wrong).await.is_none(), "{wrong}");
    }
    assert!(found(Duration::days(10) - Duration::SECOND, "postern_two").await.is_some());
    assert!(found(Duration::days(10), "postern_two").await.is_none(), "the very second");

    let listed = list_tokens(&later(&world, Duration::days(11))).await.unwrap();
    let states: Vec<_> = listed
        .iter()
        .map(|token| (token.name.as_str(), holds(token, day(11)), token.last_used_at.is_some()))
        .collect();
    assert_eq!(states, [("board", false, true), ("nightly-report", true, true)]);
    assert_eq!(listed[1].last_used_at, Some(day(0) + Duration::HOUR));

    assert_eq!(revoke_token(&now, first).await.unwrap(), "nightly-report");
    assert!(found(Duration::HOUR, "postern_one").await.is_none());
    let again = revoke_token(&now, first).await.unwrap_err();
    assert_eq!(again.to_string(), format!("there is no token {first} that could be revoked"));
    let log = list_decisions(&now, None, 10).await.unwrap();
    let actions: Vec<_> = log.entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["token.revoke", "token.create", "token.create", "connection.set"]);
    let stored: Vec<String> = sqlx::query_scalar("SELECT tokens::text FROM tokens UNION ALL SELECT decisions::text FROM decisions UNION ALL SELECT people::text FROM people")
        .fetch_all(world.database.pool())
        .await
        .unwrap();
    assert!(stored.iter().all(|row| !row.contains("postern_one") && !row.contains("postern_two")));
}

#[tokio::test]
async fn what_is_no_token_is_refused_in_words() {
    let world = World::with_packs(&[]).await;
    let create = async |new: NewToken| {
        create_token(&world.postern, "secret", new).await.unwrap_err().to_string()
    };
    assert!(create(new("  ", 10)).await.starts_with("a token needs a name"));
    assert!(create(new("a\nb", 10)).await.starts_with("a token needs a name"));
    assert_eq!(create(new("a", 0)).await, "a token holds for 1 to 366 days");
    assert_eq!(create(new("a", 367)).await, "a token holds for 1 to 366 days");
    let no_team = NewToken { grants: vec![Grant::of(Role::Contributor)], ..new("a", 10) };
    assert_eq!(create(no_team).await, "a contributor needs a team");
    assert_eq!(create(NewToken { grants: vec![], ..new("a", 10) }).await, "a token needs a role");
    let engineer = Actor::Person {
        id: PersonId::from_number(1),
        name: "Kim".to_owned(),
        grants: vec![Grant::of(Role::Engineer)],
        address: None,
    };
    let engineer = world.postern.acting_as(engineer);
    let refused = create_token(&engineer, "secret", new("a", 10)).await;
    assert!(matches!(refused, Err(TokenError::Denied(_))), "{refused:?}");
    assert!(list_tokens(&engineer).await.is_err());
    assert!(revoke_token(&engineer, "T-1".parse().unwrap()).await.is_err());
}
