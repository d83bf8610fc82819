use serde_json::{Value, json};

use super::*;

/// A framework with these controls.
fn framework(controls: &Value) -> Value {
    json!({
        "id": "house", "title": "House rules", "version": "1", "publisher": "Contoso",
        "source": "https://contoso.example/rules", "licence": "own", "titles_free": true,
        "mapping": "Contoso security", "controls": controls,
    })
}

fn with(mut framework: Value, field: &str, value: Value) -> Value {
    framework[field] = value;
    framework
}

fn error(framework: &Value) -> String {
    match parse(&framework.to_string()) {
        Ok(_) => "none".to_owned(),
        Err(FrameworkError::Json(cause)) => cause.to_string(),
        Err(error) => error.to_string(),
    }
}

fn one(control: &Value) -> String {
    error(&framework(&json!([control])))
}

#[test]
fn a_control_says_how_it_is_assessed() {
    let text = framework(&json!([
        {"id": "H-1", "title": "Doors", "assessment": "automated", "rules": ["NET-02", "NET-01"],
         "description": "All doors."},
        {"id": "H-1.1", "parent": "H-1", "assessment": "partly", "named_by_packs": true,
         "description": "Some doors.", "reason": "Not the back doors."},
        {"id": "H-2", "assessment": "manual", "reason": "The keys."},
        {"id": "H-3", "assessment": "not_assessable", "reason": "It is about people."},
    ]));
    let framework = parse(&text.to_string()).unwrap();
    let [doors, some, keys, people] = framework.controls() else { panic!("four controls") };
    assert_eq!(doors.assessment(), &Assessment::Automated);
    let rules: Vec<&str> = doors.rules().iter().map(|mapped| mapped.rule.as_str()).collect();
    assert_eq!(rules, ["NET-01", "NET-02"]);
    assert_eq!(some.parent(), Some(doors.id()));
    assert_eq!(some.assessment().reason(), Some("Not the back doors."));
    assert_eq!(keys.assessment().as_str(), "manual");
    assert_eq!(people.assessment().as_str(), "not_assessable");
    assert_eq!(framework.control(keys.id()), Some(keys));
}

#[test]
fn a_default_is_the_nearest_above() {
    let mut text = framework(&json!([
        {"id": "A", "group": "inner"},
        {"id": "B", "group": "plain"},
        {"id": "C"},
        {"id": "D", "group": "inner", "assessment": "manual", "reason": "own"},
    ]));
    text["default"] = json!({"assessment": "not_assessable", "reason": "framework"});
    text["groups"] = json!([
        {"id": "outer", "default": {"assessment": "manual", "reason": "outer"}},
        {"id": "inner", "parent": "outer"},
        {"id": "plain", "title": "Plain"},
    ]);
    let framework = parse(&text.to_string()).unwrap();
    let reasons: Vec<_> =
        framework.controls().iter().filter_map(|control| control.assessment().reason()).collect();
    assert_eq!(reasons, ["outer", "framework", "framework", "own"]);
}

#[test]
fn what_is_wrong_with_a_control_is_said_with_its_id() {
    for (control, expected) in [
        (
            json!({"id": "H-1"}),
            "control H-1 does not say how it is assessed, and nothing above it does",
        ),
        (
            json!({"id": "H-1", "assessment": "automated", "description": "x"}),
            "control H-1 is automated but has no rules, nor named_by_packs",
        ),
        (
            json!({"id": "H-1", "assessment": "partly", "description": "x", "reason": "y", "rules": []}),
            "control H-1 is partly but has no rules, nor named_by_packs",
        ),
        (
            json!({"id": "H-1", "assessment": "partly", "description": "x", "rules": ["NET-01"]}),
            "control H-1 is partly and has to give a reason",
        ),
        (
            json!({"id": "H-1", "assessment": "automated", "rules": ["NET-01"]}),
            "control H-1 is automated and has to have a description",
        ),
        (
            json!({"id": "H-1", "assessment": "manual", "reason": "x", "rules": ["NET-01"]}),
            "control H-1 is manual but has rules",
        ),
        (
            json!({"id": "H-1", "assessment": "not_assessable", "reason": "x", "named_by_packs": true}),
            "control H-1 is not_assessable but has rules",
        ),
        (
            json!({"id": "H-1", "assessment": "manual"}),
            "control H-1 is manual and has to give a reason",
        ),
        (
            json!({"id": "H-1", "assessment": "manual", "reason": " "}),
            "control H-1 has an empty reason",
        ),
        (
            json!({"id": "H-1", "title": "", "assessment": "manual", "reason": "x"}),
            "control H-1 has an empty title",
        ),
        (
            json!({"id": "H-1", "assessment": "automated", "description": "x", "rules": ["A", "B", "A"]}),
            "control H-1 names rule A twice",
        ),
        (
            json!({"id": "H-1", "rules": ["A"]}),
            "control H-1 has rules but no assessment of its own",
        ),
        (
            json!({"id": "H-1", "reason": "x"}),
            "control H-1 has a reason but no assessment of its own",
        ),
        (
            json!({"id": "H-1", "group": "G", "assessment": "manual", "reason": "x"}),
            "control H-1 names group G, which does not stand before it",
        ),
        (
            json!({"id": "H-1", "parent": "H-1", "assessment": "manual", "reason": "x"}),
            "control H-1 names parent H-1, which does not stand before it",
        ),
        (
            json!({"id": "H 1 ", "assessment": "manual", "reason": "x"}),
            "\"H 1 \" is no id of a control: 1 to 64 characters, no white space at its ends",
        ),
    ] {
        assert_eq!(one(&control), expected);
    }
}

#[test]
fn words_and_fields_are_closed_sets() {
    for control in [
        json!({"id": "H-1", "assessment": "mostly", "reason": "x"}),
        json!({"id": "H-1", "assessment": "manual", "reason": "x", "green": true}),
        json!({"id": "H-1", "assessment": "automated", "description": "x", "rules": ["NET 01"]}),
    ] {
        assert!(one(&control).contains("line 1"), "{control}: {}", one(&control));
    }
    let fine = json!([{"id": "H-1", "assessment": "manual", "reason": "x"}]);
    assert_eq!(error(&framework(&fine)), "none");
    let green = json!({"assessment": "automated", "reason": "x"});
    assert!(error(&with(framework(&fine), "default", green)).contains("unknown variant"));
    assert!(error(&with(framework(&fine), "colour", json!("green"))).contains("unknown field"));
}

#[test]
fn what_is_wrong_with_a_framework_is_said() {
    let manual = |id: &str| json!({"id": id, "assessment": "manual", "reason": "x"});
    let fine = framework(&json!([manual("H-1")]));
    let titled = framework(&json!([{
        "id": "H-1", "title": "T", "assessment": "manual", "reason": "x",
    }]));
    let groups = |groups: Value| with(fine.clone(), "groups", groups);
    for (framework, expected) in [
        (framework(&json!([])), "the framework has no controls"),
        (framework(&json!([manual("A"), manual("A")])), "control A stands there twice"),
        (
            with(fine.clone(), "id", json!("House")),
            "\"House\" is no id of a framework: 1 to 64 of a-z, 0-9, dots and dashes",
        ),
        (with(fine.clone(), "licence", json!("")), "the framework has an empty licence"),
        (
            with(titled, "titles_free", json!(false)),
            "control H-1 has a title, but the framework says that titles are not free",
        ),
        (groups(json!([{"id": "G"}, {"id": "G"}])), "group G stands there twice"),
        (
            groups(json!([{"id": "G", "parent": "G"}])),
            "group G names group G, which does not stand before it",
        ),
        (
            groups(json!([{"id": "G", "default": {"assessment": "manual", "reason": ""}}])),
            "group G has an empty reason",
        ),
    ] {
        assert_eq!(error(&framework), expected);
    }
}

#[test]
fn what_is_no_json_is_refused() {
    for text in ["", "[]", "{\"id\": \"house\"}", "{}}"] {
        assert!(matches!(parse(text), Err(FrameworkError::Json(_))), "{text}");
    }
}
