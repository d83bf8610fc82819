//! The example packs in other languages, on the engine that judges and under its usual limits.
//!
//! The engine refuses a pack that imports anything, so one that loads has no imports left.

use std::path::Path;

use postern_engine::{Engine, Limits};
use postern_service::rules::cases::{read_cases, run_cases};
use postern_test_support::example_pack;

/// Loads the pack and runs its cases; each verdict that a rule can have is among them.
fn check(language: &str) {
    let engine = Engine::new(Limits::default()).unwrap();
    let pack = engine.load(&example_pack(language)).unwrap();
    assert_eq!(pack.manifest().name, format!("example-{language}"));
    let cases = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../rules-wasm/examples")
        .join(language)
        .join("cases");
    let report = run_cases(&engine, &pack, &read_cases(&cases).unwrap()).unwrap();
    assert!(report.cases > 0);
    assert_eq!(report.failures, Vec::<String>::new());
    assert_eq!(report.not_covered, Vec::<String>::new());
}

#[test]
fn a_pack_in_python_judges_its_cases() {
    check("python");
}

#[test]
fn a_pack_in_javascript_judges_its_cases() {
    check("javascript");
}
