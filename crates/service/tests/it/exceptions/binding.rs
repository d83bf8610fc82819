//! An approval is bound to the state that was approved.

use postern_domain::exception::accepted::Worsening;
use postern_domain::exception::status::{EffectiveStatus, ExceptionStatus};
use postern_domain::finding::FindingState;
use postern_service::decision::list_decisions;
use postern_service::exception::{decide_exception, file_exception};
use postern_test_support::sample::{account, closed_account, refused_snapshot};

use super::*;

/// Open to everybody, with these rules for addresses, of which a rule reads all.
fn with_rules(name: &str, rules: &[&str]) -> Value {
    let rules: Vec<Value> = rules.iter().map(|address| json!({"value": address})).collect();
    account(
        name,
        &json!({
            "publicNetworkAccess": "Enabled",
            "disableLocalAuth": false,
            "networkAcls": {"defaultAction": "Allow", "ipRules": rules, "virtualNetworkRules": []},
        }),
    )
}

#[tokio::test]
async fn what_changes_for_the_worse_is_void_with_the_reason_and_the_finding_is_back() {
    let office = Office::new().await;
    let id = office.except("oai-1").await;
    let second = open_account("oai-2");
    // As it was, and then with something the rule does not read.
    office.world.take(snapshot(day(2), &[open_account("oai-1"), second.clone()])).await;
    let mut tagged = open_account("oai-1");
    tagged["tags"] = json!({"costs": "42"});
    office.world.take(snapshot(day(3), &[tagged, second.clone()])).await;
    assert!(is_excepted(office.stands("oai-1", 3).await));
    // The network rules are read: another value than was accepted.
    let wider = with_rules("oai-1", &["203.0.113.0/24"]);
    let summary = office.world.take(snapshot(day(4), &[wider, second])).await;
    assert_eq!(office.stands("oai-1", 4).await, EffectiveStatus::Open);
    let view = office.show(Vera, 5, id).await;
    assert_eq!(view.row.status, ExceptionStatus::Void);
    let (worsening, at, by) = view.findings[0].accepted.clone().unwrap().void.unwrap();
    assert_eq!((at, by), (day(4), summary.evaluation));
    let Worsening::Properties { changes, more: 0 } = worsening else { panic!("{worsening:?}") };
    assert_eq!(changes[0].path, "properties.networkAcls.ipRules", "{changes:?}");
    let log = list_decisions(&office.at(Vera, 5).await, None, 1).await.unwrap();
    assert_eq!(log.entries[0].action.as_str(), "exception.void");
    assert_eq!(log.entries[0].who, format!("evaluation {}", summary.evaluation));
    // It was accepted until then, whenever that is asked.
    let finding = office.finding("oai-1").await;
    let then = day(4) - Duration::MICROSECOND;
    let view = show_finding(&office.at(Vera, 9).await, finding, Some(then)).await;
    assert!(is_excepted(view.unwrap().unwrap().row.effective));
    // What was void stays so, also where it is as it was.
    office.world.take(snapshot(day(6), &[open_account("oai-1"), open_account("oai-2")])).await;
    assert_eq!(office.stands("oai-1", 6).await, EffectiveStatus::Open);
}

#[tokio::test]
async fn what_improves_is_gone_or_unread_stays_accepted() {
    let office = Office::new().await;
    let accounts = [with_rules("oai-1", &["198.51.100.7", "203.0.113.7"]), open_account("oai-2")];
    office.world.take(snapshot(day(0) + Duration::MINUTE, &accounts)).await;
    let id = office.except("oai-1").await;
    let narrower = [with_rules("oai-1", &["198.51.100.7"]), open_account("oai-2")];
    office.world.take(snapshot(day(2), &narrower)).await;
    assert!(is_excepted(office.stands("oai-1", 2).await), "fewer addresses are narrower");
    office.world.take(refused_snapshot(day(3), &[])).await;
    assert_eq!(office.world.state("oai-1", EXPOSED_KEYS).await, Some(FindingState::NotRechecked));
    assert!(is_excepted(office.stands("oai-1", 3).await), "nobody knows that it changed");
    office.world.take(snapshot(day(4), &[closed_account("oai-1"), open_account("oai-2")])).await;
    assert_eq!(office.stands("oai-1", 4).await, EffectiveStatus::Resolved);
    office.world.take(snapshot(day(5), &narrower)).await;
    assert!(is_excepted(office.stands("oai-1", 5).await), "it is back as it was accepted");
    assert_eq!(office.acts(id).await, ["drafted", "filed", "approved"]);
    // Back wider than that, it is open.
    let wider = with_rules("oai-1", &["198.51.100.7", "203.0.113.7", "192.0.2.7"]);
    office.world.take(snapshot(day(6), &[wider, open_account("oai-2")])).await;
    assert_eq!(office.stands("oai-1", 6).await, EffectiveStatus::Open);
}

#[tokio::test]
async fn of_a_selection_each_finding_is_void_for_itself() {
    let office = Office::new().await;
    let findings = [office.finding("oai-1").await, office.finding("oai-2").await];
    let request = office.request(Nora, &findings, 60).await;
    let id = file_exception(&office.at(Nora, 1).await, filing(request)).await.unwrap();
    decide_exception(&office.at(Amal, 1).await, id, yes()).await.unwrap();
    let accounts = [with_rules("oai-1", &["203.0.113.0/24"]), open_account("oai-2")];
    office.world.take(snapshot(day(2), &accounts)).await;
    assert_eq!(office.stands("oai-1", 2).await, EffectiveStatus::Open);
    assert!(is_excepted(office.stands("oai-2", 2).await));
    assert_eq!(office.status(2, id).await, ExceptionStatus::Approved);
    office.world.take(snapshot(day(3), &[with_rules("oai-2", &["192.0.2.7"])])).await;
    assert_eq!(office.status(3, id).await, ExceptionStatus::Void);
}

#[tokio::test]
async fn an_approver_accepts_what_they_saw_and_nothing_newer() {
    let office = Office::new().await;
    let id = office.file(Nora, "oai-1").await.unwrap();
    let seen = office.show(Amal, 1, id).await.state;
    let wider = [with_rules("oai-1", &["203.0.113.0/24"]), open_account("oai-2")];
    office.world.take(snapshot(day(2), &wider)).await;
    let of_then = |seen| Decision::Approve {
        version: 1,
        seen: Some(seen),
        until: None,
        conditions: None,
        later_assets: LaterAssets::NotCovered,
    };
    let amal = office.at(Amal, 2).await;
    let refused = decide_exception(&amal, id, of_then(seen)).await.unwrap_err();
    assert!(matches!(refused, ExceptionError::StateChanged), "{refused}");
    let now = office.show(Amal, 2, id).await.state;
    decide_exception(&amal, id, of_then(now)).await.unwrap();
    assert!(is_excepted(office.stands("oai-1", 2).await));
    // What was approved is compared from then on with what was seen.
    office.world.take(snapshot(day(3), &wider)).await;
    assert!(is_excepted(office.stands("oai-1", 3).await));
    let nothing = [closed_account("oai-1"), closed_account("oai-2")];
    office.world.take(snapshot(day(4), &nothing)).await;
    let late = office.file(Nora, "oai-2").await.unwrap_err().to_string();
    assert_eq!(
        late,
        "nothing that this exception covers is failing, so there is nothing to accept"
    );
}
