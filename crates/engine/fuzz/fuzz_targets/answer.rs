//! Any answer of a pack: taken whole or refused with a reason, never a panic.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use postern_domain::asset::Asset;
use postern_engine::fuzzing::{Evidence, Judgement, take};
use postern_engine::{Engine, Limits, Pack, PackProblem, applicable};

/// The pack with three rules, and three assets that some of them are about.
static STAGE: LazyLock<(Pack, Vec<Asset>)> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../dist/test-packs/liar.wasm");
    let bytes = std::fs::read(path).expect("`cargo xtask build-packs` was run");
    let engine = Engine::new(Limits::default()).expect("wasmtime runs on this machine");
    let pack = engine.load(&bytes).expect("it is a pack");
    let types = [
        "Microsoft.Search/searchServices/a",
        "Microsoft.Search/searchServices/b",
        "Microsoft.CognitiveServices/accounts/c",
    ];
    let asset = |place: &&str| {
        let id = format!("/subscriptions/s/resourceGroups/g/providers/{place}");
        Asset::from_resource(serde_json::json!({ "id": id }), "made up").expect("it has an id")
    };
    (pack, types.iter().map(asset).collect())
});

#[derive(Arbitrary, Debug)]
struct Input {
    texts: Vec<String>,
    judgements: Vec<Judgement>,
    evidence: Vec<Evidence>,
    /// Positions are taken modulo what there is, and counts what is left, so that not every answer dies of the first.
    tamed: bool,
    most_bytes: u16,
}

fuzz_target!(|input: Input| {
    let (pack, assets) = &*STAGE;
    let batch: Vec<&Asset> = assets.iter().collect();
    let Input { texts, mut judgements, mut evidence, tamed, most_bytes } = input;
    if tamed && !texts.is_empty() {
        let count = u32::try_from(texts.len()).unwrap_or(u32::MAX);
        let mut named = 0;
        for (asset, rule, _, _, summary, pieces) in &mut judgements {
            *asset %= 4;
            *rule %= 4;
            *summary %= count;
            *pieces %= 3;
            named += *pieces as usize;
        }
        evidence.truncate(named);
        for (path, actual, expected, note) in &mut evidence {
            *path %= count;
            *expected %= count;
            *actual = actual.map(|actual| actual % count);
            *note = note.map(|note| note % count);
        }
    }
    match take(pack, &batch, texts, judgements, evidence, usize::from(most_bytes)) {
        Ok(verdicts) => {
            let pairs: usize =
                batch.iter().map(|asset| applicable(pack.manifest(), asset).count()).sum();
            assert_eq!(verdicts.len(), pairs);
            for verdict in &verdicts {
                assert!(!verdict.summary.trim().is_empty());
                assert!(!verdict.evidence.is_empty());
                assert!(verdict.evidence.iter().all(|item| !item.path.trim().is_empty()));
            }
        }
        Err(PackProblem::Lied { what }) => assert!(!what.is_empty()),
        Err(PackProblem::TooMuch { .. }) => {}
        Err(other) => panic!("{other}"),
    }
});
