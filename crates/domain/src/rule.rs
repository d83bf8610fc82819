//! Rules as a pack describes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arm::AssetType;
use crate::id::RuleId;
use crate::verdict::{Severity, Topic, Verdict};

/// What a pack says of itself: the JSON that `describe` returns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PackManifest {
    /// The pack's name, such as `azure-ai-baseline`.
    pub name: String,
    /// The pack's version (semantic versioning).
    pub version: String,
    /// One sentence on what the pack is for.
    pub description: String,
    /// What an organisation may set, in order of their names.
    #[serde(default)]
    pub settings: Vec<SettingManifest>,
    /// Whether its rules read nothing of a document but what their `reads` name: they are handed nothing else then.
    #[serde(default)]
    pub reads_only: bool,
    /// Its rules, in order of their ids.
    pub rules: Vec<RuleManifest>,
}

/// What a rule says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleManifest {
    /// The stable id.
    pub id: RuleId,
    /// What is so when the rule passes, as a short sentence: "Public network access is disabled".
    pub title: String,
    /// One of the six topics.
    pub topic: Topic,
    /// How bad a failure is.
    pub severity: Severity,
    /// Where the severity comes from, such as "Defender for Cloud" or "our own judgement".
    pub severity_reason: String,
    /// Two or three plain sentences on why it matters.
    pub rationale: String,
    /// The asset types that the rule is about.
    pub asset_types: Vec<AssetType>,
    /// The kinds, SKUs and states in which it does not apply to one of these.
    #[serde(default)]
    pub exceptions: Vec<String>,
    /// The verdicts that it can give.
    #[serde(default = "every_verdict")]
    pub verdicts: Vec<Verdict>,
    /// The properties it reads, each with the API version and what an absent value means.
    pub reads: Vec<PropertyRead>,
    /// The names of the pack's settings that it reads.
    #[serde(default)]
    pub settings: Vec<String>,
    /// How to put it right.
    pub remediation: Remediation,
    /// Ids of Azure's built-in policy definitions that prevent a failure.
    #[serde(default)]
    pub policies: Vec<String>,
    /// How and why it judges otherwise than these definitions, where it does on purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_difference: Option<String>,
    /// Controls that it is evidence for, as `framework:control`, such as `mcsb-v1:NS-2`.
    #[serde(default)]
    pub controls: Vec<String>,
    /// Addresses to read on.
    #[serde(default)]
    pub references: Vec<String>,
}

fn every_verdict() -> Vec<Verdict> {
    Verdict::ALL.to_vec()
}

/// A setting of a pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SettingManifest {
    /// Its name, such as `keyRotationDays`.
    pub name: String,
    /// The JSON schema (2020-12) of its value, with a description.
    pub schema: Value,
    /// What holds where nothing is set.
    pub default: Value,
}

/// A property that a rule reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PropertyRead {
    /// The path, as in evidence.
    pub path: String,
    /// The Azure operation and API version that returns it.
    pub source: String,
    /// What an absent or null value means, by Azure's documentation.
    pub absent: String,
}

/// How to put a failure right; `$ID` stands for the asset's ARM id, `$NAME` for its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Remediation {
    /// What to do, in words.
    pub summary: String,
    /// A command for the Azure command line interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub az: Option<String>,
    /// The part of a Bicep template that sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bicep: Option<String>,
    /// The part of a Terraform configuration that sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform: Option<String>,
    /// Where it is set in the Azure portal, as a path of labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<String>,
}
