//! The built components and assets to judge.

use std::path::Path;

use postern_domain::arm::SEARCH_SERVICE;
use postern_domain::asset::Asset;
use postern_engine::{Engine, Limits, Pack};
use serde_json::{Value, json};

/// The shipped pack.
pub const BASELINE: &str = "packs/azure-ai-baseline.wasm";

/// The bytes of a component below `dist`.
pub fn component(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist").join(name);
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; run `cargo xtask build-packs` first", path.display())
    })
}

pub fn engine(limits: Limits) -> Engine {
    Engine::new(limits).unwrap()
}

pub fn load(engine: &Engine, name: &str) -> Pack {
    engine.load(&component(name)).unwrap()
}

/// An asset of a type in lower case, whose resource gets an id.
pub fn asset(asset_type: &str, name: &str, mut resource: Value) -> Asset {
    let (namespace, kind) = asset_type.split_once('/').unwrap();
    resource["id"] =
        json!(format!("/subscriptions/s/resourceGroups/g/providers/{namespace}/{kind}/{name}"));
    Asset::from_resource(resource, "a test").unwrap()
}

/// Search services whose settings differ.
pub fn search_services(count: usize) -> Vec<Asset> {
    let service = |number: usize| {
        let access = if number.is_multiple_of(3) { "disabled" } else { "enabled" };
        let properties =
            json!({"publicNetworkAccess": access, "disableLocalAuth": number.is_multiple_of(2)});
        asset(SEARCH_SERVICE, &format!("search-{number}"), json!({"properties": properties}))
    };
    (0..count).map(service).collect()
}
