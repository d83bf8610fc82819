//! Which packs judge, where they came from, and what was set for them.

use std::collections::BTreeMap;

use postern_domain::digest::Digest;
use postern_domain::pack::PackOrigin;
use postern_domain::settings::{PackSettings, Settings};
use postern_store::rules::{self, RuleChange, RuleChangeKind};
use postern_store::{PgConnection, pack};
use postern_test_support::{NOW, TestDatabase};
use serde_json::json;
use time::Duration;

/// Registers a pack of these bytes.
async fn register(session: &mut PgConnection, version: &str, component: &[u8]) -> Digest {
    let digest = Digest::of(component);
    let manifest = json!({"name": "sample", "version": version});
    let new =
        pack::NewPack { digest, name: "sample", version, manifest: &manifest, component, at: NOW };
    pack::register(session, &new).await.unwrap();
    digest
}

#[tokio::test]
async fn the_latest_activation_and_the_latest_settings_hold_and_every_change_stays() {
    let database = TestDatabase::create().await;
    let session = &mut *database.pool().acquire().await.unwrap();
    assert_eq!(rules::activated(session).await.unwrap(), BTreeMap::new());
    assert_eq!(rules::settings(session).await.unwrap(), Settings::default());
    let first = register(session, "1.0.0", b"one").await;
    let second = register(session, "2.0.0", b"two").await;
    let later = |minutes: i64| NOW + Duration::minutes(minutes);
    for (minutes, version) in [(0, Some(first)), (1, Some(second))] {
        rules::activate(session, "sample", version, "a test", later(minutes)).await.unwrap();
    }
    let now = rules::activated(session).await.unwrap();
    assert_eq!(now, BTreeMap::from([("sample".to_owned(), second)]));
    let set: PackSettings = serde_json::from_value(json!({"values": {"days": 30}})).unwrap();
    rules::set(session, "sample", &PackSettings::default(), "none", later(2)).await.unwrap();
    rules::set(session, "sample", &set, "thirty", later(3)).await.unwrap();
    rules::set(session, "other", &PackSettings::default(), "of another", later(4)).await.unwrap();
    assert_eq!(*rules::settings(session).await.unwrap().of("sample"), set);
    rules::activate(session, "sample", None, "back", later(5)).await.unwrap();
    assert_eq!(rules::activated(session).await.unwrap(), BTreeMap::new());

    let said = rules::changes(session, 10).await.unwrap();
    let reasons: Vec<&str> = said.iter().map(|change| change.reason.as_str()).collect();
    assert_eq!(reasons, ["back", "of another", "thirty", "none", "a test", "a test"]);
    let version = Some((second, "2.0.0".to_owned()));
    let expected = RuleChange {
        at: later(1),
        pack: "sample".to_owned(),
        kind: RuleChangeKind::Activated { version },
        reason: "a test".to_owned(),
    };
    assert_eq!(said[4], expected);
    assert_eq!(rules::changes(session, 2).await.unwrap(), said[..2]);
}

#[tokio::test]
async fn what_vouched_for_a_pack_first_stays() {
    let database = TestDatabase::create().await;
    let session = &mut *database.pool().acquire().await.unwrap();
    let packs = [
        register(session, "1.0.0", b"one").await,
        register(session, "2.0.0", b"two").await,
        register(session, "3.0.0", b"three").await,
    ];
    let signed = PackOrigin::Signed("E7620F1842B4E81F".to_owned());
    for origin in [&signed, &PackOrigin::Unsigned] {
        rules::register_origin(session, packs[0], origin, NOW).await.unwrap();
    }
    rules::register_origin(session, packs[1], &PackOrigin::BuiltIn, NOW).await.unwrap();
    let known = rules::origins(session, &packs).await.unwrap();
    assert_eq!(known, BTreeMap::from([(packs[0], signed), (packs[1], PackOrigin::BuiltIn)]));
}

#[tokio::test]
async fn a_pack_is_found_by_its_version_or_the_beginning_of_its_digest() {
    let database = TestDatabase::create().await;
    let session = &mut *database.pool().acquire().await.unwrap();
    let first = register(session, "1.0.0", b"one").await;
    let second = register(session, "2.0.0", b"two").await;
    assert_eq!(rules::find(session, "sample", "1.0.0").await.unwrap(), [first]);
    let begin: String = second.to_string().chars().take(8).collect();
    assert_eq!(rules::find(session, "sample", &begin).await.unwrap(), [second]);
    assert_eq!(rules::find(session, "other", "1.0.0").await.unwrap(), []);
    assert_eq!(rules::component(session, first).await.unwrap().as_deref(), Some(&b"one"[..]));
    assert_eq!(rules::component(session, Digest::of(b"four")).await.unwrap(), None);
}
