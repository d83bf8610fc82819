//! What a judgement changes: verdicts, findings and counts. No database, no clock.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::arm::AssetId;
use postern_domain::digest::Digest;
use postern_domain::finding::{FindingState, Observation, step};
use postern_domain::id::FindingId;
use postern_domain::inventory::AssetChange;
use postern_domain::trend::{CheckCounts, SeverityCounts};
use postern_domain::verdict::Severity;
use postern_store::evaluation::{Check, PackVerdict};
use postern_store::finding::{CurrentFinding, FindingStep};

use super::judgement::Judgement;

/// What was so before the judgement.
pub(crate) struct Before<'a> {
    /// The verdicts as of the evaluation before.
    pub(crate) verdicts: &'a BTreeMap<Check, PackVerdict>,
    /// Every finding, ended ones included.
    pub(crate) findings: &'a BTreeMap<Check, CurrentFinding>,
    /// The assets in the inventory now, unread ones included.
    pub(crate) present: &'a BTreeSet<AssetId>,
    /// How assets left the inventory.
    pub(crate) departures: &'a BTreeMap<AssetId, AssetChange>,
}

/// What a judgement changes, in the order of assets and rules.
pub(crate) struct Difference<'a> {
    /// Verdicts that differ from those before, or are new.
    pub(crate) changed: Vec<&'a PackVerdict>,
    /// Checks that ended, because the asset or the rule is gone, with the pack that judged them last.
    pub(crate) ended: Vec<(&'a Check, Digest)>,
    /// What happens to findings.
    pub(crate) steps: Vec<FindingStep>,
    /// Findings whose severity changes and nothing else.
    pub(crate) severity_changes: Vec<(FindingId, Severity)>,
    /// Findings by severity after the judgement, and what it did to them.
    pub(crate) severities: [SeverityCounts; 4],
    /// Checks by verdict.
    pub(crate) checks: CheckCounts,
}

/// The assets that have verdicts or unfinished findings and are not in the inventory any more.
pub(crate) fn gone(
    verdicts: &BTreeMap<Check, PackVerdict>,
    findings: &BTreeMap<Check, CurrentFinding>,
    present: &BTreeSet<AssetId>,
) -> Vec<String> {
    let ongoing = findings.iter().filter(|(_, finding)| finding.state != FindingState::Resolved);
    let assets: BTreeSet<&AssetId> = verdicts
        .keys()
        .chain(ongoing.map(|(check, _)| check))
        .map(|(asset, _)| asset)
        .filter(|asset| !present.contains(*asset))
        .collect();
    assets.into_iter().map(ToString::to_string).collect()
}

impl<'a> Difference<'a> {
    /// Compares.
    pub(crate) fn between(before: &Before<'a>, judgement: &'a Judgement) -> Self {
        let mut difference = Self {
            changed: Vec::new(),
            ended: Vec::new(),
            steps: Vec::new(),
            severity_changes: Vec::new(),
            severities: SeverityCounts::all_none(),
            checks: CheckCounts::default(),
        };
        for (check, judged) in &judgement.verdicts {
            difference.checks.add(judged.verdict.verdict);
            if before.verdicts.get(check).is_none_or(|last| last.verdict != judged.verdict) {
                difference.changed.push(judged);
            }
            difference.judged(check, judged, before.findings.get(check));
        }
        for (check, last) in before.verdicts {
            if !judgement.verdicts.contains_key(check) {
                difference.ended.push((check, last.pack));
            }
        }
        for (check, finding) in before.findings {
            if !judgement.verdicts.contains_key(check) {
                difference.gone(check, finding, before.observe_gone(&check.0));
            }
        }
        difference.steps.sort_by(|left, right| left.check.cmp(&right.check));
        difference
    }

    fn judged(&mut self, check: &Check, judged: &PackVerdict, finding: Option<&CurrentFinding>) {
        let verdict = &judged.verdict;
        let state = finding.map(|finding| finding.state);
        let Some(step) = step(state, Observation::Judged(verdict.verdict)) else {
            if let Some(finding) = finding.filter(|finding| finding.state != FindingState::Resolved)
            {
                if finding.severity != verdict.severity {
                    self.severity_changes.push((finding.id, verdict.severity));
                }
                self.of(verdict.severity).add_state(finding.state);
            }
            return;
        };
        let counts = self.of(verdict.severity);
        counts.add_state(step.next);
        counts.add_event(step.event, step.next, state.is_some_and(FindingState::counts_as_open));
        self.steps.push(FindingStep {
            check: check.clone(),
            event: step.event,
            next: step.next,
            severity: verdict.severity,
            detail: verdict.summary.clone(),
        });
    }

    fn gone(&mut self, check: &Check, finding: &CurrentFinding, observation: Observation) {
        let Some(step) = step(Some(finding.state), observation) else { return };
        let counts = self.of(finding.severity);
        counts.add_event(step.event, step.next, finding.state.counts_as_open());
        let detail = match observation {
            Observation::OutOfScope => "The subscription is no longer visible to the connection.",
            Observation::RuleRemoved => "No active rule pack has the rule for this asset any more.",
            Observation::AssetDeleted | Observation::Judged(_) => {
                "A complete list no longer holds the asset."
            }
        };
        self.steps.push(FindingStep {
            check: check.clone(),
            event: step.event,
            next: step.next,
            severity: finding.severity,
            detail: detail.to_owned(),
        });
    }

    fn of(&mut self, severity: Severity) -> &mut SeverityCounts {
        let [critical, high, medium, low] = &mut self.severities;
        match severity {
            Severity::Critical => critical,
            Severity::High => high,
            Severity::Medium => medium,
            Severity::Low => low,
        }
    }
}

impl Before<'_> {
    fn observe_gone(&self, asset: &AssetId) -> Observation {
        if self.present.contains(asset) {
            Observation::RuleRemoved
        } else if self.departures.get(asset) == Some(&AssetChange::OutOfScope) {
            Observation::OutOfScope
        } else {
            Observation::AssetDeleted
        }
    }
}
