//! Verdicts: what a rule says of an asset, and on what evidence.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arm::AssetId;
use crate::id::RuleId;
use crate::text::SharedText;

/// The word is not one of the closed set it should be from.
#[derive(Debug, thiserror::Error)]
#[error("\"{text}\" is not one of {allowed}")]
pub struct WordError {
    text: String,
    allowed: &'static str,
}

impl WordError {
    /// `text` was found where one of `allowed` should be.
    pub(crate) fn new(text: &str, allowed: &'static str) -> Self {
        Self { text: text.to_owned(), allowed }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $allowed:literal, { $($(#[$case_doc:meta])* $case:ident => $word:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        pub enum $name {
            $($(#[$case_doc])* #[serde(rename = $word)] $case,)+
        }

        impl $name {
            /// Every case, in order.
            pub const ALL: &'static [Self] = &[$(Self::$case,)+];

            /// The word as stored and exported.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$case => $word,)+ }
            }

            /// The word as people read it.
            pub fn label(self) -> &'static str {
                match self { $(Self::$case => $label,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = WordError;

            fn from_str(text: &str) -> Result<Self, WordError> {
                match text {
                    $($word => Ok(Self::$case),)+
                    _ => Err(WordError::new(text, $allowed)),
                }
            }
        }
    };
}

words!(
    /// What a rule says of an asset.
    Verdict, "pass, fail, unknown, not_applicable", {
        /// The property has the secure value.
        Pass => "pass", "Pass";
        /// The property does not have the secure value.
        Fail => "fail", "Fail";
        /// The property could not be read; never a pass.
        Unknown => "unknown", "Unknown";
        /// The rule does not concern this asset.
        NotApplicable => "not_applicable", "Not applicable";
    }
);

words!(
    /// How bad a failure is, the worst first.
    Severity, "critical, high, medium, low", {
        /// Exploitable as it stands.
        Critical => "critical", "Critical";
        /// One step from exploitable.
        High => "high", "High";
        /// Weakens a defence.
        Medium => "medium", "Medium";
        /// Governance and hygiene.
        Low => "low", "Low";
    }
);

words!(
    /// The six topics that have to be under control.
    Topic, "policy, networking, authentication, data, monitoring, models", {
        /// Policy restrictions.
        Policy => "policy", "Policy restrictions";
        /// Networking.
        Networking => "networking", "Networking";
        /// Authentication.
        Authentication => "authentication", "Authentication";
        /// Data.
        Data => "data", "Data";
        /// Monitoring, usage and cost.
        Monitoring => "monitoring", "Monitoring";
        /// Models and content.
        Models => "models", "Models and content";
    }
);

/// One property that a verdict rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The property as a path into the resource, such as `properties.networkAcls.defaultAction`,
    /// or into a related fact, such as `diagnosticSettings[0].properties.workspaceId`.
    pub path: SharedText,
    /// The value that was read; `None` where the property is absent or could not be read.
    #[serde(default)]
    pub actual: Option<Value>,
    /// What the rule wants there, in words or as a value.
    pub expected: SharedText,
    /// What an absent value means by Azure's documentation, or why it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<SharedText>,
}

/// A rule's verdict on an asset, with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleVerdict {
    /// The asset.
    pub asset: AssetId,
    /// The rule.
    pub rule: RuleId,
    /// What it says.
    pub verdict: Verdict,
    /// How bad a failure is on this asset.
    pub severity: Severity,
    /// One sentence for people.
    pub summary: SharedText,
    /// What it rests on; never empty.
    pub evidence: Vec<Evidence>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_print_parse_and_serialise_alike() {
        for verdict in Verdict::ALL {
            assert_eq!(verdict.as_str().parse::<Verdict>().unwrap(), *verdict);
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.as_str());
        }
        assert!("passed".parse::<Verdict>().is_err());
        assert!(Severity::Critical < Severity::Low, "the worst sorts first");
    }
}
