//! Counts how completely related facts were read, and gathers what could not be.

use std::collections::BTreeMap;

use postern_domain::arm::{AssetId, AssetType};
use postern_domain::canonical;
use postern_domain::fact::Fact;
use postern_domain::gap::{Gap, GapReason};
use postern_domain::snapshot::{Completeness, FactCoverage, SnapshotBuilder};
use serde_json::Value;

use crate::client::{ArmList, Failure};
use crate::operation::Operation;

/// A related fact on its way into an asset's document.
#[derive(Clone, Debug)]
pub(super) struct Gathered {
    pub entries: Vec<Value>,
    /// Why these are not all.
    pub reason: Option<GapReason>,
}

impl Gathered {
    pub fn complete(entries: Vec<Value>) -> Self {
        Self { entries, reason: None }
    }

    pub fn failed(reason: GapReason) -> Self {
        Self { entries: Vec::new(), reason: Some(reason) }
    }

    pub fn new(entries: Vec<Value>, reason: Option<GapReason>) -> Self {
        Self { entries, reason }
    }

    fn completeness(&self) -> Completeness {
        match (&self.reason, self.entries.is_empty()) {
            (None, _) => Completeness::Complete,
            (Some(_), false) => Completeness::Partial,
            (Some(_), true) => Completeness::Failed,
        }
    }

    /// The fact, its entries in an order of our own: Azure promises none, and an order is no change.
    fn into_fact(mut self) -> Fact {
        self.entries.sort_by_cached_key(|entry| {
            let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
            (id.to_ascii_lowercase(), canonical::text(entry))
        });
        match self.reason {
            None => Fact::Read { value: Value::Array(self.entries) },
            Some(reason) => {
                let partial = (!self.entries.is_empty()).then_some(Value::Array(self.entries));
                Fact::Unreadable { reason, partial }
            }
        }
    }
}

impl From<ArmList> for Gathered {
    fn from(list: ArmList) -> Self {
        Self { entries: list.entries, reason: list.failure.map(|Failure(reason)| reason) }
    }
}

/// The related facts of one asset while they are being read.
#[derive(Debug)]
pub(super) struct FactsOf {
    asset: AssetId,
    pub related: BTreeMap<String, Fact>,
    pub gaps: Vec<Gap>,
    pub coverage: BTreeMap<String, Completeness>,
}

impl FactsOf {
    pub fn new(asset: AssetId) -> Self {
        Self { asset, related: BTreeMap::new(), gaps: Vec::new(), coverage: BTreeMap::new() }
    }

    /// Adds a fact that was read for this asset: a failure is a gap of the asset.
    pub fn add(&mut self, fact: &'static str, operation: &Operation, gathered: Gathered) {
        self.add_labelled(fact, &operation.label(), gathered);
    }

    /// Likewise, with the operation in words.
    pub fn add_labelled(&mut self, fact: &'static str, operation: &str, gathered: Gathered) {
        if let Some(reason) = &gathered.reason {
            self.note_gap(operation, reason.clone());
        }
        self.coverage.insert(fact.to_owned(), gathered.completeness());
        self.related.insert(fact.to_owned(), gathered.into_fact());
    }

    /// Notes something that could not be read of the asset and is no fact.
    pub fn note_gap(&mut self, operation: &str, reason: GapReason) {
        self.gaps.push(Gap {
            operation: operation.to_owned(),
            scope: format!("/subscriptions/{}", self.asset.subscription()),
            asset_type: None,
            asset: Some(self.asset.clone()),
            assets: 0,
            reason,
        });
    }
}

/// The coverage and the gaps of all assets of a scan.
///
/// What failed alike for several assets of a type in a subscription is one gap with their number.
#[derive(Debug, Default)]
pub(super) struct Tally {
    coverage: BTreeMap<(String, AssetType, String), [u64; 3]>,
    gaps: BTreeMap<GapKey, (Gap, u64)>,
}

type GapKey = (String, String, AssetType, String);

impl Tally {
    pub fn add(
        &mut self,
        asset: &AssetId,
        asset_type: &AssetType,
        gaps: &[Gap],
        coverage: &BTreeMap<String, Completeness>,
    ) {
        for (fact, completeness) in coverage {
            let key = (asset.subscription().to_owned(), asset_type.clone(), fact.clone());
            let counts = self.coverage.entry(key).or_default();
            let position = match completeness {
                Completeness::Complete => 0,
                Completeness::Partial => 1,
                Completeness::Failed => 2,
            };
            if let Some(count) = counts.get_mut(position) {
                *count += 1;
            }
        }
        for gap in gaps {
            let reason = &gap.reason;
            let how = format!("{} {}", reason.kind.as_str(), reason.message);
            let key = (gap.operation.clone(), gap.scope.clone(), asset_type.clone(), how);
            let (first, count) = self.gaps.entry(key).or_insert_with(|| (gap.clone(), 0));
            *count += 1;
            // The one with the least id, so that the order of the answers does not matter.
            if gap.asset < first.asset {
                *first = gap.clone();
            }
        }
    }

    pub fn write(self, snapshot: &mut SnapshotBuilder) {
        for ((subscription, asset_type, fact), [complete, partial, failed]) in self.coverage {
            snapshot.add_fact_coverage(FactCoverage {
                fact,
                asset_type,
                subscription,
                complete,
                partial,
                failed,
            });
        }
        for ((_, _, asset_type, _), (gap, count)) in self.gaps {
            snapshot.add_gap(if count == 1 {
                gap
            } else {
                Gap { asset: None, assets: count, asset_type: Some(asset_type), ..gap }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn azures_order_is_no_change() {
        let entries =
            [json!({"id": "/B"}), json!({"id": "/a", "n": 1}), json!({"n": 2}), json!({"n": 1})];
        let mut turned = entries.to_vec();
        turned.reverse();
        let fact = |entries: Vec<Value>| Gathered::complete(entries).into_fact();
        assert_eq!(fact(entries.to_vec()), fact(turned));
    }
}
