//! Five equal checks as a component, natively, and in Rego: regorus' interpreter and its virtual machine.

use criterion::{Criterion, Throughput};
use postern_domain::asset::Asset;
use postern_domain::settings::PackSettings;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;

use crate::native::Native;
use crate::table::Table;

const POLICY: &str = include_str!("../five.rego");
const ENTRY: &str = "data.five.judgements";

pub fn compare(criterion: &mut Criterion, table: &mut Table) {
    let engine = crate::engine(1);
    let pack = engine.load(&crate::component("test-packs/five-checks.wasm")).unwrap();
    let native = Native::new(&five_checks::PACK);
    let settings = PackSettings::default();
    let accounts = crate::assets::accounts(200);
    let accounts: Vec<&Asset> = accounts.iter().collect();
    let mut sorted = accounts.clone();
    sorted.sort_by(|one, other| one.id.cmp(&other.id));
    let texts: Vec<String> = sorted.iter().map(|asset| asset.document.canonical_text()).collect();
    let count = crate::evaluations(&pack, &accounts);

    let mut interpreter = regorus::Engine::new();
    interpreter.add_policy("five.rego".to_owned(), POLICY.to_owned()).unwrap();
    let compiled = interpreter.clone().compile_with_entrypoint(&ENTRY.into()).unwrap();
    let mut machine = RegoVM::new();
    machine.load_program(Compiler::compile_from_policy(&compiled, &[ENTRY]).unwrap());
    let mut by_interpreter = |text: &String| {
        interpreter.set_input_json(text).unwrap();
        interpreter.eval_rule(ENTRY.to_owned()).unwrap()
    };
    let mut by_machine = |text: &String| {
        machine.set_input(regorus::Value::from_json_str(text).unwrap());
        machine.execute().unwrap()
    };

    // Equal checks, or there is nothing to compare.
    let expected: Vec<String> = native
        .evaluate(&accounts)
        .iter()
        .map(|verdict| format!("{} {} {}", verdict.rule, verdict.verdict, verdict.summary))
        .collect();
    for by in [&mut by_interpreter as &mut dyn FnMut(&String) -> regorus::Value, &mut by_machine] {
        let said: Vec<String> = texts.iter().flat_map(|text| lines(&by(text))).collect();
        assert_eq!(said, expected);
    }
    let component = engine.evaluate(&pack, &accounts, crate::circumstances(&settings));
    assert!(component.verdicts == native.evaluate(&accounts));

    let mut group = criterion.benchmark_group("five checks");
    group.throughput(Throughput::Elements(count));
    group.bench_function("component", |bencher| {
        table.record(bencher, "five checks, component", count, || {
            engine.evaluate(&pack, &accounts, crate::circumstances(&settings))
        });
    });
    group.bench_function("native", |bencher| {
        table.record(bencher, "five checks, native", count, || native.evaluate(&accounts));
    });
    group.bench_function("interpreter", |bencher| {
        table.record(bencher, "five checks, interpreter", count, || {
            texts.iter().map(&mut by_interpreter).collect::<Vec<_>>()
        });
    });
    group.bench_function("vm", |bencher| {
        table.record(bencher, "five checks, vm", count, || {
            texts.iter().map(&mut by_machine).collect::<Vec<_>>()
        });
    });
    group.finish();
}

/// What Rego says, as the native verdicts are written above.
fn lines(judgements: &regorus::Value) -> Vec<String> {
    let text = |judgement: &regorus::Value, key: &str| {
        judgement[key].as_string().map(ToString::to_string).unwrap()
    };
    let line = |one: &regorus::Value| {
        format!("{} {} {}", text(one, "rule"), text(one, "verdict"), text(one, "summary"))
    };
    judgements.as_array().unwrap().iter().map(line).collect()
}
