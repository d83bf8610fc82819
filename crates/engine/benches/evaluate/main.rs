//! How fast packs judge: the component against the same rules compiled natively and against Rego.
//!
//! `cargo bench -p postern-engine`; see `README.md` beside this. Every side starts from the same JSON text, or from
//! the asset that the text is made of, and parses it: a policy engine that is handed parsed values is another race.

#![expect(clippy::unwrap_used, reason = "a benchmark ends where it cannot go on")]

mod assets;
mod five;
mod native;
mod stages;
mod table;

use std::path::Path;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use postern_domain::asset::Asset;
use postern_domain::settings::PackSettings;
use postern_engine::{Circumstances, Engine, Limits, Pack, applicable};
use time::macros::datetime;

use crate::native::Native;
use crate::table::Table;

fn main() {
    let mut criterion = Criterion::default()
        .configure_from_args()
        .warm_up_time(std::time::Duration::from_millis(500))
        .measurement_time(std::time::Duration::from_secs(3))
        .sample_size(20)
        .without_plots();
    let mut table = Table::default();
    let bench = Bench::new();
    bench.whole_pack(&mut criterion, &mut table);
    bench.curves(&mut criterion, &mut table);
    five::compare(&mut criterion, &mut table);
    stages::measure(&mut criterion, &mut table);
    criterion.final_summary();
    table.print();
}

/// The bytes of a component below `dist`.
fn component(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist").join(name);
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; run `cargo xtask build-packs` first", path.display())
    })
}

fn engine(threads: usize) -> Engine {
    // The machine's load is no reason to stop a measurement.
    Engine::new(Limits { threads, ..Limits::default() }).unwrap()
}

/// How many verdicts the assets get: what is counted as an evaluation.
fn evaluations(pack: &Pack, assets: &[&Asset]) -> u64 {
    assets.iter().map(|asset| applicable(pack.manifest(), asset).count() as u64).sum()
}

fn circumstances(settings: &PackSettings) -> Circumstances<'_> {
    Circumstances { settings, taken_at: datetime!(2026-01-15 12:00 UTC) }
}

/// The shipped pack, by one thread and by two.
struct Bench {
    engine: Engine,
    pack: Pack,
    native: Native,
    settings: PackSettings,
}

impl Bench {
    fn new() -> Self {
        let engine = engine(1);
        let pack = engine.load(&component("packs/azure-ai-baseline.wasm")).unwrap();
        let native = Native::new(&azure_ai_baseline::PACK);
        Self { engine, pack, native, settings: PackSettings::default() }
    }

    fn whole_pack(&self, criterion: &mut Criterion, table: &mut Table) {
        let mut group = criterion.benchmark_group("whole pack");
        for (name, assets) in assets::sets() {
            let assets: Vec<&Asset> = assets.iter().collect();
            let count = evaluations(&self.pack, &assets);
            let bytes: usize = assets.iter().map(|a| a.document.canonical_text().len()).sum();
            table.say(format!(
                "{name}: {} assets of {} bytes on average, {count} evaluations",
                assets.len(),
                bytes / assets.len()
            ));
            let component =
                self.engine.evaluate(&self.pack, &assets, circumstances(&self.settings));
            assert_eq!(component.problem, None);
            assert!(component.verdicts == self.native.evaluate(&assets), "the two differ: {name}");
            group.throughput(Throughput::Elements(count));
            group.bench_with_input(
                BenchmarkId::new("component", name),
                &assets,
                |bencher, assets| {
                    table.record(bencher, &format!("{name}, component"), count, || {
                        self.engine.evaluate(&self.pack, assets, circumstances(&self.settings))
                    });
                },
            );
            group.bench_with_input(BenchmarkId::new("native", name), &assets, |bencher, assets| {
                table.record(bencher, &format!("{name}, native"), count, || {
                    self.native.evaluate(assets)
                });
            });
            let texts: Vec<String> =
                assets.iter().map(|asset| asset.document.canonical_text()).collect();
            group.bench_function(BenchmarkId::new("native, from the text", name), |bencher| {
                table.record(bencher, &format!("{name}, native, from the text"), count, || {
                    self.native.evaluate_texts(&assets, &texts)
                });
            });
        }
        group.finish();
    }

    fn curves(&self, criterion: &mut Criterion, table: &mut Table) {
        let all = assets::synthetic(400);
        let mut group = criterion.benchmark_group("curves");
        for times in [1, 2, 4, 8] {
            let assets: Vec<&Asset> = all.iter().take(50 * times).collect();
            let count = evaluations(&self.pack, &assets);
            let name = format!("{} assets", assets.len());
            group.throughput(Throughput::Elements(count));
            group.bench_function(&name, |bencher| {
                table.record(bencher, &name, count, || {
                    self.engine.evaluate(&self.pack, &assets, circumstances(&self.settings))
                });
            });
        }
        let assets: Vec<&Asset> = all.iter().collect();
        let count = evaluations(&self.pack, &assets);
        for threads in [1, 2] {
            let engine = engine(threads);
            let pack = engine.load(self.pack.component()).unwrap();
            let name = format!("{threads} threads, by the clock");
            group.throughput(Throughput::Elements(count));
            group.bench_function(&name, |bencher| {
                table.record_by_the_clock(bencher, &name, count, || {
                    engine.evaluate(&pack, &assets, circumstances(&self.settings))
                });
            });
        }
        // The number of rules differs by type, the size of the documents hardly.
        for asset_type in postern_domain::arm::JUDGED_TYPES {
            let assets: Vec<&Asset> =
                all.iter().filter(|asset| asset.asset_type.as_str() == asset_type).collect();
            if assets.is_empty() {
                continue;
            }
            let count = evaluations(&self.pack, &assets);
            let rules = count / assets.len() as u64;
            let name = format!("{rules} rules on {asset_type}");
            group.throughput(Throughput::Elements(count));
            group.bench_function(name.replace('/', " "), |bencher| {
                table.record(bencher, &name, count, || {
                    self.engine.evaluate(&self.pack, &assets, circumstances(&self.settings))
                });
            });
        }
        group.bench_function("load", |bencher| {
            bencher.iter_batched(
                || self.pack.component(),
                |bytes| self.engine.load(bytes).unwrap(),
                BatchSize::PerIteration,
            );
        });
        group.finish();
    }
}
