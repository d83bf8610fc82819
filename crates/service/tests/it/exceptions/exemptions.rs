//! Azure Policy's exemptions beside the exceptions for the same.

use postern_domain::exception::request::ReasonCategory;
use postern_domain::fact::{Fact, POLICY_ASSIGNMENTS, POLICY_EXEMPTIONS};
use postern_service::exception::{decide_exception, file_exception, list_exemptions};
use postern_service::view::{Drift, ExemptionsView};
use postern_test_support::sample::{Reading, SUBSCRIPTION};

use super::*;

/// A rule that is about what the policy of these exemptions is about.
const PUBLIC_ACCESS: &str = "NET-01";
const POLICY: &str = "037eea7a-bd0a-46c5-9a66-03aea78705d3";

fn exemption(of: &str, name: &str, expires: Option<&str>) -> Value {
    let assignment = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/network"
    );
    json!({
        "id": format!("{of}/providers/Microsoft.Authorization/policyExemptions/{name}"),
        "name": name,
        "properties": {
            "policyAssignmentId": assignment, "exemptionCategory": "Mitigated",
            "description": "A gateway is in front.", "expiresOn": expires,
        },
    })
}

fn account(name: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ai/providers/Microsoft.CognitiveServices/accounts/{name}"
    )
}

/// Two open accounts in a subscription with these exemptions.
fn reading(at: OffsetDateTime, exemptions: Fact) -> Reading {
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    let resources = [
        open_account("oai-1"),
        open_account("oai-2"),
        json!({"id": subscription, "name": "Sample"}),
    ];
    let mut reading = snapshot(at, &resources);
    let assignments = json!([{
        "id": format!("{subscription}/providers/Microsoft.Authorization/policyAssignments/network"),
        "properties": {
            "policyDefinitionId": format!("/providers/Microsoft.Authorization/policyDefinitions/{POLICY}"),
        },
    }]);
    let asset = reading.assets.values_mut().find(|asset| asset.arm_id == subscription).unwrap();
    let related = &mut asset.document.related;
    related.insert(POLICY_ASSIGNMENTS.to_owned(), Fact::Read { value: assignments });
    related.insert(POLICY_EXEMPTIONS.to_owned(), exemptions);
    reading
}

async fn list(office: &Office, days: i64) -> ExemptionsView {
    list_exemptions(&office.at(Vera, days).await, None).await.unwrap().unwrap()
}

fn said(view: &ExemptionsView) -> Vec<(&str, Drift, u64, u64)> {
    let of_rule = view.exemptions.iter().filter(|it| it.rule.as_str() == PUBLIC_ACCESS);
    of_rule.map(|it| (it.name.as_str(), it.drift, it.failing, it.excepted)).collect()
}

#[tokio::test]
async fn what_differs_is_shown_both_ways_and_can_be_asked_for() {
    let office = Office::new().await;
    let exemptions = json!([
        exemption(&account("oai-1"), "one", Some("2026-05-01T06:00:00Z")),
        exemption(&format!("/subscriptions/{SUBSCRIPTION}"), "old", Some("2026-03-01T00:00:00Z")),
        exemption("/providers/Microsoft.Management/managementGroups/contoso", "above", None),
    ]);
    office.world.take(reading(day(1), Fact::Read { value: exemptions })).await;
    let view = list(&office, 1).await;
    let expected = [
        ("one", Drift::OnlyInAzure, 1, 0),
        ("above", Drift::NothingFails, 0, 0),
        ("old", Drift::EndedInAzure, 2, 0),
    ];
    assert_eq!(said(&view), expected);
    assert!(view.only_here.is_empty() && view.unread.is_empty());
    // What it says is what can be asked for, and somebody else decides on it.
    let adopt = view.exemptions.iter().find_map(|it| it.adopt.clone()).unwrap();
    assert_eq!(adopt.reason, ReasonCategory::MitigatedOtherwise);
    assert!(adopt.justification.starts_with("A gateway is in front."));
    assert_eq!(adopt.until, Some(day(60)));
    let covers = json!({"standing": {"rule": PUBLIC_ACCESS, "assets": adopt.scope}});
    let request = office.request_for(Nora, &covers, 60).await;
    let id = file_exception(&office.at(Nora, 2).await, filing(request)).await.unwrap();
    assert_eq!(said(&list(&office, 2).await)[0], expected[0], "asking is not deciding");
    decide_exception(&office.at(Amal, 3).await, id, yes()).await.unwrap();
    let view = list(&office, 3).await;
    assert!(said(&view).contains(&("one", Drift::None, 1, 1)), "{:?}", said(&view));
    // An exemption that goes on for ever ends later than any exception.
    let forever = json!([exemption(&account("oai-1"), "one", None)]);
    office.world.take(reading(day(4), Fact::Read { value: forever })).await;
    assert_eq!(said(&list(&office, 4).await), [("one", Drift::LaterInAzure, 1, 1)]);
    // And one that is gone leaves what is excepted here alone.
    office.world.take(reading(day(5), Fact::Read { value: json!([]) })).await;
    let view = list(&office, 5).await;
    let only_here: Vec<_> = view.only_here.iter().map(|row| row.rule.as_str()).collect();
    assert_eq!(only_here, [PUBLIC_ACCESS]);
    assert!(list_exemptions(&office.at(Nora, 5).await, None).await.is_err());
}

#[tokio::test]
async fn what_could_not_be_read_is_said() {
    let office = Office::new().await;
    let reason = serde_json::from_value(json!({
        "kind": "forbidden", "status": 403, "message": "the credential may not list them",
    }))
    .unwrap();
    office.world.take(reading(day(1), Fact::Unreadable { reason, partial: None })).await;
    let view = list(&office, 1).await;
    let expected = (SUBSCRIPTION.to_owned(), "the credential may not list them".to_owned());
    assert_eq!(view.unread, [expected]);
    assert!(view.exemptions.is_empty());
}
