//! Tallies: what an evaluation counts of a rule, so that counts of any cut are sums of few rows.

use std::collections::BTreeMap;

use crate::arm::AssetType;
use crate::finding::FindingState;
use crate::id::RuleId;
use crate::team::TeamId;
use crate::verdict::{Severity, Verdict};

/// Whose assets are counted together. Each asset is counted under its subscription, and once more under its team.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TallyOf {
    /// Those of a subscription, by its id, lower case.
    Subscription(String),
    /// Those of a team.
    Team(TeamId),
}

/// What is counted together: a rule on the assets of a type, of a subscription or a team, by severity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TallyKey {
    /// The rule.
    pub rule: RuleId,
    /// The type of the assets.
    pub asset_type: AssetType,
    /// Whose they are.
    pub of: TallyOf,
    /// How bad a failure is.
    pub severity: Severity,
}

/// Checks by verdict and findings by state; as a difference, numbers may be below 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Checks that passed.
    pub pass: i32,
    /// Checks that failed.
    pub fail: i32,
    /// Checks that could not be judged.
    pub unknown: i32,
    /// Checks that did not apply.
    pub not_applicable: i32,
    /// Findings that fail as of the evaluation.
    pub open: i32,
    /// Findings that failed when they were judged last.
    pub not_rechecked: i32,
    /// Findings that could not be judged and were not failing before.
    pub unjudged: i32,
    /// Findings that ended.
    pub resolved: i32,
}

impl Tally {
    /// Counts `number` more checks with this verdict.
    pub fn add_checks(&mut self, verdict: Verdict, number: i32) {
        *match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Fail => &mut self.fail,
            Verdict::Unknown => &mut self.unknown,
            Verdict::NotApplicable => &mut self.not_applicable,
        } += number;
    }

    /// Counts `number` more findings in this state.
    pub fn add_findings(&mut self, state: FindingState, number: i32) {
        *match state {
            FindingState::Open => &mut self.open,
            FindingState::NotRechecked => &mut self.not_rechecked,
            FindingState::Unknown => &mut self.unjudged,
            FindingState::Resolved => &mut self.resolved,
        } += number;
    }

    /// What is left of it without another that is a part of it.
    #[must_use]
    pub fn without(self, part: Self) -> Self {
        self.each_with(part, |all, part| all - part)
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.each_with(other, |one, other| one + other)
    }

    fn each_with(self, other: Self, number: impl Fn(i32, i32) -> i32) -> Self {
        Self {
            pass: number(self.pass, other.pass),
            fail: number(self.fail, other.fail),
            unknown: number(self.unknown, other.unknown),
            not_applicable: number(self.not_applicable, other.not_applicable),
            open: number(self.open, other.open),
            not_rechecked: number(self.not_rechecked, other.not_rechecked),
            unjudged: number(self.unjudged, other.unjudged),
            resolved: number(self.resolved, other.resolved),
        }
    }

    /// How many checks have this verdict.
    pub fn checks(&self, verdict: Verdict) -> i32 {
        match verdict {
            Verdict::Pass => self.pass,
            Verdict::Fail => self.fail,
            Verdict::Unknown => self.unknown,
            Verdict::NotApplicable => self.not_applicable,
        }
    }

    /// How many findings are in this state.
    pub fn findings(&self, state: FindingState) -> i32 {
        match state {
            FindingState::Open => self.open,
            FindingState::NotRechecked => self.not_rechecked,
            FindingState::Unknown => self.unjudged,
            FindingState::Resolved => self.resolved,
        }
    }
}

/// What an evaluation adds to tallies, and takes from them.
#[derive(Clone, Debug, Default)]
pub struct TallyDifference {
    tallies: BTreeMap<TallyKey, Tally>,
}

impl TallyDifference {
    /// The difference of one tally, to be added to.
    pub fn of(&mut self, key: TallyKey) -> &mut Tally {
        self.tallies.entry(key).or_default()
    }

    /// What there is to add, by key; nothing that comes to nothing.
    pub fn iter(&self) -> impl Iterator<Item = (&TallyKey, &Tally)> {
        self.tallies.iter().filter(|(_, tally)| **tally != Tally::default())
    }
}
