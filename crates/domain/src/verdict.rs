//! Verdicts: what a rule says of an asset, and on what evidence.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arm::AssetId;
use crate::canonical;
use crate::digest::Digest;
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

impl RuleVerdict {
    /// A digest of what it says: the same for the same verdict, severity, summary and evidence.
    ///
    /// Stored beside the verdict, so what it covers, and how, does not change.
    pub fn digest(&self) -> Digest {
        let mut bytes = Vec::with_capacity(512);
        self.write_said(&mut bytes);
        Digest::of(&bytes)
    }

    /// A digest of what verdicts on one asset say, in the order of their rules: the same where the rules are, and what
    /// each says is.
    ///
    /// Stored beside the asset, so what it covers, and how, does not change.
    pub fn digest_of_all<'a>(verdicts: impl IntoIterator<Item = &'a Self>) -> Digest {
        let mut bytes = Vec::with_capacity(16 * 1024);
        for verdict in verdicts {
            write_part(&mut bytes, Some(verdict.rule.as_str()));
            verdict.write_said(&mut bytes);
            bytes.push(0xfd);
        }
        Digest::of(&bytes)
    }

    fn write_said(&self, bytes: &mut Vec<u8>) {
        write_part(bytes, Some(self.verdict.as_str()));
        write_part(bytes, Some(self.severity.as_str()));
        write_part(bytes, Some(&self.summary));
        for evidence in &self.evidence {
            write_part(bytes, Some(&evidence.path));
            write_part(bytes, evidence.actual.as_ref().map(canonical::text).as_deref());
            write_part(bytes, Some(&evidence.expected));
            write_part(bytes, evidence.note.as_deref());
        }
    }
}

/// Each part ends with a byte that no text has, so that no two sets of parts run together to the same bytes.
fn write_part(bytes: &mut Vec<u8>, text: Option<&str>) {
    bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
    bytes.push(if text.is_some() { 0xff } else { 0xfe });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_digest_depends_on_everything_that_a_verdict_says() {
        let verdict = |change: &dyn Fn(&mut Value)| {
            let mut json = json!({
                "asset": "/subscriptions/s", "rule": "NET-01", "verdict": "fail", "severity": "high", "summary": "Open.",
                "evidence": [{"path": "a", "actual": {"x": 1, "y": 2}, "expected": "b", "note": "c"}],
            });
            change(&mut json);
            serde_json::from_value::<RuleVerdict>(json).unwrap().digest()
        };
        let first = verdict(&|_| {});
        assert_eq!(
            first,
            verdict(&|json| json["rule"] = json!("NET-02")),
            "what it is about is no part"
        );
        let reordered = serde_json::from_str::<Value>(r#"{"y": 2, "x": 1}"#).unwrap();
        assert_eq!(first, verdict(&|json| json["evidence"][0]["actual"] = reordered.clone()));
        let changes: [&dyn Fn(&mut Value); 8] = [
            &|json| json["verdict"] = json!("unknown"),
            &|json| json["severity"] = json!("low"),
            &|json| json["summary"] = json!("Open"),
            &|json| json["evidence"] = json!([]),
            &|json| json["evidence"][0]["actual"] = Value::Null,
            &|json| json["evidence"][0]["note"] = Value::Null,
            &|json| json["evidence"][0]["note"] = json!(""),
            &|json| {
                (json["evidence"][0]["path"], json["evidence"][0]["expected"]) =
                    (json!("ab"), json!(""));
            },
        ];
        let mut digests: Vec<Digest> = changes.iter().map(|change| verdict(change)).collect();
        digests.push(first);
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), changes.len() + 1);
    }

    #[test]
    fn a_digest_of_all_depends_on_each_rule_and_on_what_it_says() {
        let verdict = |rule: &str, summary: &str| {
            serde_json::from_value::<RuleVerdict>(json!({
                "asset": "/subscriptions/s", "rule": rule, "verdict": "pass", "severity": "high", "summary": summary,
                "evidence": [],
            }))
            .unwrap()
        };
        let (one, other) = (verdict("NET-01", "Closed."), verdict("NET-02", "Closed."));
        let sets: [&[&RuleVerdict]; 6] = [
            &[],
            &[&one],
            &[&other],
            &[&one, &other],
            &[&one, &verdict("NET-02", "Shut.")],
            &[&verdict("NET-01", "Shut."), &other],
        ];
        let mut digests: Vec<Digest> =
            sets.iter().map(|set| RuleVerdict::digest_of_all(set.iter().copied())).collect();
        assert_eq!(digests[3], RuleVerdict::digest_of_all([&one, &other]));
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), sets.len());
    }

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
