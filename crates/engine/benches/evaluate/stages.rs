//! Where the time goes: what a component does, taken apart.
//!
//! Each stage is measured on its own, on the synthetic assets in batches as the engine makes them; the guest's two
//! parts (parsing and rules) are the native parts scaled to what the guest takes as a whole.

#![expect(dead_code, reason = "the types only say what crosses; nobody reads what did")]

use criterion::Criterion;
use postern_domain::asset::Asset;
use postern_rules_sdk::Value;
use wasmtime::component::{Component, ComponentType, Lift, Linker, Lower, WasmList};
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, Store};

use crate::table::Table;

/// A batch's size, as `Limits::default` has it.
const BATCH: usize = 50;

#[derive(ComponentType, Lower, Clone)]
#[component(record)]
struct WireAsset {
    id: String,
    #[component(name = "asset-type")]
    asset_type: String,
    settings: u32,
    document: String,
}

#[derive(ComponentType, Lift)]
#[component(record)]
struct Evidence {
    path: u32,
    actual: Option<u32>,
    expected: u32,
    note: Option<u32>,
}

#[derive(ComponentType, Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
enum Verdict {
    #[component(name = "pass")]
    Pass,
    #[component(name = "fail")]
    Fail,
    #[component(name = "unknown")]
    Unknown,
    #[component(name = "not-applicable")]
    NotApplicable,
}

#[derive(ComponentType, Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
enum Severity {
    #[component(name = "critical")]
    Critical,
    #[component(name = "high")]
    High,
    #[component(name = "medium")]
    Medium,
    #[component(name = "low")]
    Low,
}

#[derive(ComponentType, Lift)]
#[component(record)]
struct Judgement {
    asset: u32,
    rule: u32,
    verdict: Verdict,
    severity: Severity,
    summary: u32,
    evidence: u32,
}

/// The answer left where it is: only where its three lists begin crosses.
#[derive(ComponentType, Lift)]
#[component(record)]
struct Left {
    texts: WasmList<String>,
    judgements: WasmList<Judgement>,
    evidence: WasmList<Evidence>,
}

/// The answer as the engine takes it.
#[derive(ComponentType, Lift)]
#[component(record)]
struct Taken {
    texts: Vec<String>,
    judgements: Vec<Judgement>,
    evidence: Vec<Evidence>,
}

pub fn measure(criterion: &mut Criterion, table: &mut Table) {
    let engine = crate::engine(1);
    let pack = engine.load(&crate::component("packs/azure-ai-baseline.wasm")).unwrap();
    let assets = crate::assets::synthetic(400);
    let mut assets: Vec<&Asset> = assets.iter().collect();
    assets.sort_by(|one, other| one.id.cmp(&other.id));
    let count = crate::evaluations(&pack, &assets);
    let texts: Vec<String> = assets.iter().map(|asset| asset.document.canonical_text()).collect();
    let batches: Vec<Vec<WireAsset>> =
        assets.chunks(BATCH).map(|batch| batch.iter().map(|asset| wire(asset)).collect()).collect();
    let guest = Guest::new();

    let mut group = criterion.benchmark_group("stages");
    let mut stage = |name: &str, turn: &mut dyn FnMut()| {
        group.bench_function(name, |bencher| {
            table.record(bencher, &format!("stage: {name}"), count, &mut *turn);
        });
    };
    stage("write the documents as text", &mut || {
        for asset in &assets {
            std::hint::black_box(asset.document.canonical_text());
        }
    });
    stage("parse them, natively", &mut || {
        for text in &texts {
            std::hint::black_box(serde_json::from_str::<Value<'_>>(text).unwrap());
        }
    });
    stage("make an instance for each batch", &mut || {
        for _ in &batches {
            guest.instance();
        }
    });
    stage("instance, lower, parse and judge", &mut || {
        for batch in &batches {
            guest.evaluate::<Left>(batch);
        }
    });
    stage("the same, and lift", &mut || {
        for batch in &batches {
            guest.evaluate::<Taken>(batch);
        }
    });
    group.finish();
    table.say(
        "stages: what Engine::evaluate takes beyond \"the same, and lift\" is writing the text, and accepting"
            .to_owned(),
    );
}

fn wire(asset: &Asset) -> WireAsset {
    WireAsset {
        id: asset.id.as_str().to_owned(),
        asset_type: asset.asset_type.as_str().to_owned(),
        settings: 0,
        document: asset.document.canonical_text(),
    }
}

/// The component in an engine configured as Postern's, without what Postern's does around it.
struct Guest {
    engine: wasmtime::Engine,
    pre: wasmtime::component::InstancePre<()>,
    evaluate: wasmtime::component::ComponentExportIndex,
}

impl Guest {
    fn new() -> Self {
        let mut pool = PoolingAllocationConfig::default();
        pool.linear_memory_keep_resident(4 << 20).pagemap_scan(Enabled::Auto);
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .consume_fuel(true)
            .epoch_interruption(true)
            .max_wasm_stack(512 << 10)
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
            .cranelift_nan_canonicalization(true)
            .wasm_relaxed_simd(false);
        let engine = wasmtime::Engine::new(&config).unwrap();
        let bytes = crate::component("packs/azure-ai-baseline.wasm");
        let component = Component::new(&engine, bytes).unwrap();
        let rules = component.get_export_index(None, "postern:rules/rule-pack@1.0.0").unwrap();
        let evaluate = component.get_export_index(Some(&rules), "evaluate").unwrap();
        let pre = Linker::new(&engine).instantiate_pre(&component).unwrap();
        Self { engine, pre, evaluate }
    }

    fn instance(&self) -> (Store<()>, wasmtime::component::Instance) {
        let mut store = Store::new(&self.engine, ());
        store.set_fuel(u64::MAX).unwrap();
        store.set_epoch_deadline(u64::MAX / 2);
        let instance = self.pre.instantiate(&mut store).unwrap();
        (store, instance)
    }

    fn evaluate<R: ComponentType + Lift + Send + Sync + 'static>(&self, batch: &[WireAsset]) {
        let (mut store, instance) = self.instance();
        let evaluate = instance
            .get_typed_func::<(&[WireAsset], &[&str], &str), (R,)>(&mut store, &self.evaluate)
            .unwrap();
        let settings = ["{}"];
        let answer = evaluate.call(&mut store, (batch, &settings, "2026-01-15T12:00:00Z")).unwrap();
        std::hint::black_box(answer);
    }
}
