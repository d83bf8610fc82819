//! The built components and assets to judge.

use std::path::Path;

use postern_domain::arm::SEARCH_SERVICE;
use postern_domain::asset::Asset;
use postern_domain::settings::PackSettings;
use postern_engine::{Circumstances, Engine, Limits, Pack, PackEvaluation};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

/// The shipped pack.
pub const BASELINE: &str = "packs/azure-ai-baseline.wasm";

/// When the snapshots of the tests were taken unless they say otherwise.
pub const TAKEN_AT: OffsetDateTime = datetime!(2026-01-15 12:00 UTC);

/// The bytes of a component below `dist`.
pub fn component(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist").join(name);
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; run `cargo xtask build-packs` first", path.display())
    })
}

/// The bytes of a pack that misbehaves.
pub fn hostile(name: &str) -> Vec<u8> {
    component(&format!("test-packs/{name}.wasm"))
}

/// An engine that shares compiled packs with the other tests, each of which is a process of its own.
pub fn engine(limits: Limits) -> Engine {
    Engine::with_cache(limits, &Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled")).unwrap()
}

pub fn load(engine: &Engine, name: &str) -> Pack {
    engine.load(&component(name)).unwrap()
}

/// What a pack says of assets with these values set for all of them.
pub fn evaluate(engine: &Engine, pack: &Pack, assets: &[&Asset], values: &Value) -> PackEvaluation {
    let values = values.as_object().unwrap().clone();
    let settings = PackSettings { values, overrides: Vec::new() };
    let circumstances = Circumstances { settings: &settings, taken_at: TAKEN_AT };
    engine.evaluate(pack, assets, circumstances)
}

/// The verdicts, as bytes to compare.
pub fn bytes(evaluation: &PackEvaluation) -> String {
    assert_eq!(evaluation.problem, None);
    serde_json::to_string(&evaluation.verdicts).unwrap()
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

/// Accounts whose settings differ, on the properties of the pack `five-checks` and of AUTH-01.
pub fn accounts(count: usize) -> Vec<Asset> {
    let account = |number: usize| {
        let of = |words: &[&str]| json!(words[number % words.len()]);
        let state =
            json!({"status": of(&["Approved", "Pending", "Rejected", "ü\n\"", "approved"])});
        let connection = json!({"properties": {"privateLinkServiceConnectionState": state}});
        let mut properties = json!({
            "publicNetworkAccess": of(&["Enabled", "Disabled", "disabled"]),
            "disableLocalAuth": number.is_multiple_of(2),
            "networkAcls": {"defaultAction": of(&["Allow", "Deny"]), "ipRules": []},
            "privateEndpointConnections": vec![connection; number % 3],
        });
        match number % 7 {
            0 => properties["disableLocalAuth"] = Value::Null,
            1 => properties["networkAcls"] = json!([1, 2.5, -0.0, 1e300]),
            2 => properties["disableLocalAuth"] = json!("yes"),
            _ => {}
        }
        let resource = json!({
            "kind": of(&["OpenAI", "AIServices", "FormRecognizer", "SpeechServices"]),
            "identity": {"type": of(&["SystemAssigned", "None", "UserAssigned"])},
            "properties": properties,
        });
        asset("microsoft.cognitiveservices/accounts", &format!("account-{number}"), resource)
    };
    (0..count).map(account).collect()
}
