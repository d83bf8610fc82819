//! Packs: the contract's two functions, for a list of rules.

use std::collections::BTreeMap;

use postern_domain::reads::Reads;
use postern_domain::rule::{PackManifest, SettingManifest};
use postern_domain::verdict::{Severity, Verdict};
use serde_json_borrow::Value;

use crate::answer::Answer;
use crate::bindings::exports::postern::rules::rule_pack as wire;
use crate::context::AssetContext;
use crate::evidence::Evidence;
use crate::judgement::{Judgement, Unreadable};
use crate::rule::Rule;

/// A named list of rules.
#[derive(Clone, Copy, Debug)]
pub struct Pack {
    /// The pack's name, such as `azure-ai-baseline`.
    pub name: &'static str,
    /// The pack's version (semantic versioning).
    pub version: &'static str,
    /// One sentence on what the pack is for.
    pub description: &'static str,
    /// Whether its rules read nothing of a document but what their `reads` name. They are handed nothing else then,
    /// which is faster, and what they ask for beyond it is unreadable.
    pub reads_only: bool,
    /// Its rules, in groups as the author keeps them.
    pub rules: &'static [&'static [&'static Rule]],
}

impl Pack {
    /// Its rules in order of their ids: the order of the manifest, by whose positions judgements name them.
    pub fn sorted_rules(&self) -> Vec<&'static Rule> {
        let mut rules: Vec<&Rule> = self.rules.iter().copied().flatten().copied().collect();
        rules.sort_by(|one, other| one.id.cmp(other.id));
        rules
    }

    /// What the pack says of itself.
    pub fn manifest(&self) -> PackManifest {
        let rules = self.sorted_rules();
        let settings: BTreeMap<&str, SettingManifest> = rules
            .iter()
            .flat_map(|rule| rule.settings)
            .map(|setting| (setting.name, setting.manifest()))
            .collect();
        PackManifest {
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            description: self.description.to_owned(),
            settings: settings.into_values().collect(),
            reads_only: self.reads_only,
            rules: rules.into_iter().map(Rule::manifest).collect(),
        }
    }

    /// The contract's `describe`.
    pub fn describe(&self) -> String {
        serde_json::to_string(&self.manifest()).expect("a manifest's keys are texts")
    }

    /// The contract's `evaluate`: exactly one judgement for each asset and rule that concerns its type.
    pub fn evaluate(
        &self,
        assets: &[wire::Asset],
        settings: &[String],
        taken_at: &str,
    ) -> wire::Answer {
        let rules: Vec<Numbered> = (0..)
            .zip(self.sorted_rules())
            .map(|(number, rule)| Numbered {
                number,
                rule,
                reads: self.reads_only.then(|| rule.all_reads()),
            })
            .collect();
        // The host hands over JSON objects; anything else means the defaults.
        let settings: Vec<Value<'_>> =
            settings.iter().map(|text| serde_json::from_str(text).unwrap_or(Value::Null)).collect();
        let mut by_type: BTreeMap<&str, Vec<&Numbered>> = BTreeMap::new();
        let mut answer = Answer::default();
        for (position, asset) in (0..).zip(assets) {
            let applicable = by_type.entry(&asset.asset_type).or_insert_with(|| {
                rules.iter().filter(|numbered| numbered.rule.concerns(&asset.asset_type)).collect()
            });
            let document: Result<Value<'_>, _> = serde_json::from_str(&asset.document);
            let of_asset =
                usize::try_from(asset.settings).ok().and_then(|index| settings.get(index));
            let settings = of_asset.unwrap_or(&Value::Null);
            let context = document.as_ref().map(|document| {
                AssetContext::new(&asset.id, &asset.asset_type, document, settings, taken_at)
            });
            for Numbered { number, rule, reads } in applicable.iter().copied() {
                let judgement = match (&context, reads) {
                    (Ok(context), None) => rule.judge(context),
                    (Ok(context), Some(reads)) => rule.judge(&context.seen_through(reads)),
                    (Err(error), _) => malformed(error),
                };
                answer.add(position, *number, rule.severity, judgement);
            }
        }
        answer.into_wire()
    }
}

/// A rule with its position in the manifest.
struct Numbered {
    number: u32,
    rule: &'static Rule,
    /// What it sees of a document; `None`: all.
    reads: Option<Reads>,
}

fn malformed(error: &serde_json::Error) -> Judgement {
    let evidence = Evidence::new("document", None, "an asset's document as JSON");
    Judgement::from(Unreadable::new(evidence, error.to_string()))
}

pub(crate) fn verdict(verdict: Verdict) -> wire::Verdict {
    match verdict {
        Verdict::Pass => wire::Verdict::Pass,
        Verdict::Fail => wire::Verdict::Fail,
        Verdict::Unknown => wire::Verdict::Unknown,
        Verdict::NotApplicable => wire::Verdict::NotApplicable,
    }
}

pub(crate) fn severity(severity: Severity) -> wire::Severity {
    match severity {
        Severity::Critical => wire::Severity::Critical,
        Severity::High => wire::Severity::High,
        Severity::Medium => wire::Severity::Medium,
        Severity::Low => wire::Severity::Low,
    }
}
