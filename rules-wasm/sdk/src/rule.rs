//! Rules: what a rule says of itself, and how it judges.

use postern_domain::arm::AssetType;
use postern_domain::reads::Reads;
use postern_domain::rule::{PropertyRead, Remediation, RuleManifest};
use postern_domain::verdict::{Severity, Topic, Verdict};

use crate::context::AssetContext;
use crate::judgement::{Judgement, Outcome};
use crate::setting::Setting;

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
    /// The kinds, SKUs and states in which it does not apply to one of these; empty where it always does.
    pub exceptions: &'static [&'static str],
    /// The verdicts that it cannot give, such as `NotApplicable` for a rule on every asset of its types.
    pub never: &'static [Verdict],
    /// The properties that it reads.
    pub reads: &'static [Read],
    /// The settings that it reads.
    pub settings: &'static [&'static Setting],
    /// How to put a failure right.
    pub remedy: Remedy,
    /// Ids of Azure's built-in policy definitions that prevent or find a failure.
    pub policies: &'static [&'static str],
    /// Where the rule judges otherwise than these definitions on purpose: how, and why. Empty where it does not.
    pub policy_difference: &'static str,
    /// Controls that it is evidence for, as `framework:control`, such as `mcsb-v1:NS-2`.
    pub controls: &'static [&'static str],
    /// Addresses to read on.
    pub references: &'static [&'static str],
    /// Judges one asset of one of its types.
    pub judge: fn(&AssetContext<'_>) -> Outcome,
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

/// How to put a failure right; `$ID` stands for the asset's ARM id, `$NAME` for its name.
#[derive(Clone, Copy, Debug)]
pub struct Remedy {
    /// What to do, in words.
    pub summary: &'static str,
    /// A command for the Azure command line interface.
    pub az: Option<&'static str>,
    /// The part of a Bicep template that sets it.
    pub bicep: Option<&'static str>,
    /// The part of a Terraform configuration that sets it (`azurerm`, or `azapi` where that has no argument for it).
    pub terraform: Option<&'static str>,
    /// Where it is set in the Azure portal, as a path of labels: "Networking > Firewalls and virtual networks".
    pub portal: Option<&'static str>,
}

impl Rule {
    /// Whether the rule is about assets of this type (lower case).
    pub fn concerns(&self, asset_type: &str) -> bool {
        self.asset_types.contains(&asset_type)
    }

    /// Judges one asset of one of its types.
    pub fn judge(&self, asset: &AssetContext<'_>) -> Judgement {
        (self.judge)(asset).unwrap_or_else(Judgement::from)
    }

    /// The parts of a document that its `reads` name.
    pub fn all_reads(&self) -> Reads {
        Reads::of_written(self.reads.iter().map(|read| read.path))
    }

    /// What the rule says of itself.
    pub fn manifest(&self) -> RuleManifest {
        let owned = |texts: &[&str]| texts.iter().copied().map(str::to_owned).collect();
        let given = |text: Option<&str>| text.map(str::to_owned);
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
            exceptions: owned(self.exceptions),
            verdicts: Verdict::ALL
                .iter()
                .copied()
                .filter(|one| !self.never.contains(one))
                .collect(),
            reads: self.reads.iter().map(Read::manifest).collect(),
            settings: self.settings.iter().map(|setting| setting.name.to_owned()).collect(),
            remediation: Remediation {
                summary: self.remedy.summary.to_owned(),
                az: given(self.remedy.az),
                bicep: given(self.remedy.bicep),
                terraform: given(self.remedy.terraform),
                portal: given(self.remedy.portal),
            },
            policies: owned(self.policies),
            policy_difference: (!self.policy_difference.is_empty())
                .then(|| self.policy_difference.to_owned()),
            controls: owned(self.controls),
            references: owned(self.references),
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
