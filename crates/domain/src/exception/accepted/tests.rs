use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::gap::{GapKind, GapReason};

const READS: [&str; 8] = [
    "properties.publicNetworkAccess",
    "properties.networkAcls",
    "properties.networkRuleSet",
    "properties.disableLocalAuth",
    "properties.restrictOutboundNetworkAccess",
    "properties.allowedFqdnList",
    "properties.capacity",
    "deployments[].sku.capacity",
];

fn verdict(verdict: &str, severity: &str) -> RuleVerdict {
    serde_json::from_value(json!({
        "asset": "/subscriptions/s", "rule": "NET-01", "verdict": verdict, "severity": severity, "summary": "Open.",
        "evidence": [],
    }))
    .unwrap()
}

fn document(properties: &Value, related: &Value) -> AssetDocument {
    let resource = json!({"id": "x", "etag": properties.to_string(), "properties": properties});
    serde_json::from_value(json!({"resource": resource, "related": related})).unwrap()
}

fn state_read_by(reads: &[&str], properties: &Value, related: &Value) -> ObservedState {
    let document = document(properties, related);
    ObservedState::of(&verdict("fail", "high"), &document, reads.iter().copied()).unwrap()
}

fn state(properties: &Value) -> ObservedState {
    state_read_by(&READS, properties, &json!({}))
}

/// What changed for the worse, one a line; `same` or `better`.
fn outcome(accepted: &ObservedState, present: &ObservedState) -> Vec<String> {
    let text = |value: Option<Value>| value.map_or("absent".to_owned(), |it| it.to_string());
    match compare(accepted, Present::Failing(present)) {
        Comparison::Same => vec!["same".to_owned()],
        Comparison::Better => vec!["better".to_owned()],
        Comparison::Worse(Worsening::Severity { from, to }) => vec![format!("{from} > {to}")],
        Comparison::Worse(Worsening::Properties { changes, more }) => {
            assert_eq!(more, 0);
            let line = |it: PropertyChange| {
                format!("{}: {} > {}", it.path, text(it.before), text(it.after))
            };
            changes.into_iter().map(line).collect()
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "a case reads better without references")]
fn check(accepted: Value, present: Value, expected: &[&str]) {
    assert_eq!(outcome(&state(&accepted), &state(&present)), expected, "{accepted} > {present}");
}

#[test]
fn any_change_of_what_the_rule_reads_is_for_the_worse() {
    check(json!({"capacity": 1}), json!({"capacity": 2}), &["properties.capacity: 1 > 2"]);
    check(json!({"capacity": 2}), json!({"capacity": 1}), &["properties.capacity: 2 > 1"]);
    check(json!({}), json!({"capacity": 1}), &["properties.capacity: absent > 1"]);
    check(
        json!({"publicNetworkAccess": "Disabled", "capacity": 1}),
        json!({"publicNetworkAccess": "Enabled", "capacity": "1"}),
        &[
            r#"properties.capacity: 1 > "1""#,
            r#"properties.publicNetworkAccess: "Disabled" > "Enabled""#,
        ],
    );
    check(
        json!({"networkAcls": {"ipRules": [{"value": "a"}]}}),
        json!({"networkAcls": {"ipRules": [{"value": "a"}, {"value": "b"}]}}),
        &[r#"properties.networkAcls.ipRules: [{"value":"a"}] > [{"value":"a"},{"value":"b"}]"#],
    );
}

#[test]
fn what_the_rule_does_not_read_and_what_azure_varies_is_the_same() {
    check(json!({"capacity": 1, "notes": "a"}), json!({"capacity": 1, "notes": "b"}), &["same"]);
    check(
        json!({"allowedFqdnList": ["a", "b"]}),
        json!({"allowedFqdnList": ["b", "a"]}),
        &["same"],
    );
    check(json!({"capacity": null}), json!({}), &["same"]);
    check(json!({"capacity": [{"a": null}, 1]}), json!({"capacity": [1, {}]}), &["same"]);
    check(
        json!({"networkAcls": {"virtualNetworkRules": [{"id": "/subscriptions/A/x", "state": null}]}}),
        json!({"networkAcls": {"virtualNetworkRules": [{"id": "/Subscriptions/a/X"}]}}),
        &["same"],
    );
    let kept = state(&json!({"capacity": 1, "notes": "a"})).document.resource;
    assert_eq!(kept, json!({"properties": {"capacity": 1}}));
}

#[test]
fn what_is_narrower_for_certain_is_better() {
    let acls = |rules: Value| json!({"networkAcls": {"ipRules": rules}});
    let three = || acls(json!([{"value": "a"}, {"value": "b"}, {"value": "c"}]));
    check(three(), acls(json!([{"value": "c"}, {"value": "a"}])), &["better"]);
    // An empty one may let everybody in.
    check(
        acls(json!([{"value": "a"}])),
        acls(json!([])),
        &[r#"properties.networkAcls.ipRules: [{"value":"a"}] > []"#],
    );
    assert_ne!(outcome(&state(&three()), &state(&acls(json!([{"value": "d"}])))), ["better"]);
    assert_ne!(
        outcome(&state(&acls(json!(["a", "b"]))), &state(&acls(json!(["a", "a"])))),
        ["same"]
    );
    let subnets = |names: &[&str]| {
        let id = |name: &&str| json!({"id": format!("/subscriptions/s/{name}"), "ignore": false});
        json!({"networkAcls": {"virtualNetworkRules": names.iter().map(id).collect::<Vec<_>>()}})
    };
    check(subnets(&["a", "b"]), subnets(&["B"]), &["better"]);
    assert_eq!(outcome(&state(&subnets(&["a", "b"])), &state(&subnets(&["a", "c"]))).len(), 2);
    check(json!({"disableLocalAuth": false}), json!({"disableLocalAuth": true}), &["better"]);
    check(json!({}), json!({"restrictOutboundNetworkAccess": true}), &["better"]);
    check(
        json!({"disableLocalAuth": true}),
        json!({"disableLocalAuth": false}),
        &["properties.disableLocalAuth: true > false"],
    );
    check(
        json!({"publicNetworkAccess": "Enabled"}),
        json!({"publicNetworkAccess": "disabled"}),
        &["better"],
    );
    check(
        json!({"publicNetworkAccess": "SecuredByPerimeter"}),
        json!({"publicNetworkAccess": "Disabled"}),
        &[r#"properties.publicNetworkAccess: "SecuredByPerimeter" > "Disabled""#],
    );
    // One that is narrower does not make up for one that is not.
    check(
        json!({"disableLocalAuth": false, "capacity": 1}),
        json!({"disableLocalAuth": true, "capacity": 2}),
        &["properties.capacity: 1 > 2"],
    );
}

#[test]
fn a_shorter_list_that_protects_is_for_the_worse() {
    let logs = |names: &[&str]| {
        let logs: Vec<_> = names.iter().map(|name| json!({"category": name})).collect();
        let related = json!({"diagnosticSettings": {"state": "read", "value": logs}});
        state_read_by(&["diagnosticSettings[].category"], &json!({}), &related)
    };
    let (two, one) = (logs(&["Audit", "RequestResponse"]), logs(&["RequestResponse"]));
    assert_eq!(
        outcome(&two, &one),
        [
            r#"diagnosticSettings: [{"category":"Audit"},{"category":"RequestResponse"}] > [{"category":"RequestResponse"}]"#
        ]
    );
}

#[test]
fn severity_counts_before_all_else() {
    let of = |severity: &str, capacity: u32| {
        let document = document(&json!({"capacity": capacity}), &json!({}));
        ObservedState::of(&verdict("fail", severity), &document, READS).unwrap()
    };
    assert_eq!(outcome(&of("medium", 1), &of("high", 1)), ["medium > high"]);
    assert_eq!(outcome(&of("high", 1), &of("medium", 1)), ["better"]);
    assert_eq!(outcome(&of("high", 1), &of("medium", 2)), ["properties.capacity: 1 > 2"]);
    assert_eq!(outcome(&of("low", 1), &of("low", 1)), ["same"]);
}

#[test]
fn what_could_not_be_read_is_no_change() {
    let accepted = state(&json!({"capacity": 1}));
    assert_eq!(compare(&accepted, Present::Unread), Comparison::Same);
    assert_eq!(compare(&accepted, Present::Gone), Comparison::Better);
    let reason = GapReason::new(GapKind::Forbidden, "Azure refused.");
    let unread = json!({"deployments": {"state": "unreadable", "reason": reason}});
    let read = |capacity: u32| {
        let entry = json!({"name": "gpt", "sku": {"capacity": capacity}});
        json!({"deployments": {"state": "read", "value": [entry]}})
    };
    let of = |related: &Value| state_read_by(&READS, &json!({}), related);
    for (accepted, present) in
        [(read(1), unread.clone()), (unread, read(1)), (json!({}), read(1)), (read(1), json!({}))]
    {
        assert_eq!(outcome(&of(&accepted), &of(&present)), ["same"], "{accepted} > {present}");
    }
    assert_eq!(
        outcome(&of(&read(1)), &of(&read(2))),
        [r#"deployments: [{"sku":{"capacity":1}}] > [{"sku":{"capacity":2}}]"#]
    );
}

#[test]
fn what_only_another_version_of_the_rule_reads_is_no_change() {
    let related =
        json!({"deployments": {"state": "read", "value": [{"name": "a", "x": 1, "y": 2}]}});
    let of = |reads: &[&str], capacity: u32| {
        state_read_by(reads, &json!({"capacity": capacity, "sku": "S0"}), &related)
    };
    let older = ["properties.capacity", "deployments[].x"];
    let newer = ["properties.capacity", "properties.sku", "deployments[].x", "deployments[].y"];
    assert_eq!(outcome(&of(&older, 1), &of(&newer, 1)), ["same"]);
    assert_eq!(outcome(&of(&newer, 1), &of(&older, 1)), ["same"]);
    assert_eq!(outcome(&of(&older, 1), &of(&newer, 2)), ["properties.capacity: 1 > 2"]);
}

#[test]
fn only_a_failure_can_be_accepted() {
    let document = document(&json!({}), &json!({}));
    for (word, accepted) in
        [("fail", true), ("unknown", false), ("pass", false), ("not_applicable", false)]
    {
        let observed = ObservedState::of(&verdict(word, "high"), &document, READS);
        assert_eq!(observed.is_some(), accepted, "{word}");
    }
}

#[test]
fn no_more_properties_are_named_than_people_read() {
    let reads: Vec<String> = (0..12).map(|number| format!("properties.p{number}")).collect();
    let reads: Vec<&str> = reads.iter().map(String::as_str).collect();
    let fields = |value: u32| (0..12).map(move |number| (format!("p{number}"), json!(value)));
    let of =
        |value: u32| state_read_by(&reads, &Value::Object(fields(value).collect()), &json!({}));
    let Comparison::Worse(Worsening::Properties { changes, more }) =
        compare(&of(1), Present::Failing(&of(2)))
    else {
        panic!("twelve properties changed");
    };
    assert_eq!((changes.len(), more), (10, 2));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..4_u8).prop_map(Value::from),
        "[ab]".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[abn]", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_is_worse_than_itself_and_a_changed_value_never_passes_for_the_same(
        one in any_value(),
        other in any_value(),
    ) {
        let of = |value: &Value| state_read_by(&["properties.a"], &json!({"a": value}), &json!({}));
        prop_assert_eq!(compare(&of(&one), Present::Failing(&of(&one))), Comparison::Same);
        let is_same = settled(Some(&one)) == settled(Some(&other));
        let comparison = compare(&of(&one), Present::Failing(&of(&other)));
        if is_same {
            prop_assert_eq!(comparison, Comparison::Same);
        } else {
            prop_assert!(matches!(comparison, Comparison::Worse(_)), "{:?}", comparison);
        }
    }
}
