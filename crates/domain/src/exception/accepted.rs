//! The state that an approver accepted, and whether what is there now is still that.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::asset::AssetDocument;
use crate::canonical;
use crate::change::{PropertyChange, property_changes};
use crate::digest::Digest;
use crate::fact::Fact;
use crate::id::RuleId;
use crate::reads::Reads;
use crate::verdict::{RuleVerdict, Severity, Verdict};

/// What a failing rule saw of an asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObservedState {
    /// The rule.
    pub rule: RuleId,
    /// How bad the failure is.
    pub severity: Severity,
    /// The paths that the rule reads, as its manifest names them.
    pub reads: Vec<String>,
    /// The values at these paths, and of the document nothing else.
    pub document: AssetDocument,
    /// The digest of the verdict ([`RuleVerdict::digest`]), by which an auditor finds its evidence.
    pub verdict: Digest,
}

impl ObservedState {
    /// What `verdict` was given on: of `document` what the rule reads. `None` where it is not a failure: what was not
    /// seen to fail cannot be accepted.
    pub fn of<'a>(
        verdict: &RuleVerdict,
        document: &AssetDocument,
        reads: impl IntoIterator<Item = &'a str>,
    ) -> Option<Self> {
        if verdict.verdict != Verdict::Fail {
            return None;
        }
        let reads: Vec<String> = reads.into_iter().map(str::to_owned).collect();
        Some(Self {
            rule: verdict.rule.clone(),
            severity: verdict.severity,
            document: cut(document, &reads),
            reads,
            verdict: verdict.digest(),
        })
    }
}

/// What the paths name of a document.
fn cut(document: &AssetDocument, reads: &[String]) -> AssetDocument {
    let text = document.text_read_by(&Reads::of(reads.iter().map(String::as_str)));
    serde_json::from_str(&text).expect("what is written of a document is one")
}

/// How a finding stands now.
#[derive(Clone, Copy, Debug)]
pub enum Present<'a> {
    /// The rule fails.
    Failing(&'a ObservedState),
    /// The rule could not be judged.
    Unread,
    /// The finding is resolved.
    Gone,
}

/// The present state of a finding against the accepted one.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    /// Nothing that the rule reads is known to be otherwise.
    Same,
    /// It is narrower than what was accepted, or gone.
    Better,
    /// It is not what was accepted.
    Worse(Worsening),
}

/// Why a finding is not as it was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Worsening {
    /// The failure is a worse one.
    Severity {
        /// What it was.
        from: Severity,
        /// What it is.
        to: Severity,
    },
    /// What the rule reads is otherwise, and the rule still fails.
    Properties {
        /// What changed, by path; at most [`Worsening::MOST_PROPERTIES`].
        changes: Vec<PropertyChange>,
        /// How many more there are.
        #[serde(default)]
        more: u32,
    },
}

impl Worsening {
    /// How many properties are named; who wants all compares the accepted state with the present one.
    pub const MOST_PROPERTIES: usize = 10;
}

/// Whether what is there now is what was accepted; both of one finding.
///
/// Nothing here knows which values of a property are safer, so that any change of what the rule reads, while it still
/// fails, is one for the worse. These are none:
///
/// - what could not be read, then or now: nobody knows whether it changed;
/// - what only one of two versions of the rule reads;
/// - the order of a list, null in place of nothing, and the case of an ARM id, all of which Azure varies at will;
/// - what is narrower for certain, by the short list of [`NARROWINGS`].
pub fn compare(accepted: &ObservedState, present: Present<'_>) -> Comparison {
    let present = match present {
        Present::Failing(present) => present,
        Present::Unread => return Comparison::Same,
        Present::Gone => return Comparison::Better,
    };
    // The worst severity sorts first.
    if present.severity < accepted.severity {
        let (from, to) = (accepted.severity, present.severity);
        return Comparison::Worse(Worsening::Severity { from, to });
    }
    let mut before = cut(&accepted.document, &present.reads);
    let mut after = cut(&present.document, &accepted.reads);
    keep_read_in_both(&mut before, &mut after);
    let narrowed: Vec<&str> = NARROWINGS
        .iter()
        .filter(|(path, narrowing)| {
            narrowing.holds(value_at(&before.resource, path), value_at(&after.resource, path))
        })
        .map(|(path, _)| *path)
        .collect();
    let mut changes = property_changes(&before, &after);
    changes.retain(|change| settled(change.before.as_ref()) != settled(change.after.as_ref()));
    let all = changes.len();
    changes.retain(|change| !narrowed.iter().any(|path| is_at(&change.path, path)));
    if changes.is_empty() {
        let is_better = all > 0 || present.severity > accepted.severity;
        return if is_better { Comparison::Better } else { Comparison::Same };
    }
    let more = changes.len().saturating_sub(Worsening::MOST_PROPERTIES);
    changes.truncate(Worsening::MOST_PROPERTIES);
    let more = u32::try_from(more).unwrap_or(u32::MAX);
    Comparison::Worse(Worsening::Properties { changes, more })
}

/// Leaves out the facts that were not read on one side, or were not asked for.
fn keep_read_in_both(one: &mut AssetDocument, other: &mut AssetDocument) {
    let is_read = |document: &AssetDocument, name: &str| {
        matches!(document.related.get(name), Some(Fact::Read { .. }))
    };
    one.related.retain(|name, fact| matches!(fact, Fact::Read { .. }) && is_read(other, name));
    other.related.retain(|name, _| one.related.contains_key(name));
}

/// Properties of a resource whose safer values are known, whatever the rule; all else has no direction here.
///
/// That a list is shorter proves nothing by itself: fewer diagnostic settings are worse. These lists let somebody in or
/// out with each entry. An empty one is not taken for narrower, because an empty `networkRuleSet` of a search service
/// lets everybody in.
pub const NARROWINGS: [(&str, Narrowing); 7] = [
    ("properties.allowedFqdnList", Narrowing::FewerEntries),
    ("properties.networkAcls.ipRules", Narrowing::FewerEntries),
    ("properties.networkAcls.virtualNetworkRules", Narrowing::FewerEntries),
    ("properties.networkRuleSet.ipRules", Narrowing::FewerEntries),
    // Keys that no longer open anything, and addresses that can no longer be called.
    ("properties.disableLocalAuth", Narrowing::BecameTrue),
    ("properties.restrictOutboundNetworkAccess", Narrowing::BecameTrue),
    ("properties.publicNetworkAccess", Narrowing::BecameDisabled),
];

/// When a value is narrower than the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Narrowing {
    /// Some entries of a list are left, and none is new.
    FewerEntries,
    /// It is true, and was false or absent, which means false.
    BecameTrue,
    /// It is `Disabled`, and was `Enabled` or absent, which means enabled.
    BecameDisabled,
}

impl Narrowing {
    fn holds(self, before: Option<&Value>, after: Option<&Value>) -> bool {
        let is_word = |value: Option<&Value>, word: &str| {
            value.and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case(word))
        };
        let was_absent = before.is_none_or(Value::is_null);
        match self {
            Self::FewerEntries => match (before, after) {
                (Some(Value::Array(before)), Some(Value::Array(after))) => {
                    let before: Vec<Value> = before.iter().map(settle).collect();
                    let is_known = |entry: &Value| before.contains(&settle(entry));
                    !after.is_empty() && after.len() < before.len() && after.iter().all(is_known)
                }
                _ => false,
            },
            Self::BecameTrue => {
                let was_false = was_absent || before == Some(&Value::Bool(false));
                was_false && after == Some(&Value::Bool(true))
            }
            Self::BecameDisabled => {
                let was_enabled = was_absent || is_word(before, "Enabled");
                was_enabled && is_word(after, "Disabled")
            }
        }
    }
}

fn value_at<'a>(resource: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(resource, |place, name| place.get(name))
}

/// Whether a change is at the path, or at an entry of the list there.
fn is_at(changed: &str, path: &str) -> bool {
    changed.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
}

/// A value without what Azure varies at will; `None` where it is absent, which is what null means.
fn settled(value: Option<&Value>) -> Option<Value> {
    value.filter(|value| !value.is_null()).map(settle)
}

fn settle(value: &Value) -> Value {
    match value {
        Value::Array(entries) => {
            let mut entries: Vec<Value> = entries.iter().map(settle).collect();
            entries.sort_by_cached_key(canonical::text);
            Value::Array(entries)
        }
        Value::Object(fields) => {
            let present = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(present.map(|(name, value)| (name.clone(), settle(value))).collect())
        }
        Value::String(text) if is_arm_id(text) => Value::String(text.to_ascii_lowercase()),
        other => other.clone(),
    }
}

fn is_arm_id(text: &str) -> bool {
    let start = "/subscriptions/";
    text.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests;
