//! Rules as a pack describes them.

use serde::{Deserialize, Serialize};

use crate::arm::AssetType;
use crate::id::RuleId;
use crate::verdict::{Severity, Topic};

/// What a pack says of itself: the JSON that `describe` returns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackManifest {
    /// The pack's name, such as `azure-ai-baseline`.
    pub name: String,
    /// The pack's version (semantic versioning).
    pub version: String,
    /// One sentence on what the pack is for.
    pub description: String,
    /// Its rules, in order of their ids.
    pub rules: Vec<RuleManifest>,
}

/// What a rule says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleManifest {
    /// The stable id.
    pub id: RuleId,
    /// What is so when the rule passes, as a short sentence: "Public network access is disabled".
    pub title: String,
    /// One of the six topics.
    pub topic: Topic,
    /// How bad a failure is.
    pub severity: Severity,
    /// Where the severity comes from, such as "Defender for Cloud" or "proposed".
    pub severity_reason: String,
    /// Two or three plain sentences on why it matters.
    pub rationale: String,
    /// The asset types that the rule is about.
    pub asset_types: Vec<AssetType>,
    /// The properties it reads, each with the API version and what an absent value means.
    pub reads: Vec<PropertyRead>,
    /// How to put it right.
    pub remediation: Remediation,
    /// Ids of Azure's built-in policy definitions that prevent a failure.
    #[serde(default)]
    pub policies: Vec<String>,
    /// Addresses to read on.
    #[serde(default)]
    pub references: Vec<String>,
}

/// A property that a rule reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertyRead {
    /// The path, as in evidence.
    pub path: String,
    /// The Azure operation and API version that returns it.
    pub source: String,
    /// What an absent or null value means, by Azure's documentation.
    pub absent: String,
}

/// How to put a failure right; `$ID` stands for the asset's ARM id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remediation {
    /// What to do, in words.
    pub summary: String,
    /// A command for the Azure command line interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub az: Option<String>,
}
