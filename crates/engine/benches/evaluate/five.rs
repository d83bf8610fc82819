//! Five equal checks as a component, natively, and in Rego: regorus' interpreter and its virtual machine.
//!
//! The component is handed what its rules say they read, as every pack is that says so. Rego is handed whole documents,
//! and, as a side of its own, the same cut ones.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use postern_domain::asset::Asset;
use postern_domain::reads::Reads;
use postern_domain::settings::PackSettings;
use postern_engine::Pack;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;

use crate::native::Native;
use crate::table::Table;

const POLICY: &str = include_str!("../five.rego");
const ENTRY: &str = "data.five.judgements";

pub fn compare(criterion: &mut Criterion, table: &mut Table) {
    let mut group = criterion.benchmark_group("five checks");
    for (set, assets) in crate::assets::accounts() {
        let assets: Vec<&Asset> = assets.iter().collect();
        let engine = crate::engine(1);
        let pack = engine.load(&crate::component("test-packs/five-checks.wasm")).unwrap();
        let native = Native::new(&five_checks::PACK);
        let settings = PackSettings::default();
        let count = crate::evaluations(&pack, &assets);
        let mut rego = Rego::new();

        // Equal checks, or there is nothing to compare.
        let verdicts = native.evaluate(&assets);
        let component = engine.evaluate(&pack, &assets, crate::circumstances(&settings));
        assert!(component.verdicts == verdicts);
        let expected: Vec<String> = verdicts
            .iter()
            .map(|verdict| format!("{} {} {}", verdict.rule, verdict.verdict, verdict.summary))
            .collect();
        let mut sorted = assets.clone();
        sorted.sort_by(|one, other| one.id.cmp(&other.id));
        let reads = reads(&pack);
        let whole = |asset: &Asset| asset.document.canonical_text();
        let cut = |asset: &Asset| asset.document.text_read_by(&reads);
        for by in [Rego::by_interpreter, Rego::by_machine] {
            for text in [&whole as &dyn Fn(&Asset) -> String, &cut] {
                let said: Vec<String> =
                    sorted.iter().flat_map(|asset| lines(&by(&mut rego, &text(asset)))).collect();
                assert_eq!(said, expected);
            }
        }

        group.throughput(Throughput::Elements(count));
        let mut side = |name: &str, turn: &mut dyn FnMut()| {
            group.bench_function(format!("{set}, {name}"), |bencher| {
                table.record(bencher, &format!("five checks, {set}, {name}"), count, &mut *turn);
            });
        };
        side("component", &mut || {
            black_box(engine.evaluate(&pack, &assets, crate::circumstances(&settings)));
        });
        side("native", &mut || {
            black_box(native.evaluate(&assets));
        });
        for (name, is_cut) in [("", false), (", cut", true)] {
            let text = |asset: &Asset| if is_cut { cut(asset) } else { whole(asset) };
            side(&format!("interpreter{name}"), &mut || {
                let said = assets.iter().map(|asset| rego.by_interpreter(&text(asset)));
                black_box(said.collect::<Vec<_>>());
            });
            side(&format!("vm{name}"), &mut || {
                let said = assets.iter().map(|asset| rego.by_machine(&text(asset)));
                black_box(said.collect::<Vec<_>>());
            });
        }
    }
    group.finish();
}

/// The policy, made ready once for each way of running it.
struct Rego {
    interpreter: regorus::Engine,
    machine: RegoVM,
}

impl Rego {
    fn new() -> Self {
        let mut interpreter = regorus::Engine::new();
        interpreter.add_policy("five.rego".to_owned(), POLICY.to_owned()).unwrap();
        let compiled = interpreter.clone().compile_with_entrypoint(&ENTRY.into()).unwrap();
        let mut machine = RegoVM::new();
        machine.load_program(Compiler::compile_from_policy(&compiled, &[ENTRY]).unwrap());
        Self { interpreter, machine }
    }

    fn by_interpreter(&mut self, text: &str) -> regorus::Value {
        self.interpreter.set_input_json(text).unwrap();
        self.interpreter.eval_rule(ENTRY.to_owned()).unwrap()
    }

    fn by_machine(&mut self, text: &str) -> regorus::Value {
        self.machine.set_input(regorus::Value::from_json_str(text).unwrap());
        self.machine.execute().unwrap()
    }
}

/// What the pack's rules say that they read.
fn reads(pack: &Pack) -> Reads {
    let rules = pack.manifest().rules.iter().flat_map(|rule| &rule.reads);
    Reads::of(rules.map(|read| read.path.as_str()))
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
