//! What a judgement changes: verdicts, findings and counts. No database, no clock.

use std::collections::BTreeMap;

use postern_domain::arm::{ArmId, AssetId, AssetType};
use postern_domain::digest::Digest;
use postern_domain::finding::{Cause, FindingState, Observation, step};
use postern_domain::id::FindingId;
use postern_domain::inventory::AssetChange;
use postern_domain::tally::{Tally, TallyDifference, TallyKey, TallyOf};
use postern_domain::team::TeamId;
use postern_domain::trend::SeverityCounts;
use postern_domain::verdict::{Severity, Verdict};
use postern_store::finding::{CurrentFinding, FindingStep};
use postern_store::verdict::{Check, CurrentVerdict, PackVerdict};

use super::cause::{Causes, otherwise};
use super::judgement::{Owner, Owners};

/// What was so before the judgement, of the assets that it is about.
pub(crate) struct Before<'a> {
    /// The verdicts as of the evaluation before.
    pub(crate) verdicts: &'a BTreeMap<Check, CurrentVerdict>,
    /// Every finding, ended ones included.
    pub(crate) findings: &'a BTreeMap<Check, CurrentFinding>,
    /// Whose each of the assets was and is.
    pub(crate) owners: &'a Owners,
    /// Where the assets are now.
    pub(crate) place: Place<'a>,
}

/// Where assets are.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    /// In the inventory, read or not.
    Inventory,
    /// They left it, so that nothing was judged; by asset, how.
    Elsewhere(&'a BTreeMap<AssetId, AssetChange>),
}

/// What a judgement did, counted over all assets.
pub(crate) struct Counts {
    /// What it did to findings, by severity.
    pub(crate) events: [SeverityCounts; 4],
    /// What it adds to the tallies and takes from them.
    pub(crate) tallies: TallyDifference,
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
    counts: &'a mut Counts,
    owners: &'a Owners,
    /// Where the asset is counted that was counted last.
    place: Option<TallyPlace>,
}

/// Where an asset is counted.
struct TallyPlace {
    asset: AssetId,
    asset_type: AssetType,
    /// Its subscription and, where it is somebody's, its team.
    of: Vec<TallyOf>,
}

impl Default for Counts {
    fn default() -> Self {
        Self { events: SeverityCounts::all_none(), tallies: TallyDifference::default() }
    }
}

impl<'a> Difference<'a> {
    /// Compares, and counts.
    pub(crate) fn between(
        before: &Before<'a>,
        verdicts: &'a BTreeMap<Check, PackVerdict>,
        causes: &Causes<'_>,
        counts: &'a mut Counts,
    ) -> Self {
        let mut difference = Self {
            changed: Vec::new(),
            ended: Vec::new(),
            steps: Vec::new(),
            severity_changes: Vec::new(),
            counts,
            owners: before.owners,
            place: None,
        };
        difference.change_hands(before);
        for (check, judged) in verdicts {
            let last = before.verdicts.get(check);
            if last.is_none_or(|last| last.digest != judged.verdict.digest()) {
                let verdict = (judged.verdict.verdict, judged.verdict.severity);
                let before = last.map(|last| (last.verdict, last.severity));
                difference.tally_check(check, before, Some(verdict));
                difference.changed.push(judged);
            }
            let cause = || causes.of(check, last, judged);
            difference.judged(check, judged, before.findings.get(check), cause);
        }
        for (check, last) in before.verdicts {
            if !verdicts.contains_key(check) {
                difference.tally_check(check, Some((last.verdict, last.severity)), None);
                difference.ended.push((check, last.pack));
            }
        }
        for (check, finding) in before.findings {
            if !verdicts.contains_key(check) {
                difference.gone(check, finding, before.place.observe(&check.0));
            }
        }
        difference.steps.sort_by(|left, right| left.check.cmp(&right.check));
        difference
    }

    /// Counts what there was of assets that changed hands to those whose they are now; all else is counted there.
    fn change_hands(&mut self, before: &Before<'a>) {
        let owners = self.owners;
        let moved = |asset: &AssetId| owners.get(asset).filter(|owner| owner.before != owner.now);
        let both = |owner: &Owner| {
            let side = |team: &Option<TeamId>, number| {
                team.clone().map(|team| (TallyOf::Team(team), number))
            };
            [side(&owner.before, -1), side(&owner.now, 1)].into_iter().flatten().collect::<Vec<_>>()
        };
        for (check, verdict) in before.verdicts {
            for (of, number) in moved(&check.0).map(both).unwrap_or_default() {
                self.tally(check, verdict.severity, of).add_checks(verdict.verdict, number);
            }
        }
        for (check, finding) in before.findings {
            for (of, number) in moved(&check.0).map(both).unwrap_or_default() {
                self.tally(check, finding.severity, of).add_findings(finding.state, number);
            }
        }
    }

    fn judged(
        &mut self,
        check: &Check,
        judged: &PackVerdict,
        finding: Option<&CurrentFinding>,
        cause: impl FnOnce() -> Cause,
    ) {
        let verdict = &judged.verdict;
        let state = finding.map(|finding| finding.state);
        if step(state, Observation::Judged(verdict.verdict)).is_none() {
            let open = finding.filter(|finding| finding.state != FindingState::Resolved);
            if let Some(finding) = open.filter(|finding| finding.severity != verdict.severity) {
                self.tally_finding(check, Some(finding), (finding.state, verdict.severity));
                self.severity_changes.push((finding.id, verdict.severity));
            }
            return;
        }
        // Found out only where something happens: it takes a comparison of documents.
        let cause = cause();
        let observation = match otherwise(&cause) {
            Some(otherwise) => Observation::JudgedOtherwise(verdict.verdict, otherwise),
            None => Observation::Judged(verdict.verdict),
        };
        let step =
            step(state, observation).expect("a cause does not decide whether there is a step");
        self.tally_finding(check, finding, (step.next, verdict.severity));
        let counts = self.of(verdict.severity);
        counts.add_event(step.event, step.next, state.is_some_and(FindingState::counts_as_open));
        self.steps.push(FindingStep {
            check: check.clone(),
            event: step.event,
            next: step.next,
            severity: verdict.severity,
            team: self.owner(&check.0),
            detail: verdict.summary.to_string(),
            cause: Some(cause),
        });
    }

    fn gone(&mut self, check: &Check, finding: &CurrentFinding, observation: Observation) {
        let Some(step) = step(Some(finding.state), observation) else { return };
        self.tally_finding(check, Some(finding), (step.next, finding.severity));
        let counts = self.of(finding.severity);
        counts.add_event(step.event, step.next, finding.state.counts_as_open());
        let detail = match observation {
            Observation::OutOfScope => "The subscription is no longer visible to the connection.",
            Observation::RuleRemoved => "No active rule pack has the rule for this asset any more.",
            Observation::AssetDeleted
            | Observation::Judged(_)
            | Observation::JudgedOtherwise(..) => "A complete list no longer holds the asset.",
        };
        self.steps.push(FindingStep {
            check: check.clone(),
            event: step.event,
            next: step.next,
            severity: finding.severity,
            team: self.owner(&check.0),
            detail: detail.to_owned(),
            cause: None,
        });
    }

    fn tally_check(
        &mut self,
        check: &Check,
        before: Option<(Verdict, Severity)>,
        after: Option<(Verdict, Severity)>,
    ) {
        if before == after {
            return;
        }
        for (side, number) in [(before, -1), (after, 1)] {
            if let Some((verdict, severity)) = side {
                self.count(check, severity, |tally| tally.add_checks(verdict, number));
            }
        }
    }

    fn tally_finding(
        &mut self,
        check: &Check,
        before: Option<&CurrentFinding>,
        after: (FindingState, Severity),
    ) {
        if let Some(before) = before {
            let state = before.state;
            self.count(check, before.severity, |tally| tally.add_findings(state, -1));
        }
        self.count(check, after.1, |tally| tally.add_findings(after.0, 1));
    }

    /// Counts everywhere where the asset is counted.
    fn count(&mut self, check: &Check, severity: Severity, add: impl Fn(&mut Tally)) {
        for of in self.place(&check.0).of.clone() {
            add(self.tally(check, severity, of));
        }
    }

    fn tally(&mut self, check: &Check, severity: Severity, of: TallyOf) -> &mut Tally {
        let asset_type = self.place(&check.0).asset_type.clone();
        self.counts.tallies.of(TallyKey { rule: check.1.clone(), asset_type, of, severity })
    }

    /// Checks come asset by asset, so that each id is taken apart once.
    fn place(&mut self, asset: &AssetId) -> &TallyPlace {
        if self.place.as_ref().is_none_or(|place| place.asset != *asset) {
            let id = ArmId::parse(asset.as_str()).expect("an asset's key is an ARM id");
            let subscription = TallyOf::Subscription(id.subscription().to_owned());
            let team = self.owner(asset).map(TallyOf::Team);
            self.place = Some(TallyPlace {
                asset: asset.clone(),
                asset_type: id.asset_type().clone(),
                of: [subscription].into_iter().chain(team).collect(),
            });
        }
        self.place.as_ref().expect("set above")
    }

    /// Whose the asset is now.
    fn owner(&self, asset: &AssetId) -> Option<TeamId> {
        self.owners.get(asset).and_then(|owner| owner.now.clone())
    }

    fn of(&mut self, severity: Severity) -> &mut SeverityCounts {
        let [critical, high, medium, low] = &mut self.counts.events;
        match severity {
            Severity::Critical => critical,
            Severity::High => high,
            Severity::Medium => medium,
            Severity::Low => low,
        }
    }
}

impl Place<'_> {
    fn observe(self, asset: &AssetId) -> Observation {
        match self {
            Self::Inventory => Observation::RuleRemoved,
            Self::Elsewhere(departures)
                if departures.get(asset) == Some(&AssetChange::OutOfScope) =>
            {
                Observation::OutOfScope
            }
            Self::Elsewhere(_) => Observation::AssetDeleted,
        }
    }
}
