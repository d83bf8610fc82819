//! What is refused before it judges anything, and what a pack that is taken says of itself.

use postern_domain::asset::Asset;
use postern_domain::settings::PackSettings;
use postern_engine::{Limits, LoadError, PackProblem};
use serde_json::{Value, json};

use crate::hostile::small;
use crate::packs::search_services;
use crate::packs::{BASELINE, accounts, bytes, component, engine, evaluate, hostile, load};

/// The sentence with its causes, as a log has it.
fn chain(error: &LoadError) -> String {
    let mut sentence = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        sentence = format!("{sentence}: {error}");
        cause = error.source();
    }
    sentence
}

fn refusal(bytes: &[u8]) -> LoadError {
    engine(small()).load(bytes).expect_err("it is no pack")
}

/// The refusal of a component written as text.
fn refusal_of(text: &str) -> LoadError {
    refusal(&wat::parse_str(text).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn a_file_that_is_no_pack_is_refused() {
    let cases: [(&[u8], &str); 4] = [
        (b"not wasm", "this is not a rule pack: the file is not WebAssembly"),
        (b"", "this is not a rule pack: the file is not WebAssembly"),
        (b"\0asm\x01\0\0\0", "this is not a rule pack: "),
        (b"\0asm\x0d\0\x01\0", "the pack is not built for postern:rules/pack@1.0.0: "),
    ];
    for (bytes, expected) in cases {
        let sentence = chain(&refusal(bytes));
        assert!(sentence.starts_with(expected), "{sentence}");
    }
    let whole = component(BASELINE);
    for part in [9, 100, whole.len() / 2, whole.len() - 1] {
        let error = refusal(&whole[..part]);
        assert!(matches!(error, LoadError::NotAComponent { .. }), "{part} bytes: {error:?}");
    }
}

#[test]
fn a_pack_of_another_world_is_refused_with_what_it_exports() {
    assert_eq!(
        chain(&refusal(&hostile("wrong_world"))),
        "the pack is not built for postern:rules/pack@1.0.0: no exported instance named \
         `postern:rules/rule-pack@1.0.0`; it exports postern:rules/rule-pack@2.0.0"
    );
}

#[test]
fn the_right_name_with_other_functions_is_refused() {
    let error = refusal_of(
        r#"(component
            (core module $m (func (export "f") (result i32) i32.const 1))
            (core instance $i (instantiate $m))
            (func $f (result u32) (canon lift (core func $i "f")))
            (instance $rules (export "describe" (func $f)) (export "evaluate" (func $f)))
            (export "postern:rules/rule-pack@1.0.0" (instance $rules)))"#,
    );
    let LoadError::OtherWorld { exports, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*exports, ["postern:rules/rule-pack@1.0.0"]);
    assert!(chain(&error).contains("expected `string` found `u32`"), "{error}");
}

#[test]
fn an_import_is_refused_by_name() {
    assert_eq!(
        chain(&refusal(&hostile("importing"))),
        "the pack imports hostile:importing/clock; a rule pack may import nothing"
    );
}

#[test]
fn a_smuggled_import_is_refused() {
    // A core module that wants WASI, without and with a component around it.
    let wasi = r#"(import "wasi_snapshot_preview1" "fd_write"
        (func (param i32 i32 i32 i32) (result i32)))"#;
    let error = refusal_of(&format!("(module {wasi})"));
    assert!(matches!(error, LoadError::NotAComponent { .. }), "{error:?}");
    // wat itself would refuse it: the import is satisfied by nothing.
    let unsatisfied =
        format!("(component (core module $m {wasi}) (core instance (instantiate $m)))");
    let error = refusal_of(&unsatisfied);
    assert!(matches!(error, LoadError::NotAComponent { .. }), "{error:?}");
    // Handed on from the component's own imports, whatever their kind.
    let handed_on = [
        (r#"(import "wasi:cli/stdout@0.2.6" (instance))"#, "wasi:cli/stdout@0.2.6"),
        (r#"(import "clock" (func (result u64)))"#, "clock"),
        (r#"(import "host" (core module))"#, "host"),
        (r#"(import "handle" (type (sub resource)))"#, "handle"),
    ];
    for (import, name) in handed_on {
        let error = refusal_of(&format!("(component {import})"));
        let LoadError::Imports { names } = &error else { panic!("{import}: {error:?}") };
        assert_eq!(*names, [name]);
    }
    // wasmtime itself takes no component from outside.
    let error = refusal_of(r#"(component (import "inner" (component)))"#);
    assert!(matches!(error, LoadError::NotAComponent { .. }), "{error:?}");
    // Inside a component of its own, which the outer one has to satisfy: then the outer one imports it too.
    let error = refusal_of(
        r#"(component
            (import "clock" (func $clock (result u64)))
            (component $inner (import "clock" (func (result u64))))
            (instance (instantiate $inner (with "clock" (func $clock)))))"#,
    );
    assert!(matches!(&error, LoadError::Imports { names } if *names == ["clock"]), "{error:?}");
}

#[test]
fn a_pack_that_burns_time_before_it_judges_is_refused() {
    for name in ["slow_describe", "slow_start"] {
        let error = refusal(&hostile(name));
        let fuel = small().fuel;
        assert!(
            matches!(error, LoadError::Describe(PackProblem::OutOfFuel { limit }) if limit == fuel),
            "{name}: {error:?}"
        );
        assert_eq!(
            chain(&error),
            "the pack cannot describe itself: the pack used up its 200000000 units of computation without an answer"
        );
    }
}

#[test]
fn a_manifest_that_makes_no_sense_is_refused() {
    let cases = [
        ("bad_manifest", "the pack's manifest is refused: the rule HOSTILE-01 is there twice"),
        ("manifest_not_json", "the pack's manifest is refused: it is not a manifest: EOF while"),
    ];
    for (name, expected) in cases {
        let sentence = chain(&refusal(&hostile(name)));
        assert!(sentence.starts_with(expected), "{sentence}");
    }
}

#[test]
fn a_pack_that_cannot_describe_itself_within_its_bounds_is_refused() {
    let engine = engine(Limits { fuel: 100, ..small() });
    let error = engine.load(&component(BASELINE)).expect_err("it has no fuel");
    assert!(
        matches!(error, LoadError::Describe(PackProblem::OutOfFuel { limit: 100 })),
        "{error:?}"
    );
}

/// A manifest is kept in order of ids; judgements name positions in the pack's own list.
#[test]
fn a_pack_may_list_its_rules_in_any_order() {
    let engine = engine(Limits { batch: 3, ..small() });
    let [sorted, unsorted] = ["liar", "unsorted"].map(|name| engine.load(&hostile(name)).unwrap());
    assert_eq!(sorted.manifest(), unsorted.manifest());
    let assets: Vec<Asset> = search_services(4).into_iter().chain(accounts(4)).collect();
    let assets: Vec<&Asset> = assets.iter().collect();
    let [expected, given] = [sorted, unsorted]
        .map(|pack| bytes(&evaluate(&engine, &pack, &assets, &json!({"lie": "none"}))));
    assert!(given == expected);
    assert!(expected.contains("Nothing is well."));
}

#[test]
fn settings_are_checked_by_the_manifest() {
    let engine = engine(small());
    let pack = engine.load(&hostile("liar")).unwrap();
    let check = |settings: Value| -> Vec<String> {
        let settings: PackSettings = serde_json::from_value(settings).unwrap();
        pack.check_settings(&settings).iter().map(ToString::to_string).collect()
    };
    assert!(check(json!({})).is_empty());
    assert!(check(json!({"values": {"mostDays": 1, "networks": ["10.0.0.0/8"]}})).is_empty());
    let group = "/subscriptions/s/resourceGroups/g";
    insta::assert_json_snapshot!(check(json!({
        "values": {"mostDays": 0, "networks": ["10.0.0.0/8", "everything"], "mostdays": 3},
        "overrides": [
            {"scope": {"resource_group": group}, "values": {"mostDays": "7"}},
            {"scope": {"resource_group": "g"}, "values": {"mostDays": 366}},
            {"scope": {"tag": "sandbox"}, "values": {"networks": ["1/1", "1/1"]}},
            {"scope": {"management_group": "contoso"}, "values": {}},
        ],
    })));
    insta::assert_json_snapshot!(pack.settings_schema());
    let baseline = load(&engine, BASELINE);
    let problems = baseline.check_settings(&PackSettings {
        values: serde_json::from_value(json!({"nonsense": 1})).unwrap(),
        overrides: Vec::new(),
    });
    assert!(problems[0].message.starts_with("azure-ai-baseline has no such setting; it has "));
}
