//! The shipped rules as a component, on the cases that they are tested on natively, beside the same functions.

use std::collections::BTreeMap;
use std::path::Path;

use azure_ai_baseline::PACK;
use postern_domain::arm::AssetType;
use postern_domain::asset::{Asset, AssetDocument};
use postern_domain::settings::PackSettings;
use postern_domain::verdict::RuleVerdict;
use postern_engine::{Circumstances, Engine, Limits, Pack};
use postern_rules_sdk::{AssetContext, Evidence, Rule};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::packs::{BASELINE, engine, load};

/// When the snapshot of a case was taken unless it says otherwise; as in the native test.
const TAKEN_AT: &str = "2026-01-15T12:00:00Z";

#[test]
fn the_component_judges_the_cases_as_the_functions_do() {
    let engine = engine(Limits::default());
    let pack = load(&engine, BASELINE);
    let of_component: Vec<&str> =
        pack.manifest().rules.iter().map(|rule| rule.id.as_str()).collect();
    let functions = PACK.sorted_rules();
    let of_functions: Vec<&str> = functions.iter().map(|rule| rule.id).collect();
    assert_eq!(of_component, of_functions, "an old component? `cargo xtask build-packs`");
    for rule in functions {
        let file = read(rule.id);
        for case in file["cases"].as_array().unwrap() {
            Case::of(&file, case).check(&engine, &pack, rule);
        }
    }
}

/// The cases of a rule.
pub(crate) fn read(rule: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../rules-wasm/azure-ai-baseline/cases")
        .join(format!("{rule}.json"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A case of a rule's file.
struct Case<'a> {
    name: String,
    expected: &'a Value,
    asset: Asset,
    settings: PackSettings,
    taken_at: &'a str,
}

impl<'a> Case<'a> {
    fn of(file: &'a Value, case: &'a Value) -> Self {
        let text = |key: &str| case[key].as_str().or(file[key].as_str());
        let name = format!("{}, {}", file["rule"], case["name"]);
        let id = text("id").unwrap_or("/subscriptions/s/resourcegroups/g/providers/x/y/z");
        let related = case.get("related").cloned().unwrap_or_else(|| json!({}));
        let document = AssetDocument {
            resource: case["resource"].clone(),
            related: serde_json::from_value(related).unwrap_or_else(|e| panic!("{name}: {e}")),
        };
        let asset = Asset {
            id: serde_json::from_value(json!(id)).unwrap(),
            arm_id: id.to_owned(),
            asset_type: AssetType::new(text("asset_type").unwrap()),
            name: "z".to_owned(),
            kind: None,
            location: None,
            subscription: "s".to_owned(),
            resource_group: Some("g".to_owned()),
            document,
            source: "a case".to_owned(),
        };
        let values = case.get("settings").and_then(Value::as_object).cloned().unwrap_or_default();
        let settings = PackSettings { values, overrides: Vec::new() };
        let taken_at = text("taken_at").unwrap_or(TAKEN_AT);
        Self { name, expected: case, asset, settings, taken_at }
    }

    fn check(&self, engine: &Engine, pack: &Pack, rule: &Rule) {
        let Self { name, expected, .. } = self;
        // A null is what rules have to bear, and what the host never hands them.
        let mut checked = self.settings.clone();
        checked.values.retain(|_, value| !value.is_null());
        assert_eq!(pack.check_settings(&checked), [], "{name}");
        let taken_at = OffsetDateTime::parse(self.taken_at, &Rfc3339).unwrap();
        let circumstances = Circumstances { settings: &self.settings, taken_at };
        let evaluation = engine.evaluate(pack, &[&self.asset], circumstances);
        assert_eq!(evaluation.problem, None, "{name}");
        let verdict = evaluation.verdicts.iter().find(|verdict| verdict.rule.as_str() == rule.id);
        let verdict = verdict.unwrap_or_else(|| panic!("{name}: the rule is not about it"));
        assert_eq!(verdict.verdict.as_str(), expected["verdict"], "{name}: {verdict:?}");
        assert_eq!(verdict.evidence[0].path.as_str(), expected["evidence_path"], "{name}");
        if let Some(severity) = expected["severity"].as_str() {
            assert_eq!(verdict.severity.as_str(), severity, "{name}");
        }
        if let Some(note) = expected["note"].as_str() {
            let said = verdict.evidence[0].note.as_deref().unwrap_or_default();
            assert!(said.contains(note), "{name}: {said}");
        }
        assert_eq!(*verdict, self.judge_natively(rule), "{name}");
    }

    fn judge_natively(&self, rule: &Rule) -> RuleVerdict {
        let document = self.asset.document.canonical_text();
        let document = serde_json::from_str(&document).unwrap();
        let settings = Value::Object(self.settings.values.clone()).to_string();
        let settings = serde_json::from_str(&settings).unwrap();
        let (id, asset_type) = (self.asset.id.as_str(), self.asset.asset_type.as_str());
        let asset = AssetContext::new(id, asset_type, &document, &settings, self.taken_at);
        let judgement = rule.judge(&asset);
        RuleVerdict {
            asset: self.asset.id.clone(),
            rule: rule.id.parse().unwrap(),
            verdict: judgement.verdict,
            severity: judgement.severity.unwrap_or(rule.severity),
            summary: judgement.summary.to_string().into(),
            evidence: judgement.evidence.iter().map(Evidence::to_domain).collect(),
        }
    }
}

#[test]
fn settings_of_a_scope_and_the_time_of_the_snapshot_reach_the_rules() {
    let engine = engine(Limits::default());
    let pack = load(&engine, BASELINE);
    let accounts = crate::packs::accounts(6);
    let accounts: Vec<&Asset> = accounts.iter().collect();
    let tolerated = json!({"keysToleratedTags": ["environment=sandbox"]});
    let settings: PackSettings = serde_json::from_value(json!({
        "overrides": [{"scope": {"subscription": "s"}, "values": tolerated}],
    }))
    .unwrap();
    assert_eq!(pack.check_settings(&settings), []);
    let mut sandbox = accounts[1].clone();
    sandbox.document.resource["tags"] = json!({"environment": "sandbox"});
    let verdict = |asset: &Asset, settings: &PackSettings| {
        let circumstances = Circumstances { settings, taken_at: crate::packs::TAKEN_AT };
        let evaluation = engine.evaluate(&pack, &[asset], circumstances);
        let of_rule: BTreeMap<String, &'static str> = evaluation
            .verdicts
            .iter()
            .map(|verdict| (verdict.rule.to_string(), verdict.verdict.as_str()))
            .collect();
        of_rule["AUTH-01"]
    };
    assert_eq!(verdict(&sandbox, &PackSettings::default()), "fail");
    assert_eq!(verdict(&sandbox, &settings), "not_applicable");
    sandbox.subscription = "another".to_owned();
    assert_eq!(verdict(&sandbox, &settings), "fail");
}
