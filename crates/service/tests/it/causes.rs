//! Why a finding came or left is on record: what changed from what to what, or which rule or setting did.

use postern_domain::change::PropertyChange;
use postern_domain::clock::Clock;
use postern_domain::finding::{Cause, FindingEvent, FindingState};
use postern_service::Postern;
use postern_service::finding::show_finding;
use postern_service::import::import_snapshot;
use postern_service::rules::set_settings;
use postern_service::view::FindingEventView;
use postern_test_support::sample::{
    Reading, closed_account, open_account, refused_snapshot, search_service, snapshot,
};
use postern_test_support::test_pack;
use serde_json::json;

use crate::setting::{PACK, RULE as TAGS, parse, tagged};
use crate::world::{World, day};

const OPEN_NETWORK: &str = "NET-01";

async fn events(world: &World, name: &str, rule: &str) -> Vec<FindingEventView> {
    let id = world.finding(name, rule).await.unwrap().id;
    show_finding(&world.postern, id, None).await.unwrap().unwrap().events
}

/// The last event, with its cause.
async fn last(world: &World, name: &str, rule: &str) -> (FindingEvent, Option<Cause>) {
    let event = events(world, name, rule).await.pop().unwrap();
    (event.event, event.cause)
}

#[tokio::test]
async fn what_was_fixed_says_what_changed_from_what_to_what() {
    let world = World::new().await;
    world.take(snapshot(day(0), &[open_account("oai-1")])).await;
    let opened = (FindingEvent::Opened, Some(Cause::AssetAppeared));
    assert_eq!(last(&world, "oai-1", OPEN_NETWORK).await, opened);

    let mut closed = closed_account("oai-1");
    closed["tags"] = json!({"no": "rule on networks reads this"});
    let summary = world.take(snapshot(day(1), &[closed])).await;
    assert!(summary.fixed() > 0);
    let (event, cause) = last(&world, "oai-1", OPEN_NETWORK).await;
    assert_eq!(event, FindingEvent::Fixed);
    let Some(Cause::AssetChanged { properties, more: 0 }) = cause else { panic!("{cause:?}") };
    let public = PropertyChange {
        path: "properties.publicNetworkAccess".to_owned(),
        before: Some(json!("Enabled")),
        after: Some(json!("Disabled")),
    };
    assert!(properties.contains(&public), "{properties:?}");
    let of_tags = properties.iter().find(|property| property.path.starts_with("tags"));
    assert_eq!(of_tags, None, "the rule does not read tags");

    world.take(snapshot(day(2), &[open_account("oai-1")])).await;
    let (event, cause) = last(&world, "oai-1", OPEN_NETWORK).await;
    assert_eq!(event, FindingEvent::Reopened);
    assert!(matches!(cause, Some(Cause::AssetChanged { .. })), "{cause:?}");
}

#[tokio::test]
async fn what_other_settings_end_is_not_fixed() {
    let world = World::new().await;
    let account = tagged("oai-1", json!({"environment": "sandbox"}));
    let accounts = [account, tagged("oai-2", json!({}))];
    let set = async |tag: &str| {
        let settings = parse(json!({"values": {"requiredTags": [tag]}}));
        set_settings(&world.postern, PACK, &settings, "a test").await.unwrap();
    };
    set("owner").await;
    world.take(snapshot(day(0), &accounts)).await;
    assert_eq!(world.state("oai-1", TAGS).await, Some(FindingState::Open));
    set("environment").await;
    let summary = world.take(snapshot(day(1), &accounts)).await;
    let ended = (FindingEvent::SettingsChanged, Some(Cause::SettingsChanged));
    assert_eq!(last(&world, "oai-1", TAGS).await, ended);
    assert_eq!(world.state("oai-1", TAGS).await, Some(FindingState::Resolved));
    assert_eq!(world.state("oai-2", TAGS).await, Some(FindingState::Open));
    let left: u32 = summary.point.severities.iter().map(|counts| counts.left_otherwise).sum();
    assert_eq!((summary.fixed(), left), (0, 1));
}

#[tokio::test]
async fn what_another_version_of_a_rule_ends_is_not_fixed() {
    let world = World::with_packs(&[test_pack("unsorted")]).await;
    let resources = [search_service("find-1")];
    world.take(snapshot(day(0), &resources)).await;
    assert_eq!(world.state("find-1", "HOSTILE-02").await, Some(FindingState::Open));
    let pool = world.database.pool().clone();
    let second = [test_pack("second_version")];
    let later = Postern::open(pool, &second, Clock::fixed(day(1))).await.unwrap();
    let Reading { snapshot, assets } = snapshot(day(1), &resources);
    let imported = import_snapshot(&later, world.connection, snapshot, assets.into_values());
    let (_, summary) = imported.await.unwrap();
    let ended = (FindingEvent::RuleChanged, Some(Cause::RuleChanged));
    assert_eq!(last(&world, "find-1", "HOSTILE-02").await, ended);
    let left: u32 = summary.point.severities.iter().map(|counts| counts.left_otherwise).sum();
    assert_eq!((summary.fixed(), left, summary.open()), (0, 1, 0));
}

#[tokio::test]
async fn what_could_not_be_read_says_that_only_the_reading_changed() {
    let world = World::new().await;
    let search = search_service("find-1");
    let both = [open_account("oai-1"), search.clone()];
    world.take(snapshot(day(0), &both)).await;
    world.take(refused_snapshot(day(1), std::slice::from_ref(&search))).await;
    let unread = (FindingEvent::BecameUnreadable, Some(Cause::Reading));
    assert_eq!(last(&world, "oai-1", OPEN_NETWORK).await, unread);
    world.take(snapshot(day(2), &both)).await;
    let still = (FindingEvent::StillFailing, Some(Cause::Reading));
    assert_eq!(last(&world, "oai-1", OPEN_NETWORK).await, still);
    world.take(snapshot(day(3), &[search])).await;
    assert_eq!(last(&world, "oai-1", OPEN_NETWORK).await, (FindingEvent::AssetDeleted, None));
}
