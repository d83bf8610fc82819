//! Rules and packs.

use postern_domain::arm::AssetType;
use postern_domain::asset::AssetDocument;
use postern_domain::rule::{PackManifest, PropertyRead, Remediation, RuleManifest};
use postern_domain::verdict::{Evidence, Severity, Topic, Verdict};
use serde_json::Value;

use crate::bindings::exports::postern::rules::rule_pack as wire;
use crate::context::AssetContext;
use crate::judgement::{Judgement, Outcome, Unreadable};

/// One rule: what it says of itself, and how it judges.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The stable id, such as `NET-01`.
    pub id: &'static str,
    /// What is so when the rule passes, as a short sentence.
    pub title: &'static str,
    /// One of the six topics.
    pub topic: Topic,
    /// How bad a failure is.
    pub severity: Severity,
    /// Where the severity comes from.
    pub severity_reason: &'static str,
    /// Two or three plain sentences on why it matters.
    pub rationale: &'static str,
    /// The asset types that it is about, in lower case.
    pub asset_types: &'static [&'static str],
    /// The properties that it reads.
    pub reads: &'static [Read],
    /// How to put it right, in words.
    pub remediation: &'static str,
    /// A command for the Azure command line interface; `$ID` is the asset's ARM id.
    pub az: Option<&'static str>,
    /// Ids of Azure's built-in policy definitions that prevent a failure.
    pub policies: &'static [&'static str],
    /// Addresses to read on.
    pub references: &'static [&'static str],
    /// Judges one asset of one of its types.
    pub judge: fn(&AssetContext) -> Outcome,
}

/// A property that a rule reads.
#[derive(Clone, Copy, Debug)]
pub struct Read {
    /// The path, as in evidence.
    pub path: &'static str,
    /// The Azure operation and API version that returns it.
    pub source: &'static str,
    /// What an absent or null value means, by Azure's documentation.
    pub absent: &'static str,
}

/// A named list of rules.
#[derive(Clone, Copy, Debug)]
pub struct Pack {
    /// The pack's name, such as `azure-ai-baseline`.
    pub name: &'static str,
    /// The pack's version (semantic versioning).
    pub version: &'static str,
    /// One sentence on what the pack is for.
    pub description: &'static str,
    /// Its rules, in any order.
    pub rules: &'static [&'static Rule],
}

impl Rule {
    /// Whether the rule is about assets of this type (lower case).
    pub fn concerns(&self, asset_type: &str) -> bool {
        self.asset_types.contains(&asset_type)
    }

    /// Judges one asset of one of its types.
    pub fn judge(&self, asset: &AssetContext) -> Judgement {
        (self.judge)(asset).unwrap_or_else(Judgement::from)
    }

    /// What the rule says of itself.
    pub fn manifest(&self) -> RuleManifest {
        RuleManifest {
            id: self
                .id
                .parse()
                .expect("a rule's id is letters, digits, dots, dashes and underscores"),
            title: self.title.to_owned(),
            topic: self.topic,
            severity: self.severity,
            severity_reason: self.severity_reason.to_owned(),
            rationale: self.rationale.to_owned(),
            asset_types: self.asset_types.iter().copied().map(AssetType::new).collect(),
            reads: self.reads.iter().map(Read::manifest).collect(),
            remediation: Remediation {
                summary: self.remediation.to_owned(),
                az: self.az.map(str::to_owned),
            },
            policies: self.policies.iter().copied().map(str::to_owned).collect(),
            references: self.references.iter().copied().map(str::to_owned).collect(),
        }
    }
}

impl Read {
    fn manifest(&self) -> PropertyRead {
        PropertyRead {
            path: self.path.to_owned(),
            source: self.source.to_owned(),
            absent: self.absent.to_owned(),
        }
    }
}

impl Pack {
    /// What the pack says of itself; rules in order of their ids.
    pub fn manifest(&self) -> PackManifest {
        let mut rules: Vec<RuleManifest> = self.rules.iter().map(|rule| rule.manifest()).collect();
        rules.sort_by(|one, other| one.id.cmp(&other.id));
        PackManifest {
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            description: self.description.to_owned(),
            rules,
        }
    }

    /// The contract's `describe`.
    pub fn describe(&self) -> String {
        serde_json::to_string(&self.manifest()).expect("a manifest's keys are texts")
    }

    /// The contract's `evaluate`: exactly one judgement for each asset and rule that concerns its type.
    pub fn evaluate(&self, assets: &[wire::Asset], settings: &str) -> Vec<wire::Judgement> {
        // The host hands over a JSON object; anything else means the defaults.
        let settings: Value = serde_json::from_str(settings).unwrap_or_default();
        let mut judgements = Vec::new();
        for (position, asset) in (0u32..).zip(assets) {
            let document: Result<AssetDocument, _> = serde_json::from_str(&asset.document);
            let context = document
                .map(|document| AssetContext::new(&asset.asset_type, document, settings.clone()))
                .map_err(|error| malformed(&error));
            for rule in self.rules.iter().filter(|rule| rule.concerns(&asset.asset_type)) {
                let judgement = match &context {
                    Ok(context) => rule.judge(context),
                    Err(unreadable) => Judgement::from(unreadable.clone()),
                };
                judgements.push(to_wire(position, rule, judgement));
            }
        }
        judgements
    }
}

fn malformed(error: &serde_json::Error) -> Unreadable {
    Unreadable {
        summary: "The asset's document could not be read, so this cannot be judged.".to_owned(),
        evidence: Box::new(Evidence {
            path: "document".to_owned(),
            actual: None,
            expected: "an asset's document as JSON".to_owned(),
            note: Some(error.to_string()),
        }),
    }
}

fn to_wire(asset: u32, rule: &Rule, judgement: Judgement) -> wire::Judgement {
    wire::Judgement {
        asset,
        rule: rule.id.to_owned(),
        verdict: match judgement.verdict {
            Verdict::Pass => wire::Verdict::Pass,
            Verdict::Fail => wire::Verdict::Fail,
            Verdict::Unknown => wire::Verdict::Unknown,
            Verdict::NotApplicable => wire::Verdict::NotApplicable,
        },
        severity: match judgement.severity.unwrap_or(rule.severity) {
            Severity::Critical => wire::Severity::Critical,
            Severity::High => wire::Severity::High,
            Severity::Medium => wire::Severity::Medium,
            Severity::Low => wire::Severity::Low,
        },
        summary: judgement.summary,
        evidence: serde_json::to_string(&judgement.evidence).expect("evidence has texts as keys"),
    }
}
