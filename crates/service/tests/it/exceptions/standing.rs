//! Exceptions for a rule and a scope.

use postern_domain::exception::act::LaterAssets;
use postern_domain::exception::status::EffectiveStatus;
use postern_service::exception::{decide_exception, file_exception, preview_exception};
use postern_test_support::sample::SUBSCRIPTION;

use super::*;

fn tagged(name: &str, tags: &Value) -> Value {
    let mut account = open_account(name);
    account["tags"] = tags.clone();
    account
}

fn approve(later_assets: LaterAssets) -> Decision {
    Decision::Approve { version: 1, seen: None, until: None, conditions: None, later_assets }
}

fn dev() -> Value {
    json!({"standing": {"rule": EXPOSED_KEYS, "assets": {"tag": "env=dev"}}})
}

#[tokio::test]
async fn assets_that_appear_later_are_covered_only_where_the_approver_said_so() {
    for later_assets in [LaterAssets::NotCovered, LaterAssets::Covered] {
        let office = Office::new().await;
        let mut accounts = vec![tagged("oai-1", &json!({"env": "dev"})), open_account("oai-2")];
        office.world.take(snapshot(day(1), &accounts)).await;
        let request = office.request_for(Nora, &dev(), 60).await;
        let nora = office.at(Nora, 1).await;
        let preview = preview_exception(&nora, None, &request.covers).await.unwrap();
        assert_eq!(preview.findings.len(), 1);
        let id = file_exception(&nora, filing(request)).await.unwrap();
        let pending = EffectiveStatus::Pending { exception: id };
        assert_eq!(office.stands("oai-1", 1).await, pending);
        assert_eq!(office.stands("oai-2", 1).await, EffectiveStatus::Open);
        // While it waits, it asks for what appears too.
        accounts.push(tagged("oai-3", &json!({"env": "dev"})));
        office.world.take(snapshot(day(2), &accounts)).await;
        assert_eq!(office.stands("oai-3", 2).await, pending);
        decide_exception(&office.at(Amal, 2).await, id, approve(later_assets)).await.unwrap();
        assert!(is_excepted(office.stands("oai-3", 2).await));
        accounts.push(tagged("oai-4", &json!({"env": "dev"})));
        accounts.push(tagged("oai-5", &json!({"env": "prod"})));
        office.world.take(snapshot(day(3), &accounts)).await;
        let covered = later_assets == LaterAssets::Covered;
        assert_eq!(is_excepted(office.stands("oai-4", 3).await), covered, "{later_assets:?}");
        assert_eq!(office.stands("oai-5", 3).await, EffectiveStatus::Open);
        let expected: &[&str] = match later_assets {
            LaterAssets::NotCovered => &["drafted", "filed", "approved"],
            LaterAssets::Covered => &["drafted", "filed", "approved", "covers more"],
        };
        assert_eq!(office.acts(id).await, expected);
        assert_eq!(office.stands("oai-4", 60).await, EffectiveStatus::Open);
    }
}

#[tokio::test]
async fn a_team_asks_for_no_scope_that_holds_what_others_have() {
    let office = Office::new().await;
    let scope =
        json!({"standing": {"rule": EXPOSED_KEYS, "assets": {"subscription": SUBSCRIPTION}}});
    let file = async |who, covers: &Value| {
        let request = office.request_for(who, covers, 60).await;
        file_exception(&office.at(who, 2).await, filing(request)).await
    };
    assert!(file(Nora, &scope).await.is_ok(), "all there is are theirs");
    let accounts = [open_account("oai-1"), tagged("oai-9", &json!({"team": "vision"}))];
    office.world.take(snapshot(day(1), &accounts)).await;
    for (who, covers) in [(Nora, &scope), (Tomas, &scope), (Tomas, &dev())] {
        let refused = file(who, covers).await.unwrap_err();
        assert!(matches!(refused, ExceptionError::ScopeOfOthers), "{who:?}: {refused}");
    }
    assert!(file(Kim, &scope).await.is_ok());
    assert!(file(Kim, &dev()).await.is_ok(), "nothing fails there yet");
    let nothing = json!({"standing": {"rule": "NO-99", "assets": {"tag": "env=dev"}}});
    assert_eq!(file(Kim, &nothing).await.unwrap_err().to_string(), "there is no rule NO-99");
}
