//! Packs that misbehave while they judge: each becomes a pack problem, and the others' verdicts stand.

use std::time::Duration;

use postern_domain::asset::Asset;
use postern_domain::verdict::Verdict;
use postern_engine::{Engine, Limits, Pack, PackProblem};
use serde_json::{Value, json};

use crate::packs::{BASELINE, accounts, bytes, engine, evaluate, hostile, load, search_services};

/// Small enough to be reached in no time, and more than the shipped pack needs for two assets.
pub fn small() -> Limits {
    Limits {
        memory_bytes: 16 << 20,
        fuel: 200_000_000,
        wall_clock: Duration::from_mins(10),
        batch: 2,
        threads: 2,
    }
}

/// An engine, a hostile pack, the shipped one and what that says while nobody misbehaves.
struct Stage {
    engine: Engine,
    hostile: Pack,
    baseline: Pack,
    expected: String,
}

impl Stage {
    fn new(limits: Limits, name: &str) -> Self {
        let engine = engine(limits);
        let pack = engine.load(&hostile(name)).unwrap();
        let baseline = load(&engine, BASELINE);
        let expected = judged_by(&engine, &baseline);
        Self { engine, hostile: pack, baseline, expected }
    }

    /// Runs the hostile pack, then the shipped one in the same engine; gives the problem.
    fn check(&self, settings: &Value) -> PackProblem {
        let assets = search_services(3);
        let assets: Vec<&Asset> = assets.iter().collect();
        let evaluation = evaluate(&self.engine, &self.hostile, &assets, settings);
        let problem = evaluation.problem.unwrap_or_else(|| panic!("{settings} was believed"));
        assert_eq!(evaluation.verdicts.len(), 6, "{settings}: two rules on three assets");
        for verdict in &evaluation.verdicts {
            assert_eq!(verdict.verdict, Verdict::Unknown, "{settings}");
            assert_eq!(verdict.evidence[0].path, "pack", "{settings}");
            let note = verdict.evidence[0].note.as_deref();
            assert_eq!(note, Some(problem.to_string().as_str()), "{settings}");
        }
        let after = judged_by(&self.engine, &self.baseline);
        assert!(after == self.expected, "after {settings} the shipped pack says something else");
        problem
    }
}

/// What the shipped pack says of some assets; never a problem, and of each kind of verdict at least one.
fn judged_by(engine: &Engine, baseline: &Pack) -> String {
    let assets: Vec<Asset> = search_services(3).into_iter().chain(accounts(3)).collect();
    let assets: Vec<&Asset> = assets.iter().collect();
    let evaluation = evaluate(engine, baseline, &assets, &json!({}));
    for expected in [Verdict::Pass, Verdict::Fail, Verdict::Unknown] {
        assert!(evaluation.verdicts.iter().any(|verdict| verdict.verdict == expected));
    }
    bytes(&evaluation)
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    let problem = Stage::new(small(), "endless_loop").check(&json!({}));
    assert_eq!(problem, PackProblem::OutOfFuel { limit: 200_000_000 });
    assert_eq!(
        problem.to_string(),
        "the pack used up its 200000000 units of computation without an answer"
    );
}

#[test]
fn an_endless_loop_runs_out_of_time_where_fuel_lasts() {
    // Enough for the shipped pack on a few assets even where the machine is busy: the clock stops what never ends.
    let limits = Limits { fuel: u64::MAX, wall_clock: Duration::from_secs(3), ..small() };
    let limit = limits.wall_clock;
    let problem = Stage::new(limits, "endless_loop").check(&json!({}));
    assert_eq!(problem, PackProblem::TimedOut { limit });
    assert_eq!(problem.to_string(), "the pack gave no answer within 3 seconds");
}

#[test]
fn an_endless_recursion_runs_out_of_stack() {
    let problem = Stage::new(small(), "endless_recursion").check(&json!({}));
    assert_eq!(problem.to_string(), "the pack crashed: wasm trap: call stack exhausted");
}

#[test]
fn a_memory_bomb_runs_out_of_memory() {
    let problem = Stage::new(small(), "memory_bomb").check(&json!({}));
    assert_eq!(problem.to_string(), "the pack asked for more than 16 MB of memory");
}

#[test]
fn a_trap_is_a_problem() {
    let problem = Stage::new(small(), "trap").check(&json!({}));
    assert_eq!(
        problem.to_string(),
        "the pack crashed: wasm trap: wasm `unreachable` instruction executed"
    );
}

/// What a pack does when it is told to, and a part of the sentence that says what is wrong with it.
fn check_ways(pack: &str, setting: &str, ways: &[(&str, &str)]) {
    let stage = Stage::new(small(), pack);
    for (way, expected) in ways {
        let problem = stage.check(&json!({ setting: way }));
        let sentence = problem.to_string();
        assert!(sentence.contains(expected), "{way}: {sentence}");
        assert!(sentence.len() < 400, "{way}: {sentence}");
    }
}

#[test]
fn a_position_that_is_not_there_is_found_out() {
    check_ways(
        "wrong_index",
        "index",
        &[
            ("asset", "it judged asset 4294967295 of 2"),
            ("next asset", "it judged asset 2 of 2"),
            ("rule", "it judged by rule 4294967295 of 3"),
            ("next rule", "it judged by rule 3 of 3"),
            ("rule of another type", "it judged by HOSTILE-03 on /subscriptions/s/"),
            ("summary", "it named text 4294967295 of "),
            ("path", "it named text 5 of 5 for HOSTILE-02 on /subscriptions/s/"),
            ("actual", "it named text 6 of 5"),
            ("expected", "it named text 4294967295 of 5"),
            ("note", "it named text 5 of 5"),
        ],
    );
}

#[test]
fn a_value_that_is_no_json_is_found_out() {
    check_ways(
        "wrong_json",
        "json",
        &[
            ("", "is not JSON (EOF while parsing a value"),
            ("Enabled", "a value in its evidence for HOSTILE-02 on /subscriptions/s/"),
            ("{\"a\":", "is not JSON"),
            ("1 2", "is not JSON (trailing characters"),
            ("1e999", "is not JSON (number out of range"),
            ("deep", "is not JSON (recursion limit exceeded"),
        ],
    );
}

#[test]
fn a_giant_answer_is_refused_before_it_fills_the_memory() {
    check_ways(
        "giant_output",
        "giant",
        &[
            ("text", "it gave a text of 6291456 bytes (at most 65536)"),
            ("texts", "the pack answered with more than 16 MB"),
            ("judgements", "it judged HOSTILE-02 on"),
            ("evidence", "it gave 101 pieces of evidence for HOSTILE-02 on"),
            ("whole", "the pack answered with more than 16 MB"),
        ],
    );
}

#[test]
fn lies_about_the_output_are_found_out() {
    check_ways(
        "liar",
        "lie",
        &[
            ("missing judgement", "it gave 3 of 4 judgements"),
            ("unknown rule", "it judged by rule 77 of 3"),
            ("twice", "it judged HOSTILE-02 on"),
            ("no evidence", "it gave 0 pieces of evidence for HOSTILE-02 on"),
            ("too little evidence", "it named 2 pieces of evidence for HOSTILE-02 on"),
            ("too much evidence", "it gave 1 pieces of evidence that no judgement names"),
            ("empty path", "it gave no path of evidence for HOSTILE-02 on"),
            ("no summary", "it gave no summary for HOSTILE-02 on"),
            ("text out of range", "it named text 1000 of 5"),
            ("long text", "it gave a text of 65537 bytes (at most 65536)"),
        ],
    );
}

#[test]
fn the_liar_is_believed_when_it_tells_the_truth() {
    let engine = engine(small());
    let pack = engine.load(&hostile("liar")).unwrap();
    let assets = search_services(3);
    let assets: Vec<&Asset> = assets.iter().collect();
    let evaluation = evaluate(&engine, &pack, &assets, &json!({"lie": "none"}));
    assert_eq!(evaluation.problem, None);
    assert_eq!(evaluation.verdicts.len(), 6);
}

#[test]
fn the_problem_is_that_of_the_first_batch_that_failed() {
    let assets = search_services(9);
    let assets: Vec<&Asset> = assets.iter().collect();
    let problem = |threads: usize| {
        let engine = engine(Limits { threads, batch: 1, ..small() });
        let pack = engine.load(&hostile("liar")).unwrap();
        evaluate(&engine, &pack, &assets, &json!({"lie": "twice"})).problem.unwrap()
    };
    let expected = problem(1);
    assert!(expected.to_string().ends_with("/search-0 twice"), "{expected}");
    assert_eq!(problem(2), expected);
    assert_eq!(problem(8), expected);
}

/// Each batch has a fresh instance, so one that was spoilt cannot spoil the next; nor do they use up the pool.
#[test]
fn a_pack_may_fail_any_number_of_times() {
    let stage = Stage::new(Limits { batch: 1, ..small() }, "trap");
    for _ in 0..40 {
        stage.check(&json!({}));
    }
}
