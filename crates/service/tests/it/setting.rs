//! What an organisation sets for its packs.

use postern_domain::settings::{PackSettings, Settings};
use postern_domain::verdict::Verdict;
use postern_service::rules::{RuleChangeKind, SettingError, changes, set_settings, settings};
use postern_test_support::sample::{open_account, snapshot};
use serde_json::{Value, json};

use crate::world::{World, day};

pub const PACK: &str = "azure-ai-baseline";

/// A rule about the tags that an organisation asks for: none by default.
pub const RULE: &str = "POL-16";

pub fn parse(settings: Value) -> PackSettings {
    serde_json::from_value(settings).unwrap()
}

/// An account with these tags.
pub fn tagged(name: &str, tags: Value) -> Value {
    let mut account = open_account(name);
    account["tags"] = tags;
    account
}

/// What [`RULE`] says of the account now.
async fn verdict(world: &World, name: &str) -> Verdict {
    let query = "SELECT verdict FROM current_verdicts JOIN assets USING (asset_number) WHERE rule_id = $1 AND asset_id LIKE '%/' || $2";
    let said: String = sqlx::query_scalar(query)
        .bind(RULE)
        .bind(name)
        .fetch_one(world.database.pool())
        .await
        .unwrap();
    Verdict::ALL.iter().copied().find(|verdict| verdict.as_str() == said).unwrap()
}

#[tokio::test]
async fn settings_and_their_overrides_hold_from_the_next_evaluation_on_and_stand_in_it() {
    let world = World::new().await;
    let accounts = [
        tagged("oai-plain", json!({})),
        tagged("oai-owned", json!({"Owner": "team-claims"})),
        tagged("oai-sandbox", json!({"Environment": "Sandbox"})),
    ];
    world.take(snapshot(day(0), &accounts)).await;
    for name in ["oai-plain", "oai-owned", "oai-sandbox"] {
        assert_eq!(verdict(&world, name).await, Verdict::NotApplicable, "{name}");
    }
    let wanted = parse(json!({
        "values": {"requiredTags": ["owner"]},
        "overrides": [{
            "scope": {"tag": "environment=sandbox"},
            "values": {"requiredTags": ["environment"]},
            "reason": "nobody owns a sandbox",
        }],
    }));
    set_settings(&world.postern, PACK, &wanted, "owners are needed").await.unwrap();
    assert_eq!(verdict(&world, "oai-plain").await, Verdict::NotApplicable, "nothing is rewritten");
    world.take(snapshot(day(1), &accounts)).await;
    assert_eq!(verdict(&world, "oai-plain").await, Verdict::Fail);
    assert_eq!(verdict(&world, "oai-owned").await, Verdict::Pass);
    assert_eq!(verdict(&world, "oai-sandbox").await, Verdict::Pass);

    let mut stood: Vec<Value> =
        sqlx::query_scalar("SELECT settings FROM evaluations ORDER BY evaluation_id")
            .fetch_all(world.database.pool())
            .await
            .unwrap();
    let latest: Settings = serde_json::from_value(stood.pop().unwrap()).unwrap();
    assert_eq!(latest, settings(&world.postern).await.unwrap());
    assert_eq!(*latest.of(PACK), wanted);
    assert_eq!(stood, [json!({})], "before, nothing was set");

    set_settings(&world.postern, PACK, &PackSettings::default(), "never mind").await.unwrap();
    world.take(snapshot(day(2), &accounts)).await;
    assert_eq!(verdict(&world, "oai-plain").await, Verdict::NotApplicable);
    let said = changes(&world.postern, 10).await.unwrap();
    let said: Vec<_> =
        said.into_iter().map(|change| (change.pack, change.kind, change.reason)).collect();
    let change = |reason: &str| (PACK.to_owned(), RuleChangeKind::Settings, reason.to_owned());
    assert_eq!(said, [change("never mind"), change("owners are needed")]);
}

#[tokio::test]
async fn what_cannot_be_set_is_refused_in_a_clear_sentence_and_changes_nothing() {
    let world = World::new().await;
    let held = parse(json!({"values": {"requiredTags": ["owner"]}}));
    set_settings(&world.postern, PACK, &held, "a test").await.unwrap();
    let refused = [
        (
            json!({"values": {"keyRotation": 30}}),
            "values.keyRotation: azure-ai-baseline has no such setting",
        ),
        (
            json!({"values": {"keyRotationDays": "soon"}}),
            "values.keyRotationDays: \"soon\" is not of type \"integer\"",
        ),
        (json!({"values": {"requiredTags": ["owner", ""]}}), "values.requiredTags/1: \"\""),
        (
            json!({"values": {}, "overrides": [{"scope": {"tag": "sandbox"}, "values": {}}]}),
            "overrides[0].scope: \"sandbox\" is not of the form name=value",
        ),
        (
            json!({"values": {}, "overrides": [{"scope": {"subscription": "0a0a"}, "values": {"keyRotationDays": 0}}]}),
            "overrides[0].values.keyRotationDays: 0 is less than the minimum of 1",
        ),
    ];
    for (wrong, sentence) in refused {
        let error = set_settings(&world.postern, PACK, &parse(wrong.clone()), "a test").await;
        let error = error.unwrap_err();
        assert!(
            matches!(&error, SettingError::Refused { problems } if problems.len() == 1),
            "{wrong}"
        );
        assert!(error.to_string().contains(sentence), "{wrong}: {error}");
    }
    let stranger = set_settings(&world.postern, "azure-baseline", &held, "a test").await;
    assert_eq!(
        stranger.unwrap_err().to_string(),
        "no active rule pack is named azure-baseline; there is azure-ai-baseline"
    );
    assert_eq!(*settings(&world.postern).await.unwrap().of(PACK), held);
    assert_eq!(world.count("SELECT count(*) FROM setting_changes").await, 1);
}
