//! The rules of a pack as plain functions: from the same text to the same verdicts, with nothing in between.

use postern_domain::asset::Asset;
use postern_domain::id::RuleId;
use postern_domain::verdict::{Evidence, RuleVerdict};
use postern_rules_sdk::{AssetContext, Judgement, Pack, Rule, Text, Value};

const TAKEN_AT: &str = "2026-01-15T12:00:00Z";

/// A pack's functions.
pub struct Native {
    rules: Vec<(RuleId, &'static Rule)>,
}

impl Native {
    pub fn new(pack: &Pack) -> Self {
        let named = |rule: &'static Rule| (rule.id.parse().unwrap(), rule);
        Self { rules: pack.sorted_rules().into_iter().map(named).collect() }
    }

    /// As `Engine::evaluate`: sorts the assets and writes each as text first.
    pub fn evaluate(&self, assets: &[&Asset]) -> Vec<RuleVerdict> {
        let mut assets = assets.to_vec();
        assets.sort_by(|one, other| one.id.cmp(&other.id));
        let mut verdicts = Vec::new();
        for asset in assets {
            self.judge(asset, &asset.document.canonical_text(), &mut verdicts);
        }
        verdicts
    }

    /// Judges from texts that are there already.
    pub fn evaluate_texts(&self, assets: &[&Asset], texts: &[String]) -> Vec<RuleVerdict> {
        let mut verdicts = Vec::new();
        for (asset, text) in assets.iter().zip(texts) {
            self.judge(asset, text, &mut verdicts);
        }
        verdicts
    }

    fn judge(&self, asset: &Asset, text: &str, verdicts: &mut Vec<RuleVerdict>) {
        let document: Value<'_> = serde_json::from_str(text).unwrap();
        let settings = Value::Null;
        let asset_type = asset.asset_type.as_str();
        let context =
            AssetContext::new(asset.id.as_str(), asset_type, &document, &settings, TAKEN_AT);
        for (id, rule) in self.rules.iter().filter(|(_, rule)| rule.concerns(asset_type)) {
            let Judgement { verdict, severity, summary, evidence } = rule.judge(&context);
            let evidence = evidence.into_iter().map(|item| Evidence {
                path: owned(item.path).into(),
                actual: item.actual.map(|actual| match actual {
                    Text::Static(text) => serde_json::from_str(text).unwrap(),
                    other => serde_json::from_str(&owned(other)).unwrap(),
                }),
                expected: owned(item.expected).into(),
                note: item.note.map(|note| owned(note).into()),
            });
            verdicts.push(RuleVerdict {
                asset: asset.id.clone(),
                rule: id.clone(),
                verdict,
                severity: severity.unwrap_or(rule.severity),
                summary: owned(summary).into(),
                evidence: evidence.collect(),
            });
        }
    }
}

fn owned(text: Text) -> String {
    match text {
        Text::Static(text) => text.to_owned(),
        Text::Owned(text) => text,
        other => other.to_string(),
    }
}
