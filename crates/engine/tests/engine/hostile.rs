//! Packs that misbehave: each becomes a pack problem, and the others' verdicts stand.

use std::time::Duration;

use postern_domain::asset::Asset;
use postern_domain::verdict::Verdict;
use postern_engine::{Engine, Limits, LoadError, Pack, PackProblem};
use serde_json::{Value, json};

use crate::packs::{BASELINE, component, engine, load, search_services};

/// Small enough to be reached in no time.
fn small() -> Limits {
    Limits {
        memory_bytes: 16 << 20,
        fuel: 50_000_000,
        wall_clock: Duration::from_mins(10),
        batch: 2,
    }
}

/// An engine, a hostile pack and the shipped one.
struct Stage {
    engine: Engine,
    hostile: Pack,
    baseline: Pack,
}

impl Stage {
    fn new(limits: Limits, name: &str) -> Self {
        let engine = engine(limits);
        let hostile = load(&engine, name);
        let baseline = load(&engine, BASELINE);
        Self { engine, hostile, baseline }
    }
}

/// Runs the hostile pack, then the shipped one in the same engine; gives the problem.
fn check(stage: &Stage, settings: &Value) -> PackProblem {
    let Stage { engine, hostile, baseline } = stage;
    let name = settings;
    let assets = search_services(3);
    let assets: Vec<&Asset> = assets.iter().collect();
    let evaluation = engine.evaluate(hostile, &assets, settings);
    let problem = evaluation.problem.unwrap_or_else(|| panic!("{name} was believed"));
    assert_eq!(evaluation.verdicts.len(), 6, "{name}: two rules on three assets");
    for verdict in &evaluation.verdicts {
        assert_eq!(verdict.verdict, Verdict::Unknown, "{name}");
        assert_eq!(verdict.evidence[0].path, "pack", "{name}");
        assert_eq!(
            verdict.evidence[0].note.as_deref(),
            Some(problem.to_string().as_str()),
            "{name}"
        );
    }
    let baseline = engine.evaluate(baseline, &assets, &json!({}));
    assert_eq!(baseline.problem, None, "after {name}");
    assert!(
        baseline.verdicts.iter().any(|verdict| verdict.verdict == Verdict::Pass),
        "after {name}"
    );
    assert!(
        baseline.verdicts.iter().any(|verdict| verdict.verdict == Verdict::Fail),
        "after {name}"
    );
    problem
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    let problem = check(&Stage::new(small(), "test-packs/endless_loop.wasm"), &json!({}));
    assert_eq!(problem, PackProblem::OutOfFuel { limit: 50_000_000 });
    assert_eq!(
        problem.to_string(),
        "the pack used up its 50000000 units of computation without an answer"
    );
}

#[test]
fn an_endless_loop_runs_out_of_time_where_fuel_lasts() {
    // Enough for the shipped pack on three assets even where the machine is busy: the clock stops what never ends.
    let limits = Limits { fuel: u64::MAX, wall_clock: Duration::from_secs(3), ..small() };
    let limit = limits.wall_clock;
    let problem = check(&Stage::new(limits, "test-packs/endless_loop.wasm"), &json!({}));
    assert_eq!(problem, PackProblem::TimedOut { limit });
    assert_eq!(problem.to_string(), "the pack gave no answer within 3 seconds");
}

#[test]
fn a_memory_bomb_runs_out_of_memory() {
    let problem = check(&Stage::new(small(), "test-packs/memory_bomb.wasm"), &json!({}));
    assert_eq!(problem.to_string(), "the pack asked for more than 16 MB of memory");
}

#[test]
fn a_trap_is_a_problem() {
    let problem = check(&Stage::new(small(), "test-packs/trap.wasm"), &json!({}));
    assert!(matches!(problem, PackProblem::Trapped { .. }), "{problem}");
}

#[test]
fn lies_about_the_output_are_found_out() {
    let cases = [
        ("wrong asset", "it judged asset 4294967295 of 2"),
        ("missing judgement", "it gave 3 of 4 judgements"),
        ("unknown rule", "a rule \"NET-01\" that it does not have"),
        ("twice", "it judged HOSTILE-02 on"),
        ("evidence is no JSON", "its evidence for HOSTILE-02 on"),
        ("no evidence", "names no property"),
        ("unnamed evidence", "names no property"),
        ("no summary", "it gave no summary"),
    ];
    let stage = Stage::new(small(), "test-packs/liar.wasm");
    for (lie, expected) in cases {
        let problem = check(&stage, &json!({ "lie": lie }));
        assert!(matches!(problem, PackProblem::Lied { .. }), "{lie}: {problem:?}");
        assert!(problem.to_string().contains(expected), "{lie}: {problem}");
    }
}

#[test]
fn a_pack_that_is_no_pack_is_refused() {
    let engine = engine(small());
    let refusal = |bytes: &[u8]| engine.load(bytes).expect_err("it is no pack");
    assert!(matches!(refusal(b"not wasm"), LoadError::NotAComponent { .. }));
    assert!(matches!(refusal(b""), LoadError::NotAComponent { .. }));
    // An empty core module, then an empty component.
    assert!(matches!(refusal(b"\0asm\x01\0\0\0"), LoadError::NotAComponent { .. }));
    assert!(matches!(refusal(b"\0asm\x0d\0\x01\0"), LoadError::MissingExport { .. }));
    let mut cut = component(BASELINE);
    cut.truncate(cut.len() / 2);
    assert!(matches!(refusal(&cut), LoadError::NotAComponent { .. }));
    assert!(matches!(refusal(&component("test-packs/bad_manifest.wasm")), LoadError::Manifest(_)));
}

#[test]
fn an_import_is_refused_by_name() {
    let engine = engine(small());
    let error = engine.load(&component("test-packs/importing.wasm")).expect_err("it imports");
    assert_eq!(
        error.to_string(),
        "the pack imports hostile:importing/clock; a rule pack may import nothing"
    );
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
